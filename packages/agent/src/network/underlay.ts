/** The network by which hosts reach one another. */
import { isIPv4, isIPv6 } from 'node:net'
import type { PeerFact } from '@berth/model'
import { shortIpv6 } from './addresses.ts'
import type { NetworkView } from './vpc-view.ts'
import { type WireGuardPeer, wireGuardAddress, wireGuardPeer } from './wireguard-peers.ts'

export interface Underlay {
  /** Where this host takes packets of overlays. */
  readonly address: string
  readonly mtu: number
  /** The link of WireGuard by which alone such packets come and go; undefined: they travel as they are. */
  readonly tunnel?: { readonly link: string; readonly isBehindNat: boolean }
}

/** (IANA's port is 4789, which Docker's overlays take.) */
export const overlayPort = 4790

/** Of an overlay's headers: Ethernet, VXLAN, UDP, and IPv4 or IPv6. */
const overlayBytes = (address: string): number => (isIPv6(address) ? 70 : 50)

export const overlayMtu = ({ address, mtu }: Underlay): number => mtu - overlayBytes(address)

/** IPv6 carries packets of this size everywhere, and the kernel has none on links that carry less. (RFC 8200) */
export const leastIpv6Mtu = 1280

export const carriesIpv6 = (underlay: Underlay): boolean => overlayMtu(underlay) >= leastIpv6Mtu

/** Of a packet of WireGuard: IPv6, UDP, and its own. (wireguard.com: "MTU" of 1420) */
const wireGuardBytes = 80

export const tunnelMtu = (mtu: number): number => mtu - wireGuardBytes

/**
 * Where that host takes packets of overlays from this one. Undefined: nowhere, as only one of the two speaks WireGuard, as
 * both are behind a NAT, or as what it tells of itself is no address.
 */
export const reachedAt = ({ tunnel }: Underlay, peer: PeerFact): string | undefined => {
  if (tunnel === undefined) return peer.wireGuard === undefined ? plainAddress(peer) : undefined
  const told = wireGuardPeer(peer)
  if (told === undefined || (tunnel.isBehindNat && told.endpoint === undefined)) return undefined
  return wireGuardAddress(told.publicKey)
}

/** As `ip` prints it. What is none would take the rules and routes of all others with it. */
const plainAddress = ({ underlayAddress }: PeerFact): string | undefined => {
  if (isIPv4(underlayAddress)) return underlayAddress
  return isIPv6(underlayAddress) && !underlayAddress.includes('%') ? shortIpv6(underlayAddress) : undefined
}

/** The ARNs of hosts that have something of the VPCs of this one, and that this one does not reach. */
export const hostsApart = ({ peers }: NetworkView, own: Underlay): readonly string[] => [
  ...new Set(
    [...peers.values()].flatMap(hosts =>
      [...hosts].flatMap(([hostArn, peer]) =>
        reachedAt(own, peer) === undefined && !isItself(own, peer) ? [hostArn] : [],
      ),
    ),
  ),
]

const isItself = (own: Underlay, { wireGuard }: PeerFact): boolean =>
  wireGuard !== undefined && wireGuardAddress(wireGuard.publicKey) === own.address

/** The other hosts that this one speaks WireGuard with, each once. */
export const wireGuardPeers = ({ peers }: NetworkView, own: Underlay): readonly WireGuardPeer[] => {
  const byKey = new Map<string, WireGuardPeer>()
  for (const hosts of peers.values())
    for (const peer of hosts.values()) {
      const told = wireGuardPeer(peer)
      if (told && reachedAt(own, peer) !== undefined && !isItself(own, peer)) byKey.set(told.publicKey, told)
    }
  return [...byKey.values()]
}
