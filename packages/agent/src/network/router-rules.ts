/**
 * The rules of a VPC's router on this host. Base chains come one after the other, and a packet has to pass each: what may be at
 * all, the border of the sender's subnet, that of the receiver's, the sender's security groups, the receiver's. Pure.
 */
import type { VpcFact } from '@berth/model'
import { resolverAddress } from '@berth/model'
import { isOfIpv6, resolverOf } from './addresses.ts'
import type { HeldInterface } from './held-interface.ts'
import { instanceMetadata } from './instance-metadata.ts'
import { interfaceLink, interfaceLinkPrefix, uplink } from './names.ts'
import { aclChain, aclChains } from './network-acls.ts'
import { hasIpv6, leadsOutsideByIpv6, routerBlock } from './outside-ipv6.ts'
import type { NamedMap, NamedSet, Ruleset } from './ruleset.ts'
import { groupSetChain, memberSets, namedGroups, securityGroupChains } from './security-groups.ts'
import { overlayPort } from './underlay.ts'
import type { NetworkView } from './vpc-view.ts'
import { wireGuardBlock } from './wireguard-peers.ts'

/** What one router is made from. */
export interface RouterState {
  readonly vpc: VpcFact
  /** Of this VPC. */
  readonly held: readonly HeldInterface[]
  readonly view: NetworkView
  /** Whether the host carries IPv6 of others outside. */
  readonly hostLeadsOutside: boolean
  /** The operator lets tasks reach the metadata of the machine that the host is. */
  readonly reachesInstanceMetadata: boolean
}

/** Where the host answers what its tasks ask. */
export const endpointAddress = '169.254.170.2'
export const hostResolver = resolverAddress
const amazonDns = '169.254.169.253'
/** Of EC2's own services, the metadata of the machine that the host is among them. */
const localServices = 'fd00:ec2::/32'

const anyInterface = `"${interfaceLinkPrefix}*"`
/** Port 80, the standard port of task endpoints, and those that further agents of a host take. */
const endpointPorts = '{ 80, 51679-51779 }'

/**
 * What goes to the host itself and back is nobody's to filter. (AWS: "Security groups": they do not filter what is for Amazon
 * DNS, the task metadata endpoint or instance metadata.)
 */
const hostServicesOf = ({ reachesInstanceMetadata }: RouterState): readonly string[] => {
  const services = [
    endpointAddress,
    hostResolver,
    ...(reachesInstanceMetadata ? [instanceMetadata.ipv4] : []),
  ].join(', ')
  return [
    `oifname "${uplink}" ip daddr { ${services} } accept`,
    `iifname "${uplink}" ip saddr { ${services} } accept`,
  ]
}

const hook = (priority: number): string => `type filter hook forward priority ${priority}; policy accept;`
const established = 'ct state established,related accept'

/**
 * What does not go outside is told so at once: programs try IPv6 first, and IPv4 when that fails. (An ICMP error would come while
 * connect() still holds the socket, and count only when the first packet is sent again.)
 */
const refusal = ['meta l4proto tcp reject with tcp reset', 'reject with icmpv6 type no-route']
const guardOfIpv6 = [
  `iifname ${anyInterface} oifname "${uplink}" ip6 daddr { ${localServices}, ${routerBlock}, ${wireGuardBlock} } jump refuse`,
  `iifname ${anyInterface} oifname "${uplink}" meta nfproto ipv6 iifname != @outside6 ct state { new, untracked } jump refuse`,
]

/** `ipv6Source`: what speaks with the outside by IPv6 does so in this address' name; undefined where nothing has IPv6. */
const baseChains = (state: RouterState, ipv6Source: string | undefined): [string, readonly string[]][] => {
  const { vpc, reachesInstanceMetadata } = state
  const hostServices = hostServicesOf(state)
  return [
    ['refuse', refusal],
    [
      'guard',
      [
        hook(-30),
        `iifname ${anyInterface} meta nfproto ipv4 iifname . ip saddr != @own drop`,
        `iifname ${anyInterface} meta nfproto ipv6 iifname . ip6 saddr != @own6 drop`,
        `iifname ${anyInterface} ip daddr ${endpointAddress} tcp dport ${endpointPorts} accept`,
        ...(vpc.hasDns
          ? [`iifname ${anyInterface} ip daddr ${hostResolver} meta l4proto { tcp, udp } th dport 53 accept`]
          : []),
        ...(reachesInstanceMetadata
          ? [`iifname ${anyInterface} ip daddr ${instanceMetadata.ipv4} accept`]
          : []),
        // Neither the metadata of the machine that the host is, nor other interfaces by their link addresses.
        `iifname ${anyInterface} ip daddr 169.254.0.0/16 drop`,
        // What belongs to no connection would leave untranslated.
        `iifname ${anyInterface} oifname "${uplink}" ct state invalid drop`,
        `iifname ${anyInterface} oifname "${uplink}" meta nfproto ipv4 iifname != @outside ct state { new, untracked } drop`,
        ...(ipv6Source === undefined ? [] : guardOfIpv6),
        // A packet of an overlay that a task has made would be in whatever VPC it says, from whatever address.
        `iifname ${anyInterface} oifname "${uplink}" udp dport ${overlayPort} drop`,
        `iifname != ${anyInterface} oifname != ${anyInterface} drop`,
      ],
    ],
    ['leaving-subnet', [hook(-20), ...hostServices, 'iifname vmap @leaving-subnet']],
    ['entering-subnet', [hook(-10), ...hostServices, 'oifname vmap @entering-subnet']],
    [
      'leaving',
      [hook(0), ...hostServices, established, 'iifname vmap @leaving', `iifname ${anyInterface} drop`],
    ],
    [
      'entering',
      [hook(10), ...hostServices, established, 'oifname vmap @entering', `oifname ${anyInterface} drop`],
    ],
    [
      'destination',
      [
        'type nat hook prerouting priority -100; policy accept;',
        `iifname "${uplink}" dnat ip to ip daddr map @interface-of`,
        ...nameServers(vpc),
      ],
    ],
    [
      'source',
      [
        'type nat hook postrouting priority 100; policy accept;',
        `oifname "${uplink}" snat ip to ip saddr map @link-of`,
        ...(ipv6Source === undefined ? [] : [`oifname "${uplink}" snat ip6 to ${ipv6Source}`]),
      ],
    ],
  ]
}

/** (AWS: "DNS attributes for your VPC") */
const nameServers = ({ hasDns, blocks }: VpcFact): string[] => {
  const [block] = blocks.filter(each => !isOfIpv6(each))
  if (!hasDns) return []
  const servers = [amazonDns, ...(block === undefined ? [] : [resolverOf(block)])]
  return [
    `iifname ${anyInterface} ip daddr { ${servers.join(', ')} } meta l4proto { tcp, udp } th dport 53 dnat ip to ${hostResolver}:53`,
  ]
}

const quoted = ({ fact }: HeldInterface): string => `"${interfaceLink(fact.interfaceId)}"`

/** (AWS: "Internet gateways": through one, only what has a public address speaks with the outside, or may as its host.) */
const reachesOutside = ({ fact, subnet }: HeldInterface): boolean =>
  subnet.outside === 'nat-gateway' ||
  (subnet.outside === 'internet-gateway' &&
    (fact.publicAddress !== undefined || fact.sharesHostAddress === true))

const verdicts = (held: readonly HeldInterface[], chainOf: (one: HeldInterface) => string): NamedMap => ({
  type: 'ifname : verdict',
  elements: new Map(held.map(one => [quoted(one), `jump ${chainOf(one)}`])),
})

const mapsOf = (held: readonly HeldInterface[]): [string, NamedMap][] => [
  ['leaving', verdicts(held, ({ fact }) => groupSetChain(fact.groupIds, 'egress'))],
  ['entering', verdicts(held, ({ fact }) => groupSetChain(fact.groupIds, 'ingress'))],
  ['leaving-subnet', verdicts(held, ({ subnet }) => aclChain(subnet.subnetId, 'egress'))],
  ['entering-subnet', verdicts(held, ({ subnet }) => aclChain(subnet.subnetId, 'ingress'))],
  [
    'link-of',
    {
      type: 'ipv4_addr : ipv4_addr',
      elements: new Map(held.map(({ fact, linkAddress }) => [fact.address, linkAddress])),
    },
  ],
  [
    'interface-of',
    {
      type: 'ipv4_addr : ipv4_addr',
      elements: new Map(held.map(({ fact, linkAddress }) => [linkAddress, fact.address])),
    },
  ],
]

const setsOf = ({ held, hostLeadsOutside }: RouterState): [string, NamedSet][] => [
  [
    'own',
    {
      type: 'ifname . ipv4_addr',
      elements: new Set(held.map(one => `${quoted(one)} . ${one.fact.address}`)),
    },
  ],
  [
    'own6',
    {
      type: 'ifname . ipv6_addr',
      elements: new Set(
        held.flatMap(one =>
          one.fact.ipv6Address === undefined ? [] : [`${quoted(one)} . ${one.fact.ipv6Address}`],
        ),
      ),
    },
  ],
  ['outside', { type: 'ifname', elements: new Set(held.filter(reachesOutside).map(quoted)) }],
  [
    'outside6',
    {
      type: 'ifname',
      elements: new Set((hostLeadsOutside ? held : []).filter(leadsOutsideByIpv6).map(quoted)),
    },
  ],
]

const emptySet: ReadonlySet<string> = new Set()

const memberSetsOf = (groupId: string, members: NetworkView['members']): [string, NamedSet][] => {
  const addresses = members.get(groupId) ?? emptySet
  const names = memberSets(groupId)
  const { ipv4, ipv6 } = splitByFamily(addresses)
  return [
    [names.ipv4, { type: 'ipv4_addr', elements: ipv4 }],
    [names.ipv6, { type: 'ipv6_addr', elements: ipv6 }],
  ]
}

type Families = Readonly<Record<'ipv4' | 'ipv6', ReadonlySet<string>>>
const families = new WeakMap<ReadonlySet<string>, Families>()

/** The same sets for the same set: what did not change is not compared again. */
const splitByFamily = (addresses: ReadonlySet<string>): Families => {
  const known = families.get(addresses)
  if (known) return known
  const all = [...addresses]
  const ipv6 = new Set(all.filter(isOfIpv6))
  const split = { ipv4: ipv6.size === 0 ? addresses : new Set(all.filter(one => !ipv6.has(one))), ipv6 }
  families.set(addresses, split)
  return split
}

/** `ipv6Source`: the router's own address. */
export const routerRules = (state: RouterState, ipv6Source: string): Ruleset => {
  const { held, view } = state
  const groupSets = new Map(
    held.map(({ fact }) => [groupSetChain(fact.groupIds, 'ingress'), fact.groupIds] as const),
  )
  const groups = [...new Set(held.flatMap(({ fact }) => fact.groupIds))].flatMap(
    id => view.groups.get(id) ?? [],
  )
  const subnets = new Map(held.map(({ subnet }) => [subnet.subnetId, subnet] as const))
  return {
    chains: new Map([
      ...securityGroupChains([...groupSets.values()], view.groups),
      ...[...subnets.values()].flatMap(subnet => [...aclChains(subnet, view.acls.get(subnet.aclId))]),
      ...baseChains(state, hasIpv6(held) ? ipv6Source : undefined),
    ]),
    sets: new Map([
      ...setsOf(state),
      ...[...namedGroups(groups)].flatMap(groupId => memberSetsOf(groupId, view.members)),
    ]),
    maps: new Map(mapsOf(held)),
  }
}
