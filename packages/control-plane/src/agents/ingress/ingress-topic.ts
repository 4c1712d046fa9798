/** The topic `ingress`: every host is told of the load balancers that it carries. Each load balancer is an audience. */
import type { IngressFact } from '@berth/model'
import { acmeOrders, certificates } from '../../services/acm/index.ts'
import {
  type ContainerInstanceRow,
  containerInstances,
  ec2InstanceKey,
  portsNewsOf,
  type TaskRow,
  tasks,
} from '../../services/ecs/index.ts'
import {
  hostPortOfListener,
  type ListenerRow,
  type LoadBalancerRow,
  listeners,
  loadBalancerOfTargetGroup,
  loadBalancers,
  type RevocationPieceRow,
  type RuleRow,
  revocationPieces,
  rules,
  type TargetRow,
  type TrustStoreRow,
  targetGroups,
  targetGroupsOfActions,
  targets,
  trustStores,
} from '../../services/elbv2/index.ts'
import type { Change, View } from '../../store/view.ts'
import type { FactPage, TopicSource, Touch } from '../facts/topic.ts'
import { certificateFact, isCertificate, type OpenCertificate } from './certificate-facts.ts'
import { challengeFact, challengeFacts, challengesAudience } from './challenge-facts.ts'
import {
  keyOf,
  listenerFact,
  loadBalancerFact,
  type OpenAuthenticationKeys,
  revocationPieceFact,
  targetFact,
  targetGroupFact,
  targetKeyOf,
  targetRowIdOf,
  trustStoreFact,
  underlayAddressOf,
} from './ingress-facts.ts'
import type { OpenSecret } from './rule-facts.ts'

/** Reads what is kept encrypted. */
export interface IngressSecrets {
  readonly openSecret: OpenSecret
  readonly openAuthenticationKeys: OpenAuthenticationKeys
  readonly openCertificate: OpenCertificate
}

export const ingressTopic = (secrets: IngressSecrets): TopicSource<'ingress'> => ({
  topic: 'ingress',
  audiencesOf,
  pageOf: (view, audience, from) => pageOf(view, audience, from, secrets),
  factOf: (view, audience, key) => factOf(view, audience, key, secrets),
  touched,
})

/** The load balancers that the host carries, the trust stores and certificates of their listeners, and what all of them answer. */
function* audiencesOf(view: View, containerInstanceArn: string): Iterable<string> {
  const shared = new Set<string>()
  let carriesAny = false
  for (const { id } of view.where(loadBalancers, 'byContainerInstance', containerInstanceArn)) {
    carriesAny = true
    yield id
    for (const listener of view.where(listeners, 'byLoadBalancer', id))
      for (const arn of sharedBy(listener)) shared.add(arn)
  }
  yield* shared
  if (carriesAny) yield challengesAudience
}

/** What several listeners may have: an audience each. */
const sharedBy = ({ certificateArns, mutualAuthentication }: ListenerRow): readonly string[] => [
  ...certificateArns,
  ...(mutualAuthentication?.trustStoreArn === undefined ? [] : [mutualAuthentication.trustStoreArn]),
]

/** The first page is the load balancer itself; then one of each target group's targets. */
const pageOf = (
  view: View,
  audience: string,
  from: string | undefined,
  secrets: IngressSecrets,
): FactPage<IngressFact> => {
  if (isCertificate(audience)) {
    const fact = certificateFact(view, audience, secrets.openCertificate)
    return { facts: fact ? [fact] : [] }
  }
  if (audience === challengesAudience) return { facts: challengeFacts(view) }
  const store = view.get(trustStores, audience)
  if (store) return pageOfTrustStore(view, store, from)
  const row = view.get(loadBalancers, audience)
  if (row === undefined) return { facts: [] }
  const groups = groupsOf(view, row)
  if (from === undefined) return pageBefore(groups, '', headOf(view, row, groups, secrets))
  const group = groups.find(id => id >= from)
  if (group === undefined) return { facts: [] }
  const facts = [...view.where(targets, 'byTargetGroup', group)].flatMap(
    target => targetFact(view, target, row.carried?.containerInstanceArn) ?? [],
  )
  return pageBefore(groups, group, facts)
}

const piecesAPage = 20

/** The trust store itself comes last, as it names the pieces. */
const pageOfTrustStore = (
  view: View,
  store: TrustStoreRow,
  from: string | undefined,
): FactPage<IngressFact> => {
  const facts: IngressFact[] = []
  for (const piece of view.where(revocationPieces, 'byTrustStore', store.id, from)) {
    facts.push(revocationPieceFact(piece))
    if (facts.length === piecesAPage) return { facts, next: piece.id }
  }
  return { facts: [...facts, trustStoreFact(store)] }
}

const pageBefore = (
  groups: readonly string[],
  group: string,
  facts: readonly IngressFact[],
): FactPage<IngressFact> => {
  const next = groups.find(id => id > group)
  return { facts, ...(next !== undefined && { next }) }
}

const headOf = (
  view: View,
  row: LoadBalancerRow,
  groups: readonly string[],
  { openSecret, openAuthenticationKeys }: IngressSecrets,
): IngressFact[] => {
  const facts = [loadBalancerFact(view, row, openAuthenticationKeys)]
  for (const listener of view.where(listeners, 'byLoadBalancer', row.id))
    facts.push(listenerFact(view, listener, openSecret))
  for (const id of groups) {
    const group = view.get(targetGroups, id)
    if (group) facts.push(targetGroupFact(group))
  }
  return facts.filter(fact => fact !== undefined)
}

/** Those that its rules name, in the order of their ARNs. */
const groupsOf = (view: View, { id }: LoadBalancerRow): readonly string[] => {
  const all = new Set<string>()
  for (const { actions } of view.where(rules, 'byLoadBalancer', id))
    for (const arn of targetGroupsOfActions(actions)) all.add(arn)
  return [...all].sort()
}

const factOf = (
  view: View,
  audience: string,
  key: string,
  { openSecret, openAuthenticationKeys, openCertificate }: IngressSecrets,
): IngressFact | undefined => {
  const id = key.slice(key.indexOf('/') + 1)
  const isUsed = (targetGroupArn: string) => loadBalancerOfTargetGroup(view, targetGroupArn) === audience
  switch (key.slice(0, key.indexOf('/')) as IngressFact['kind']) {
    case 'load-balancer': {
      const row = view.get(loadBalancers, id)
      return row && loadBalancerFact(view, row, openAuthenticationKeys)
    }
    case 'listener': {
      const row = view.get(listeners, id)
      return row && listenerFact(view, row, openSecret)
    }
    case 'target-group': {
      const row = view.get(targetGroups, id)
      return row && isUsed(id) ? targetGroupFact(row) : undefined
    }
    case 'target': {
      const row = view.get(targets, targetRowIdOf(key))
      const carrier = view.get(loadBalancers, audience)?.carried?.containerInstanceArn
      return row && isUsed(row.targetGroupArn) ? targetFact(view, row, carrier) : undefined
    }
    case 'trust-store': {
      const row = view.get(trustStores, id)
      return row && trustStoreFact(row)
    }
    case 'revocation-piece': {
      const row = view.get(revocationPieces, id)
      return row && revocationPieceFact(row)
    }
    case 'certificate':
      return certificateFact(view, id, openCertificate)
    case 'challenge':
      return challengeFact(view, id)
  }
}

/** By the table: what a change of one of its rows may have altered. */
const touchedBy: Readonly<Record<string, (change: Change, view: View) => Iterable<Touch>>> = {
  [loadBalancers.name]: function* ({ id, before, after }) {
    const [host, other] = [carrierOf(before), carrierOf(after)]
    for (const arn of new Set([host, other])) if (arn !== undefined && host !== other) yield { host: arn }
    // Instances of the carrying host are reached otherwise.
    yield host === other ? { audience: id, key: keyOf('load-balancer', id) } : { audience: id }
  },
  [listeners.name]: function* ({ id, before, after }) {
    const [earlier, later] = [before, after] as (ListenerRow | undefined)[]
    const { loadBalancerArn = '' } = later ?? earlier ?? {}
    yield { audience: loadBalancerArn, key: keyOf('listener', id) }
    if (sharedIn(earlier) !== sharedIn(later)) yield { hostsOf: loadBalancerArn }
  },
  [rules.name]: function* ({ before, after }) {
    const [earlier, later] = [before, after] as (RuleRow | undefined)[]
    const { loadBalancerArn: audience = '', listenerArn = '' } = later ?? earlier ?? {}
    yield { audience, key: keyOf('listener', listenerArn) }
    if (groupsIn(earlier) !== groupsIn(later)) yield { audience }
  },
  [targetGroups.name]: function* ({ id }, view) {
    const audience = loadBalancerOfTargetGroup(view, id)
    if (audience !== undefined) yield { audience, key: keyOf('target-group', id) }
  },
  [targets.name]: ({ before, after }, view) => ofTarget(view, (after ?? before) as TargetRow),
  [trustStores.name]: function* ({ id }) {
    yield { audience: id, key: keyOf('trust-store', id) }
  },
  [revocationPieces.name]: function* ({ id, before, after }) {
    const { trustStoreArn } = (after ?? before) as RevocationPieceRow
    yield { audience: trustStoreArn, key: keyOf('revocation-piece', id) }
  },
  [certificates.name]: ({ id }) => [{ audience: id, key: keyOf('certificate', id) }],
  [acmeOrders.name]: ({ id }) => [{ audience: challengesAudience, key: keyOf('challenge', id) }],
  [tasks.name]: function* ({ before, after }, view) {
    const news = portsNewsOf(before as TaskRow | undefined, after as TaskRow | undefined)
    if (news === undefined) return
    for (const { id } of view.where(loadBalancers, 'byContainerInstance', news.containerInstanceArn))
      for (const listener of view.where(listeners, 'byLoadBalancer', id))
        if (news.ports.includes(hostPortOfListener(listener) ?? ''))
          yield { audience: id, key: keyOf('listener', listener.id) }
  },
  [containerInstances.name]: function* ({ before, after }, view) {
    const [earlier, later] = [before, after] as (ContainerInstanceRow | undefined)[]
    const host = later ?? earlier
    if (host?.ec2InstanceId === undefined || sameAddress(earlier, later)) return
    for (const row of view.where(targets, 'byTarget', ec2InstanceKey(host.id, host.ec2InstanceId)))
      yield* ofTarget(view, row)
  },
}

const touched = (change: Change, view: View): Iterable<Touch> =>
  touchedBy[change.table.name]?.(change, view) ?? []

const carrierOf = (row: unknown): string | undefined =>
  (row as LoadBalancerRow | undefined)?.carried?.containerInstanceArn

const sharedIn = (listener: ListenerRow | undefined): string =>
  listener === undefined ? '' : sharedBy(listener).join()

const groupsIn = (rule: RuleRow | undefined): string =>
  rule === undefined ? '' : targetGroupsOfActions(rule.actions).sort().join()

function* ofTarget(view: View, row: TargetRow): Iterable<Touch> {
  const audience = loadBalancerOfTargetGroup(view, row.targetGroupArn)
  if (audience !== undefined) yield { audience, key: targetKeyOf(row) }
}

const sameAddress = (
  earlier: ContainerInstanceRow | undefined,
  later: ContainerInstanceRow | undefined,
): boolean =>
  earlier !== undefined && later !== undefined && underlayAddressOf(earlier) === underlayAddressOf(later)
