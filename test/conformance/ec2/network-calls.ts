/** What tests of networks have in common. */
import type { Ec2Endpoint } from './ec2-endpoint.ts'

/** `Code: message` of a refused call. */
export const refusal = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'not refused',
    (error: Error) => `${error.name}: ${error.message}`,
  )

export const newVpc = async ({ ec2 }: Ec2Endpoint, CidrBlock = '10.0.0.0/16'): Promise<string> => {
  const { Vpc } = await ec2.createVpc({ CidrBlock })
  return Vpc?.VpcId ?? ''
}

export const newSubnet = async (
  { ec2 }: Ec2Endpoint,
  VpcId: string,
  CidrBlock = '10.0.1.0/24',
): Promise<string> => {
  const { Subnet } = await ec2.createSubnet({ VpcId, CidrBlock })
  return Subnet?.SubnetId ?? ''
}

/** An id of this kind that nothing has. */
export const missing = (prefix: string): string => `${prefix}-${'f'.repeat(17)}`
