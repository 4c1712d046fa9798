/**
 * The scheduler: services taking turns, 25 tasks at a time, as the service reconciler has it; and the same through the
 * real control loop, with all that a service's plan does besides. The journal is in memory.
 */
import { newDeployment } from '../packages/control-plane/src/services/ecs/deployment/new-deployment.ts'
import { defaultServiceSettings } from '../packages/control-plane/src/services/ecs/deployment/service-plan.ts'
import { type PlacementRequest, place } from '../packages/control-plane/src/services/ecs/placement/place.ts'
import { requirementsOf } from '../packages/control-plane/src/services/ecs/placement/task-requirements.ts'
import {
  containerInstances,
  deployments,
  type ServiceRow,
  services,
  tasks,
} from '../packages/control-plane/src/services/ecs/tables/index.ts'
import { newTask, serviceGroup } from '../packages/control-plane/src/services/ecs/task-creation.ts'
import type { JournaledStore } from '../packages/control-plane/src/store/journaled-store.ts'
import { largeService } from './large-service.ts'
import { median, percentile } from './measure.ts'
import {
  cluster,
  clusterOf,
  createdAt,
  definition,
  hex,
  instances,
  type Kind,
  processorMs,
  scope,
  serviceRow,
  tasksPerService,
} from './placement-cluster.ts'
import { timedLoop } from './timed-loop.ts'

const tasksAtOnce = 25
/** The smaller ones are done more than once, each time in an empty cluster. */
const sizes = [1_000, 10_000, 100_000]
const tasksInAll = 100_000
/** The aim: a task may cost so much more in the dearest size than in the cheapest. */
const flatness = 1.5
const zone = 'attribute:ecs.availability-zone'
const spread: Kind = { strategy: [], constraints: [] }
const binpack: Kind = { strategy: [{ type: 'binpack', field: 'memory' }], constraints: [] }
const constraints: Kind = {
  strategy: [],
  constraints: [
    { type: 'distinctInstance' },
    { type: 'memberOf', expression: 'attribute:rack in [r1, r2, r3]' },
  ],
}
const packedInZones: Kind = {
  strategy: [
    { type: 'spread', field: zone },
    { type: 'binpack', field: 'cpu' },
  ],
  constraints: [],
}
/** By the number of a service. */
const kinds: Readonly<Record<string, readonly Kind[]>> = {
  spread: [spread],
  binpack: [binpack],
  constraints: [constraints],
  mixture: [spread, binpack, constraints, packedInZones],
}

const servicesOf = (count: number, kind: readonly Kind[]): ServiceRow[] =>
  Array.from({ length: count / tasksPerService }, (_, number) =>
    serviceRow(number, kind[number % kind.length] ?? spread),
  )

const requestOf = (service: ServiceRow): PlacementRequest => ({
  clusterArn: cluster.id,
  launchType: 'EC2',
  requirements: requirementsOf(definition),
  constraints: service.placementConstraints,
  strategy: service.placementStrategy,
  group: serviceGroup(service.name),
  seed: hex(8),
})

const startTasks = (
  store: JournaledStore,
  service: ServiceRow,
  choices: ReturnType<typeof place>['choices'],
) =>
  store.update(tx => {
    for (const choice of choices) {
      const { primaryDeploymentId: deploymentId } = service
      const of = { startedBy: deploymentId, serviceArn: service.id, deploymentId }
      const made = { scope, cluster, taskDefinition: definition, launchType: 'EC2' as const, tags: [] }
      const group = serviceGroup(service.name)
      tx.put(tasks, newTask({ ...made, ...of, choice, group, now: createdAt, randomHex: hex }))
    }
  })

interface Calls {
  readonly processorMs: number
  /** Of each call by the clock. */
  readonly clockMs: readonly number[]
}

/**
 * What the calls of `place` take: the tasks' rows are written between them. The first call of each kind, which makes a
 * ranking, is not among them.
 */
const placeAlone = async (count: number, kind: readonly Kind[]): Promise<Calls> => {
  const store = await clusterOf()
  const all = servicesOf(count, kind)
  for (const service of all.slice(0, kind.length)) place(store, requestOf(service), 1)
  const clockMs: number[] = []
  let usedMs = 0
  for (let round = 0; round < tasksPerService / tasksAtOnce; round++)
    for (const service of all) {
      const request = requestOf(service)
      const [started, used] = [performance.now(), processorMs()]
      const { choices } = place(store, request, tasksAtOnce)
      clockMs.push(performance.now() - started)
      usedMs += processorMs() - used
      if (choices.length < tasksAtOnce) throw new Error(`only ${choices.length} tasks of ${service.name} fit`)
      startTasks(store, service, choices)
    }
  return { processorMs: usedMs, clockMs }
}

/** In runs of so many tasks, as many as make up the largest size, but no more than ten. */
const costOf = async (count: number, kind: readonly Kind[]) => {
  const runs = Math.min(10, tasksInAll / count)
  const clockMs: number[] = []
  let usedMs = 0
  for (let run = 0; run < runs; run++) {
    const calls = await placeAlone(count, kind)
    usedMs += calls.processorMs
    clockMs.push(...calls.clockMs)
  }
  const microseconds = (usedMs / (count * runs)) * 1000
  return { microseconds, p50: median(clockMs), p99: percentile(clockMs, 99) }
}

/** What a turn of the event loop takes, and a task, from the services' rows to those of all their tasks. */
const throughTheLoop = async (count: number, kind: readonly Kind[]) => {
  const store = await clusterOf()
  const turns: number[] = []
  const loop = timedLoop(store, defaultServiceSettings, ms => turns.push(ms))
  loop.start()
  for (const service of servicesOf(count, kind))
    store.update(tx => {
      tx.put(services, service)
      tx.put(deployments, newDeployment(service, service.primaryDeploymentId, createdAt))
    })
  const placed = (): number => store.total(tasks, 'countsByCluster', cluster.id)?.pending ?? 0
  while (placed() < count) await new Promise(resolve => setImmediate(resolve))
  loop.stop()
  const usedMs = turns.reduce((sum, turn) => sum + turn, 0)
  return { microseconds: (usedMs / count) * 1000, longestMs: Math.max(...turns), p99: percentile(turns, 99) }
}

/** The first call after an instance has changed, which makes the ranking anew; the median of many. */
const newRanking = async (kind: readonly Kind[]): Promise<number> => {
  const store = await clusterOf()
  const calls: number[] = []
  for (let round = 0; round < 10; round++)
    for (const service of servicesOf(kind.length * tasksPerService, kind)) {
      const [instance] = store.where(containerInstances, 'byCluster', cluster.id)
      if (instance) store.update(tx => tx.put(containerInstances, { ...instance, tags: [] }))
      const started = processorMs()
      place(store, requestOf(service), 1)
      calls.push(processorMs() - started)
    }
  return median(calls)
}

const show = (values: readonly string[]): void =>
  console.log(values.map((value, column) => (column === 0 ? value.padEnd(12) : value.padStart(15))).join(''))

/** Everything is processor time of the one thread, but for p50 and p99 of calls, which are by the clock. Kinds may be named: `node bench/placement.ts spread`. */
const placement = async (only: readonly string[] = []): Promise<void> => {
  const chosen = Object.entries(kinds).filter(([name]) => only.length === 0 || only.includes(name))
  const count = tasksInAll
  console.log(
    `${count} tasks of ${count / tasksPerService} services onto ${instances} instances, ${tasksAtOnce} at a time`,
  )
  for (const [name, kind] of chosen) {
    // Once before, so that the code is compiled.
    await placeAlone(10_000, kind)
    await throughTheLoop(10_000, kind)
    show([name, 'tasks', 'a task', 'tasks a second', 'p50 of calls', 'p99 of calls'])
    const costs: number[] = []
    for (const size of sizes) {
      const { microseconds, p50, p99 } = await costOf(size, kind)
      costs.push(microseconds)
      show([
        '',
        String(size),
        `${microseconds.toFixed(1)} µs`,
        (1e6 / microseconds).toFixed(0),
        `${p50.toFixed(2)} ms`,
        `${p99.toFixed(2)} ms`,
      ])
    }
    const ratio = Math.max(...costs) / Math.min(...costs)
    console.log(`  dearest against cheapest size: ${ratio.toFixed(2)} × (aim: at most ${flatness})`)
    console.log(`  a new ranking of all instances: ${(await newRanking(kind)).toFixed(1)} ms`)
    const { microseconds, longestMs, p99 } = await throughTheLoop(count, kind)
    console.log(
      `  through the control loop: ${microseconds.toFixed(0)} µs a task; turns p99 ${p99.toFixed(1)} ms, longest ${longestMs.toFixed(1)} ms`,
    )
  }
  if (only.length === 0 || only.includes('large-service')) await largeService(show)
}

await placement(process.argv.slice(2))
