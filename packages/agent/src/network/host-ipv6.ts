/**
 * The host's side of IPv6 between VPCs and the outside: a route to the router of each VPC that leads there, and masquerade. It
 * takes a host that forwards IPv6, which the operator decides: such a host forwards for everybody on its networks.
 */
import type { Log } from '../log.ts'
import type { RunCommand } from '../metadata/index.ts'
import type { HeldInterface } from './held-interface.ts'
import { ensureForwarding, removeForwarding } from './host-forwarding.ts'
import { sourcePriority } from './host-side.ts'
import { HostTable } from './host-table.ts'
import { hostLink, hostLinkPrefix, hostTable } from './names.ts'
import { within } from './namespaces.ts'
import { leadsOutsideByIpv6, routerBlock, routerIpv6 } from './outside-ipv6.ts'
import { routerEnd } from './routes.ts'
import type { Ruleset } from './ruleset.ts'

interface RouteRow {
  readonly dst?: string
  readonly dev?: string
  readonly type?: string
}

/** Routers' addresses by the links that lead to them. */
type Routes = ReadonlyMap<string, string>

const rules: Ruleset = {
  chains: new Map([
    [
      'source',
      [
        `type nat hook postrouting priority ${sourcePriority};`,
        `ip6 saddr ${routerBlock} oifname != "${hostLinkPrefix}*" masquerade`,
      ],
    ],
  ]),
  sets: new Map(),
  maps: new Map(),
}

const rowsOf = (printed: string): readonly RouteRow[] => (printed.trim() === '' ? [] : JSON.parse(printed))

/** Why the host leads nobody outside by IPv6; undefined when it does. */
const obstacleOf = async (run: RunCommand): Promise<string | undefined> => {
  const defaults = rowsOf(await run('ip', ['-json', '-6', 'route', 'show', 'default']))
  // Kernels without IPv6 have a default route, too, which leads nowhere.
  if (!defaults.some(({ dev, type = 'unicast' }) => type === 'unicast' && dev !== 'lo'))
    return 'the host has no IPv6 route to the outside'
  const forwarding = await run('cat', ['/proc/sys/net/ipv6/conf/all/forwarding'])
  return forwarding.trim() === '0' ? 'net.ipv6.conf.all.forwarding of the host is 0' : undefined
}

/** Pure. Lines for `ip -batch`. `links`: of the VPCs that are here; another one takes its routes with it. */
const linesFor = (made: Routes, wanted: Routes, links: ReadonlySet<string>): string[] => [
  ...[...made]
    .filter(([link]) => !wanted.has(link) && links.has(link))
    .map(([link, address]) => `route del ${address} dev ${link}`),
  ...[...wanted]
    .filter(([link, address]) => made.get(link) !== address)
    .flatMap(([link, address]) => [
      `neigh replace ${routerEnd.ipv6} lladdr ${routerEnd.mac} dev ${link} nud permanent`,
      `route replace ${address} via ${routerEnd.ipv6} dev ${link} onlink`,
    ]),
]

export class HostIpv6 {
  readonly #run: RunCommand
  readonly #tag: string
  readonly #log: Log
  readonly #table: HostTable
  #leadsOutside: boolean | undefined
  /** Undefined: the kernel has to be asked. */
  #routes: Routes | undefined
  /** An earlier life of the agent may have left something. */
  #isBare = false
  #mayForward = true

  constructor(run: RunCommand, tag: string, log: Log) {
    this.#run = run
    this.#tag = tag
    this.#log = log
    this.#table = new HostTable(run, `ip6 ${hostTable(tag)}`)
  }

  /** The kernel is asked only where an interface leads outside. Rejects with CommandError. */
  async leadsOutside(held: readonly HeldInterface[], isVerified: boolean): Promise<boolean> {
    if (!held.some(leadsOutsideByIpv6)) {
      this.#leadsOutside = undefined
      return false
    }
    if (this.#leadsOutside !== undefined && !isVerified) return this.#leadsOutside
    const obstacle = await obstacleOf(this.#run)
    if (obstacle !== undefined && this.#leadsOutside !== false)
      this.#log.warn({ reason: obstacle }, 'tasks of this host do not reach the outside by IPv6')
    this.#leadsOutside = obstacle === undefined
    return this.#leadsOutside
  }

  /** After `leadsOutside`. Rejects with CommandError. `isVerified`: what others may have undone is looked at as well. */
  async reconcile(held: readonly HeldInterface[], isVerified: boolean): Promise<void> {
    const wanted: Routes = new Map(
      (this.#leadsOutside ? held : [])
        .filter(leadsOutsideByIpv6)
        .map(({ fact: { vpcId } }) => [hostLink(this.#tag, vpcId), routerIpv6(this.#tag, vpcId)]),
    )
    const links = new Set(held.map(({ fact }) => hostLink(this.#tag, fact.vpcId)))
    if (wanted.size === 0) return this.#removeAll(links)
    this.#isBare = false
    this.#mayForward = true
    if (!this.#table.isMade || isVerified) await ensureForwarding(this.#run, 'ip6tables')
    await this.#table.reconcile(rules, isVerified)
    await this.#reconcileRoutes(wanted, links, isVerified)
  }

  async #reconcileRoutes(wanted: Routes, links: ReadonlySet<string>, isVerified: boolean): Promise<void> {
    const known = isVerified ? undefined : this.#routes
    this.#routes = undefined
    const made = known ?? (await this.#readRoutes())
    const lines = linesFor(made, wanted, links)
    if (lines.length > 0) {
      await this.#enableLinks([...wanted.keys()])
      await this.#run('ip', ['-batch', '-'], `${lines.join('\n')}\n`)
    }
    this.#routes = wanted
  }

  /** Where the host gives new links none. */
  #enableLinks(links: readonly string[]): Promise<void> {
    return within(this.#run, '/proc/self/ns/net').set(
      Object.fromEntries(links.map(link => [`ipv6/conf/${link}/disable_ipv6`, '0'])),
    )
  }

  async #readRoutes(): Promise<Routes> {
    const rows = rowsOf(await this.#run('ip', ['-json', '-6', 'route', 'show', 'root', routerBlock]))
    const own = rows.filter(({ dev }) => dev?.startsWith(`${hostLinkPrefix}${this.#tag}`))
    return new Map(own.map(({ dst = '', dev = '' }) => [dev, dst]))
  }

  async #removeAll(links: ReadonlySet<string>): Promise<void> {
    if (!this.#isBare && (await this.#hasTable())) {
      this.#routes = undefined
      const lines = linesFor(await this.#readRoutes(), new Map(), links)
      if (lines.length > 0) await this.#run('ip', ['-batch', '-'], `${lines.join('\n')}\n`)
      await this.#table.remove()
    }
    this.#isBare = true
    if (links.size > 0 || !this.#mayForward) return
    this.#mayForward = !(await removeForwarding(this.#run, 'ip6tables'))
  }

  /** It is the first that is made and the last that goes. */
  async #hasTable(): Promise<boolean> {
    const tables = await this.#run('nft', ['list', 'tables'])
    return tables.split('\n').includes(`table ${this.#table.name}`)
  }
}
