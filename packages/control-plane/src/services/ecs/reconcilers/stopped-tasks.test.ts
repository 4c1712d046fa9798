import { describe, expect, it } from 'vitest'
import { applyPlan } from '../../../control-loop/applier.ts'
import { given, start, storeWith } from '../fixtures/rows.ts'
import { clientTokens, stoppedTasks, tasks } from '../tables/index.ts'
import { stoppedTaskReconciler } from './stopped-tasks.ts'

const stopped = (number: number, stoppedAt = start) =>
  given.task(number, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED', stoppedAt })
const minute = String(Math.floor(start / 60_000))
const hour = 3_600_000

describe('a STOPPED task', () => {
  it('stays for an hour, and moves to history then', async () => {
    const store = await storeWith({
      tasks: [stopped(1), stopped(2), given.task(3), stopped(4, start + 120_000)],
    })
    const reconcile = (now: number) =>
      stoppedTaskReconciler.reconcile(store, minute, { now, randomHex: () => '' })
    const { wakeAt = 0 } = reconcile(start + hour)
    expect(wakeAt).toBeGreaterThanOrEqual(start + hour)
    expect(wakeAt).toBeLessThanOrEqual(start + hour + 60_000)
    applyPlan(store, reconcile(wakeAt))
    expect([...store.all(tasks)]).toEqual([given.task(3), stopped(4, start + 120_000)])
    const { records } = await store.history.read(stoppedTasks, given.cluster.id, { oldestFirst: true })
    expect(records).toEqual([stopped(1), stopped(2)])
  })

  it('goes with the others of its minute, slice by slice', async () => {
    const store = await storeWith({ tasks: Array.from({ length: 300 }, (_, number) => stopped(number)) })
    const surroundings = { now: start + hour + 60_000, randomHex: () => '' }
    const first = stoppedTaskReconciler.reconcile(store, minute, surroundings)
    expect(first.unfinished).toBe(true)
    applyPlan(store, first)
    expect(store.count(tasks, 'byStoppedMinute', minute)).toBe(50)
  })

  it('takes the clientToken of its call along when it was the last of it', async () => {
    const by = (number: number, token: string, stoppedAt?: number) => ({
      ...stopped(number, stoppedAt),
      clientTokenId: token,
    })
    const later = start + 120_000
    const store = await storeWith({
      tasks: [
        by(1, 'whole'),
        by(2, 'whole'),
        by(3, 'half'),
        by(4, 'half', later),
        by(5, 'again'),
        given.task(6),
      ],
    })
    const token = (id: string, ...numbers: number[]) => ({
      ...{ id, requestHash: '', expiresAt: start + 24 * hour },
      resourceArns: numbers.map(number => given.task(number).id),
    })
    store.update(tx => {
      for (const row of [token('whole', 1, 2), token('half', 3, 4), token('again', 6)])
        tx.put(clientTokens, row)
    })
    const reconcile = (key: string) => {
      const now = later + hour + 60_000
      return stoppedTaskReconciler.reconcile(store, key, { now, randomHex: () => '' })
    }
    applyPlan(store, reconcile(minute))
    expect([...store.all(clientTokens)].map(({ id }) => id)).toEqual(['again', 'half'])
    applyPlan(store, reconcile(String(Number(minute) + 2)))
    expect([...store.all(clientTokens)].map(({ id }) => id)).toEqual(['again'])
  })

  it('queues its minute when it stops, and when the server starts', async () => {
    const store = await storeWith({ tasks: [stopped(1), given.task(2)] })
    expect([...stoppedTaskReconciler.keys(store)]).toEqual([minute])
    const table = tasks as never
    const { keysOf } = stoppedTaskReconciler
    expect(keysOf({ table, id: '', before: given.task(1), after: stopped(1) }, store)).toEqual([minute])
    expect(keysOf({ table, id: '', before: stopped(1), after: stopped(1) }, store)).toEqual([])
    expect(keysOf({ table, id: '', after: given.task(1) }, store)).toEqual([])
  })
})
