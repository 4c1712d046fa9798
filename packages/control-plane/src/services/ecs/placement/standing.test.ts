import type { PlacementStrategy } from '@aws-sdk/client-ecs'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { JournaledStore } from '../../../store/journaled-store.ts'
import { given, instanceArn, placementRequest, storeWith } from '../fixtures/rows.ts'
import { containerInstances, type TaskRow, tasks } from '../tables/index.ts'
import { type Placement, type PlacementRequest, place } from './place.ts'

const hosts = 6
const host = fc.integer({ min: 1, max: hosts })

/** What happens between two placements. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('task' as const), host, cpu: fc.integer({ min: 0, max: 700 }) }),
  fc.record({ kind: fc.constant('stop' as const), nth: fc.nat() }),
  fc.record({ kind: fc.constant('forget' as const), nth: fc.nat() }),
  fc.record({ kind: fc.constant('undone' as const), host, cpu: fc.integer({ min: 0, max: 700 }) }),
  fc.record({ kind: fc.constant('agent' as const), host, isConnected: fc.boolean() }),
  fc.record({ kind: fc.constant('drain' as const), host, isUndone: fc.boolean() }),
  fc.record({ kind: fc.constant('join' as const), host, zone: fc.constantFrom('a', 'b', 'c') }),
  fc.record({
    kind: fc.constant('place' as const),
    count: fc.integer({ min: 1, max: 5 }),
    group: fc.constantFrom('family:web', 'other', 'service:none'),
    isRun: fc.boolean(),
  }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const strategies: readonly (readonly PlacementStrategy[])[] = [
  [],
  [{ type: 'spread', field: 'instanceId' }],
  [{ type: 'binpack', field: 'cpu' }],
  [
    { type: 'spread', field: 'attribute:ecs.availability-zone' },
    { type: 'binpack', field: 'memory' },
  ],
  [
    { type: 'binpack', field: 'cpu' },
    { type: 'spread', field: 'attribute:ecs.availability-zone' },
  ],
  [{ type: 'random' }],
]
const constraints: readonly PlacementRequest['constraints'][] = [
  [],
  [{ type: 'distinctInstance' }],
  [{ type: 'memberOf', expression: 'runningTasksCount < 2' }],
  [{ type: 'memberOf', expression: 'not(task:group == other)' }],
]

const told = ({ choices, ...rest }: Placement) => ({
  chosen: choices.map(({ instance }) => instance.id),
  ...rest,
})

/** The same rows in a store that has never placed anything. */
const untouched = (store: JournaledStore): Promise<JournaledStore> =>
  storeWith({ instances: [...store.all(containerInstances)], tasks: [...store.all(tasks)] })

const taskOn = (number: number, on: number, cpu: number): TaskRow =>
  given.task(number, {
    containerInstanceArn: instanceArn(on),
    group: number % 2 === 0 ? 'family:web' : 'other',
    lastStatus: number % 3 === 0 ? 'RUNNING' : 'PENDING',
    reserved: { cpu, memoryMiB: cpu, ports: cpu % 5 === 0 ? ['80/tcp'] : [], gpuIds: [] },
  })

const take = (store: JournaledStore, step: Step, number: number): void => {
  const existing = [...store.all(tasks)]
  switch (step.kind) {
    case 'task':
      store.update(tx => tx.put(tasks, taskOn(number, step.host, step.cpu)))
      return
    case 'stop':
    case 'forget': {
      const task = existing[step.nth % existing.length]
      if (!task) return
      if (step.kind === 'forget') store.update(tx => tx.delete(tasks, task.id))
      else store.update(tx => tx.put(tasks, { ...task, desiredStatus: 'STOPPED', lastStatus: 'STOPPED' }))
      return
    }
    case 'undone':
      expect(() =>
        store.update(tx => {
          tx.put(tasks, taskOn(number, step.host, step.cpu))
          place(tx, placementRequest(), 1)
          throw new Error('undone')
        }),
      ).toThrow('undone')
      return
    case 'agent': {
      const instance = store.get(containerInstances, instanceArn(step.host))
      if (instance)
        store.update(tx => tx.put(containerInstances, { ...instance, agentConnected: step.isConnected }))
      return
    }
    case 'drain':
      drain(store, step.host, step.isUndone)
      return
    case 'join': {
      const { registered } = instanceOf(step.host, step.zone)
      const before = store.get(containerInstances, instanceArn(step.host))
      const cpu = before?.status === 'ACTIVE' ? registered.cpu + 200 : registered.cpu
      const row = { ...instanceOf(step.host, step.zone), registered: { ...registered, cpu } }
      store.update(tx => tx.put(containerInstances, row))
      return
    }
    case 'place':
      return
  }
}

const instanceOf = (number: number, zone: string) =>
  given.instance(number, { registered: { cpu: 1000, memoryMiB: 2000, ports: [], gpuIds: [] } }, zone)

/** No task goes there any more, unless it is undone after a look at it. */
const drain = (store: JournaledStore, number: number, isUndone: boolean): void => {
  const change = () =>
    store.update(tx => {
      const instance = tx.get(containerInstances, instanceArn(number))
      if (instance) tx.put(containerInstances, { ...instance, status: 'DRAINING' })
      if (!isUndone) return
      place(tx, placementRequest(), 1)
      throw new Error('undone')
    })
  if (isUndone) expect(change).toThrow('undone')
  else change()
}

const lastStep = { kind: 'place', count: 3, group: 'family:web', isRun: false } as const

it('ranks what it has kept as it would rank everything anew, whatever has happened meanwhile', async () => {
  const cases = fc.record({
    steps: fc.array(step, { maxLength: 20 }),
    strategy: fc.constantFrom(...strategies),
    constraints: fc.constantFrom(...constraints),
    ports: fc.constantFrom<readonly string[]>([], ['80/tcp']),
  })
  await fc.assert(
    fc.asyncProperty(cases, async ({ steps, ports, ...change }) => {
      const instances = Array.from({ length: hosts }, (_, index) =>
        instanceOf(index + 1, index < 4 ? 'a' : 'b'),
      )
      const store = await storeWith({ instances })
      const request = placementRequest({ ...change })
      const wanted = { ...request, requirements: { ...request.requirements, ports } }
      for (const [index, step] of [...steps, lastStep].entries()) {
        take(store, step, index * 10)
        if (step.kind !== 'place') continue
        const ofGroup = { ...wanted, group: step.group }
        const placement = place(store, ofGroup, step.count)
        expect(told(placement)).toEqual(told(place(await untouched(store), ofGroup, step.count)))
        if (!step.isRun) continue
        for (const [n, { instance }] of placement.choices.entries())
          take(store, { kind: 'task', host: Number(instance.id.slice(-6)), cpu: 256 }, index * 10 + n + 1)
      }
    }),
    { numRuns: 300 },
  )
})
