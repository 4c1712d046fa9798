import type { AvailabilityZoneRebalancing, PlacementStrategy } from '@aws-sdk/client-ecs'
import { invalidParameter } from '../../errors.ts'
import type { ServiceRow } from '../../tables/index.ts'

const zone = 'attribute:ecs.availability-zone'

/**
 * The service with what the request says of rebalancing. A new one (its row says DISABLED) is ENABLED where it can be;
 * an existing one stays as it is. `expressions` are the definition's constraints. Throws InvalidParameterException.
 * (AWS: "Balancing an Amazon ECS service across Availability Zones")
 */
export const newWithRebalancing = (
  service: ServiceRow,
  requested: AvailabilityZoneRebalancing | undefined,
  expressions: readonly string[],
): ServiceRow =>
  requested === undefined
    ? { ...service, availabilityZoneRebalancing: obstacleTo(service, expressions) ? 'DISABLED' : 'ENABLED' }
    : withRebalancing(service, requested, expressions)

export const withRebalancing = (
  service: ServiceRow,
  requested: AvailabilityZoneRebalancing | undefined,
  expressions: readonly string[],
): ServiceRow => {
  const availabilityZoneRebalancing = requested ?? service.availabilityZoneRebalancing
  const obstacle = availabilityZoneRebalancing === 'ENABLED' && obstacleTo(service, expressions)
  if (obstacle) throw obstacle
  return { ...service, availabilityZoneRebalancing }
}

/** What AWS says of them is known of the first two; the others say it in the same way. */
const obstacleTo = (service: ServiceRow, expressions: readonly string[]): Error | undefined => {
  const { placementStrategy, placementConstraints } = service
  if (service.schedulingStrategy === 'DAEMON') return unfit('DAEMON services')
  if ((service.deploymentConfiguration.maximumPercent ?? 200) <= 100)
    return unfit('maximumPercent <= 100 % as deployment configuration')
  if (service.launchType === 'EXTERNAL') return unfit('EXTERNAL launch type')
  if (!spreadsOverZonesFirst(placementStrategy))
    return unfit(`placement strategies that do not begin with spread over ${zone}`)
  const all = [...expressions, ...placementConstraints.map(({ expression = '' }) => expression)]
  if (all.some(expression => expression.includes(zone))) return unfit(`${zone} as placement constraint`)
  return undefined
}

const unfit = (what: string): Error =>
  invalidParameter(`Availability Zone Rebalancing does not support ${what}.`)

const spreadsOverZonesFirst = ([first]: readonly PlacementStrategy[]): boolean =>
  first === undefined || (first.type === 'spread' && first.field === zone)
