import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { JournaledStore } from '../../../store/journaled-store.ts'
import type { Row, Table } from '../../../store/table.ts'
import { given, instanceArn, storeWith } from '../fixtures/rows.ts'
import { service } from '../fixtures/service-world.ts'
import { containerInstances, tasks } from '../tables/index.ts'
import { DaemonPlaces, daemonPlacesOf, daemonRequestOf } from './daemon-places.ts'

const daemon = service({
  schedulingStrategy: 'DAEMON',
  placementConstraints: [
    { type: 'memberOf', expression: 'attribute:edge == yes and not(task:group == family:db)' },
  ],
})
const definition = given.taskDefinition()
const small = { cpu: 300, memoryMiB: 600, ports: [], gpuIds: [] }

const numbers = [1, 2, 3, 4, 5, 6]

/** What can become of an instance, and of the tasks there. */
const changes = {
  join: (n: number) => put(containerInstances, given.instance(n, { registered: small, attributes: edge })),
  disconnect: (n: number) =>
    put(
      containerInstances,
      given.instance(n, { registered: small, attributes: edge, agentConnected: false }),
    ),
  'lose its attribute': (n: number) => put(containerInstances, given.instance(n)),
  drain: (n: number) => put(containerInstances, given.instance(n, { status: 'DRAINING', attributes: edge })),
  forget: (n: number) => (store: JournaledStore) =>
    store.update(tx => tx.delete(containerInstances, instanceArn(n))),
  'get its daemon': (n: number) => put(tasks, daemonTask(n)),
  'lose its daemon': (n: number) => put(tasks, { ...daemonTask(n), lastStatus: 'STOPPED' as const }),
  'give its daemon up': (n: number) =>
    put(tasks, { ...daemonTask(n), lastStatus: 'STOPPED' as const, stopUnconfirmed: true as const }),
  'get another task': (n: number) => put(tasks, other(n)),
  'get a database': (n: number) => put(tasks, { ...other(n), group: 'family:db' }),
  'lose the other task': (n: number) => put(tasks, { ...other(n), lastStatus: 'STOPPED' as const }),
  'change nothing': (n: number) => (store: JournaledStore) => {
    expect(() =>
      store.update(tx => {
        tx.put(tasks, daemonTask(n))
        tx.delete(containerInstances, instanceArn(n))
        throw new Error('undone')
      }),
    ).toThrow('undone')
  },
} as const

const put =
  <R extends Row>(table: Table<R>, row: R) =>
  (store: JournaledStore) =>
    store.update(tx => tx.put(table, row))

const edge = [...given.instance(1).attributes, { name: 'edge', value: 'yes' }]
const daemonTask = (n: number) =>
  given.task(n, { serviceArn: daemon.id, isDaemon: true, containerInstanceArn: instanceArn(n) })
const other = (n: number) => given.task(n + 100, { containerInstanceArn: instanceArn(n) })

const seenBy = (places: DaemonPlaces, store: JournaledStore) => ({
  wanted: numbers.filter(n => places.isWanted(instanceArn(n))),
  vacant: numbers.filter(n => places.isVacant(instanceArn(n))),
  misplaced: numbers.filter(n => places.isMisplaced(instanceArn(n))),
  counts: [places.wanted, places.vacancies, places.hasMisplaced],
  chosen: places
    .choose(store, 10)
    .map(({ instance }) => instance.id)
    .sort(),
  full: places.refusals.map(({ containerInstanceArn }) => containerInstanceArn),
})

it('follows every change as if it had looked at everything anew', async () => {
  const steps = fc.array(
    fc.record({
      kind: fc.constantFrom(...(Object.keys(changes) as (keyof typeof changes)[])),
      n: fc.constantFrom(...numbers),
      isLookedAt: fc.boolean(),
    }),
    { maxLength: 40 },
  )
  await fc.assert(
    fc.asyncProperty(steps, async plan => {
      const store = await storeWith({ taskDefinitions: [definition] })
      for (const { kind, n, isLookedAt } of plan) {
        changes[kind](n)(store)
        if (!isLookedAt) continue
        const kept = seenBy(daemonPlacesOf(store, daemon, definition), store)
        expect(kept).toEqual(
          seenBy(
            new DaemonPlaces(daemon.id, daemonRequestOf(store, daemon, definition)).follow(store),
            store,
          ),
        )
      }
    }),
    { numRuns: 150 },
  )
})

it('looks again at all instances when too much has changed to be followed', async () => {
  const store = await storeWith({
    instances: numbers.map(n => given.instance(n, { attributes: edge })),
    taskDefinitions: [definition],
  })
  expect(daemonPlacesOf(store, daemon, definition).vacancies).toBe(6)
  store.update(tx => tx.put(tasks, daemonTask(3)))
  for (let round = 0; round < 5000; round++)
    store.update(tx => tx.put(tasks, { ...daemonTask(4), version: round }))
  expect(seenBy(daemonPlacesOf(store, daemon, definition), store)).toMatchObject({ vacant: [1, 2, 5, 6] })
})

it('keeps what it knows while nothing of what the service needs changes', async () => {
  const store = await storeWith({ taskDefinitions: [definition] })
  const places = daemonPlacesOf(store, daemon, definition)
  const constraints = structuredClone(daemon.placementConstraints)
  expect(daemonPlacesOf(store, { ...daemon, placementConstraints: constraints }, definition)).toBe(places)
  expect(daemonPlacesOf(store, { ...daemon, placementConstraints: [] }, definition)).not.toBe(places)
  expect(daemonPlacesOf(store, daemon, given.taskDefinition())).not.toBe(places)
})
