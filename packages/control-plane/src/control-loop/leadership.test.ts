import { expect, it, vi } from 'vitest'
import { createJournalMemory, createMemoryJournal } from '../journals/memory-journal.ts'
import { createStore } from '../store/journaled-store.ts'
import { task, tasks } from '../store/test-tables.ts'
import { lead } from './leadership.ts'

it('ends for the old leader when another server leads: its loop stops and its writes are not acknowledged', async () => {
  const memory = createJournalMemory()
  const startServer = async () => {
    const store = createStore({ tables: [tasks], histories: [], journal: createMemoryJournal(memory) })
    const loop = { start: vi.fn(), stop: vi.fn() }
    const onLost = vi.fn()
    const epoch = await lead({ store, loop, onLost })
    return { store, loop, onLost, epoch }
  }
  const old = await startServer()
  const next = await startServer()
  expect([old.epoch, next.epoch]).toEqual([1, 2])
  expect(old.loop.start).toHaveBeenCalledOnce()
  expect(old.loop.stop).not.toHaveBeenCalled()

  old.store.update(tx => tx.put(tasks, task('a')))
  await expect(old.store.durable()).rejects.toThrow('Another server leads')
  expect(old.loop.stop).toHaveBeenCalledOnce()
  expect(old.onLost).toHaveBeenCalledOnce()
  next.store.update(tx => tx.put(tasks, task('b')))
  await next.store.durable()
  expect(next.onLost).not.toHaveBeenCalled()
})

it('lets nothing be said of what was durable before, once another server leads', async () => {
  const memory = createJournalMemory()
  const startServer = async () => {
    const store = createStore({ tables: [tasks], histories: [], journal: createMemoryJournal(memory) })
    const onLost = vi.fn()
    await lead({ store, loop: { start: vi.fn(), stop: vi.fn() }, onLost })
    return { store, onLost }
  }
  const old = await startServer()
  old.store.update(tx => tx.put(tasks, task('a')))
  await old.store.durable()
  await old.store.durable()
  const next = await startServer()

  await expect(old.store.durable()).rejects.toThrow('Another server leads')
  expect(old.onLost).toHaveBeenCalledOnce()
  await next.store.durable()
})
