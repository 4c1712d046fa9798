import type {
  DescribeTargetGroupsInput,
  DescribeTargetGroupsOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { scopeKey } from '@berth/model'
import { type Call, operation } from '../../../service.ts'
import { elbError, validationError } from '../../errors.ts'
import { pageOf } from '../../pages.ts'
import { loadBalancerKind, rowOf, rowsOf, targetGroupKind } from '../../references.ts'
import { targetGroupResponse } from '../../responses/target-group.ts'
import { rules, type TargetGroupRow, targetGroups, targetGroupsOfActions } from '../../tables/index.ts'

const rowsOfLoadBalancer = ({ store, scope }: Call, arn: string): TargetGroupRow[] => {
  const { id } = rowOf(store, scope, loadBalancerKind, arn)
  const named = [...store.where(rules, 'byLoadBalancer', id)].flatMap(({ actions }) =>
    targetGroupsOfActions(actions),
  )
  return [...new Set(named)].sort().flatMap(group => store.get(targetGroups, group) ?? [])
}

const namedRows = ({ store, scope }: Call, names: readonly string[]): TargetGroupRow[] =>
  names.flatMap(name => {
    const found = [...store.where(targetGroups, 'byName', `${scopeKey(scope)}|${name}`)]
    if (found.length === 0) throw elbError('TargetGroupNotFound', 'One or more target groups not found')
    return found
  })

const rowsAsked = (
  { LoadBalancerArn, TargetGroupArns, Names }: DescribeTargetGroupsInput,
  call: Call,
): readonly TargetGroupRow[] => {
  const { store, scope } = call
  const given = [LoadBalancerArn !== undefined, TargetGroupArns?.length, Names?.length].filter(Boolean)
  if (given.length > 1)
    throw validationError(
      'Target group names, target group ARNs and a load balancer ARN cannot be specified at the same time',
    )
  if (LoadBalancerArn !== undefined) return rowsOfLoadBalancer(call, LoadBalancerArn)
  if (TargetGroupArns?.length) return rowsOf(store, scope, targetGroupKind, TargetGroupArns)
  return Names?.length ? namedRows(call, Names) : [...store.where(targetGroups, 'byScope', scopeKey(scope))]
}

export const describeTargetGroups = operation<DescribeTargetGroupsInput, DescribeTargetGroupsOutput>({
  name: 'DescribeTargetGroups',
  effect: 'reads',
  resources: () => ['*'],
  handle: (input, call) => {
    const { LoadBalancerArn, TargetGroupArns, Names } = input
    const list = JSON.stringify(['TargetGroups', call.scope, LoadBalancerArn, TargetGroupArns, Names])
    const { items, ...next } = pageOf(list, input, rowsAsked(input, call))
    return { TargetGroups: items.map(row => targetGroupResponse(row, call.store)), ...next }
  },
})
