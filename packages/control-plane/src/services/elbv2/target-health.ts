/** What DescribeTargetHealth says of a target. (AWS: "Health checks for Application Load Balancer target groups", Target health status) */
import type { TargetHealth, TargetHealthReasonEnum } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { TargetRow } from './tables/index.ts'

export interface TargetPlace {
  /** Whether a load balancer uses the target's group. */
  readonly isUsed: boolean
  /** The zones of that load balancer. */
  readonly zones: readonly string[]
  /** Targets of a load balancer that balances across zones may be in any. */
  readonly isAcrossZones: boolean
}

const notInUse = (Description: string): TargetHealth => ({
  State: 'unused',
  Reason: 'Target.NotInUse',
  Description,
})

const isReachable = ({ availabilityZone: zone }: TargetRow, { zones, isAcrossZones }: TargetPlace): boolean =>
  isAcrossZones || zone === undefined || zone === 'all' || zones.includes(zone)

export const notRegistered: TargetHealth = {
  State: 'unused',
  Reason: 'Target.NotRegistered',
  Description: 'Target is not registered to the target group',
}

export const targetHealthOf = (row: TargetRow, place: TargetPlace): TargetHealth => {
  if (row.drainingSince !== undefined)
    return {
      State: 'draining',
      Reason: 'Target.DeregistrationInProgress',
      Description: 'Target deregistration is in progress',
    }
  if (!place.isUsed)
    return notInUse('Target group is not configured to receive traffic from the load balancer')
  if (!isReachable(row, place))
    return notInUse('Target is in an Availability Zone that is not enabled for the load balancer')
  if (!row.health)
    return {
      State: 'initial',
      Reason: 'Elb.RegistrationInProgress',
      Description: 'Target registration is in progress',
    }
  const { state, reason, description } = row.health
  return {
    State: state,
    ...(reason !== undefined && { Reason: reason as TargetHealthReasonEnum }),
    ...(description !== undefined && { Description: description }),
  }
}
