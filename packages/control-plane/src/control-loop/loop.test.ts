import { describe, expect, it, vi } from 'vitest'
import { createMemoryJournal } from '../journals/memory-journal.ts'
import { createStore } from '../store/journaled-store.ts'
import { events, type TaskRow, task, tasks } from '../store/test-tables.ts'
import { applyPlan } from './applier.ts'
import { createControlLoop } from './loop.ts'
import { ManualClock } from './manual-clock.ts'
import { append, type Plan, put, type Reconciler } from './plan.ts'

const nothing: Plan = { expects: [], steps: [] }

const reconciler = (name: string, reconcile: Reconciler['reconcile']): Reconciler => ({
  name,
  keys: function* (view) {
    for (const { id } of view.all(tasks)) yield id
  },
  tables: [tasks],
  keysOf: ({ id }) => [id],
  reconcile,
})

const start = async (...reconcilers: Reconciler[]) => {
  const store = createStore({
    tables: [tasks],
    histories: [events],
    journal: createMemoryJournal(),
    freeze: true,
  })
  await store.load()
  const clock = new ManualClock(1000)
  const onFault = vi.fn()
  const turns: (() => void)[] = []
  const loop = createControlLoop({
    store,
    reconcilers,
    clock,
    randomHex: bytes => '00'.repeat(bytes),
    schedule: turn => turns.push(turn),
    onFault,
  })
  return { store, clock, loop, onFault, turns }
}

const promote =
  (status: string, next: string): Reconciler['reconcile'] =>
  (view, key) => {
    const row = view.get(tasks, key)
    if (row?.status !== status) return nothing
    return { expects: [], steps: [put<TaskRow>(tasks, { ...row, status: next })] }
  }

describe('the control loop', () => {
  it('reconciles every key at start, and then what changes concern, until nothing is left', async () => {
    const { store, loop } = await start(
      reconciler('one', promote('PENDING', 'RUNNING')),
      reconciler('two', promote('RUNNING', 'STOPPED')),
    )
    store.update(tx => tx.put(tasks, task('a')))
    loop.start()
    loop.runUntilIdle()
    expect(store.get(tasks, 'a')?.status).toBe('STOPPED')
    store.update(tx => tx.put(tasks, task('b')))
    expect(loop.idle()).toBe(false)
    loop.runUntilIdle()
    expect(store.get(tasks, 'b')?.status).toBe('STOPPED')
  })

  it('runs in scheduled turns, which end when their time is over', async () => {
    const seen: string[] = []
    const slow = reconciler('slow', (_, key) => {
      seen.push(key)
      clock.advance(1.5)
      return nothing
    })
    const { store, loop, clock, turns } = await start(slow)
    store.update(tx => {
      for (const id of ['a', 'b', 'c']) tx.put(tasks, task(id))
    })
    loop.start()
    turns.shift()?.()
    expect(seen).toEqual(['a', 'b'])
    turns.shift()?.()
    expect([seen, turns.length, loop.idle()]).toEqual([['a', 'b', 'c'], 0, true])
  })

  it('wakes a key at the time that its plan says', async () => {
    const times: number[] = []
    const waking = reconciler('waking', (_view, _key, { now }) => {
      times.push(now)
      return now < 1500 ? { ...nothing, wakeAt: 1500 } : nothing
    })
    const { store, loop, clock, turns } = await start(waking)
    store.update(tx => tx.put(tasks, task('a')))
    loop.start()
    for (const turn of turns.splice(0)) turn()
    clock.advanceTo(1499)
    expect([loop.idle(), turns.length]).toEqual([true, 0])
    clock.advanceTo(2000)
    for (const turn of turns.splice(0)) turn()
    expect(times).toEqual([1000, 2000])
  })

  it('keeps the earlier of two wakes, and lets a wake that is due already wait for time to pass', async () => {
    let wakeAt = 1900
    const passes = vi.fn()
    const waking = reconciler('waking', (_view, _key, { now }) => {
      passes(now)
      return { ...nothing, wakeAt }
    })
    const { store, loop, clock } = await start(waking)
    loop.start()
    store.update(tx => tx.put(tasks, task('a')))
    loop.runUntilIdle()
    wakeAt = 1200
    store.update(tx => tx.put(tasks, task('a', { cpu: 1 })))
    loop.runUntilIdle()
    expect(loop.nextWakeAt).toBe(1200)
    wakeAt = 0
    clock.advanceTo(1200)
    loop.runUntilIdle()
    expect([passes.mock.calls.flat(), loop.nextWakeAt]).toEqual([[1000, 1000, 1200], 1201])
  })

  it('reports a reconciler that throws, tries its key again with growing delay, and lets others go on', async () => {
    let broken = true
    const failing = reconciler('failing', () => {
      if (broken) throw new Error('broken')
      return nothing
    })
    const { store, loop, clock, onFault } = await start(
      failing,
      reconciler('one', promote('PENDING', 'RUNNING')),
    )
    loop.start()
    store.update(tx => tx.put(tasks, task('a')))
    loop.runUntilIdle()
    expect(store.get(tasks, 'a')?.status).toBe('RUNNING')
    const before = onFault.mock.calls.length
    clock.advance(10_000)
    loop.runUntilIdle()
    expect(onFault.mock.calls.length).toBe(before + 1)
    expect(onFault.mock.calls[0]?.[1]).toEqual({ reconciler: 'failing', key: 'a' })
    broken = false
    clock.advance(60_000)
    loop.runUntilIdle()
    expect(loop.nextWakeAt).toBeUndefined()
    broken = true
    store.update(tx => tx.put(tasks, task('a', { cpu: 1 })))
    loop.runUntilIdle()
    expect(loop.nextWakeAt).toBe(clock.now() + 100)
  })

  it('drops a plan made from rows that have changed since, and asks again', async () => {
    let version: number | undefined = 99
    const expecting = reconciler('expecting', (view, key) => {
      const stale = { expects: [{ table: tasks as never, id: key, version }] }
      version = view.versionOf(tasks, key)
      return {
        ...stale,
        steps: promote('PENDING', 'RUNNING')(view, key, { now: 0, randomHex: () => '' }).steps,
      }
    })
    const { store, loop, onFault } = await start(expecting)
    store.update(tx => tx.put(tasks, task('a')))
    loop.start()
    loop.runUntilIdle()
    expect(store.get(tasks, 'a')?.status).toBe('RUNNING')
    expect(onFault).not.toHaveBeenCalled()
  })

  it('queues all keys of a reconciler whose keysOf throws', async () => {
    const clumsy: Reconciler = {
      ...reconciler('clumsy', promote('PENDING', 'RUNNING')),
      keysOf: () => {
        throw new Error('clumsy')
      },
    }
    const { store, loop, onFault } = await start(clumsy)
    loop.start()
    loop.runUntilIdle()
    store.update(tx => tx.put(tasks, task('a')))
    loop.runUntilIdle()
    expect(store.get(tasks, 'a')?.status).toBe('RUNNING')
    expect(onFault).toHaveBeenCalled()
  })

  it('goes on with an unfinished plan behind the other keys', async () => {
    const seen: string[] = []
    const sliced = reconciler('sliced', (_view, key) => {
      seen.push(key)
      return { ...nothing, unfinished: key === 'a' && seen.length < 3 }
    })
    const { store, loop } = await start(sliced)
    loop.start()
    store.update(tx => {
      tx.put(tasks, task('a'))
      tx.put(tasks, task('b'))
    })
    loop.runUntilIdle()
    expect(seen).toEqual(['a', 'b', 'a'])
  })

  it('does nothing after it was stopped, and begins from all keys when started again', async () => {
    const { store, loop } = await start(reconciler('one', promote('PENDING', 'RUNNING')))
    loop.start()
    loop.stop()
    store.update(tx => tx.put(tasks, task('a')))
    loop.runUntilIdle()
    expect(store.get(tasks, 'a')?.status).toBe('PENDING')
    loop.start()
    loop.runUntilIdle()
    expect(store.get(tasks, 'a')?.status).toBe('RUNNING')
  })
})

describe('the applier', () => {
  it('drops a plan whose rows have changed, whole', async () => {
    const { store } = await start()
    store.update(tx => tx.put(tasks, task('a')))
    const plan: Plan = {
      expects: [{ table: tasks as never, id: 'a', version: 1 }],
      steps: [put<TaskRow>(tasks, task('b')), append(events, { service: 's', message: 'm' })],
    }
    store.update(tx => tx.put(tasks, task('a', { cpu: 1 })))
    expect(applyPlan(store, plan)).toBe(false)
    expect(store.get(tasks, 'b')).toBeUndefined()
    expect(applyPlan(store, { ...plan, expects: [] })).toBe(true)
    expect(store.get(tasks, 'b')).toEqual(task('b'))
  })
})
