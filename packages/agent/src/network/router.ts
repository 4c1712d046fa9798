/**
 * The router of one VPC on this host: a network namespace with a link for every interface of the VPC that is here, a link to
 * the overlay when other hosts have addresses of it, and one to the host.
 */
import type { VpcFact } from '@berth/model'
import type { RunCommand } from '../metadata/index.ts'
import type { HeldInterface } from './held-interface.ts'
import { makeInterface } from './interface-link.ts'
import { pathChanges, readPaths } from './kernel-paths.ts'
import { interfaceLink, interfaceLinkPrefix, overlayLink, routerNamespace } from './names.ts'
import { createNamespaces, namespaceNamed, type Within } from './namespaces.ts'
import { hasIpv6, routerIpv6 } from './outside-ipv6.ts'
import { ensureRouterBase } from './router-base.ts'
import { type RouterState, routerRules } from './router-rules.ts'
import { overlayMac, overlayPeers, type Paths, pathsOf } from './routes.ts'
import { type Ruleset, scriptOf } from './ruleset.ts'
import { overlayMtu, overlayPort, type Underlay } from './underlay.ts'

export interface RouterOptions {
  readonly run: RunCommand
  readonly tag: string
  readonly underlay: Underlay
  /** The path of the network namespace that an interface belongs in; undefined while there is none. */
  namespaceOf(held: HeldInterface): Promise<string | undefined>
}

const table = 'inet berth'

interface OverlayRow {
  readonly ifname?: string
  readonly mtu?: number
  readonly linkinfo?: { readonly info_data?: { readonly local?: string; readonly local6?: string } }
}

/** What was made last; what others have changed since is found by `verify`. */
interface Made {
  readonly links: ReadonlySet<string>
  readonly hasIpv6: boolean
  readonly paths: Paths
  /** Undefined: another life of the agent made them. */
  readonly rules: Ruleset | undefined
  /** As nft prints them. */
  readonly printed: string | undefined
}

/** More would only wait for one another in the kernel. */
const linksAtOnce = 8

const forEachOf = async <Item>(
  items: readonly Item[],
  atOnce: number,
  act: (item: Item) => Promise<void>,
): Promise<void> => {
  const left = items.values()
  const worker = async (): Promise<void> => {
    for (const item of left) await act(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

/** Elements of sets are not printed: with a hundred thousand of them that would take its time. */
const changesRules = (script: string): boolean =>
  script.split('\n').some(line => line !== '' && !/^(add|delete) element /.test(line))

const leadsThrough = (links: ReadonlySet<string>) => (line: string) =>
  links.has(/ dev (\S+)/.exec(line)?.[1] ?? '')

const without = (lines: ReadonlySet<string>, links: ReadonlySet<string>): ReadonlySet<string> =>
  links.size === 0 ? lines : new Set([...lines].filter(line => !leadsThrough(links)(line)))

export class Router {
  readonly #options: RouterOptions
  readonly #vpcId: string
  readonly #name: string
  readonly #namespace: Within
  readonly #ipv6: string
  readonly #problems = new Map<string, unknown>()
  #made: Made | undefined

  constructor(options: RouterOptions, vpcId: string) {
    this.#options = options
    this.#vpcId = vpcId
    this.#name = routerNamespace(options.tag, vpcId)
    this.#namespace = namespaceNamed(options.run, this.#name)
    this.#ipv6 = routerIpv6(options.tag, vpcId)
  }

  /** The namespace of an interface may be another one than before. */
  renew(interfaceId: string): void {
    if (!this.#made) return
    const links = new Set(this.#made.links)
    links.delete(interfaceLink(interfaceId))
    this.#made = { ...this.#made, links }
  }

  /** False when somebody has changed what was made: the next `reconcile` makes it anew. */
  async verify(): Promise<boolean> {
    const made = this.#made
    const isAsMade = made !== undefined && (await this.#isAs(made).catch(() => false))
    if (!isAsMade) this.#made = undefined
    return isAsMade
  }

  /** Rejects with CommandError; what was not done is done by the next call. */
  async reconcile(state: RouterState): Promise<void> {
    const made = this.#made ?? (await this.#begin())
    this.#made = undefined
    this.#problems.clear()
    const rules = routerRules(state, this.#ipv6)
    // The rules are there before the first packet can be.
    const script = scriptOf(table, made.rules, rules)
    await this.#namespace.nft(script)
    const peers = overlayPeers(this.#vpcId, state.view, this.#options.underlay)
    const speaksIpv6 = made.hasIpv6 || (await this.#beginIpv6(state.held))
    const { links, renewed } = await this.#reconcileLinks(made.links, state, peers.underlays.size > 0)
    const linked = state.held.filter(({ fact }) => links.has(interfaceLink(fact.interfaceId)))
    const lost = new Set([...made.links, ...renewed].filter(link => !links.has(link) || renewed.has(link)))
    const before: Paths = {
      routes: without(made.paths.routes, lost),
      neighbours: without(made.paths.neighbours, lost),
      overlay: without(made.paths.overlay, lost),
    }
    const paths = pathsOf(state.vpc, linked, peers)
    const changes = pathChanges(before, paths)
    await this.#namespace.ip(changes.ip)
    await this.#namespace.bridge(changes.bridge)
    const printed = changesRules(script) ? await this.#namespace.table(table) : made.printed
    this.#made = { links, hasIpv6: speaksIpv6, paths, rules, printed }
  }

  /** Why interfaces could not be put where they belong, by their ids: the next `reconcile` tries again. */
  get problems(): ReadonlyMap<string, unknown> {
    return this.#problems
  }

  async remove(): Promise<void> {
    this.#made = undefined
    await createNamespaces(this.#options.run).remove(this.#name)
  }

  async #begin(): Promise<Made> {
    const { run, tag, underlay } = this.#options
    await ensureRouterBase(run, { tag, vpcId: this.#vpcId, mtu: underlay.mtu })
    await this.#removeOtherOverlay()
    return {
      links: await this.#readLinks(),
      hasIpv6: false,
      paths: await readPaths(this.#namespace),
      rules: undefined,
      printed: undefined,
    }
  }

  /** What the router itself says by IPv6, such as that a packet is too large, comes from its address. False while nothing has IPv6. */
  async #beginIpv6(held: readonly HeldInterface[]): Promise<boolean> {
    if (!hasIpv6(held)) return false
    await this.#namespace.ip([`address replace ${this.#ipv6}/128 dev lo noprefixroute nodad`])
    return true
  }

  async #isAs(made: Made): Promise<boolean> {
    const links = await this.#readLinks()
    if (links.size !== made.links.size || [...links].some(link => !made.links.has(link))) return false
    const { ip, bridge } = pathChanges(await readPaths(this.#namespace), made.paths)
    return ip.length === 0 && bridge.length === 0 && (await this.#namespace.table(table)) === made.printed
  }

  async #readLinks(): Promise<ReadonlySet<string>> {
    const links = (await this.#namespace.read('link', 'show', 'up')) as readonly { ifname?: string }[]
    return new Set(
      links.flatMap(({ ifname = '' }) =>
        ifname.startsWith(interfaceLinkPrefix) || ifname === overlayLink ? [ifname] : [],
      ),
    )
  }

  async #reconcileLinks(before: ReadonlySet<string>, { vpc, held }: RouterState, hasPeers: boolean) {
    const wanted = new Set(held.map(({ fact }) => interfaceLink(fact.interfaceId)))
    const gone = [...before].filter(link => link !== overlayLink && !wanted.has(link))
    const links = new Set([...before].filter(link => wanted.has(link) || link === overlayLink))
    const renewed = new Set<string>()
    await this.#removeLinks(gone)
    const missing = held.filter(({ fact }) => !links.has(interfaceLink(fact.interfaceId)))
    await forEachOf(missing, linksAtOnce, async one => {
      if (!(await this.#makeLink(one))) return
      const link = interfaceLink(one.fact.interfaceId)
      links.add(link)
      renewed.add(link)
    })
    if (hasPeers && !links.has(overlayLink)) {
      await this.#makeOverlay(vpc)
      links.add(overlayLink)
      renewed.add(overlayLink)
    }
    if (!hasPeers && links.delete(overlayLink)) await this.#removeLinks([overlayLink])
    return { links, renewed }
  }

  /** False when it cannot be made: a task that has just ended, or an engine that is away, is no reason to leave the others. */
  async #makeLink(held: HeldInterface): Promise<boolean> {
    const { run, underlay, namespaceOf } = this.#options
    const { interfaceId } = held.fact
    try {
      const path = await namespaceOf(held)
      if (path === undefined) throw new Error(`nothing holds a network namespace for ${interfaceId}`)
      await makeInterface(run, this.#namespace, held, { path, mtu: overlayMtu(underlay) })
      return true
    } catch (error) {
      this.#problems.set(interfaceId, error)
      return false
    }
  }

  /** The end of a task takes its link with it: it may be gone already. */
  async #removeLinks(links: readonly string[]): Promise<void> {
    if (links.length === 0) return
    const there = await this.#readLinks()
    await this.#namespace.ip(links.filter(link => there.has(link)).map(link => `link del ${link}`))
  }

  /** An earlier life of the agent may have had another underlay. */
  async #removeOtherOverlay(): Promise<void> {
    const { underlay } = this.#options
    const rows = (await this.#namespace.read('-details', 'link', 'show')) as readonly OverlayRow[]
    const row = rows.find(({ ifname }) => ifname === overlayLink)
    const { local, local6 } = row?.linkinfo?.info_data ?? {}
    const isOurs = (local6 ?? local) === underlay.address && row?.mtu === overlayMtu(underlay)
    if (row && !isOurs) await this.#namespace.ip([`link del ${overlayLink}`])
  }

  /** Made from within the host's namespace, so that its packets travel by the host's network. */
  async #makeOverlay({ number }: VpcFact): Promise<void> {
    const { run, underlay } = this.#options
    const { address } = underlay
    const there = (await this.#namespace.read('link', 'show')) as readonly { ifname?: string }[]
    if (there.some(({ ifname }) => ifname === overlayLink))
      await this.#namespace.ip([`link del ${overlayLink}`])
    await run('ip', [
      ...['link', 'add', overlayLink, 'netns', this.#name, 'address', overlayMac(address)],
      ...['mtu', String(overlayMtu(underlay)), 'type', 'vxlan', 'id', String(number)],
      ...['local', address, 'dstport', String(overlayPort), 'nolearning'],
    ])
    await this.#namespace.ip([`link set ${overlayLink} up`])
  }
}
