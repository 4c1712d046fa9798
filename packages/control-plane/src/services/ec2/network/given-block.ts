import { ec2Error, invalidParameterValue, missingParameter } from '../errors.ts'
import { type Block, parseBlock } from './cidr.ts'

/** A VPC's and a subnet's block is between these. (AWS: CreateVpc, CreateSubnet) */
const shortest = 16
const longest = 28

/** Throws MissingParameter, InvalidParameterValue, and `rangeCode` for a block that is too large or too small. */
export const givenBlock = (
  text: string | undefined,
  rangeCode: 'InvalidVpc.Range' | 'InvalidSubnet.Range',
): Block => {
  if (!text) throw missingParameter('cidrBlock')
  const block = parseBlock(text)
  if (!block)
    throw invalidParameterValue(
      `Value (${text}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
    )
  if (block.prefix < shortest || block.prefix > longest)
    throw ec2Error(rangeCode, `The CIDR '${text}' is invalid.`)
  return block
}
