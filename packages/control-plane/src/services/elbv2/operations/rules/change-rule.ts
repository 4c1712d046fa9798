import type {
  CreateRuleInput,
  CreateRuleOutput,
  DeleteRuleInput,
  ModifyRuleInput,
  ModifyRuleOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Transaction, View } from '../../../../store/view.ts'
import { type Call, operation } from '../../../service.ts'
import type { ActionPlace } from '../../actions/forward.ts'
import { newId, ruleArn } from '../../arns.ts'
import { givenConditions } from '../../conditions/conditions.ts'
import { checkRange, elbError, notSupported, validationError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { listenerKind, rowOf, ruleKind } from '../../references.ts'
import { ruleResponse } from '../../responses/listener.ts'
import { checkTargetGroupCount, ruleActions } from '../../rule-actions.ts'
import type { Elbv2Parts } from '../../service-parts.ts'
import { type ListenerRow, listeners, loadBalancers, type RuleRow, rules } from '../../tables/index.ts'
import { withTags } from '../../tags.ts'
import { givenTransforms } from '../../transforms.ts'

const placeOf = (view: View, listener: ListenerRow): ActionPlace => {
  const loadBalancer = view.get(loadBalancers, listener.loadBalancerArn)
  if (!loadBalancer) throw new Error(`The listener ${listener.id} has no load balancer`)
  if (loadBalancer.type === 'network') throw notSupported('A rule of a Network Load Balancer')
  return { loadBalancer, protocol: listener.protocol }
}

/** Rules that are no default ones. */
const countRules = (view: View, loadBalancerArn: string): number =>
  view.count(rules, 'byLoadBalancer', loadBalancerArn) -
  view.count(listeners, 'byLoadBalancer', loadBalancerArn)

const checkFree = (view: View, listenerArn: string, priority: number): void => {
  checkRange('priority', priority, 1, 50_000)
  const taken = [...view.where(rules, 'byListener', listenerArn)].some(rule => rule.priority === priority)
  if (taken) throw elbError('PriorityInUse', `Priority '${priority}' is currently in use`)
}

const madeRule = (
  tx: Transaction,
  input: CreateRuleInput,
  call: Call,
  { encryption }: Elbv2Parts,
): RuleRow => {
  const { scope, randomHex } = call
  const listener = rowOf(tx, scope, listenerKind, input.ListenerArn)
  const place = placeOf(tx, listener)
  const { Priority = 0, Actions = [], Conditions = [], Transforms } = input
  checkFree(tx, listener.id, Priority)
  if (countRules(tx, listener.loadBalancerArn) >= limits.rulesPerLoadBalancer)
    throw elbError('TooManyRules', `The load balancer '${listener.loadBalancerArn}' cannot have more rules`)
  const id = ruleArn(listener.id, newId(randomHex))
  const row = {
    id,
    loadBalancerArn: listener.loadBalancerArn,
    listenerArn: listener.id,
    priority: Priority,
    conditions: givenConditions(Conditions),
    ...ruleActions({ tx, call, encryption }, id, Actions, place),
    transforms: givenTransforms(Transforms),
    tags: withTags([], input.Tags),
  }
  tx.put(rules, row)
  checkTargetGroupCount(tx, listener.loadBalancerArn)
  return row
}

const createRule = (parts: Elbv2Parts) =>
  operation<CreateRuleInput, CreateRuleOutput>({
    name: 'CreateRule',
    effect: 'writes',
    resources: ({ ListenerArn = '' }) => [ListenerArn],
    handle: (input, call) =>
      call.store.update(tx => ({ Rules: [ruleResponse(madeRule(tx, input, call, parts))] })),
  })

const ownRule = (view: View, { scope }: Call, arn: string | undefined, done: string): RuleRow => {
  const rule = rowOf(view, scope, ruleKind, arn)
  if (rule.priority === undefined)
    throw elbError('OperationNotPermitted', `Default rule '${rule.id}' cannot be ${done}`)
  return rule
}

const transformsOf = (
  { Transforms, ResetTransforms }: ModifyRuleInput,
  before: RuleRow,
): RuleRow['transforms'] => {
  if (Transforms !== undefined && ResetTransforms)
    throw validationError("'Transforms' cannot be specified together with 'ResetTransforms'")
  if (ResetTransforms) return []
  return Transforms === undefined ? before.transforms : givenTransforms(Transforms)
}

const changedRule = (
  tx: Transaction,
  input: ModifyRuleInput,
  call: Call,
  { encryption }: Elbv2Parts,
): RuleRow => {
  const { Actions, Conditions, Transforms, ResetTransforms } = input
  if ([Actions, Conditions, Transforms, ResetTransforms].every(member => member === undefined))
    throw validationError('Either conditions, actions or transforms must be specified')
  const rule = ownRule(tx, call, input.RuleArn, 'modified')
  const { clientSecret, ...before } = rule
  const listener = rowOf(tx, call.scope, listenerKind, before.listenerArn)
  const parts = { tx, call, encryption }
  const row: RuleRow = {
    ...(Actions === undefined ? rule : before),
    ...(Actions && ruleActions(parts, before.id, Actions, placeOf(tx, listener), clientSecret)),
    conditions: Conditions === undefined ? before.conditions : givenConditions(Conditions),
    transforms: transformsOf(input, before),
  }
  tx.put(rules, row)
  checkTargetGroupCount(tx, row.loadBalancerArn)
  return row
}

/** What is not given stays. */
const modifyRule = (parts: Elbv2Parts) =>
  operation<ModifyRuleInput, ModifyRuleOutput>({
    name: 'ModifyRule',
    effect: 'writes',
    resources: ({ RuleArn = '' }) => [RuleArn],
    handle: (input, call) =>
      call.store.update(tx => ({ Rules: [ruleResponse(changedRule(tx, input, call, parts))] })),
  })

const deleteRule = operation<DeleteRuleInput, object>({
  name: 'DeleteRule',
  effect: 'frees',
  resources: ({ RuleArn = '' }) => [RuleArn],
  handle: ({ RuleArn }, call) => {
    call.store.update(tx => tx.delete(rules, ownRule(tx, call, RuleArn, 'deleted').id))
    return {}
  },
})

export const changeRuleOperations = (parts: Elbv2Parts) => [createRule(parts), modifyRule(parts), deleteRule]
