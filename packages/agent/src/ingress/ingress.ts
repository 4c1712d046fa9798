/**
 * The load balancers of this host. One turn at a time: it compares what the facts want with what HAProxy runs, changes targets
 * as it runs, loads the configuration anew when more than targets changed, and reads how targets are. A turn follows each
 * change, and each second.
 */
import type {
  BerthLoadBalancerRefusals,
  BerthTargetHealth,
  BerthTraffic,
  TargetFact,
  TargetGroupFact,
} from '@berth/model'
import type { Cancel, Clock } from '../clock.ts'
import type { Facts } from '../facts/index.ts'
import type { Log } from '../log.ts'
import type { RunCommand } from '../metadata/index.ts'
import type { Fetch } from './authentication/identity-provider.ts'
import { LoginServer } from './authentication/login-server.ts'
import { Logins } from './authentication/logins.ts'
import type { IngressPlaces } from './configuration/places.ts'
import { type IngressView, isAnyAuthenticating, jwksEndpointsOf } from './configuration/view.ts'
import { Datagrams } from './datagrams.ts'
import { FrontAddresses } from './front-addresses.ts'
import type { Haproxy } from './haproxy.ts'
import { removeFiles, writtenFingerprint } from './ingress-files.ts'
import { IngressTable } from './ingress-table.ts'
import { JsonWebKeys } from './json-web-keys.ts'
import { groupsOf, type Loaded, Loader } from './loader.ts'
import type { Workers } from './master-socket.ts'
import type { NamespaceOf } from './namespaces.ts'
import { RefusalReports } from './refusal-reports.ts'
import { parseServerRows, parseServerStates, type ServerRow } from './server-rows.ts'
import { TargetReports } from './target-reports.ts'
import { type Placed, TargetSlots } from './target-slots.ts'
import { TrafficReports } from './traffic-reports.ts'

export interface IngressParts {
  readonly facts: Facts
  readonly haproxy: Haproxy
  readonly places: IngressPlaces
  /** Tells the agents of one host apart, where they name what is the kernel's. */
  readonly tag: string
  readonly namespaceOf: NamespaceOf
  readonly run: RunCommand
  readonly random: () => number
  readonly fetchText: (url: string) => Promise<string>
  /** To identity providers. */
  readonly fetch: Fetch
  readonly clock: Clock
  readonly log: Log
  readonly reportHealth: (message: BerthTargetHealth) => boolean
  readonly reportTraffic: (message: BerthTraffic) => boolean
  readonly reportRefusals: (message: BerthLoadBalancerRefusals) => boolean
}

const turnMs = 1_000
/** A message to HAProxy stays well below the 16 KiB that it reads at once. */
const commandsAtOnce = 100

export class Ingress {
  readonly #parts: IngressParts
  readonly #table: IngressTable
  readonly #slots = new TargetSlots()
  readonly #health: TargetReports
  readonly #traffic: TrafficReports
  readonly #keys: JsonWebKeys
  readonly #loader: Loader
  readonly #refusals: RefusalReports
  readonly #datagrams: Datagrams
  readonly #frontAddresses: FrontAddresses
  readonly #loginServer: LoginServer
  readonly #unwatch: Cancel
  #cancelTurn: Cancel | undefined
  #turn: Promise<void> | undefined
  #isTurnWanted = false
  #isStopped = false
  /** What the next turn has to look at anew. */
  #isStructureOpen = true
  #namespaces = ''
  /** Addresses and files may be there; an earlier life of the agent may have made them. */
  #mayHaveLeft = true
  readonly #complaints = new Map<string, string>()

  constructor(parts: IngressParts) {
    this.#parts = parts
    this.#table = new IngressTable(parts.facts.of('ingress'))
    this.#health = new TargetReports(parts.reportHealth)
    this.#traffic = new TrafficReports(parts.reportTraffic)
    this.#keys = new JsonWebKeys({
      ...parts,
      changed: () => {
        this.#isStructureOpen = true
        this.#wake()
      },
    })
    const keys = (endpoint: string) => this.#keys.of(endpoint)
    this.#loader = new Loader({ ...parts, slots: this.#slots, keys })
    this.#refusals = new RefusalReports(parts.reportRefusals)
    this.#frontAddresses = new FrontAddresses(parts)
    this.#datagrams = new Datagrams(parts.run, `berth-udp-${parts.tag}`)
    const view = () => this.#table.view()
    this.#loginServer = new LoginServer(parts.places.loginSocket, new Logins({ ...parts, view }))
    this.#unwatch = parts.facts.watch('ingress', change => {
      this.#table.change(change)
      this.#wake()
    })
    this.#wake()
  }

  sessionOpened(): void {
    this.#health.sessionOpened()
    this.#refusals.sessionOpened()
    this.#frontAddresses.sessionOpened(this.#parts.clock.now())
    this.#wake()
  }

  sessionClosed(): void {
    this.#frontAddresses.sessionClosed()
  }

  /** HAProxy goes on: load balancers do not need the agent to carry what they carry. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#unwatch()
    this.#cancelTurn?.()
    await this.#turn
    await this.#frontAddresses.stop()
    await this.#loginServer.stop()
  }

  #wake(): void {
    this.#isTurnWanted = true
    if (this.#turn || this.#isStopped) return
    this.#cancelTurn?.()
    this.#turn = this.#turns().finally(() => {
      this.#turn = undefined
      if (!this.#isStopped) this.#cancelTurn = this.#parts.clock.after(turnMs, () => this.#wake())
    })
  }

  async #turns(): Promise<void> {
    while (this.#isTurnWanted && !this.#isStopped) {
      this.#isTurnWanted = false
      try {
        await this.#once()
        this.#complaints.delete('turn')
      } catch (error) {
        // What HAProxy was told of is not certain: the next turn asks it.
        this.#loader.doubt()
        this.#complain('turn', error)
      }
    }
  }

  /** What fails each second is said once. */
  #complain(about: 'turn' | 'datagrams', error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    if (reason === this.#complaints.get(about)) return
    this.#complaints.set(about, reason)
    this.#parts.log.error({ reason }, 'load balancers are not as they should be')
  }

  async #once(): Promise<void> {
    const { haproxy } = this.#parts
    const workers = await haproxy.workers()
    // Without a worker the master is about to end, too.
    if (workers && workers.current === undefined) return
    const news = this.#table.news()
    const newest = this.#table.view()
    if (newest.loadBalancers.length === 0) return this.#end(workers)
    const tried = this.#loader.loadable(newest)
    if (!this.#loader.isKnown || workers?.current === undefined) await this.#adopt(newest, workers)
    this.#mayHaveLeft = true
    await this.#frontAddresses.ensure(
      newest.loadBalancers.map(({ loadBalancer }) => loadBalancer.frontAddress),
      this.#parts.clock.now(),
    )
    this.#keys.refresh(jwksEndpointsOf(tried))
    // Before HAProxy sends it anybody.
    const authenticates = [newest, tried].some(isAnyAuthenticating)
    await (authenticates ? this.#loginServer.start() : this.#loginServer.stop())
    // One that only an older configuration names keeps the targets that it had.
    const groups = groupsOf(newest)
    const isAnew = this.#isStructureOpen || news.isStructureChanged || this.#loader.isRetryDue()
    // What opens it from here on is for the next turn.
    this.#isStructureOpen = false
    const changed = new Set(news.targetGroupArns)
    const placed = this.#place(isAnew ? groups : groups.filter(({ arn }) => changed.has(arn)))
    const hasMoved = this.#haveNamespacesMoved(newest)
    const { outcome, view } =
      isAnew || placed.hasGrown || hasMoved || workers?.current === undefined
        ? await this.#loader.load(newest, workers?.current, this.#namespaces)
        : ({ outcome: 'unchanged', view: tried } as const)
    await this.#tellPlaced(placed, outcome, workers)
    if (outcome === 'refused') await this.#goOn(newest, workers?.current)
    this.#refusals.report(this.#loader.refusals())
    await this.#observe(view, groupsOf(view))
  }

  async #end(workers: Workers | undefined): Promise<void> {
    if (workers) await this.#parts.haproxy.stop()
    const { places, clock } = this.#parts
    if (this.#mayHaveLeft) {
      removeFiles(places)
      await this.#frontAddresses.ensure([], clock.now())
    }
    this.#mayHaveLeft = false
    await this.#datagrams.remove()
    await this.#loginServer.stop()
    // One that comes back is reported anew: it may have been elsewhere meanwhile.
    this.#refusals.report(new Map())
    this.#loader.doubt()
    this.#slots.doubtAll()
  }

  /** Takes over the HAProxy that an earlier life of the agent has left, or begins without one. */
  async #adopt(newest: IngressView, workers: Workers | undefined): Promise<void> {
    const { haproxy, log } = this.#parts
    this.#slots.doubtAll()
    this.#isStructureOpen = true
    this.#loader.doubt()
    if (workers?.current === undefined) return
    this.#loader.adopt()
    const states = parseServerStates(await haproxy.tell(workers.current, ['show servers state']))
    this.#slots.adopt(this.#loader.knownGroups(newest), states)
    log.info({ worker: workers.current }, 'took over the HAProxy that runs')
  }

  /**
   * Only once the new rules are in force: by the old ones traffic still goes to targets that leave because of the new ones.
   * A worker that has just begun has read its targets from files.
   */
  async #tellPlaced(placed: Placed, outcome: Loaded['outcome'], before: Workers | undefined): Promise<void> {
    const { commands, formerCommands } = placed
    const workers = outcome === 'loaded' ? await this.#parts.haproxy.workers() : before
    if (workers?.current !== undefined && outcome !== 'loaded') await this.#tell(workers.current, commands)
    await this.#tellFormer(workers, formerCommands)
  }

  #place(groups: readonly TargetGroupFact[]): Placed {
    const now = this.#parts.clock.now()
    const placed = groups.map(group => this.#slots.place(group, this.#table.targets(group.arn), now))
    return {
      commands: placed.flatMap(({ commands }) => commands),
      formerCommands: placed.flatMap(({ formerCommands }) => formerCommands),
      hasGrown: placed.some(({ hasGrown }) => hasGrown),
    }
  }

  async #tellAll(workers: Workers, commands: readonly string[]): Promise<void> {
    if (workers.current !== undefined) await this.#tell(workers.current, commands)
    await this.#tellFormer(workers, commands)
  }

  /** Workers that were replaced have clients still, who must not be sent to targets that are no more. */
  async #tellFormer(workers: Workers | undefined, commands: readonly string[]): Promise<void> {
    // One may end as it is told.
    for (const worker of workers?.former ?? []) await this.#tell(worker, commands).catch(() => {})
  }

  async #tell(worker: number, commands: readonly string[]): Promise<void> {
    for (let at = 0; at < commands.length; at += commandsAtOnce)
      await this.#parts.haproxy.tell(worker, commands.slice(at, at + commandsAtOnce))
  }

  #haveNamespacesMoved(view: IngressView): boolean {
    const { namespaceOf } = this.#parts
    const namespaces = JSON.stringify(view.loadBalancers.map(({ loadBalancer }) => namespaceOf(loadBalancer)))
    if (namespaces === this.#namespaces) return false
    this.#namespaces = namespaces
    return true
  }

  /** With the last configuration that HAProxy took. */
  async #goOn(newest: IngressView, worker: number | undefined): Promise<void> {
    const { haproxy, places } = this.#parts
    if (worker === undefined && writtenFingerprint(places)) await haproxy.start()
    await this.#adopt(newest, await haproxy.workers())
    this.#isStructureOpen = false
  }

  async #observe(view: IngressView, groups: readonly TargetGroupFact[]): Promise<void> {
    const { haproxy, clock } = this.#parts
    const workers = await haproxy.workers()
    if (workers?.current === undefined) return
    const targets = (arn: string) => this.#table.targets(arn)
    const isDraining = groups.some(({ arn }) => targets(arn).some(target => target.isDraining))
    const isTrafficDue = this.#traffic.isDue(clock.now())
    const rows = await this.#rows(workers.current)
    const former = isDraining || isTrafficDue ? await this.#formerRows(workers.former) : new Map()
    // A client that hears of a healthy target sends at once, and a flow that began before its rule never meets it.
    if (!this.#datagrams.areThere) await this.#ensureDatagrams(view)
    const commands = this.#health.observe({
      groups,
      targets,
      slots: this.#slots,
      rows,
      formerRows: [...former.values()].flat(),
      hasFormer: workers.former.length > 0,
      now: clock.now(),
    })
    await this.#tellAll(workers, commands)
    await this.#ensureDatagrams(view)
    if (!isTrafficDue) return
    this.#traffic.observe(view, new Map([...former, [workers.current, rows]]), clock.now())
    await this.#tell(workers.current, ['clear counters'])
  }

  async #ensureDatagrams(view: IngressView): Promise<void> {
    const surroundings = {
      targets: (arn: string) => this.#table.targets(arn),
      isHealthy: (target: TargetFact) => this.#health.isHealthy(target),
    }
    await this.#datagrams.ensure(view, surroundings, this.#parts.clock.now()).then(
      () => this.#complaints.delete('datagrams'),
      error => this.#complain('datagrams', error),
    )
  }

  async #rows(worker: number): Promise<ServerRow[]> {
    const servers = 4
    return parseServerRows(await this.#parts.haproxy.tell(worker, [`show stat -1 ${servers} -1`]))
  }

  async #formerRows(workers: readonly number[]): Promise<Map<number, ServerRow[]>> {
    const rows = new Map<number, ServerRow[]>()
    // One may end as it is asked: then it has no sessions.
    for (const worker of workers) rows.set(worker, await this.#rows(worker).catch(() => []))
    return rows
  }
}
