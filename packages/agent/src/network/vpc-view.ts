/** What a host is told of its networks, by VPC. Pure values: what did not change is the same object as before. */
import type {
  AddressFact,
  InterfaceFact,
  NetworkAclFact,
  NetworkFact,
  PeerFact,
  SecurityGroupFact,
  SubnetFact,
  VpcFact,
} from '@berth/model'
import type { FactsChange } from '../facts/index.ts'

export interface NetworkView {
  readonly vpcs: ReadonlyMap<string, VpcFact>
  readonly subnets: ReadonlyMap<string, SubnetFact>
  readonly interfaces: ReadonlyMap<string, InterfaceFact>
  readonly groups: ReadonlyMap<string, SecurityGroupFact>
  readonly acls: ReadonlyMap<string, NetworkAclFact>
  /** By VPC id and the host's ARN. */
  readonly peers: ReadonlyMap<string, ReadonlyMap<string, PeerFact>>
  /** By group id. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>
  /** By VPC id and IPv4 address: which host has them. */
  readonly addresses: ReadonlyMap<string, ReadonlyMap<string, AddressFact>>
}

export const emptyView: NetworkView = {
  vpcs: new Map(),
  subnets: new Map(),
  interfaces: new Map(),
  groups: new Map(),
  acls: new Map(),
  peers: new Map(),
  members: new Map(),
  addresses: new Map(),
}

type Kinds = {
  -readonly [Kind in NetworkFact['kind']]: {
    changed: Extract<NetworkFact, { kind: Kind }>[]
    gone: Extract<NetworkFact, { kind: Kind }>[]
  }
}

const byKind = ({ changed, gone }: FactsChange<'network'>): Kinds => {
  const none = () => ({ changed: [], gone: [] })
  const kinds: Kinds = {
    vpc: none(),
    subnet: none(),
    interface: none(),
    address: none(),
    peer: none(),
    group: none(),
    member: none(),
    acl: none(),
  }
  for (const fact of changed) (kinds[fact.kind].changed as NetworkFact[]).push(fact)
  for (const fact of gone) (kinds[fact.kind].gone as NetworkFact[]).push(fact)
  return kinds
}

interface News<Fact> {
  readonly changed: readonly Fact[]
  readonly gone: readonly Fact[]
}

const isNothing = ({ changed, gone }: News<unknown>): boolean => changed.length === 0 && gone.length === 0

const withNews = <Fact>(
  table: ReadonlyMap<string, Fact>,
  news: News<Fact>,
  idOf: (fact: Fact) => string,
): ReadonlyMap<string, Fact> => {
  if (isNothing(news)) return table
  const next = new Map(table)
  for (const fact of news.gone) next.delete(idOf(fact))
  for (const fact of news.changed) next.set(idOf(fact), fact)
  return next
}

/** As a table of tables: only the inner ones that change are copied. */
const withInnerNews = <
  Fact,
  Inner extends ReadonlySet<string> | ReadonlyMap<string, unknown>,
  Open extends Inner,
>(
  table: ReadonlyMap<string, Inner>,
  news: News<Fact>,
  kind: {
    outerOf(fact: Fact): string
    open(inner: Inner | undefined): Open
    put(inner: Open, fact: Fact): void
    take(inner: Open, fact: Fact): void
  },
): ReadonlyMap<string, Inner> => {
  if (isNothing(news)) return table
  const next = new Map(table)
  const opened = new Map<string, Open>()
  const innerOf = (fact: Fact): Open => {
    const outer = kind.outerOf(fact)
    const known = opened.get(outer) ?? kind.open(next.get(outer))
    opened.set(outer, known)
    next.set(outer, known)
    return known
  }
  for (const fact of news.gone) kind.take(innerOf(fact), fact)
  for (const fact of news.changed) kind.put(innerOf(fact), fact)
  for (const [outer, inner] of opened) if (inner.size === 0) next.delete(outer)
  return next
}

export const viewAfter = (view: NetworkView, change: FactsChange<'network'>): NetworkView => {
  const kinds = byKind(change)
  return {
    vpcs: withNews(view.vpcs, kinds.vpc, ({ vpcId }) => vpcId),
    subnets: withNews(view.subnets, kinds.subnet, ({ subnetId }) => subnetId),
    interfaces: withNews(view.interfaces, kinds.interface, ({ interfaceId }) => interfaceId),
    groups: withNews(view.groups, kinds.group, ({ groupId }) => groupId),
    acls: withNews(view.acls, kinds.acl, ({ aclId }) => aclId),
    peers: withInnerNews(view.peers, kinds.peer, {
      outerOf: ({ vpcId }) => vpcId,
      open: inner => new Map(inner),
      put: (inner, fact) => void inner.set(fact.hostArn, fact),
      take: (inner, { hostArn }) => void inner.delete(hostArn),
    }),
    members: withInnerNews(view.members, kinds.member, {
      outerOf: ({ groupId }) => groupId,
      open: inner => new Set(inner),
      put: (inner, { address }) => void inner.add(address),
      take: (inner, { address }) => void inner.delete(address),
    }),
    addresses: withInnerNews(view.addresses, kinds.address, {
      outerOf: ({ vpcId }) => vpcId,
      open: inner => new Map(inner),
      put: (inner, fact) => void inner.set(fact.address, fact),
      take: (inner, { address }) => void inner.delete(address),
    }),
  }
}
