import { expect, it } from 'vitest'
import { applyPlan } from '../../../control-loop/applier.ts'
import { given, instanceArn, start, storeWith } from '../fixtures/rows.ts'
import { containerInstances, tasks } from '../tables/index.ts'
import { drainingTasksReconciler } from './draining-tasks.ts'

const surroundings = { now: start, randomHex: () => '' }

it('drops the marks of a draining instance when a task, or the instance, has changed since', async () => {
  const task = given.task(1, { serviceArn: 'service' })
  const store = await storeWith({ instances: [given.instance(1, { status: 'DRAINING' })], tasks: [task] })
  const plan = drainingTasksReconciler.reconcile(store, instanceArn(1), surroundings)
  store.update(tx => tx.put(tasks, { ...task, desiredStatus: 'STOPPED' }))
  expect(applyPlan(store, plan)).toBe(false)
  const next = drainingTasksReconciler.reconcile(store, instanceArn(1), surroundings)
  store.update(tx => tx.put(containerInstances, given.instance(1)))
  expect(applyPlan(store, next)).toBe(false)
  expect(store.get(tasks, task.id)).toMatchObject({ desiredStatus: 'STOPPED' })
  expect(store.get(tasks, task.id)?.onDrainingInstance).toBeUndefined()
})
