import { describe, expect, it, vi } from 'vitest'
import { createJournalMemory, createMemoryJournal } from '../journals/memory-journal.ts'
import { JournalFailure } from './journal.ts'
import { createStore, type StoreOptions } from './journaled-store.ts'
import { StaleRead } from './stale-read.ts'
import { defineTable } from './table.ts'
import { events, task, tasks, testTables } from './test-tables.ts'
import type { Commit, Transaction } from './view.ts'

const openStore = async (options: Partial<StoreOptions> = {}) => {
  const store = createStore({
    tables: testTables,
    histories: [events],
    journal: createMemoryJournal(),
    freeze: true,
    ...options,
  })
  await store.load()
  return store
}

const idsOf = (rows: Iterable<{ id: string }>) => [...rows].map(({ id }) => id)

describe('a transaction', () => {
  it('sees its own writes, and everyone sees them once it has committed', async () => {
    const store = await openStore()
    store.update(tx => {
      tx.put(tasks, task('b'))
      tx.put(tasks, task('a', { tags: ['x', 'y'] }))
      expect(idsOf(tx.where(tasks, 'byCluster', 'default'))).toEqual(['a', 'b'])
      expect(tx.sequence).toBe(0)
    })
    expect(store.sequence).toBe(1)
    expect(store.get(tasks, 'a')).toEqual(task('a', { tags: ['x', 'y'] }))
    expect(store.versionOf(tasks, 'a')).toBe(1)
    expect(idsOf(store.where(tasks, 'byTag', 'y'))).toEqual(['a'])
    expect(store.total(tasks, 'usage', 'default')).toEqual({ tasks: 2, cpu: 512 })
  })

  it('undoes rows, indexes, totals and the sequence when it throws', async () => {
    const store = await openStore()
    store.update(tx => tx.put(tasks, task('a')))
    const fail = (tx: Transaction) => {
      tx.put(tasks, task('a', { cluster: 'other' }))
      tx.delete(tasks, 'a')
      tx.put(tasks, task('b'))
      throw new Error('no')
    }
    expect(() => store.update(fail)).toThrow('no')
    expect(store.sequence).toBe(1)
    expect(idsOf(store.all(tasks))).toEqual(['a'])
    expect(store.count(tasks, 'byCluster', 'other')).toBe(0)
    expect(store.total(tasks, 'usage', 'other')).toBeUndefined()
    expect(store.total(tasks, 'usage', 'default')).toEqual({ tasks: 1, cpu: 256 })
  })

  it('leaves a table as it was when a total refuses a row, even when the caller goes on', async () => {
    const store = await openStore()
    store.update(tx => {
      tx.put(tasks, task('a'))
      expect(() => tx.put(tasks, task('a', { cpu: -1 }))).toThrow('less than nothing')
    })
    expect(store.get(tasks, 'a')?.cpu).toBe(256)
    expect(store.total(tasks, 'usage', 'default')).toEqual({ tasks: 1, cpu: 256 })
  })

  it('refuses promises, and undoes what the asynchronous function wrote before its first await', async () => {
    const store = await openStore()
    const run = async (tx: Transaction) => tx.put(tasks, task('a'))
    expect(() => store.update(run)).toThrow('must be synchronous')
    expect(store.get(tasks, 'a')).toBeUndefined()
  })

  it('refuses nesting, unregistered tables, and use after its end', async () => {
    const store = await openStore()
    const other = defineTable<{ id: string }>()({ name: 'test.other', indexes: {} })
    let kept: Transaction | undefined
    store.update(tx => {
      kept = tx
    })
    expect(() => store.update(() => store.update(() => 1))).toThrow('inside an update')
    expect(() => store.update(tx => tx.put(other, { id: 'x' }))).toThrow('not registered')
    expect(() => kept?.put(tasks, task('a'))).toThrow('after its update had ended')
  })

  it('throws StaleRead when an expected version has changed', async () => {
    const store = await openStore()
    store.update(tx => tx.put(tasks, task('a')))
    store.update(tx => tx.expect(tasks, 'a', 1))
    store.update(tx => tx.expect(tasks, 'b', undefined))
    store.update(tx => tx.put(tasks, task('a', { cpu: 1 })))
    expect(() => store.update(tx => tx.expect(tasks, 'a', 1))).toThrow(StaleRead)
    expect(() => store.update(tx => tx.expect(tasks, 'a', undefined))).toThrow(StaleRead)
  })

  it('makes no commit when nothing has changed in the end', async () => {
    const store = await openStore()
    const row = task('a')
    store.update(tx => tx.put(tasks, row))
    store.update(tx => {
      tx.put(tasks, row)
      tx.put(tasks, task('b'))
      tx.delete(tasks, 'b')
    })
    expect(store.sequence).toBe(1)
  })

  it('may be written to while its rows are walked', async () => {
    const store = await openStore()
    const ids = Array.from({ length: 2000 }, (_, n) => `t${String(n).padStart(5, '0')}`)
    store.update(tx => {
      for (const id of ids) tx.put(tasks, task(id))
    })
    const walked: string[] = []
    store.update(tx => {
      for (const row of tx.where(tasks, 'byStatus', 'PENDING')) {
        walked.push(row.id)
        if (row.id.endsWith('3')) tx.delete(tasks, row.id)
        else tx.put(tasks, { ...row, status: 'RUNNING' })
      }
    })
    expect(walked).toEqual(ids)
    expect(store.count(tasks, 'byStatus', 'PENDING')).toBe(0)
    expect(store.count(tasks, 'byStatus', 'RUNNING')).toBe(1800)
    expect(idsOf(store.where(tasks, 'byStatus', 'RUNNING', 't01990'))).toEqual(
      ids.slice(1991).filter(id => !id.endsWith('3')),
    )
  })

  it('freezes rows deeply and refuses what JSON cannot hold', async () => {
    const store = await openStore()
    store.update(tx => tx.put(tasks, task('a', { tags: ['x'] })))
    expect(() => (store.get(tasks, 'a')!.tags as string[]).push('y')).toThrow(TypeError)
    expect(() => store.update(tx => tx.put(tasks, task('b', { cpu: Number.NaN })))).toThrow(
      'JSON cannot hold',
    )
    const exotic = { ...task('c'), tags: new Set(['x']) as unknown as string[] }
    expect(() => store.update(tx => tx.put(tasks, exotic))).toThrow('JSON cannot hold')
  })
})

describe('a watcher', () => {
  it('gets every commit in order, with the row before and after', async () => {
    const store = await openStore()
    const commits: Commit[] = []
    const stop = store.watch(commit => {
      expect(store.sequence).toBe(commit.sequence)
      commits.push(commit)
    })
    store.update(tx => tx.put(tasks, task('a')))
    store.update(tx => {
      tx.put(tasks, task('a', { cpu: 1 }))
      tx.put(tasks, task('a', { cpu: 2 }))
    })
    store.update(tx => tx.delete(tasks, 'a'))
    stop()
    store.update(tx => tx.put(tasks, task('a')))
    expect(commits).toEqual([
      { sequence: 1, changes: [{ table: tasks, id: 'a', after: task('a') }] },
      { sequence: 2, changes: [{ table: tasks, id: 'a', before: task('a'), after: task('a', { cpu: 2 }) }] },
      { sequence: 3, changes: [{ table: tasks, id: 'a', before: task('a', { cpu: 2 }) }] },
    ])
  })

  it('that throws or writes is reported, and neither the commit nor the other watchers suffer', async () => {
    const onFault = vi.fn()
    const store = await openStore({ onFault })
    const other = vi.fn()
    store.watch(() => store.update(tx => tx.delete(tasks, 'a')))
    store.watch(other)
    store.update(tx => tx.put(tasks, task('a')))
    expect(onFault.mock.calls[0]?.[0]).toMatchObject({ message: expect.stringContaining('only note keys') })
    expect(other).toHaveBeenCalledOnce()
    expect(store.get(tasks, 'a')).toEqual(task('a'))
    store.update(tx => tx.put(tasks, task('b')))
    expect(store.sequence).toBe(2)
  })
})

describe('a journalled store', () => {
  it('is the same after a restart, versions and history included', async () => {
    const memory = createJournalMemory()
    const first = await openStore({ journal: createMemoryJournal(memory) })
    first.update(tx => {
      tx.put(tasks, task('a'))
      tx.put(tasks, task('gone'))
      tx.append(events, { service: 's', message: '1' })
    })
    first.update(tx => tx.delete(tasks, 'gone'))
    first.update(tx => tx.put(tasks, task('b')))
    await first.durable()

    const second = await openStore({ journal: createMemoryJournal(memory) })
    expect(second.sequence).toBe(3)
    expect([...second.all(tasks)]).toEqual([task('a'), task('b')])
    expect(second.versionOf(tasks, 'b')).toBe(3)
    expect((await second.history.read(events, 's')).records).toEqual([{ service: 's', message: '1' }])
    expect([second.epoch, second.incarnation]).toEqual([2, first.incarnation])
  })

  it('gives history in pages both ways and forgets the oldest records of a key', async () => {
    const store = await openStore()
    for (const n of [1, 2, 3, 4, 5, 6, 7])
      store.update(tx => tx.append(events, { service: 's', message: `${n}` }))
    const newest = await store.history.read(events, 's', { limit: 3 })
    expect(newest.records.map(r => r.message)).toEqual(['7', '6', '5'])
    const rest = await store.history.read(events, 's', { limit: 3, from: newest.next! })
    expect([rest.records.map(r => r.message), rest.next]).toEqual([['4', '3'], undefined])
    const oldest = await store.history.read(events, 's', { limit: 2, oldestFirst: true })
    expect(oldest.records.map(r => r.message)).toEqual(['3', '4'])
    const then = await store.history.read(events, 's', { oldestFirst: true, from: oldest.next! })
    expect(then.records.map(r => r.message)).toEqual(['5', '6', '7'])
  })

  it('fails for good once another server leads: nothing is durable any more, and nothing is taken in', async () => {
    const memory = createJournalMemory()
    const old = await openStore({ journal: createMemoryJournal(memory) })
    const next = await openStore({ journal: createMemoryJournal(memory) })
    old.update(tx => tx.put(tasks, task('a')))
    await expect(old.durable()).rejects.toThrow(JournalFailure)
    expect((await old.failed).message).toContain('Another server leads')
    expect(() => old.update(tx => tx.put(tasks, task('b')))).toThrow(JournalFailure)
    next.update(tx => tx.put(tasks, task('c')))
    await next.durable()
    expect([...memory.rows.values()].map(({ row }) => row)).toEqual([task('c')])
  })

  it('sends the journal what has gathered, only the last version of a row, one group at a time', async () => {
    const journal = createMemoryJournal()
    const append = vi.spyOn(journal, 'append')
    const store = await openStore({ journal })
    for (const cpu of [1, 2, 3]) store.update(tx => tx.put(tasks, task('a', { cpu })))
    await store.durable()
    expect(append).toHaveBeenCalledOnce()
    expect(append.mock.calls[0]?.[0]).toMatchObject({
      from: 1,
      to: 3,
      rows: [{ sequence: 3, row: { cpu: 3 } }],
    })
    await expect(store.durable(9)).rejects.toThrow('has not been made')
  })

  it('tells its clock not to go below the last commit', async () => {
    const memory = createJournalMemory()
    const clock = (now: number) => ({ now: () => now, notBefore: vi.fn() })
    const first = await openStore({ journal: createMemoryJournal(memory), clock: clock(5000) })
    first.update(tx => tx.put(tasks, task('a')))
    await first.durable()
    const later = clock(1000)
    await openStore({ journal: createMemoryJournal(memory), clock: later })
    expect(later.notBefore).toHaveBeenCalledWith(5000)
  })

  it('knows since when it leads', async () => {
    const clock = { now: () => 7000, notBefore: vi.fn() }
    expect((await openStore({ clock })).loadedAt).toBe(7000)
  })

  it('is overloaded while more than 64 MiB wait', async () => {
    const journal = { ...createMemoryJournal(), meanWriteBytes: 40 * 1024 * 1024 }
    const store = await openStore({ journal })
    store.update(tx => tx.put(tasks, task('a')))
    expect(store.overloaded).toBe(false)
    store.update(tx => tx.put(tasks, task('b')))
    expect(store.overloaded).toBe(true)
    await store.durable()
    expect([store.overloaded, store.pendingBytes]).toEqual([false, 0])
  })
})
