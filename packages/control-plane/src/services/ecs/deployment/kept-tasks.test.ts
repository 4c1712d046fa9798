import fc from 'fast-check'
import { expect, it } from 'vitest'
import { given, start, storeWith } from '../fixtures/rows.ts'
import { deployment, service, webArn } from '../fixtures/service-world.ts'
import { type TaskRow, tasks } from '../tables/index.ts'
import { KeptTasks, type LookedAt, readAll } from './kept-tasks.ts'

const deployments = [deployment(1), deployment(2)]
const health = { taskSettleMs: 2_000, gracePeriodMs: 5_000 }

/** What happens between two looks. */
const step = fc.oneof(
  fc.record({
    kind: fc.constant('put' as const),
    number: fc.integer({ min: 1, max: 12 }),
    of: fc.constantFrom('ecs-svc/1', 'ecs-svc/2'),
    lastStatus: fc.constantFrom('PENDING' as const, 'RUNNING' as const, 'STOPPED' as const),
    healthStatus: fc.constantFrom('UNKNOWN' as const, 'UNHEALTHY' as const),
    protectedFor: fc.constantFrom(undefined, 3_000),
    isUndone: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('forget' as const), number: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 4_000 }) }),
  fc.record({ kind: fc.constant('look' as const), atMost: fc.integer({ min: 1, max: 4 }) }),
)

const byId = (all: Iterable<LookedAt>) => new Map([...all].map(one => [one.task.id, one]))
const undone = new Error('undone')

it('looks, slice by slice, at the same tasks in the same condition as who reads them all', async () => {
  let looks = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async steps => {
      const store = await storeWith({})
      const kept = new KeptTasks('', health)
      let now = start
      for (const taken of steps)
        switch (taken.kind) {
          case 'put': {
            const { number, of, lastStatus, healthStatus, protectedFor, isUndone } = taken
            const row: TaskRow = given.task(number, {
              serviceArn: webArn,
              deploymentId: of,
              lastStatus,
              healthStatus,
              ...(lastStatus !== 'PENDING' && { startedAt: now }),
              ...(protectedFor !== undefined && { protectedUntil: now + protectedFor }),
            })
            try {
              store.update(tx => {
                tx.put(tasks, row)
                if (isUndone) throw undone
              })
            } catch (error) {
              if (error !== undone) throw error
            }
            break
          }
          case 'forget': {
            const { id } = given.task(taken.number)
            store.update(tx => tx.delete(tasks, id))
            break
          }
          case 'pass':
            now += taken.ms
            break
          case 'look':
            kept.follow(store, service(), now)
            if (!kept.read(store, service(), deployments, now, taken.atMost)) break
            looks += 1
            expect(byId(kept.all())).toEqual(byId(readAll(store, service(), deployments, health, now)))
        }
    }),
    { numRuns: 150 },
  )
  expect(looks).toBeGreaterThan(200)
})

it('reads everything anew after more changes than are remembered', async () => {
  const store = await storeWith({})
  const kept = new KeptTasks('', health)
  const look = () => {
    kept.follow(store, service(), start)
    return kept.read(store, service(), deployments, start, 1) && [...kept.all()].length
  }
  const put = (number: number) =>
    store.update(tx => tx.put(tasks, given.task(number, { serviceArn: webArn, deploymentId: 'ecs-svc/1' })))
  put(1)
  expect(look()).toBe(1)
  for (let number = 0; number < 9_000; number++) put(1 + (number % 2))
  expect(look()).toBe(false)
  expect(look()).toBe(2)
})
