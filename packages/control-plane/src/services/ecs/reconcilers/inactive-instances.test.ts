import { expect, test } from 'vitest'
import { applyPlan } from '../../../control-loop/applier.ts'
import { given, instanceArn, start, storeWith } from '../fixtures/rows.ts'
import { containerInstances } from '../tables/index.ts'
import { inactiveInstanceReconciler } from './inactive-instances.ts'

const hour = 3_600_000
const inactive = given.instance(1, { status: 'INACTIVE', agentConnected: false, disconnectedAt: start })
const surroundings = (now: number) => ({ now, randomHex: () => '' })

test('A deregistered instance is forgotten after an hour', async () => {
  const store = await storeWith({ instances: [inactive, given.instance(2)] })
  expect([...inactiveInstanceReconciler.keys(store)]).toEqual([inactive.id])
  const early = inactiveInstanceReconciler.reconcile(store, inactive.id, surroundings(start))
  expect(early).toEqual({ expects: [], steps: [], wakeAt: start + hour })
  applyPlan(store, inactiveInstanceReconciler.reconcile(store, inactive.id, surroundings(start + hour)))
  expect([...store.all(containerInstances)].map(({ id }) => id)).toEqual([instanceArn(2)])
})

test('A deregistered instance stays as long as a task of its own can be described', async () => {
  const task = given.task(1, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED', stoppedAt: start + hour })
  const store = await storeWith({ instances: [inactive], tasks: [task] })
  const plan = inactiveInstanceReconciler.reconcile(store, inactive.id, surroundings(start + hour))
  expect(plan).toEqual({ expects: [], steps: [], wakeAt: start + 2 * hour })
})

test('Only an instance that is INACTIVE is queued', async () => {
  const store = await storeWith({})
  const table = containerInstances as never
  const { keysOf } = inactiveInstanceReconciler
  expect([...keysOf({ table, id: inactive.id, after: inactive }, store)]).toEqual([inactive.id])
  expect([...keysOf({ table, id: inactive.id, after: given.instance(1) }, store)]).toEqual([])
  expect([...keysOf({ table, id: inactive.id, before: inactive }, store)]).toEqual([])
})
