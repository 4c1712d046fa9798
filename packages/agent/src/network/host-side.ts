/**
 * The host's side of uplinks: a route to every interface by its link address, masquerade to the outside, and public addresses
 * in place of link addresses.
 */
import type { RunCommand } from '../metadata/index.ts'
import type { HeldInterface } from './held-interface.ts'
import { linkBlock } from './link-addresses.ts'
import { hostLink, hostLinkPrefix, hostTable } from './names.ts'
import { routerEnd } from './routes.ts'
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

/** By link address: the line of its route. Pure. */
const hostRoutes = (tag: string, held: readonly HeldInterface[]): ReadonlyMap<string, string> =>
  new Map(
    held.map(({ fact, linkAddress }) => [
      linkAddress,
      `${linkAddress} via ${routerEnd.address} dev ${hostLink(tag, fact.vpcId)} onlink`,
    ]),
  )

/** What Docker's policy would drop: its chain is asked before any of ours could accept for good. */
const forwardRules = [
  ['-i', `${hostLinkPrefix}+`, '-j', 'ACCEPT'],
  [
    ...['-o', `${hostLinkPrefix}+`, '-m', 'conntrack'],
    ...['--ctstate', 'RELATED,ESTABLISHED,DNAT', '-j', 'ACCEPT'],
  ],
]

interface RouteRow {
  readonly dst?: string
  readonly dev?: string
}

export interface HostSide {
  /** Rejects with CommandError. `verified`: what others may have undone is looked at as well. */
  reconcile(held: readonly HeldInterface[], isVerified: boolean): Promise<void>
  /** Link addresses that agents of this host have given, this one included. */
  takenLinkAddresses(): Promise<string[]>
}

export const createHostSide = (run: RunCommand, tag: string): HostSide => {
  const table = `ip ${hostTable(tag)}`
  let made: { rules: Ruleset; printed: string | undefined } | undefined

  const readRoutes = async (): Promise<readonly RouteRow[]> => {
    const printed = await run('ip', ['-json', '-4', 'route', 'show', 'root', linkBlock])
    return printed.trim() === '' ? [] : (JSON.parse(printed) as RouteRow[])
  }
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

  const reconcileRoutes = async (held: readonly HeldInterface[]): Promise<void> => {
    const wanted = hostRoutes(tag, held)
    const ours = (await readRoutes()).filter(({ dev }) => dev?.startsWith(`${hostLinkPrefix}${tag}`))
    const there = new Map(ours.map(({ dst = '', dev = '' }) => [dst, dev]))
    const links = new Set(held.map(({ fact }) => hostLink(tag, fact.vpcId)))
    const lines = [
      ...[...links].map(
        link => `neigh replace ${routerEnd.address} lladdr ${routerEnd.mac} dev ${link} nud permanent`,
      ),
      ...[...there].filter(([dst]) => !wanted.has(dst)).map(([dst, dev]) => `route del ${dst} dev ${dev}`),
      ...held
        .filter(({ fact, linkAddress }) => there.get(linkAddress) !== hostLink(tag, fact.vpcId))
        .map(({ linkAddress }) => `route replace ${wanted.get(linkAddress)}`),
    ]
    if (lines.length > 0) await run('ip', ['-batch', '-'], `${lines.join('\n')}\n`)
  }

  /** A host without iptables has no policy of Docker's either. */
  const ensureForwarding = async (): Promise<void> => {
    const hasIptables = await run('iptables', ['--version']).then(
      () => true,
      () => false,
    )
    if (!hasIptables) return
    for (const rule of forwardRules)
      await run('iptables', ['-w', '-C', 'FORWARD', ...rule]).catch(() =>
        run('iptables', ['-w', '-I', 'FORWARD', ...rule]),
      )
  }

  const removeForwarding = async (): Promise<void> => {
    const links = await run('ip', ['-brief', 'link', 'show', 'type', 'veth'])
    // Another agent of this host may need the rules.
    if (links.split('\n').some(line => line.startsWith(hostLinkPrefix))) return
    for (const rule of forwardRules) await run('iptables', ['-w', '-D', 'FORWARD', ...rule]).catch(() => '')
  }

  return {
    reconcile: async (held, isVerified) => {
      if (held.length === 0) {
        made = undefined
        await run('nft', ['-f', '-'], `add table ${table}\ndelete table ${table}\n`)
        await removeForwarding()
        return
      }
      if (made === undefined || isVerified) await ensureForwarding()
      await reconcileRoutes(held)
      await reconcileRules(held, isVerified)
    },
    takenLinkAddresses: async () => (await readRoutes()).flatMap(({ dst }) => dst ?? []),
  }
}
