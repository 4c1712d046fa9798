/**
 * Who may speak the overlay of a VPC: the other hosts that the control plane says are in it. A packet for its number from
 * anywhere else is dropped, and so is one that a process or a container of this host sends.
 */
import type { RunCommand } from '../metadata/index.ts'
import { isOfIpv6 } from './addresses.ts'
import { HostTable } from './host-table.ts'
import { overlayGuardTable } from './names.ts'
import type { Ruleset } from './ruleset.ts'
import { overlayPort } from './underlay.ts'

export interface GuardedOverlay {
  /** Of the VPC. */
  readonly number: number
  /** The underlay addresses of the other hosts that are in it. */
  readonly underlays: ReadonlySet<string>
}

/** The link of WireGuard by which alone overlays come and go, if there is one. */
type TunnelLink = string | undefined

/** Of its packets: behind the headers of UDP (64 bits) and four bytes of VXLAN's own. (RFC 7348) */
const isOf = ({ number }: GuardedOverlay): string => `@th,96,24 ${number}`

/** The hosts' firewalls come at priority 0. */
const hook = (name: string): string => `type filter hook ${name} priority -5; policy accept;`

const setName = (family: 'ip' | 'ip6', { number }: GuardedOverlay): string => `${family}-hosts-${number}`

const families = ['ip', 'ip6'] as const

const guard = (overlays: readonly GuardedOverlay[], tunnel: TunnelLink): readonly string[] => [
  // A container may write another host's address on its packets: a bridge is believed only if it leads there.
  'meta iifkind "bridge" fib saddr . iif oif missing drop',
  ...(tunnel === undefined ? [] : overlays.map(overlay => `iifname != "${tunnel}" ${isOf(overlay)} drop`)),
  ...overlays.flatMap(overlay =>
    families.map(family => `${isOf(overlay)} ${family} saddr != @${setName(family, overlay)} drop`),
  ),
]

/** What the kernel itself sends of an overlay belongs to no socket, and so to no user. */
const ofProcesses = 'meta skuid 0-4294967294'

/** Without the link, the kernel would send what is for it by another one, for everybody to read. */
const leaving = (overlays: readonly GuardedOverlay[], tunnel: TunnelLink): readonly string[] =>
  overlays.flatMap(overlay => [
    `udp dport ${overlayPort} ${isOf(overlay)} ${ofProcesses} drop`,
    ...(tunnel === undefined
      ? []
      : [`udp dport ${overlayPort} ${isOf(overlay)} oifname != "${tunnel}" drop`]),
  ])

/** It is between hosts: what a container or a host of others sends by it would pass firewalls that look at the network alone. */
const forTunnelAlone = (tunnel: TunnelLink): readonly string[] =>
  tunnel === undefined ? [] : [`oifname "${tunnel}" drop`, `iifname "${tunnel}" drop`]

/** Pure. */
export const overlayGuardRules = (overlays: readonly GuardedOverlay[], tunnel?: TunnelLink): Ruleset => ({
  chains: new Map([
    ['guard', guard(overlays, tunnel)],
    ['input', [hook('input'), `udp dport ${overlayPort} jump guard`]],
    ['forward', [hook('forward'), ...forTunnelAlone(tunnel), `udp dport ${overlayPort} jump guard`]],
    ['output', [hook('output'), ...leaving(overlays, tunnel)]],
  ]),
  sets: new Map(
    overlays.flatMap(overlay =>
      families.map(family => [
        setName(family, overlay),
        {
          type: family === 'ip' ? 'ipv4_addr' : 'ipv6_addr',
          elements: new Set(
            [...overlay.underlays].filter(address => isOfIpv6(address) === (family === 'ip6')),
          ),
        },
      ]),
    ),
  ),
  maps: new Map(),
})

export interface OverlayGuard {
  /** Rejects with CommandError. `isVerified`: what others may have undone is looked at as well. */
  reconcile(overlays: readonly GuardedOverlay[], isVerified: boolean): Promise<void>
}

export const createOverlayGuard = (run: RunCommand, tag: string, tunnel: TunnelLink): OverlayGuard => {
  const table = new HostTable(run, `inet ${overlayGuardTable(tag)}`)
  return {
    reconcile: (overlays, isVerified) =>
      overlays.length === 0
        ? table.remove()
        : table.reconcile(overlayGuardRules(overlays, tunnel), isVerified),
  }
}
