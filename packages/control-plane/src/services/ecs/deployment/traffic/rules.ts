/** The rules by which a service's traffic is directed. Pure. */
import type { LoadBalancer } from '@aws-sdk/client-ecs'
import type { View } from '../../../../store/view.ts'
import { type RuleRow, rules } from '../../../elbv2/index.ts'
import type { TrafficShift } from './traffic-router.ts'

/** By the ARN of a rule, or of a listener, of which it is the default rule. (AWS: AdvancedConfiguration) */
export const ruleOf = (view: View, arn: string): RuleRow | undefined => {
  const rule = view.get(rules, arn)
  if (rule !== undefined) return rule
  for (const row of view.where(rules, 'defaultOfListener', arn)) return row
  return undefined
}

/** The ARN that a load balancer's traffic of one kind goes by. */
export const listenerRuleOf = (
  { advancedConfiguration }: LoadBalancer,
  traffic: TrafficShift['traffic'],
): string | undefined =>
  traffic === 'test' ? advancedConfiguration?.testListenerRule : advancedConfiguration?.productionListenerRule

/** By target group, in per cent; of a load balancer's two target groups. */
export type GroupWeights = ReadonlyMap<string, number>

/** Weights of a rule are whole numbers up to 999: per cent where these are whole, else tenths of a per cent. */
const wholeWeights = (weights: GroupWeights): GroupWeights => {
  const isWhole = [...weights.values()].every(Number.isInteger)
  return isWhole ? weights : new Map([...weights].map(([arn, weight]) => [arn, Math.round(weight * 10)]))
}

/** The rule with these weights in its forward action; the rest of it stays. The same row where it has them already. */
export const withWeights = (rule: RuleRow, weights: GroupWeights): RuleRow => {
  const TargetGroups = [...wholeWeights(weights)].map(([TargetGroupArn, Weight]) => ({
    TargetGroupArn,
    Weight,
  }))
  const actions = rule.actions.map(action => {
    if (action.Type !== 'forward') return action
    const { TargetGroupArn: _, ...rest } = action
    return { ...rest, ForwardConfig: { ...action.ForwardConfig, TargetGroups } }
  })
  return JSON.stringify(actions) === JSON.stringify(rule.actions) ? rule : { ...rule, actions }
}

/** The rule with the target group beside those that it has, with the weight 0: its targets are checked from then on. */
export const withGroup = (rule: RuleRow, targetGroupArn: string): RuleRow => {
  const forward = rule.actions.find(({ Type }) => Type === 'forward')
  const named = forward?.ForwardConfig?.TargetGroups ?? [{ TargetGroupArn: forward?.TargetGroupArn }]
  if (named.some(tuple => tuple.TargetGroupArn === targetGroupArn)) return rule
  const weights = named.map(({ TargetGroupArn = '', Weight = 1 }) => [TargetGroupArn, Weight] as const)
  return withWeights(rule, new Map([...weights, [targetGroupArn, 0]]))
}
