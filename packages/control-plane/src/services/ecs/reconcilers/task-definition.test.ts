import { expect, it } from 'vitest'
import { applyPlan } from '../../../control-loop/applier.ts'
import type { Store } from '../../../store/view.ts'
import { given, storeWith } from '../fixtures/rows.ts'
import { deployment, service } from '../fixtures/service-world.ts'
import { deployments, services, taskDefinitions, tasks } from '../tables/index.ts'
import { taskDefinitionReconciler } from './task-definition.ts'

const deleting = given.taskDefinition({}, { status: 'DELETE_IN_PROGRESS' })
const other = given.taskDefinition({}, { id: `${deleting.id}0`, revision: 10 })

/** Reconciles where no row can be walked: tasks of the family may be a great many. */
const reconcile = (store: Store): boolean => {
  const walk = (): never => {
    throw new Error('Rows were walked')
  }
  const bound = (name: 'get' | 'count' | 'total' | 'versionOf') => ({ value: store[name].bind(store) })
  const view: Store = Object.create(store, {
    ...{ get: bound('get'), count: bound('count'), total: bound('total'), versionOf: bound('versionOf') },
    ...{ where: { value: walk }, all: { value: walk } },
  })
  applyPlan(store, taskDefinitionReconciler.reconcile(view, deleting.id, { now: 0, randomHex: () => '' }))
  return store.get(taskDefinitions, deleting.id) === undefined
}

it('deletes a revision once no task, deployment or service is of it', async () => {
  const store = await storeWith({ taskDefinitions: [deleting, other] })
  const stopped = given.task(1, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED' })
  store.update(tx => {
    tx.put(tasks, stopped)
    tx.put(tasks, given.task(2, { taskDefinitionArn: other.id }))
    tx.put(services, service())
    tx.put(deployments, deployment(1))
  })
  expect(reconcile(store)).toBe(false)
  store.update(tx => tx.delete(tasks, stopped.id))
  expect(reconcile(store)).toBe(false)
  store.update(tx => tx.delete(deployments, deployment(1).id))
  expect(reconcile(store)).toBe(false)
  store.update(tx => tx.put(services, service({ status: 'INACTIVE' })))
  expect(reconcile(store)).toBe(true)
  expect(store.get(taskDefinitions, other.id)).toEqual(other)
})

it.each([
  ['task', (store: Store) => store.update(tx => tx.put(tasks, given.task(1)))],
  ['deployment', (store: Store) => store.update(tx => tx.put(deployments, deployment(1)))],
  ['service', (store: Store) => store.update(tx => tx.put(services, service()))],
])('keeps a revision that a %s is of', async (_, put) => {
  const store = await storeWith({ taskDefinitions: [deleting] })
  put(store)
  expect(reconcile(store)).toBe(false)
})

it('keeps a revision that is not being deleted', async () => {
  const store = await storeWith({ taskDefinitions: [{ ...deleting, status: 'INACTIVE' }] })
  expect(reconcile(store)).toBe(false)
})
