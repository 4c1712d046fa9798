/** The networks of VPCs on this host, if it can have them. */
import { namespacePrefix, overlayLink, tagOf } from './names.ts'
import { createNamespaces, namespaceNamed, type Within } from './namespaces.ts'
import { keepNetworkServicesAway } from './network-services.ts'
import { type OpenedWireGuard, openWireGuard, type WireGuardSettings } from './open-wire-guard.ts'
import { readUnderlay, type UnderlaySettings } from './read-underlay.ts'
import { carriesIpv6, type Underlay } from './underlay.ts'
import { startVpcNetworks, type VpcNetworks, type VpcNetworksOptions } from './vpc-networks.ts'
import type { WireGuardPeer } from './wireguard-peers.ts'

export interface OpenNetworksParts
  extends Omit<VpcNetworksOptions, 'tag' | 'underlay' | 'wireGuard' | 'reachesInstanceMetadata'> {
  readonly configuration: UnderlaySettings & {
    readonly dataDirectory: string
    readonly blocksInstanceMetadata: boolean
    /** Undefined: overlays travel as they are. */
    readonly wireGuard: WireGuardSettings | undefined
  }
}

export interface OpenNetworks {
  readonly networks: VpcNetworks
  /** The network by which hosts reach one another. */
  readonly underlay: Underlay
  /** What other hosts need to know to speak WireGuard with this one; undefined: it does not. */
  readonly wireGuard: WireGuardPeer | undefined
  /** Whether interfaces may have addresses of it. */
  readonly hasIpv6: boolean
}

const speaksIpv6 = (trial: Within): Promise<boolean> =>
  trial
    .set({ 'ipv6/conf/all/disable_ipv6': '0' })
    .then(() => trial.ip(['address add fd00::1/128 dev lo nodad']))
    .then(
      () => true,
      () => false,
    )

/** Makes, in a namespace that goes at once, one of everything that networks are made of, and tells whether they can have IPv6. Rejects with CommandError. */
const tryOut = async ({ run }: OpenNetworksParts, tag: string): Promise<boolean> => {
  const name = `${namespacePrefix(tag)}trial`
  const namespaces = createNamespaces(run)
  // An earlier life may have ended in the middle of it.
  await namespaces.remove(name)
  await namespaces.add(name)
  try {
    const trial = namespaceNamed(run, name)
    await trial.ip([
      'link add one type veth peer name two',
      `link add ${overlayLink} type vxlan id 1 dstport 4790 nolearning`,
    ])
    await trial.nft(
      [
        'add table inet trial',
        'add map inet trial links { type ipv4_addr : ipv4_addr; }',
        'add map inet trial verdicts { type ifname : verdict; }',
        'add chain inet trial source { type nat hook postrouting priority 100; }',
        'add rule inet trial source snat ip to ip saddr map @links',
        'add rule inet trial source ct state established accept',
        'add chain inet trial guard',
        'add rule inet trial guard meta iifkind "bridge" fib saddr . iif oif missing drop',
        'add rule inet trial guard meta skuid 0 drop',
        '',
      ].join('\n'),
    )
    return await speaksIpv6(trial)
  } finally {
    await namespaces.remove(name)
  }
}

/** Undefined when this host cannot have them: the log says why, and tasks of awsvpc mode are placed elsewhere. */
export const openVpcNetworks = async (parts: OpenNetworksParts): Promise<OpenNetworks | undefined> => {
  const { configuration, run, log } = parts
  const tag = tagOf(configuration.dataDirectory)
  let hasIpv6: boolean
  let underlay: Underlay
  let encrypted: OpenedWireGuard | undefined
  try {
    hasIpv6 = await tryOut(parts, tag)
    underlay = await readUnderlay(run, configuration)
    const { dataDirectory, wireGuard: settings } = configuration
    encrypted = await openWireGuard({ run, log, tag, dataDirectory, settings, underlay })
  } catch (error) {
    log.warn({ reason: String(error) }, 'this host takes no tasks of the network mode awsvpc')
    return undefined
  }
  await keepNetworkServicesAway(log)
  log.info({ ...underlay, ...encrypted?.wireGuard.told }, 'networks of VPCs go by this address')
  const reachesInstanceMetadata = !configuration.blocksInstanceMetadata
  const options = { ...parts, tag, underlay, reachesInstanceMetadata, ...encrypted }
  return {
    networks: await startVpcNetworks(options),
    underlay,
    wireGuard: encrypted?.wireGuard.told,
    hasIpv6: hasIpv6 && carriesIpv6(options.underlay),
  }
}
