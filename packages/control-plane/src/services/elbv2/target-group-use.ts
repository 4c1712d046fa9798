import type { Millis } from '../../store/table.ts'
import type { View } from '../../store/view.ts'
import { targetGroupAttributes } from './attributes/target-group-attributes.ts'
import { rules, type TargetGroupRow } from './tables/index.ts'

/** A target group is used by one load balancer at most: the one whose rules name it. */
export const loadBalancerOfTargetGroup = (view: View, targetGroupArn: string): string | undefined => {
  for (const { loadBalancerArn } of view.where(rules, 'byTargetGroup', targetGroupArn)) return loadBalancerArn
  return undefined
}

/** How long a target that was deregistered still answers what it was asked. */
export const deregistrationDelayOf = (group: TargetGroupRow): Millis =>
  Number(targetGroupAttributes(group)['deregistration_delay.timeout_seconds']) * 1000
