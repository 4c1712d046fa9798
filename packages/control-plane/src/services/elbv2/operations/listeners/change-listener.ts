import type {
  CreateListenerInput,
  CreateListenerOutput,
  DeleteListenerInput,
  ModifyListenerInput,
  ModifyListenerOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Transaction, View } from '../../../../store/view.ts'
import { type Call, operation } from '../../../service.ts'
import { listenerArn, newId, ruleArn } from '../../arns.ts'
import { elbError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { type ListenerSettings, listenerSettings } from '../../listener-settings.ts'
import { listenerKind, loadBalancerKind, rowOf } from '../../references.ts'
import { defaultRuleOf, listenerResponse } from '../../responses/listener.ts'
import { checkTargetGroupCount, ruleActions } from '../../rule-actions.ts'
import type { Elbv2Parts } from '../../service-parts.ts'
import {
  type ListenerRow,
  type LoadBalancerRow,
  listeners,
  loadBalancers,
  portKey,
  type RuleRow,
  rules,
} from '../../tables/index.ts'
import { sameTags, withTags } from '../../tags.ts'

const duplicate = (loadBalancer: LoadBalancerRow) =>
  elbError(
    'DuplicateListener',
    `A listener already exists on this port for this load balancer '${loadBalancer.id}'`,
  )

const listenerOnPort = (view: View, { id }: LoadBalancerRow, port: number): ListenerRow | undefined => {
  const [found] = view.where(listeners, 'byPort', portKey(id, port))
  return found
}

const actionsText = ({ actions }: RuleRow): string => JSON.stringify(actions)

/** Sent again with the same settings, it makes nothing new. (AWS: CreateListener) */
const isSame = (
  view: View,
  one: ListenerRow,
  settings: ListenerSettings,
  rule: RuleRow,
  tags: ListenerRow['tags'],
): boolean => {
  const shown = ({
    protocol,
    sslPolicy,
    certificateArns,
    alpnPolicy,
    mutualAuthentication,
  }: ListenerSettings) =>
    JSON.stringify([protocol, sslPolicy, certificateArns[0], alpnPolicy, mutualAuthentication])
  return (
    shown(one) === shown(settings) &&
    actionsText(defaultRuleOf(view, one.id)) === actionsText(rule) &&
    sameTags(one.tags, tags)
  )
}

const madeListener = (
  tx: Transaction,
  input: CreateListenerInput,
  call: Call,
  { encryption, canServe }: Elbv2Parts,
): ListenerRow => {
  const { scope, randomHex } = call
  const loadBalancer = rowOf(tx, scope, loadBalancerKind, input.LoadBalancerArn)
  const settings = listenerSettings({ view: tx, scope, loadBalancer, canServe }, input)
  const id = listenerArn(loadBalancer.id, newId(randomHex))
  const ruleId = ruleArn(id, newId(randomHex))
  const place = { loadBalancer, protocol: settings.protocol }
  const rule: RuleRow = {
    id: ruleId,
    loadBalancerArn: loadBalancer.id,
    listenerArn: id,
    conditions: [],
    ...ruleActions({ tx, call, encryption }, ruleId, input.DefaultActions ?? [], place),
    transforms: [],
    tags: [],
  }
  const tags = withTags([], input.Tags)
  const existing = listenerOnPort(tx, loadBalancer, settings.port)
  if (existing && isSame(tx, existing, settings, rule, tags)) return existing
  if (existing) throw duplicate(loadBalancer)
  if (tx.count(listeners, 'byLoadBalancer', loadBalancer.id) >= limits.listenersPerLoadBalancer)
    throw elbError('TooManyListeners', `The load balancer '${loadBalancer.id}' cannot have more listeners`)
  const row = { id, loadBalancerArn: loadBalancer.id, ...settings, attributes: {}, tags }
  tx.put(listeners, row)
  tx.put(rules, rule)
  checkTargetGroupCount(tx, loadBalancer.id)
  return row
}

const createListener = (parts: Elbv2Parts) =>
  operation<CreateListenerInput, CreateListenerOutput>({
    name: 'CreateListener',
    effect: 'writes',
    resources: ({ LoadBalancerArn = '' }) => [LoadBalancerArn],
    handle: (input, call) =>
      call.store.update(tx => ({
        Listeners: [listenerResponse(madeListener(tx, input, call, parts), tx)],
      })),
  })

/** Its other rules must suit its protocol as well. */
const checkOtherRules = (
  tx: Transaction,
  call: Call,
  { encryption }: Elbv2Parts,
  row: ListenerRow,
  loadBalancer: LoadBalancerRow,
): void => {
  const place = { loadBalancer, protocol: row.protocol }
  for (const rule of tx.where(rules, 'byListener', row.id))
    ruleActions({ tx, call, encryption }, rule.id, withExistingSecret(rule), place, rule.clientSecret)
}

const withExistingSecret = ({ actions }: RuleRow): RuleRow['actions'] =>
  actions.map(action =>
    action.AuthenticateOidcConfig
      ? {
          ...action,
          AuthenticateOidcConfig: { ...action.AuthenticateOidcConfig, UseExistingClientSecret: true },
        }
      : action,
  )

const changedListener = (
  tx: Transaction,
  input: ModifyListenerInput,
  call: Call,
  parts: Elbv2Parts,
): ListenerRow => {
  const { scope } = call
  const before = rowOf(tx, scope, listenerKind, input.ListenerArn)
  const loadBalancer = tx.get(loadBalancers, before.loadBalancerArn)
  if (!loadBalancer) throw new Error(`The listener ${before.id} has no load balancer`)
  const place = { view: tx, scope, loadBalancer, canServe: parts.canServe }
  const settings = listenerSettings(place, input, before)
  const other = listenerOnPort(tx, loadBalancer, settings.port)
  if (other && other.id !== before.id) throw duplicate(loadBalancer)
  const { id, loadBalancerArn, attributes, tags } = before
  const row = { id, loadBalancerArn, ...settings, attributes, tags }
  tx.put(listeners, row)
  if (input.DefaultActions !== undefined) {
    const { clientSecret, ...rule } = defaultRuleOf(tx, id)
    const actionPlace = { loadBalancer, protocol: settings.protocol }
    const { encryption } = parts
    tx.put(rules, {
      ...rule,
      ...ruleActions({ tx, call, encryption }, rule.id, input.DefaultActions, actionPlace, clientSecret),
    })
  }
  if (settings.protocol !== before.protocol) checkOtherRules(tx, call, parts, row, loadBalancer)
  checkTargetGroupCount(tx, loadBalancerArn)
  return row
}

const modifyListener = (parts: Elbv2Parts) =>
  operation<ModifyListenerInput, ModifyListenerOutput>({
    name: 'ModifyListener',
    effect: 'writes',
    resources: ({ ListenerArn = '' }) => [ListenerArn],
    handle: (input, call) =>
      call.store.update(tx => ({
        Listeners: [listenerResponse(changedListener(tx, input, call, parts), tx)],
      })),
  })

/** With its rules. */
const deleteListener = operation<DeleteListenerInput, object>({
  name: 'DeleteListener',
  effect: 'frees',
  resources: ({ ListenerArn = '' }) => [ListenerArn],
  handle: ({ ListenerArn }, { store, scope }) => {
    store.update(tx => {
      const { id } = rowOf(tx, scope, listenerKind, ListenerArn)
      for (const rule of [...tx.where(rules, 'byListener', id)]) tx.delete(rules, rule.id)
      tx.delete(listeners, id)
    })
    return {}
  },
})

export const changeListenerOperations = (parts: Elbv2Parts) => [
  createListener(parts),
  modifyListener(parts),
  deleteListener,
]
