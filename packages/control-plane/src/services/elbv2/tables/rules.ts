import type { Action, RuleCondition, RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2'
import { defineTable, type Row } from '../../../store/table.ts'
import type { KeyValueTag } from '../../key-value-tags.ts'

/** (AWS: Elastic Load Balancing API reference, Rule). Written by operations, and by shifts of a deployment's traffic. */
export interface RuleRow extends Row {
  /** The ARN: `…:listener-rule/app/NAME/ID OF THE LOAD BALANCER/ID OF THE LISTENER/16 hexadecimal digits`. */
  readonly id: string
  readonly loadBalancerArn: string
  readonly listenerArn: string
  /** 1 to 50,000: the least is tried first. Absent: the listener's default rule, which is tried last. */
  readonly priority?: number
  /** All of them hold; each in the form in which the API tells it. */
  readonly conditions: readonly RuleCondition[]
  /**
   * In the order in which they are done; each in the form in which the API tells it: a forward has `ForwardConfig`, and
   * `TargetGroupArn` where there is one target group only.
   */
  readonly actions: readonly Action[]
  readonly transforms: readonly RuleTransform[]
  /** Of `authenticate-oidc`: encrypted, bound to this row's id. */
  readonly clientSecret?: string
  readonly tags: readonly KeyValueTag[]
}

/** The target groups that a rule's actions name, each once. */
export const targetGroupsOfActions = (actions: readonly Action[]): string[] => [
  ...new Set(
    actions.flatMap(({ TargetGroupArn, ForwardConfig }) =>
      [TargetGroupArn, ...(ForwardConfig?.TargetGroups ?? []).map(tuple => tuple.TargetGroupArn)].flatMap(
        arn => arn ?? [],
      ),
    ),
  ),
]

/** In the order in which they are tried: the default one last. */
export const rulesInOrder = (rows: Iterable<RuleRow>): readonly RuleRow[] =>
  [...rows].sort(
    (a, b) => (a.priority ?? Number.POSITIVE_INFINITY) - (b.priority ?? Number.POSITIVE_INFINITY),
  )

export const rules = defineTable<RuleRow>()({
  name: 'elbv2.rules',
  indexes: {
    byListener: row => row.listenerArn,
    byLoadBalancer: row => row.loadBalancerArn,
    defaultOfListener: row => (row.priority === undefined ? row.listenerArn : undefined),
    byTargetGroup: row => targetGroupsOfActions(row.actions),
  },
})
