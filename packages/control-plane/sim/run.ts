/** One run: a seed, a safety phase, a liveness phase, and what the checkers say. */
import { acknowledgedWrites } from './checkers/acknowledged-writes.ts'
import { addresses } from './checkers/addresses.ts'
import { alarms } from './checkers/alarms.ts'
import { bakeTimes } from './checkers/bake-times.ts'
import { capacity } from './checkers/capacity.ts'
import { carriers } from './checkers/carriers.ts'
import type { Checker } from './checkers/checker.ts'
import { circuitBreaker } from './checkers/circuit-breaker.ts'
import { convergence } from './checkers/convergence.ts'
import { daemons } from './checkers/daemons.ts'
import { deploymentHistory } from './checkers/deployment-history.ts'
import { deployments } from './checkers/deployments.ts'
import { draining } from './checkers/draining.ts'
import { engineTruth } from './checkers/engine-truth.ts'
import { Historian } from './checkers/historian.ts'
import { launchBackoff } from './checkers/launch-backoff.ts'
import { lostHosts } from './checkers/lost-hosts.ts'
import { messageOrder } from './checkers/message-order.ts'
import { oneIdentity } from './checkers/one-identity.ts'
import { oneImage } from './checkers/one-image.ts'
import { oneLeader } from './checkers/one-leader.ts'
import { oneRun } from './checkers/one-run.ts'
import { pauses } from './checkers/pauses.ts'
import { roleCredentials } from './checkers/role-credentials.ts'
import { serverTimes } from './checkers/server-times.ts'
import { serviceLimits } from './checkers/service-limits.ts'
import { stopReasons } from './checkers/stop-reasons.ts'
import { strategies } from './checkers/strategies.ts'
import { strategiesEnd } from './checkers/strategies-end.ts'
import { targets } from './checkers/targets.ts'
import { taskHistory } from './checkers/task-history.ts'
import { taskProtection } from './checkers/task-protection.ts'
import { taskSets } from './checkers/task-sets.ts'
import { volumes } from './checkers/volumes.ts'
import { Watch } from './checkers/watch.ts'
import { Acknowledged } from './clients/acknowledged.ts'
import { Client } from './clients/client.ts'
import { Workload } from './clients/workload.ts'
import { SimHost } from './hosts/host.ts'
import { Registry } from './hosts/registry.ts'
import { Nemesis } from './nemesis.ts'
import { Network } from './network/network.ts'
import { Outside } from './outside/outside.ts'
import { Random } from './random.ts'
import type { Seams } from './seams.ts'
import { Fate } from './servers/fate.ts'
import { SimServer, taskCredentials } from './servers/sim-server.ts'
import { Storage } from './servers/storage.ts'
import { type Tuning, tune } from './tuning.ts'
import { World } from './world.ts'

export interface RunResult {
  readonly seed: number
  /** Of the event log: equal for equal runs. */
  readonly digest: string
  readonly events: number
  /** How long the run was, in simulated milliseconds. */
  readonly simulatedMs: number
  readonly violation: { readonly checker: string; readonly message: string } | undefined
  readonly lines: readonly string[]
}

/** Launch back-off and the agents' minutes have to pass, and something is left for luck. */
const LIVENESS_MS = 900_000
const LOOK_EVERY_MS = 2_000
/** Nobody who leads stays unread for so long. */
const LONG_MS = 30_000
/** What converged must stay so. */
const STEADY_LOOKS = 3

/** `tell` gets every line of the event log. */
export const simulate = async (
  seed: number,
  seams: Seams = {},
  tell?: (line: string) => void,
): Promise<RunResult> => {
  const world = new World(seed, tell)
  const startedAt = world.now
  const run = new Run(world, tune(world.random, new Random(-seed)), seams)
  await run.play()
  const { violation } = world
  return {
    seed,
    digest: world.digest(),
    events: world.eventCount,
    simulatedMs: world.now - startedAt,
    violation: violation && { checker: violation.checker, message: violation.message },
    lines: world.lines,
  }
}

class Run {
  readonly #world: World
  readonly #tuning: Tuning
  readonly #servers: readonly SimServer[]
  readonly #hosts: readonly SimHost[] = []
  readonly #nemesis: Nemesis
  readonly #outside: Outside
  readonly #workload: Workload
  readonly #watch: Watch
  readonly #historian: Historian

  constructor(world: World, tuning: Tuning, seams: Seams) {
    this.#world = world
    this.#tuning = tuning
    const network = new Network(world, tuning.network)
    const registry = new Registry(world)
    const servers: SimServer[] = []
    this.#servers = servers
    const fate = new Fate(world, servers)
    const storage = new Storage(world, tuning.storage, fate)
    this.#outside = new Outside(world, servers, fate)
    for (const name of ['server-a', 'server-b'])
      servers.push(
        new SimServer(world, name, storage, this.#outside, {
          seams,
          hasNetwork: tuning.workload.networks || tuning.workload.balancers,
          hasBalancers: tuning.workload.balancers,
        }),
      )
    const leader = oneLeader()
    const client = new Client(world, network, this.#servers, (epoch, begunAt) =>
      this.#watch.tell(leader, leader.answered(epoch, begunAt, world.now)),
    )
    const known = new Acknowledged(() => world.now)
    this.#workload = new Workload(world, client, known, tuning.workload, tuning.clusters)
    this.#hosts = tuning.hosts.map(spec => this.#host(spec, network, registry, fate))
    const { needs } = this.#workload.definitions
    const history = deploymentHistory()
    this.#historian = new Historian(world, this.#servers, history)
    const checkers: readonly Checker[] = [
      acknowledgedWrites(known),
      taskHistory(),
      engineTruth(this.#hosts),
      oneRun(() => world.now),
      messageOrder(),
      capacity(needs, this.#hosts),
      addresses(this.#hosts),
      lostHosts(() => world.now),
      serviceLimits(known, needs, this.#hosts),
      circuitBreaker(known),
      launchBackoff(Math.max(tuning.workload.mostTasks, tuning.hosts.length)),
      daemons(),
      deployments(known),
      strategies(known, this.#outside),
      strategiesEnd(needs, this.#outside),
      history,
      alarms(known, this.#outside.alarms),
      bakeTimes(),
      taskSets(needs),
      pauses(known),
      targets(this.#hosts),
      carriers(this.#hosts),
      volumes(this.#hosts, () => world.now),
      serverTimes(),
      oneImage(),
      taskProtection(known),
      draining(known),
      stopReasons(known, needs),
      roleCredentials(taskCredentials),
      ...convergence(known, this.#hosts, needs),
    ]
    this.#watch = new Watch(
      world,
      this.#servers,
      tuning.clusters,
      () => this.#workload.serviceNames,
      checkers,
      tuning.workload.balancers,
    )
    this.#nemesis = new Nemesis({
      world,
      servers: this.#servers,
      hosts: this.#hosts,
      registry,
      network,
      storage,
      fate,
    })
  }

  async play(): Promise<void> {
    const { random } = this.#world
    for (const server of this.#servers) server.start()
    for (const host of this.#hosts) this.#world.after(random.integer(0, 3_000), () => host.startAgent())
    void this.#workload.start()
    if (this.#tuning.workload.guards) this.#outside.alarms.start()
    void this.#watch.run(() => random.integer(150, 900))
    void this.#historian.run()
    this.#nemesis.start(this.#tuning)
    await this.#world.runUntil(this.#world.now + this.#tuning.safetyMs)
    if (this.#world.violation === undefined) await this.#converge()
  }

  async #converge(): Promise<void> {
    const world = this.#world
    world.trace('run', 'the liveness phase begins')
    this.#workload.finish()
    this.#nemesis.heal()
    this.#outside.heal()
    this.#tuning.host.badImages = false
    this.#tuning.host.failing = 0
    this.#tuning.host.slow = 0
    const deadline = world.now + LIVENESS_MS
    await world.runUntil(deadline, () => this.#workload.isIdle)
    const operator = this.#operate()
    let isReady = false
    void operator.then(() => {
      isReady = true
    })
    await world.runUntil(deadline, () => isReady)
    let steady = 0
    while (world.violation === undefined && steady < STEADY_LOOKS) {
      if (world.now >= deadline) this.#failToConverge()
      const from = world.now
      await world.runUntil(from + LOOK_EVERY_MS)
      steady = this.#missing(from) === undefined ? steady + 1 : 0
    }
  }

  #operate(): Promise<void> {
    return this.#workload.operate(
      cluster => this.#hosts.filter(({ isGone, spec }) => !isGone && spec.cluster === cluster).length,
    )
  }

  #missing(since: number): { readonly checker: Checker; readonly what: string } | undefined {
    const { latest, checkers } = this.#watch
    const nothing: Checker = { name: 'somebody-leads' }
    if (latest === undefined || latest.at < since) return { checker: nothing, what: 'nobody answers' }
    for (const checker of checkers) {
      const what = checker.missing?.(latest)
      if (what !== undefined) return { checker, what }
    }
    return undefined
  }

  #failToConverge(): void {
    const missing = this.#missing(this.#world.now - LONG_MS)
    this.#world.fail(
      missing?.checker.name ?? 'convergence',
      `in the end: ${missing?.what ?? 'it never stays'}`,
    )
  }

  #host(spec: Tuning['hosts'][number], network: Network, registry: Registry, fate: Fate): SimHost {
    return new SimHost(spec, {
      world: this.#world,
      network,
      fate,
      registry,
      neighbours: () => this.#hosts,
      servers: this.#servers,
      conditions: this.#tuning.host,
      observer: {
        started: (host, container) => this.#watch.each(checker => checker.started?.(host, container)),
        attached: (host, volume) => this.#watch.each(checker => checker.attached?.(host, volume)),
        refusedPort: (host, container, holder) =>
          this.#watch.each(checker => checker.refusedPort?.(host, container, holder)),
      },
      displaced: (newcomer, other) => {
        const { clockSetAt } = this.#servers.find(({ process }) => process === newcomer.process) ?? {}
        const wrong = oneIdentity(newcomer, other, this.#world.now, clockSetAt ?? 0)
        if (wrong !== undefined) this.#world.fail('one-identity', wrong)
      },
      linkEvents: (_, link) => ({
        onSent: frame =>
          this.#watch.each(checker => checker.sent?.(link().sender, frame, link().containerInstanceArn)),
        onHeard: frame => this.#watch.each(checker => checker.heard?.(link().containerInstanceArn, frame)),
      }),
    })
  }
}
