/** Which targets a group takes, and how they come and go. */
import type { TargetDescription } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Scope } from '@berth/model'
import type { Millis } from '../../store/table.ts'
import type { Transaction, View } from '../../store/view.ts'
import { findVpc, isInVpc, isPrivateAddress, subnetOfAddress, zonesOf } from '../ec2/index.ts'
import { checkRange, elbError, notSupported, validationError } from './errors.ts'
import { limits } from './limits.ts'
import { type TargetGroupRow, type TargetRow, targetRowId, targets } from './tables/index.ts'
import { loadBalancerOfTargetGroup } from './target-group-use.ts'

/** Whether there is a host of this instance id in the account and region of an ARN. */
export type IsInstance = (view: View, arn: string, instanceId: string) => boolean

interface Where {
  readonly view: View
  readonly scope: Scope
  readonly isInstance: IsInstance
}

export const portOf = (group: TargetGroupRow, { Port = group.port }: TargetDescription): number => {
  checkRange('targets.member.port', Port, 1, 65_535)
  return Port
}

const checkInstance = (
  { view, isInstance }: Where,
  { id }: TargetGroupRow,
  { Id = '', AvailabilityZone }: TargetDescription,
): void => {
  if (AvailabilityZone !== undefined)
    throw validationError(
      "An Availability Zone cannot be specified for target groups with target type 'instance'",
    )
  if (!/^m?i-[0-9a-f]{8,17}$/.test(Id)) throw validationError(`Instance ID '${Id}' is not valid`)
  if (!isInstance(view, id, Id))
    throw elbError(
      'InvalidTarget',
      `The following targets are not in a running state and cannot be registered: '${Id}'`,
    )
}

const isZone = (region: string, name: string): boolean =>
  name === 'all' || zonesOf(region).some(zone => zone.name === name)

/** The zone that an address is in, or that the request names for one outside of the VPC. */
const zoneOfAddress = (
  { view, scope }: Where,
  group: TargetGroupRow,
  { Id = '', AvailabilityZone }: TargetDescription,
): string | undefined => {
  if (AvailabilityZone !== undefined && !isZone(scope.region, AvailabilityZone))
    throw elbError(
      'AvailabilityZoneNotSupported',
      `The Availability Zone '${AvailabilityZone}' is not supported`,
    )
  const vpc = findVpc(view, scope, group.vpcId)
  if (vpc && isInVpc(vpc, Id))
    return AvailabilityZone ?? subnetOfAddress(view, scope, group.vpcId, Id)?.availabilityZone
  if (!isPrivateAddress(Id))
    throw elbError(
      'InvalidTarget',
      `The IP address '${Id}' is not a valid target: it must be an IPv4 address of the VPC, of RFC 1918 or of RFC 6598`,
    )
  if (AvailabilityZone === undefined)
    throw validationError(
      `An Availability Zone must be specified for the IP address '${Id}', which is outside of the VPC`,
    )
  return AvailabilityZone
}

/** Hosts carry datagrams by their own network alone. */
const hasUdp = ({ protocol }: TargetGroupRow): boolean => protocol === 'UDP' || protocol === 'TCP_UDP'

const checkedTarget = (
  where: Where,
  group: TargetGroupRow,
  target: TargetDescription,
  now: Millis,
): TargetRow => {
  if (target.QuicServerId !== undefined) throw notSupported('QuicServerId')
  const { Id = '' } = target
  const port = portOf(group, target)
  if (group.targetType === 'instance') checkInstance(where, group, target)
  const zone = group.targetType === 'ip' ? zoneOfAddress(where, group, target) : undefined
  if (group.targetType === 'ip' && hasUdp(group) && zone !== 'all')
    throw notSupported(`UDP to the address '${Id}', which is in the VPC`)
  return {
    id: targetRowId(group.id, Id, port),
    targetGroupArn: group.id,
    targetId: Id,
    port,
    ...(zone !== undefined && { availabilityZone: zone }),
    registeredAt: now,
  }
}

/** One that is registered stays as it is; one that drains begins anew. Throws TooManyTargets beside what a target is refused for. */
export const registerTargets = (
  tx: Transaction,
  where: Omit<Where, 'view'> & { readonly now: Millis },
  group: TargetGroupRow,
  given: readonly TargetDescription[],
): void => {
  for (const description of given) {
    const row = checkedTarget({ ...where, view: tx }, group, description, where.now)
    const before = tx.get(targets, row.id)
    if (!before || before.drainingSince !== undefined) tx.put(targets, row)
  }
  if (tx.count(targets, 'byTargetGroup', group.id) > limits.targetsPerTargetGroup)
    throw elbError(
      'TooManyTargets',
      `The maximum number of targets of the target group '${group.id}' is reached`,
    )
}

/**
 * Targets of a group that a load balancer uses drain first. What is not registered is passed over. (AWS: DeregisterTargets)
 */
export const deregisterTargets = (
  tx: Transaction,
  now: Millis,
  group: TargetGroupRow,
  given: readonly TargetDescription[],
): void => {
  const isUsed = loadBalancerOfTargetGroup(tx, group.id) !== undefined
  for (const description of given) {
    const row = tx.get(targets, targetRowId(group.id, description.Id ?? '', portOf(group, description)))
    if (!row || row.drainingSince !== undefined) continue
    if (isUsed) tx.put(targets, { ...row, drainingSince: now })
    else tx.delete(targets, row.id)
  }
}
