import type {
  DescribeRulesInput,
  DescribeRulesOutput,
  RulePriorityPair,
  SetRulePrioritiesInput,
  SetRulePrioritiesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Transaction } from '../../../../store/view.ts'
import { type Call, operation } from '../../../service.ts'
import { checkRange, elbError, validationError } from '../../errors.ts'
import { pageOf } from '../../pages.ts'
import { listenerKind, rowOf, rowsOf, ruleKind } from '../../references.ts'
import { ruleResponse } from '../../responses/listener.ts'
import { type RuleRow, rules, rulesInOrder } from '../../tables/index.ts'

const rowsAsked = (
  { ListenerArn, RuleArns }: DescribeRulesInput,
  { store, scope }: Call,
): readonly RuleRow[] => {
  if ((ListenerArn === undefined) === !RuleArns?.length)
    throw validationError('You must specify either listener rule ARNs or a listener ARN')
  if (RuleArns?.length) return rowsOf(store, scope, ruleKind, RuleArns)
  const { id } = rowOf(store, scope, listenerKind, ListenerArn)
  return rulesInOrder(store.where(rules, 'byListener', id))
}

/** In the order of their priorities, the default one last. */
const describeRules = operation<DescribeRulesInput, DescribeRulesOutput>({
  name: 'DescribeRules',
  effect: 'reads',
  resources: () => ['*'],
  handle: (input, call) => {
    const list = JSON.stringify(['Rules', call.scope, input.ListenerArn, input.RuleArns])
    const { items, ...next } = pageOf(list, input, rowsAsked(input, call))
    return { Rules: items.map(ruleResponse), ...next }
  },
})

const given = (tx: Transaction, { scope }: Call, { RuleArn, Priority }: RulePriorityPair): RuleRow => {
  const rule = rowOf(tx, scope, ruleKind, RuleArn)
  if (rule.priority === undefined)
    throw elbError('OperationNotPermitted', `The priority of the default rule '${rule.id}' cannot be changed`)
  if (Priority === undefined) throw validationError('A priority must be specified for each rule')
  checkRange('rulePriorities.member.priority', Priority, 1, 50_000)
  return { ...rule, priority: Priority }
}

const checkDistinct = (tx: Transaction, listenerArn: string): void => {
  const priorities = [...tx.where(rules, 'byListener', listenerArn)].map(({ priority }) => priority)
  const twice = priorities.find((priority, index) => priorities.indexOf(priority) !== index)
  if (twice !== undefined) throw elbError('PriorityInUse', `Priority '${twice}' is currently in use`)
}

const changedPriorities = (tx: Transaction, call: Call, pairs: readonly RulePriorityPair[]): RuleRow[] => {
  if (pairs.length === 0) throw validationError('At least one rule priority must be specified')
  const rows = pairs.map(pair => given(tx, call, pair))
  if (new Set(rows.map(({ id }) => id)).size < rows.length)
    throw validationError('A rule can be specified only once')
  for (const row of rows) tx.put(rules, row)
  for (const listenerArn of new Set(rows.map(row => row.listenerArn))) checkDistinct(tx, listenerArn)
  return rows
}

/** Rules may take each other's priorities. */
const setRulePriorities = operation<SetRulePrioritiesInput, SetRulePrioritiesOutput>({
  name: 'SetRulePriorities',
  effect: 'writes',
  resources: ({ RulePriorities = [] }) => RulePriorities.map(({ RuleArn = '' }) => RuleArn),
  handle: ({ RulePriorities = [] }, call) =>
    call.store.update(tx => ({ Rules: changedPriorities(tx, call, RulePriorities).map(ruleResponse) })),
})

export const describeRuleOperations = [describeRules, setRulePriorities]
