import type { Scope } from '@berth/model'
import type { View } from '../../store/view.ts'
import { findSecurityGroup } from '../ec2/index.ts'
import { elbError } from './errors.ts'

/** (AWS: "Amazon VPC quotas", security groups per network interface) */
const mostGroups = 5

/** Each once. Throws InvalidSecurityGroup. */
export const givenSecurityGroups = (
  view: View,
  scope: Scope,
  vpcId: string,
  ids: readonly string[],
): string[] => {
  const given = [...new Set(ids)]
  for (const id of given)
    if (findSecurityGroup(view, scope, id)?.vpcId !== vpcId)
      throw elbError('InvalidSecurityGroup', `One or more security groups are invalid: ${id}`)
  if (given.length > mostGroups)
    throw elbError(
      'InvalidSecurityGroup',
      `You may specify up to ${mostGroups} security groups for a load balancer`,
    )
  return given
}
