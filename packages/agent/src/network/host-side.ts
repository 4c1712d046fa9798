/**
 * The host's side of uplinks: a route to every interface by its link address, masquerade to the outside, and public addresses
 * in place of link addresses.
 */
import type { RunCommand } from '../metadata/index.ts'
import type { HeldInterface } from './held-interface.ts'
import { ensureForwarding, removeForwarding } from './host-forwarding.ts'
import { HostRoutes } from './host-routes.ts'
import { HostTable } from './host-table.ts'
import { linkBlock } from './link-addresses.ts'
import { hostLinkPrefix, hostTable } from './names.ts'
import type { Ruleset } from './ruleset.ts'

/** Earlier than Docker's own rules, which would send what is for a port to a container that publishes it. */
const destinationPriority = -110
/** Earlier than the masquerade of others. */
export const sourcePriority = 90

/** Pure. (AWS: "Elastic IP addresses": the address stands for the interface's own, both ways.) */
export const hostRules = (held: readonly HeldInterface[]): Ruleset => {
  const withPublic = held.flatMap(({ fact, linkAddress }) =>
    fact.publicAddress === undefined ? [] : [[fact.publicAddress, linkAddress] as const],
  )
  return {
    chains: new Map([
      [
        'destination',
        [`type nat hook prerouting priority ${destinationPriority};`, 'dnat to ip daddr map @link-of'],
      ],
      ['local', [`type nat hook output priority ${destinationPriority};`, 'dnat to ip daddr map @link-of']],
      [
        'source',
        [
          `type nat hook postrouting priority ${sourcePriority};`,
          'snat to ip saddr map @public-of',
          `ip saddr ${linkBlock} oifname != "${hostLinkPrefix}*" masquerade`,
        ],
      ],
    ]),
    sets: new Map(),
    maps: new Map([
      ['link-of', { type: 'ipv4_addr : ipv4_addr', elements: new Map(withPublic) }],
      [
        'public-of',
        {
          type: 'ipv4_addr : ipv4_addr',
          elements: new Map(withPublic.map(([address, link]) => [link, address])),
        },
      ],
    ]),
  }
}

export interface HostSide {
  /** Rejects with CommandError. `isVerified`: what others may have undone is looked at as well. */
  reconcile(held: readonly HeldInterface[], isVerified: boolean): Promise<void>
  /** Link addresses that agents of this host had given when the kernel was last asked, this one included. */
  takenLinkAddresses(): Promise<readonly string[]>
}

export const createHostSide = (run: RunCommand, tag: string): HostSide => {
  const table = new HostTable(run, `ip ${hostTable(tag)}`)
  const routes = new HostRoutes(run, tag)

  const removeAll = async (): Promise<void> => {
    routes.forget()
    await table.remove()
    await removeForwarding(run, 'iptables')
  }

  return {
    reconcile: async (held, isVerified) => {
      if (held.length === 0) return removeAll()
      if (!table.isMade || isVerified) await ensureForwarding(run, 'iptables')
      await routes.reconcile(held, isVerified)
      await table.reconcile(hostRules(held), isVerified)
    },
    takenLinkAddresses: () => routes.taken(),
  }
}
