import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { createJournalMemory, createMemoryJournal } from '../journals/memory-journal.ts'
import type { Journal } from '../store/journal.ts'
import { createStore } from '../store/journaled-store.ts'
import { EffectRunner, newEffect, type Performer } from './effects.ts'
import { effects } from './effects-table.ts'
import { ManualClock } from './manual-clock.ts'

const start = async (hook: Performer, journal: Journal = createMemoryJournal()) => {
  const store = createStore({ tables: [effects], histories: [], journal, freeze: true })
  await store.load()
  const clock = new ManualClock(1000)
  const onFault = vi.fn()
  const runner = new EffectRunner({ store, clock, performers: { hook }, onFault })
  runner.start()
  const put = (kind = 'hook') =>
    store.update(tx =>
      tx.put(effects, newEffect({ id: 'e', kind, request: { n: 1 }, deadline: 60_000 }, 1000)),
    )
  const effect = () => store.get(effects, 'e')
  return { store, clock, runner, onFault, put, effect }
}

it('performs an effect once its row is durable, and writes the result as a report', async () => {
  const journal = createMemoryJournal()
  const { promise: onDisk, resolve: reachDisk } = Promise.withResolvers<void>()
  const held: Journal = {
    ...journal,
    append: async group => {
      await onDisk
      await journal.append(group)
    },
  }
  const hook = vi.fn<Performer>(async ({ id }) => ({ answered: id }))
  const { store, put, effect } = await start(hook, held)
  put()
  await nextTurn()
  expect(hook).not.toHaveBeenCalled()
  reachDisk()
  await vi.waitFor(() => expect(effect()?.result).toEqual({ outcome: 'done', value: { answered: 'e' } }))
  expect(hook.mock.calls[0]?.[0]).toMatchObject({ id: 'e', request: { n: 1 }, attempt: 0 })
  await store.durable()
  expect(hook).toHaveBeenCalledOnce()
})

it('tries again at the time in the row, until it works', async () => {
  let failing = true
  const hook = vi.fn<Performer>(async () => {
    if (failing) throw new Error('not yet')
  })
  const { clock, put, effect } = await start(hook)
  put()
  await vi.waitFor(() => expect(effect()).toMatchObject({ attempt: 1, notBefore: 2000 }))
  failing = false
  clock.advanceTo(1999)
  expect(hook).toHaveBeenCalledOnce()
  await vi.waitFor(() => expect(clock.nextTimerAt).toBe(2000))
  clock.advanceTo(2000)
  await vi.waitFor(() => expect(effect()?.result).toEqual({ outcome: 'done', value: null }))
})

it('leaves the outside alone as long as it wants', async () => {
  const hook: Performer = () => Promise.reject(Object.assign(new Error('busy'), { retryAfterMs: 30_000 }))
  const { put, effect } = await start(hook)
  put()
  await vi.waitFor(() => expect(effect()).toMatchObject({ attempt: 1, notBefore: 31_000 }))
})

it('performs again after a crash, with the same id', async () => {
  const memory = createJournalMemory()
  const first = await start(() => new Promise(() => undefined), createMemoryJournal(memory))
  first.put()
  await first.store.durable()
  first.runner.stop()
  const hook = vi.fn<Performer>(async () => 'done')
  const second = await start(hook, createMemoryJournal(memory))
  await vi.waitFor(() => expect(second.effect()?.result).toEqual({ outcome: 'done', value: 'done' }))
  expect(hook.mock.calls[0]?.[0]).toMatchObject({ id: 'e', attempt: 0 })
})

it('fails an effect at its deadline, even when the performer does not heed its signal', async () => {
  const hook = vi.fn<Performer>(() => new Promise(() => undefined))
  const { clock, put, effect } = await start(hook)
  put()
  await vi.waitFor(() => expect(hook).toHaveBeenCalled())
  clock.advanceTo(60_000)
  const error = expect.stringContaining('deadline has passed')
  await vi.waitFor(() => expect(effect()?.result).toEqual({ outcome: 'failed', error }))
})

it('fails at once what cannot be tried again, and what nothing performs', async () => {
  const final = Object.assign(new Error('gone for good'), { retryable: false })
  const one = await start(() => Promise.reject(final))
  one.put()
  await vi.waitFor(() => expect(one.effect()?.result).toEqual({ outcome: 'failed', error: 'gone for good' }))
  const other = await start(async () => undefined)
  other.put('unheard-of')
  const error = 'Nothing performs unheard-of'
  await vi.waitFor(() => expect(other.effect()?.result).toEqual({ outcome: 'failed', error }))
})

it('aborts an effect that is not wanted any more', async () => {
  const signals: AbortSignal[] = []
  const hook: Performer = ({ signal }) => {
    signals.push(signal)
    return new Promise(() => undefined)
  }
  const { store, put, onFault } = await start(hook)
  put()
  await vi.waitFor(() => expect(signals).toHaveLength(1))
  store.update(tx => tx.delete(effects, 'e'))
  expect(signals[0]?.aborted).toBe(true)
  await nextTurn()
  expect(store.get(effects, 'e')).toBeUndefined()
  expect(onFault).not.toHaveBeenCalled()
})

it('waits after a fault, instead of trying again without end', async () => {
  const journal: Journal = { ...createMemoryJournal(), append: () => Promise.reject(new Error('disk full')) }
  const { clock, put, onFault } = await start(async () => undefined, journal)
  put()
  await vi.waitFor(() => expect(onFault).toHaveBeenCalledOnce())
  await nextTurn()
  expect(onFault).toHaveBeenCalledOnce()
  clock.advanceTo(2000)
  await vi.waitFor(() => expect(onFault).toHaveBeenCalledTimes(2))
})
