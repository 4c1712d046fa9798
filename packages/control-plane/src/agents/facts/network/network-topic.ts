/** What hosts are told of the networks that something on them is in. */
import { type NetworkFact, scopeKey, scopeOfArn } from '@berth/model'
import {
  arnOf,
  beside,
  networkInterfaceKind,
  securityGroupKind,
  vpcKind,
} from '../../../services/ec2/network/kinds.ts'
import {
  networkAcls,
  networkInterfaces,
  securityGroupRules,
  securityGroups,
  subnets,
  vpcs,
} from '../../../services/ec2/tables/index.ts'
import { containerInstances } from '../../../services/ecs/tables/index.ts'
import type { View } from '../../../store/view.ts'
import type { FactPage, TopicSource } from '../topic.ts'
import { audienceOf, type NetworkAudience, nameOf, onHost } from './audiences.ts'
import {
  aclFact,
  addressFacts,
  groupFact,
  interfaceFact,
  memberFacts,
  peerFact,
  subnetFact,
  vpcFact,
} from './network-facts.ts'
import { touchedNetworks } from './touched-networks.ts'

/** Of the VPCs of its interfaces, of their groups, and of the groups that the rules of those name. */
function* audiencesOf(view: View, containerInstanceArn: string): Iterable<string> {
  const scope = scopeOfArn(containerInstanceArn)
  yield onHost(containerInstanceArn)
  const on = [...view.where(networkInterfaces, 'byHost', containerInstanceArn)]
  for (const vpcId of new Set(on.map(row => row.vpcId))) {
    yield nameOf('vpc', scope, vpcId)
    yield nameOf('addresses', scope, vpcId)
  }
  for (const groupId of new Set(on.flatMap(({ groupIds }) => groupIds))) {
    yield nameOf('group', scope, groupId)
    for (const { peer } of view.where(securityGroupRules, 'byGroup', beside(scope, groupId)))
      if (peer.kind === 'group') yield nameOf('members', scope, peer.groupId)
  }
}

const pageOf = (view: View, name: string, from: string | undefined): FactPage<NetworkFact> => {
  const audience = audienceOf(name)
  switch (audience.kind) {
    case 'interfaces':
      return {
        facts: [...view.where(networkInterfaces, 'byHost', audience.id)].flatMap(
          row => interfaceFact(view, audience.scope, row) ?? [],
        ),
      }
    case 'vpc':
      return { facts: networkFacts(view, audience) }
    case 'addresses':
      return addressPage(view, audience, from)
    case 'group': {
      const group = view.get(securityGroups, arnOf(securityGroupKind, audience.scope, audience.id))
      return { facts: group ? [groupFact(view, audience.scope, group)] : [] }
    }
    case 'members':
      return memberPage(view, audience, from)
  }
}

const networkFacts = (view: View, { scope, id }: NetworkAudience): readonly NetworkFact[] => {
  const vpc = view.get(vpcs, arnOf(vpcKind, scope, id))
  return vpc
    ? [
        vpcFact(vpc),
        ...[...view.where(networkAcls, 'byVpc', beside(scope, id))].map(aclFact),
        ...[...view.where(subnets, 'byVpc', beside(scope, id))].map(row => subnetFact(view, scope, row)),
      ]
    : []
}

/** How many interfaces are looked at together. */
const interfacesAPage = 500

const firstOf = <R>(rows: Iterable<R>): { readonly rows: readonly R[]; readonly hasMore: boolean } => {
  const taken: R[] = []
  for (const row of rows) {
    if (taken.length === interfacesAPage) return { rows: taken, hasMore: true }
    taken.push(row)
  }
  return { rows: taken, hasMore: false }
}

const addressPage = (
  view: View,
  { scope, id }: NetworkAudience,
  from: string | undefined,
): FactPage<NetworkFact> => {
  const { rows, hasMore } = firstOf(view.where(networkInterfaces, 'byVpc', beside(scope, id), from))
  const last = hasMore ? rows.at(-1)?.id : undefined
  const peers = from === undefined ? peersOf(view, scope, id) : []
  return { facts: [...peers, ...rows.flatMap(addressFacts)], ...(last !== undefined && { next: last }) }
}

const peersOf = (view: View, scope: NetworkAudience['scope'], vpcId: string): readonly NetworkFact[] =>
  [...(view.total(networkInterfaces, 'hosts', beside(scope, vpcId))?.keys() ?? [])].flatMap(
    hostArn => peerOf(view, vpcId, hostArn) ?? [],
  )

const peerOf = (view: View, vpcId: string, hostArn: string): NetworkFact | undefined => {
  const host = view.get(containerInstances, hostArn)
  return host && peerFact(vpcId, host)
}

const memberPage = (
  view: View,
  { scope, id }: NetworkAudience,
  from: string | undefined,
): FactPage<NetworkFact> => {
  const { rows, hasMore } = firstOf(view.where(networkInterfaces, 'byGroup', beside(scope, id), from))
  const last = hasMore ? rows.at(-1)?.id : undefined
  return { facts: rows.flatMap(row => memberFacts(id, row)), ...(last !== undefined && { next: last }) }
}

const factOf = (view: View, name: string, key: string): NetworkFact | undefined => {
  const { scope, id } = audienceOf(name)
  const [kind, ...rest] = key.split('/')
  const last = rest.at(-1) ?? ''
  if (kind === 'interface') {
    const row = view.get(networkInterfaces, arnOf(networkInterfaceKind, scope, last))
    return row?.containerInstanceArn === id ? interfaceFact(view, scope, row) : undefined
  }
  if (kind === 'peer') {
    const hostArn = rest.slice(1).join('/')
    const isThere = view.total(networkInterfaces, 'hosts', beside(scope, id))?.has(hostArn)
    return isThere ? peerOf(view, id, hostArn) : undefined
  }
  const vpcId = kind === 'address' ? id : view.get(securityGroups, arnOf(securityGroupKind, scope, id))?.vpcId
  const [row] = view.where(networkInterfaces, 'byAddress', `${scopeKey(scope)}|${vpcId}/${last}`)
  const facts = row && (kind === 'address' ? addressFacts(row) : memberFacts(id, row))
  return facts?.find(fact => fact.key === key)
}

export const networkTopic: TopicSource<'network'> = {
  topic: 'network',
  audiencesOf,
  pageOf,
  factOf,
  touched: touchedNetworks,
}
