/**
 * Removes deregistered targets when their deregistration delay is over; at once where no load balancer uses the group.
 * (AWS: "Edit target group attributes for your Application Load Balancer", "Deregistration delay")
 */
import { type Plan, type Reconciler, remove, unchanged } from '../../../control-loop/plan.ts'
import type { View } from '../../../store/view.ts'
import {
  type RuleRow,
  rules,
  type TargetRow,
  targetGroups,
  targetGroupsOfActions,
  targets,
} from '../tables/index.ts'
import { deregistrationDelayOf, loadBalancerOfTargetGroup } from '../target-group-use.ts'

const removedAtOnce = 200

/** A key is a target group's ARN. */
export const drainingTargetReconciler: Reconciler = {
  name: 'elbv2.draining-targets',
  keys: function* (view) {
    for (const { id } of view.all(targetGroups)) yield id
  },
  tables: [targets, targetGroups, rules],
  keysOf: ({ table, id, before, after }) => {
    if (table.name === targetGroups.name) return [id]
    if (table.name === targets.name) {
      const row = after as TargetRow | undefined
      return row?.drainingSince === undefined ? [] : [row.targetGroupArn]
    }
    return [before, after].flatMap(row => (row ? targetGroupsOfActions((row as RuleRow).actions) : []))
  },
  reconcile: (view, key, { now }) => drained(view, key, now),
}

const drained = (view: View, targetGroupArn: string, now: number): Plan => {
  const group = view.get(targetGroups, targetGroupArn)
  const isUsed = loadBalancerOfTargetGroup(view, targetGroupArn) !== undefined
  const delay = group && isUsed ? deregistrationDelayOf(group) : 0
  const expects = [unchanged(view, targetGroups, targetGroupArn)]
  const steps = []
  let wakeAt: number | undefined
  for (const { id, drainingSince = 0 } of view.where(targets, 'drainingByTargetGroup', targetGroupArn)) {
    const until = drainingSince + delay
    if (until > now) wakeAt = Math.min(wakeAt ?? until, until)
    else if (steps.length === removedAtOnce) return { expects, steps, unfinished: true }
    else {
      expects.push(unchanged(view, targets, id))
      steps.push(remove(targets, id))
    }
  }
  return { expects, steps, ...(wakeAt !== undefined && { wakeAt }) }
}
