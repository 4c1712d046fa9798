/**
 * The load balancers of this host. One turn at a time: it compares what the facts want with what HAProxy runs, changes targets
 * as it runs, loads the configuration anew when more than targets changed, and reads how targets are. A turn follows each
 * change, and each second.
 */
import type { BerthTargetHealth, BerthTraffic, TargetFact, TargetGroupFact } from '@berth/model'
import type { Cancel, Clock } from '../clock.ts'
import type { Facts } from '../facts/index.ts'
import type { Log } from '../log.ts'
import type { RunCommand } from '../metadata/index.ts'
import type { Fetch } from './authentication/identity-provider.ts'
import { LoginServer } from './authentication/login-server.ts'
import { Logins } from './authentication/logins.ts'
import { haproxyFiles } from './configuration/configuration.ts'
import type { IngressPlaces } from './configuration/places.ts'
import { type IngressView, isAnyAuthenticating, jwksEndpointsOf } from './configuration/view.ts'
import { culpritOf } from './culprit.ts'
import { Datagrams } from './datagrams.ts'
import { FrontAddresses } from './front-addresses.ts'
import { type Haproxy, HaproxyError } from './haproxy.ts'
import { fingerprintOf, removeFiles, writeFiles, writtenFingerprint } from './ingress-files.ts'
import { IngressTable } from './ingress-table.ts'
import { JsonWebKeys } from './json-web-keys.ts'
import type { Workers } from './master-socket.ts'
import type { NamespaceOf } from './namespaces.ts'
import { parseServerRows, parseServerStates, type ServerRow } from './server-rows.ts'
import { writeServerState } from './server-state-file.ts'
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
}

type LoadOutcome = 'unchanged' | 'loaded' | 'refused'

const turnMs = 1_000
/** A message to HAProxy stays well below the 16 KiB that it reads at once. */
const commandsAtOnce = 100

const groupsOf = (view: IngressView): TargetGroupFact[] =>
  view.loadBalancers.flatMap(({ targetGroups }) => targetGroups)

/** A configuration that HAProxy did not take. A port that somebody else has may be free later: it is tried again. */
interface Refusal {
  readonly fingerprint: string
  readonly until: number
}

const tryRefusedAgainMs = 30_000

export class Ingress {
  readonly #parts: IngressParts
  readonly #table: IngressTable
  readonly #slots = new TargetSlots()
  readonly #health: TargetReports
  readonly #traffic: TrafficReports
  readonly #keys: JsonWebKeys
  readonly #datagrams: Datagrams
  readonly #frontAddresses: FrontAddresses
  readonly #loginServer: LoginServer
  readonly #unwatch: Cancel
  #cancelTurn: Cancel | undefined
  #turn: Promise<void> | undefined
  #isTurnWanted = false
  #isStopped = false
  /** The fingerprint of what HAProxy runs. */
  #running: string | undefined
  #refused: Refusal | undefined
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
        this.#running = undefined
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
    const view = this.#table.view()
    if (view.loadBalancers.length === 0) return this.#end(workers)
    if (this.#running === undefined || workers?.current === undefined) await this.#adopt(view, workers)
    this.#mayHaveLeft = true
    await this.#frontAddresses.ensure(
      view.loadBalancers.map(({ loadBalancer }) => loadBalancer.frontAddress),
      this.#parts.clock.now(),
    )
    this.#keys.refresh(jwksEndpointsOf(view))
    // Before HAProxy sends it anybody.
    await (isAnyAuthenticating(view) ? this.#loginServer.start() : this.#loginServer.stop())
    const groups = groupsOf(view)
    const isAnew = this.#isStructureOpen || news.isStructureChanged || this.#isRefusalOver()
    // What opens it from here on is for the next turn.
    this.#isStructureOpen = false
    const changed = new Set(news.targetGroupArns)
    const placed = this.#place(isAnew ? groups : groups.filter(({ arn }) => changed.has(arn)))
    const hasMoved = this.#haveNamespacesMoved(view)
    const outcome =
      isAnew || placed.hasGrown || hasMoved || workers?.current === undefined
        ? await this.#load(view, workers?.current)
        : 'unchanged'
    await this.#tellPlaced(placed, outcome, workers)
    if (outcome === 'refused') await this.#goOn(view, workers?.current)
    await this.#observe(view, groups)
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
    this.#running = undefined
    this.#slots.doubtAll()
  }

  /** Takes over the HAProxy that an earlier life of the agent has left, or begins without one. */
  async #adopt(view: IngressView, workers: Workers | undefined): Promise<void> {
    const { haproxy, places, log } = this.#parts
    this.#slots.doubtAll()
    this.#isStructureOpen = true
    this.#running = undefined
    if (workers?.current === undefined) return
    this.#running = writtenFingerprint(places)
    const states = parseServerStates(await haproxy.tell(workers.current, ['show servers state']))
    this.#slots.adopt(groupsOf(view), states)
    log.info({ worker: workers.current }, 'took over the HAProxy that runs')
  }

  /**
   * Only once the new rules are in force: by the old ones traffic still goes to targets that leave because of the new ones.
   * A worker that has just begun has read its targets from files.
   */
  async #tellPlaced(placed: Placed, outcome: LoadOutcome, before: Workers | undefined): Promise<void> {
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

  /** Starts HAProxy, or has it load its configuration when that is another one than it runs. */
  async #load(view: IngressView, worker: number | undefined): Promise<LoadOutcome> {
    const { haproxy, places, namespaceOf, clock, log } = this.#parts
    const surroundings = {
      places,
      namespace: (loadBalancer: Parameters<NamespaceOf>[0]) => namespaceOf(loadBalancer)?.name,
      keys: (endpoint: string) => this.#keys.of(endpoint),
    }
    const slots = (arn: string) => this.#slots.of(arn)
    const structure = haproxyFiles(view, {
      ...surroundings,
      slots: arn => slots(arn).map(({ name, isInVpc }) => ({ name, isInVpc })),
    })
    const fingerprint = fingerprintOf([
      structure.configuration,
      JSON.stringify([...structure.others]),
      this.#namespaces,
    ])
    if (worker !== undefined && fingerprint === this.#running) return 'unchanged'
    if (fingerprint === this.#refused?.fingerprint && !this.#isRefusalOver()) return 'refused'
    const files = haproxyFiles(view, { ...surroundings, slots })
    await writeServerState(places, haproxy, worker, groupsOf(view), this.#slots)
    const written = writeFiles(places, files, fingerprint)
    try {
      await haproxy.check(places.configuration)
      await (worker === undefined ? haproxy.start() : haproxy.reload())
    } catch (error) {
      written.takeBack()
      if (!(error instanceof HaproxyError)) throw error
      const reason = error.message
      const isNews = fingerprint !== this.#refused?.fingerprint
      this.#refused = { fingerprint, until: clock.now() + tryRefusedAgainMs }
      const loadBalancer = culpritOf(reason, files.configuration, view)
      if (isNews) log.error({ loadBalancer, reason }, 'HAProxy keeps its last configuration')
      return 'refused'
    }
    written.tidy()
    this.#running = fingerprint
    this.#refused = undefined
    log.info({ loadBalancers: view.loadBalancers.length }, 'HAProxy runs with a new configuration')
    return 'loaded'
  }

  #isRefusalOver(): boolean {
    return this.#refused !== undefined && this.#parts.clock.now() >= this.#refused.until
  }

  /** With the last configuration that HAProxy took. */
  async #goOn(view: IngressView, worker: number | undefined): Promise<void> {
    const { haproxy, places } = this.#parts
    if (worker === undefined && writtenFingerprint(places)) await haproxy.start()
    await this.#adopt(view, await haproxy.workers())
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
