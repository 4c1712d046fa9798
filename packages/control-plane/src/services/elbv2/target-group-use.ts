import type { Millis } from '../../store/table.ts'
import type { View } from '../../store/view.ts'
import { rules, type TargetGroupRow } from './tables/index.ts'

/** A target group is used by one load balancer at most: the one whose rules name it. */
export const loadBalancerOfTargetGroup = (view: View, targetGroupArn: string): string | undefined => {
  for (const { loadBalancerArn } of view.where(rules, 'byTargetGroup', targetGroupArn)) return loadBalancerArn
  return undefined
}

/** (AWS: TargetGroupAttribute, deregistration_delay.timeout_seconds) */
const defaultDelaySeconds = 300

/** How long a target that was deregistered still answers what it was asked. */
export const deregistrationDelayOf = ({ attributes }: TargetGroupRow): Millis =>
  Number(attributes['deregistration_delay.timeout_seconds'] ?? defaultDelaySeconds) * 1000
