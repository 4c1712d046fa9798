import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { soonInShortTurns } from '@berth/aws-api'
import { serviceArn } from '@berth/model'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ControlLoop, createControlLoop } from './control-loop/loop.ts'
import { createSqliteJournal } from './journals/sqlite/sqlite-journal.ts'
import { given, instanceArn, scope } from './services/ecs/fixtures/rows.ts'
import { deployment, service } from './services/ecs/fixtures/service-world.ts'
import { createEcsService, ecsTables } from './services/ecs/index.ts'
import {
  clusters,
  containerInstances,
  deployments,
  type ServiceRow,
  services,
  taskDefinitions,
  tasks,
} from './services/ecs/tables/index.ts'
import { createStore, type JournaledStore } from './store/journaled-store.ts'
import { createSystemClock } from './system-clock.ts'
import { tableModules } from './table-modules.ts'

const serviceCount = 200
const tasksPerService = 500
const instanceCount = 500
/** Turns that took less did next to nothing, and are not counted. */
const idleTurnMs = 1
/** The aim; garbage may be collected in a turn, and what it takes grows when other programs take the processor's caches. */
const turnMs = 10
const longestTurnMs = 3 * turnMs

const directory = mkdtempSync(join(tmpdir(), 'berth-turns-'))
const newId = (): string => randomBytes(16).toString('hex')
const openStore = (): JournaledStore =>
  createStore({ ...ecsTables, journal: createSqliteJournal({ directory, tableModules }) })

const serviceRow = (number: number, change: Partial<ServiceRow> = {}): ServiceRow =>
  service({
    id: serviceArn(scope, 'default', `web-${number}`),
    name: `web-${number}`,
    desiredCount: tasksPerService,
    primaryDeploymentId: `ecs-svc/${number}`,
    steadyAt: Date.now(),
    ...change,
  })

beforeAll(async () => {
  const store = openStore()
  await store.load()
  store.update(tx => {
    tx.put(clusters, given.cluster)
    tx.put(taskDefinitions, given.taskDefinition())
    const registered = { cpu: 1e9, memoryMiB: 1e9, ports: [], gpuIds: [] }
    for (let number = 0; number < instanceCount; number++)
      tx.put(containerInstances, given.instance(number, { registered }, 'abc'[number % 3]))
  })
  for (let number = 0; number < serviceCount; number++) {
    store.update(tx => {
      const row = serviceRow(number)
      const { id: serviceArn, primaryDeploymentId: deploymentId, desiredCount } = row
      tx.put(services, row)
      tx.put(deployments, deployment(number, { serviceArn, desiredCount, rolloutState: 'COMPLETED' }))
      for (let made = 0; made < tasksPerService; made++) {
        const containerInstanceArn = instanceArn((number + made) % instanceCount)
        const of = { serviceArn, deploymentId, containerInstanceArn, startedBy: deploymentId }
        tx.put(tasks, given.task(newId(), { ...of, lastStatus: 'RUNNING', startedAt: 1 }))
      }
    })
    await nextTurn()
  }
  await store.close()
}, 60_000)

afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** The loop of the server. */
const startLoop = (store: JournaledStore): ControlLoop => {
  const clock = createSystemClock()
  const lostAfterMs = { berth: 3_600_000, ecs: 3_600_000 }
  const { reconcilers } = createEcsService({ startedAt: () => clock.now(), lostAfterMs, taskSettleMs: 2_000 })
  const loop = createControlLoop({
    store,
    clock,
    reconcilers,
    randomHex: bytes => randomBytes(bytes).toString('hex'),
    schedule: soonInShortTurns,
    onFault: error => {
      throw error
    },
  })
  loop.start()
  return loop
}

/**
 * What each turn of the event loop takes of the processor until the end is asked for, in milliseconds, whoever takes it:
 * the store, the control loop, the journal's messages, the garbage collector. Waiting for a processor is not in it.
 */
const measureTurns = (): (() => readonly number[]) => {
  const turnsMs: number[] = []
  let ended = false
  let before = process.threadCpuUsage()
  const measure = (): void => {
    const { user, system } = process.threadCpuUsage(before)
    turnsMs.push((user + system) / 1000)
    before = process.threadCpuUsage()
    if (!ended) setImmediate(measure)
  }
  setImmediate(measure)
  return () => {
    ended = true
    return turnsMs
  }
}

const expectShort = (turnsMs: readonly number[]): void => {
  const sorted = turnsMs.filter(ms => ms > idleTurnMs).toSorted((a, b) => a - b)
  expect(sorted.at(Math.floor(sorted.length * 0.9))).toBeLessThan(turnMs)
  expect(sorted.at(-1)).toBeLessThan(longestTurnMs)
}

const settled = async (loop: ControlLoop): Promise<void> => {
  while (!loop.idle()) await nextTurn()
}

it('bounds the turns of the event loop while 100,000 tasks are loaded, reconciled and rolled', async () => {
  const endLoading = measureTurns()
  const store = openStore()
  await store.load()
  expect(
    [...store.all(services)].reduce(
      (sum, { id }) => sum + store.count(tasks, 'byService', `${id}|RUNNING`),
      0,
    ),
  ).toBe(serviceCount * tasksPerService)
  expectShort(endLoading())
  const endMeasuring = measureTurns()
  const loop = startLoop(store)
  await settled(loop)
  for (let number = 0; number < 10; number++) {
    store.update(tx => tx.put(services, serviceRow(number, { desiredCount: number % 2 === 0 ? 700 : 300 })))
    await nextTurn()
  }
  await settled(loop)
  await store.durable()
  loop.stop()
  expectShort(endMeasuring())
  await store.close()
}, 60_000)
