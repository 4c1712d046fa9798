/**
 * The host's side of uplinks: a route to every interface by its link address, masquerade to the outside, and public addresses
 * in place of link addresses.
 */
import type { RunCommand } from '../metadata/index.ts'
import type { HeldInterface } from './held-interface.ts'
import { ensureForwarding, removeForwarding } from './host-forwarding.ts'
import { HostRoutes } from './host-routes.ts'
import { linkBlock } from './link-addresses.ts'
import { hostLinkPrefix, hostTable } from './names.ts'
import { type Ruleset, scriptOf } from './ruleset.ts'

/** Earlier than Docker's own rules, which would send what is for a port to a container that publishes it. */
const destinationPriority = -110
/** Earlier than the masquerade of others. */
const sourcePriority = 90

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
  const table = `ip ${hostTable(tag)}`
  const routes = new HostRoutes(run, tag)
  let made: { readonly rules: Ruleset; readonly printed: string | undefined } | undefined

  const printedTable = (): Promise<string | undefined> =>
    run('nft', ['list', 'table', ...table.split(' ')]).catch(() => undefined)

  const reconcileRules = async (held: readonly HeldInterface[], isVerified: boolean): Promise<void> => {
    if (isVerified && made && (await printedTable()) !== made.printed) made = undefined
    const rules = hostRules(held)
    const script = scriptOf(table, made?.rules, rules)
    if (script === '') return
    made = undefined
    await run('nft', ['-f', '-'], script)
    made = { rules, printed: await printedTable() }
  }

  const removeAll = async (): Promise<void> => {
    made = undefined
    routes.forget()
    await run('nft', ['-f', '-'], `add table ${table}\ndelete table ${table}\n`)
    await removeForwarding(run)
  }

  return {
    reconcile: async (held, isVerified) => {
      if (held.length === 0) return removeAll()
      if (made === undefined || isVerified) await ensureForwarding(run)
      await routes.reconcile(held, isVerified)
      await reconcileRules(held, isVerified)
    },
    takenLinkAddresses: () => routes.taken(),
  }
}
