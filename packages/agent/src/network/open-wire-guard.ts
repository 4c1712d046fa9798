/** WireGuard as the operator's settings ask for it. */
import type { Log } from '../log.ts'
import type { RunCommand } from '../metadata/index.ts'
import { wireGuardLink } from './names.ts'
import { leastIpv6Mtu, tunnelMtu, type Underlay } from './underlay.ts'
import { readOrMakeKeys } from './wireguard-keys.ts'
import { WireGuardLink } from './wireguard-link.ts'
import { formatEndpoint } from './wireguard-peers.ts'

export interface WireGuardSettings {
  /** UDP. */
  readonly port: number
  /** Where other hosts reach the port. Empty: at the underlay address; `none`: nowhere, as this host is behind a NAT. */
  readonly endpoint: string
}

export interface OpenWireGuardParts {
  readonly run: RunCommand
  readonly log: Log
  readonly tag: string
  readonly dataDirectory: string
  /** Undefined: this host does not speak it. */
  readonly settings: WireGuardSettings | undefined
  /** Of the network that carries WireGuard's packets. */
  readonly underlay: Underlay
}

export interface OpenedWireGuard {
  readonly wireGuard: WireGuardLink
  /** What overlays travel by. */
  readonly underlay: Underlay
}

const endpointOf = ({ endpoint, port }: WireGuardSettings, { address }: Underlay): string | undefined => {
  if (endpoint === 'none') return undefined
  return endpoint || formatEndpoint(address, port)
}

/** Rejects, saying why, when this host cannot speak it. */
export const openWireGuard = async (parts: OpenWireGuardParts): Promise<OpenedWireGuard | undefined> => {
  const { run, log, tag, dataDirectory, settings } = parts
  if (!settings) {
    // The link of an earlier life that spoke it would go on taking packets of the hosts that it knew.
    await run('ip', ['link', 'del', wireGuardLink(tag)]).catch(() => '')
    return undefined
  }
  const mtu = tunnelMtu(parts.underlay.mtu)
  if (mtu < leastIpv6Mtu)
    throw new Error(
      `WireGuard needs a network with an MTU of ${leastIpv6Mtu + parts.underlay.mtu - mtu} or more`,
    )
  const wireGuard = new WireGuardLink({
    ...{ run, log, mtu, name: wireGuardLink(tag), port: settings.port },
    keys: readOrMakeKeys(dataDirectory),
    endpoint: endpointOf(settings, parts.underlay),
  })
  await wireGuard.open()
  const tunnel = { link: wireGuard.name, isBehindNat: wireGuard.told.endpoint === undefined }
  return { wireGuard, underlay: { address: wireGuard.address, mtu, tunnel } }
}
