/** The routes, neighbours and overlay entries of a VPC's router, as `ip` and `bridge` take them. Pure. */
import { createHash } from 'node:crypto'
import { isIPv4 } from 'node:net'
import type { AddressFact, VpcFact } from '@berth/model'
import { isOfIpv6 } from './addresses.ts'
import type { HeldInterface } from './held-interface.ts'
import { interfaceLink, overlayLink, uplink } from './names.ts'
import { hasIpv6 } from './outside-ipv6.ts'
import { reachedAt, type Underlay } from './underlay.ts'
import type { NetworkView } from './vpc-view.ts'

/** Each a line of `ip route`, `ip neigh` or `bridge fdb` without its verb. */
export interface Paths {
  readonly routes: ReadonlySet<string>
  readonly neighbours: ReadonlySet<string>
  readonly overlay: ReadonlySet<string>
}

/** What every interface takes for its router's. */
export const routerMac = 'ee:ee:ee:ee:ee:ee'
/** The two ends of an uplink, which has no addresses of its own. */
export const hostEnd = { address: '169.254.1.254', ipv6: 'fe80::2', mac: 'ee:ee:ee:ee:ee:01' }
export const routerEnd = { address: '169.254.1.1', ipv6: 'fe80::1', mac: 'ee:ee:ee:ee:ee:02' }

/** Four bytes that tell the hosts of an overlay apart. */
const overlayBytes = (underlayAddress: string): readonly number[] =>
  isIPv4(underlayAddress)
    ? underlayAddress.split('.').map(Number)
    : [...createHash('sha256').update(underlayAddress).digest().subarray(0, 4)]

const hex = (value: number): string => value.toString(16)

/** In the overlay, of the host that is reached at this address. */
export const overlayMac = (underlayAddress: string): string =>
  ['02', 'be', ...overlayBytes(underlayAddress).map(byte => hex(byte).padStart(2, '0'))].join(':')

/** Of the addresses that a link may lead to, 128.0.0.0/2 has none that means something else to the kernel. */
const anyHop = (first: number): number => 128 + (first % 64)

/**
 * The next hop of the addresses that a host has. Nobody asks for it, and nothing is sent to it: it names a neighbour entry,
 * which is permanent.
 */
const nextHops = (underlayAddress: string) => {
  const [first = 0, second = 0, third = 0, fourth = 0] = overlayBytes(underlayAddress)
  return {
    ipv4: isIPv4(underlayAddress) ? underlayAddress : [anyHop(first), second, third, fourth].join('.'),
    ipv6: `fe80::be:${hex(first * 256 + second)}:${hex(third * 256 + fourth)}`,
  }
}

export const withoutMask = (address: string): string => address.replace(/\/(32|128)$/, '')

const ownRoutes = ({ fact }: HeldInterface): string[] =>
  addressesOf(fact).map(address => `${address} dev ${interfaceLink(fact.interfaceId)}`)

const ownNeighbours = ({ fact }: HeldInterface): string[] =>
  addressesOf(fact).map(
    address => `${address} lladdr ${fact.macAddress} dev ${interfaceLink(fact.interfaceId)}`,
  )

const addressesOf = ({ address, ipv6Address }: Pick<AddressFact, 'address' | 'ipv6Address'>): string[] =>
  ipv6Address === undefined ? [address] : [address, ipv6Address]

const remoteRoute = (address: string, underlayAddress: string): string => {
  const { ipv4, ipv6 } = nextHops(underlayAddress)
  return `${address} via ${isOfIpv6(address) ? ipv6 : ipv4} dev ${overlayLink} onlink`
}

/** What nobody has is dropped, as in a VPC, and never sent outside. */
const blackholes = ({ blocks }: VpcFact): string[] => blocks.map(block => `blackhole ${block}`)

export interface OverlayPeers {
  /** By the address that has it: the underlay address of its host. */
  readonly addresses: ReadonlyMap<string, string>
  readonly underlays: ReadonlySet<string>
  /** Those of hosts that have IPv6 addresses. */
  readonly ipv6Underlays: ReadonlySet<string>
}

/** The underlay addresses of the other hosts that are in the VPC, by their ARNs. This host is told of itself, too. */
const otherHosts = (vpcId: string, view: NetworkView, own: Underlay): ReadonlyMap<string, string> => {
  const others = new Map<string, string>()
  for (const [hostArn, peer] of view.peers.get(vpcId) ?? []) {
    const address = reachedAt(own, peer)
    if (address !== undefined && address !== own.address) others.set(hostArn, address)
  }
  return others
}

/** Whatever they have of the VPC. */
export const otherUnderlays = (vpcId: string, view: NetworkView, own: Underlay): ReadonlySet<string> =>
  new Set(otherHosts(vpcId, view, own).values())

export const overlayPeers = (vpcId: string, view: NetworkView, own: Underlay): OverlayPeers => {
  const hosts = otherHosts(vpcId, view, own)
  const addresses = new Map<string, string>()
  const ipv6Underlays = new Set<string>()
  for (const fact of view.addresses.get(vpcId)?.values() ?? []) {
    const underlay = hosts.get(fact.hostArn)
    if (underlay === undefined) continue
    for (const address of addressesOf(fact)) addresses.set(address, underlay)
    if (fact.ipv6Address !== undefined) ipv6Underlays.add(underlay)
  }
  return { addresses, underlays: new Set(addresses.values()), ipv6Underlays }
}

const peerNeighbours = ({ underlays, ipv6Underlays }: OverlayPeers): string[] =>
  [...underlays].flatMap(underlay => {
    const { ipv4, ipv6 } = nextHops(underlay)
    const hops = ipv6Underlays.has(underlay) ? [ipv4, ipv6] : [ipv4]
    return hops.map(hop => `${hop} lladdr ${overlayMac(underlay)} dev ${overlayLink}`)
  })

export const pathsOf = (vpc: VpcFact, held: readonly HeldInterface[], peers: OverlayPeers): Paths => {
  const underlays = [...peers.underlays]
  const speaksIpv6 = hasIpv6(held)
  const own = new Set(held.flatMap(({ fact }) => addressesOf(fact)))
  return {
    routes: new Set([
      `default via ${hostEnd.address} dev ${uplink} onlink`,
      ...(speaksIpv6 ? [`default via ${hostEnd.ipv6} dev ${uplink} onlink`] : []),
      ...blackholes(vpc),
      ...held.flatMap(ownRoutes),
      // What has just come from another host may still be said to be there.
      ...[...peers.addresses].flatMap(([address, underlay]) =>
        own.has(address) ? [] : [remoteRoute(address, underlay)],
      ),
    ]),
    neighbours: new Set([
      `${hostEnd.address} lladdr ${hostEnd.mac} dev ${uplink}`,
      ...(speaksIpv6 ? [`${hostEnd.ipv6} lladdr ${hostEnd.mac} dev ${uplink}`] : []),
      ...held.flatMap(ownNeighbours),
      ...peerNeighbours(peers),
    ]),
    overlay: new Set(underlays.map(underlay => `${overlayMac(underlay)} dev ${overlayLink} dst ${underlay}`)),
  }
}
