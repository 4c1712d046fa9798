/** The host's routes to interfaces, by their link addresses: each leads through the uplink of the interface's VPC. */
import type { RunCommand } from '../metadata/index.ts'
import type { HeldInterface } from './held-interface.ts'
import { linkBlock } from './link-addresses.ts'
import { hostLink, hostLinkPrefix } from './names.ts'
import { routerEnd } from './routes.ts'

interface RouteRow {
  readonly dst?: string
  readonly dev?: string
}

interface Made {
  /** By link address: the link that leads there. */
  readonly routes: ReadonlyMap<string, string>
  readonly links: ReadonlySet<string>
}

const wantedOf = (tag: string, held: readonly HeldInterface[]): Made => {
  const routes = new Map(held.map(({ fact, linkAddress }) => [linkAddress, hostLink(tag, fact.vpcId)]))
  return { routes, links: new Set(routes.values()) }
}

/** Pure. Lines for `ip -batch`. An uplink takes the routes through it with it. */
const linesFor = (made: Made, wanted: Made): string[] => [
  ...[...wanted.links]
    .filter(link => !made.links.has(link))
    .map(link => `neigh replace ${routerEnd.address} lladdr ${routerEnd.mac} dev ${link} nud permanent`),
  ...[...made.routes]
    .filter(([to, link]) => !wanted.routes.has(to) && wanted.links.has(link))
    .map(([to, link]) => `route del ${to} dev ${link}`),
  ...[...wanted.routes]
    .filter(([to, link]) => made.routes.get(to) !== link)
    .map(([to, link]) => `route replace ${to} via ${routerEnd.address} dev ${link} onlink`),
]

export class HostRoutes {
  readonly #run: RunCommand
  readonly #tag: string
  /** Undefined: the kernel has to be asked. */
  #made: Made | undefined
  #taken: readonly string[] | undefined

  constructor(run: RunCommand, tag: string) {
    this.#run = run
    this.#tag = tag
  }

  /** Rejects with CommandError. `isVerified`: the kernel is asked what it has. */
  async reconcile(held: readonly HeldInterface[], isVerified: boolean): Promise<void> {
    const known = isVerified ? undefined : this.#made
    this.#made = undefined
    const made = known ?? (await this.#read())
    const wanted = wantedOf(this.#tag, held)
    const lines = linesFor(made, wanted)
    if (lines.length > 0) await this.#run('ip', ['-batch', '-'], `${lines.join('\n')}\n`)
    this.#made = wanted
  }

  /** All of them have gone with their links. */
  forget(): void {
    this.#made = undefined
  }

  /** Link addresses that agents of this host had given when the kernel was last asked, this one included. */
  async taken(): Promise<readonly string[]> {
    if (this.#taken === undefined) await this.#read()
    return this.#taken ?? []
  }

  async #read(): Promise<Made> {
    const printed = await this.#run('ip', ['-json', '-4', 'route', 'show', 'root', linkBlock])
    const rows = printed.trim() === '' ? [] : (JSON.parse(printed) as RouteRow[])
    this.#taken = rows.flatMap(({ dst }) => dst ?? [])
    const own = rows.filter(({ dev }) => dev?.startsWith(`${hostLinkPrefix}${this.#tag}`))
    // The neighbours are said anew: they cost nothing.
    return { routes: new Map(own.map(({ dst = '', dev = '' }) => [dst, dev])), links: new Set() }
  }
}
