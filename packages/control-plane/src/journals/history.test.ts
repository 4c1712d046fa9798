import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../control-loop/manual-clock.ts'
import { createStore, type JournaledStore } from '../store/journaled-store.ts'
import { defineHistory, type Retention } from '../store/table.ts'
import { testTableModules } from '../store/test-tables.ts'
import { createJournalMemory, createMemoryJournal } from './memory-journal.ts'
import { createSqliteJournal } from './sqlite/sqlite-journal.ts'

interface Line {
  readonly key: string
  readonly n: number
  readonly text: string
}
const lines = defineHistory<Line>({ name: 'test.lines', key: line => line.key, keepPerKey: 5_000 })
const others = defineHistory<Line>({ name: 'test.others', key: line => line.key })

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface Opened {
  readonly store: JournaledStore
  readonly clock: ManualClock
}
type Retentions = Readonly<Record<string, Retention>>
/** Opens the same data each time, `clock` ahead of the time at which it was last open. */
type Open = (retention?: Retentions) => Promise<Opened>

const opener = (journalOf: () => Parameters<typeof createStore>[0]['journal']): Open => {
  const clock = new ManualClock(1_000)
  return async (retention = {}) => {
    const histories = [lines, others]
    const store = createStore({ tables: [], histories, journal: journalOf(), clock, retention })
    cleanups.push(() => store.close())
    await store.load()
    return { store, clock }
  }
}

const onDisk = (directory = newDirectory()): Open =>
  opener(() => createSqliteJournal({ directory, tableModules: testTableModules }))
const inMemory = (): Open => {
  const memory = createJournalMemory()
  return opener(() => createMemoryJournal(memory))
}

const newDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'berth-history-'))
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

const write = ({ store }: Opened, key: string, ...numbers: number[]): void =>
  store.update(tx => {
    for (const n of numbers) tx.append(lines, { key, n, text: `Line ${n}` })
  })
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

type Search = Parameters<JournaledStore['history']['search']>
const search = async ({ store }: Opened, keys: Search[1], options: Partial<Search[2]> = {}) => {
  const { records, next } = await store.history.search(lines, keys, { filter: [], limit: 100, ...options })
  return { found: records.map(({ n }) => n), next }
}
const kept = async (opened: Opened, key: string): Promise<number[]> =>
  (await search(opened, { key }, { limit: 10_000 })).found.toReversed()

describe.each([
  ['on disk', onDisk],
  ['in memory', inMemory],
])('history %s', (_, journal) => {
  it('is searched newest first, page by page', async () => {
    const opened = await journal()()
    write(opened, 'a', ...upTo(10))
    write(opened, 'b', 77)
    const filter = [{ members: ['n'], from: 2, below: 7 }]
    const first = await search(opened, { key: 'a' }, { filter, limit: 3 })
    expect(first.found).toEqual([6, 5, 4])
    const rest = await search(opened, { key: 'a' }, { filter, limit: 3, from: first.next })
    expect(rest).toEqual({ found: [3, 2], next: undefined })
    expect(await search(opened, { key: 'nobody' })).toEqual({ found: [], next: undefined })
  })

  it('is searched in all keys that begin alike, in the order in which they were written', async () => {
    const opened = await journal()()
    write(opened, 'web/a', 1)
    write(opened, 'web/b', 2)
    write(opened, 'we', 3)
    opened.store.update(tx => tx.append(others, { key: 'web/a', n: 4, text: '' }))
    write(opened, 'web/a', 5)
    const first = await search(opened, { keyPrefix: 'web/' }, { limit: 2 })
    expect(first.found).toEqual([5, 2])
    const rest = await search(opened, { keyPrefix: 'web/' }, { limit: 2, from: first.next })
    expect(rest).toEqual({ found: [1], next: undefined })
    const filter = [{ members: ['text'], contains: 'LINE 2' }]
    expect((await search(opened, { keyPrefix: 'web/' }, { filter })).found).toEqual([2])
  })

  it('is not looked at further back than was asked for', async () => {
    const opened = await journal()()
    write(opened, 'a', 1)
    await opened.store.durable()
    opened.clock.advance(1_000)
    write(opened, 'a', 2)
    expect(await search(opened, { key: 'a' }, { since: 2_000 })).toEqual({ found: [2], next: undefined })
    expect((await search(opened, { keyPrefix: '' }, { since: 2_000 })).found).toEqual([2])
    expect((await search(opened, { key: 'a' }, { since: 1_000 })).found).toEqual([2, 1])
  })

  it('keeps as many records of a key as the operator says, not as the table says', async () => {
    const open = journal()
    const opened = await open({ 'test.lines': { records: 3, ms: 0 } })
    write(opened, 'a', 1, 2, 3, 4)
    write(opened, 'a', 5)
    write(opened, 'b', 6)
    expect(await kept(opened, 'a')).toEqual([3, 4, 5])
    expect(await kept(opened, 'b')).toEqual([6])
  })

  it('keeps records as long as the operator says', async () => {
    const opened = await journal()({ 'test.lines': { records: 0, ms: 5_000 } })
    const { store, clock } = opened
    write(opened, 'a', 1)
    write(opened, 'gone', 2)
    store.update(tx => tx.append(others, { key: 'a', n: 0, text: '' }))
    await store.durable()
    clock.advance(3_000)
    write(opened, 'a', 3)
    await store.durable()
    await store.sweepHistory(6_000)
    expect(await kept(opened, 'a')).toEqual([1, 3])
    await store.sweepHistory(6_001)
    expect([await kept(opened, 'a'), await kept(opened, 'gone')]).toEqual([[3], []])
    expect((await store.history.read(others, 'a')).records).toHaveLength(1)
    write(opened, 'gone', 4)
    expect(await kept(opened, 'gone')).toEqual([4])
  })
})

describe('history on disk', () => {
  it('is searched in bounded steps, however little is found', async () => {
    const opened = await onDisk()()
    write(opened, 'a', ...upTo(4_500))
    const filter = [{ members: ['n'], equals: 1 }]
    const first = await search(opened, { key: 'a' }, { filter })
    expect(first.found).toEqual([])
    const second = await search(opened, { key: 'a' }, { filter, from: first.next })
    expect(second.found).toEqual([])
    const third = await search(opened, { key: 'a' }, { filter, from: second.next })
    expect(third).toEqual({ found: [1], next: undefined })
  })

  it('is swept in bounded steps, among records that stay', async () => {
    const opened = await onDisk()({ 'test.lines': { records: 0, ms: 1 } })
    const { store } = opened
    for (let round = 0; round < 5; round++) {
      write(opened, 'a', ...upTo(500))
      store.update(tx => {
        for (const n of upTo(500)) tx.append(others, { key: 'a', n, text: '' })
      })
    }
    await store.durable()
    opened.clock.advance(10)
    write(opened, 'a', 9)
    await store.sweepHistory(opened.clock.now())
    expect(await kept(opened, 'a')).toEqual([9])
    expect((await store.history.read(others, 'a', { limit: 3_000 })).records).toHaveLength(2_500)
  })

  it('comes down to a lower number step by step, with what is written', async () => {
    const open = onDisk()
    const before = await open()
    write(before, 'a', ...upTo(2_500))
    await before.store.close()
    const opened = await open({ 'test.lines': { records: 10, ms: 0 } })
    write(opened, 'a', 9_001)
    expect(await kept(opened, 'a')).toHaveLength(1_500)
    write(opened, 'a', 9_002)
    write(opened, 'a', 9_003)
    await opened.store.durable()
    write(opened, 'a', 9_004)
    expect((await kept(opened, 'a')).slice(-4)).toEqual([9_001, 9_002, 9_003, 9_004])
    expect(await kept(opened, 'a')).toHaveLength(10)
  })

  it('of an earlier layout is taken over, after a copy was made, and counts as written then', async () => {
    const directory = newDirectory()
    const open = onDisk(directory)
    const before = await open()
    write(before, 'a', 1)
    await before.store.close()
    const database = new DatabaseSync(join(directory, 'berth.db'))
    database.exec('ALTER TABLE records DROP COLUMN at; PRAGMA user_version = 1')
    database.close()
    before.clock.advance(5_000)
    const opened = await open({ 'test.lines': { records: 0, ms: 1_000 } })
    expect(readdirSync(directory)).toContain('berth.db.before-layout-2')
    write(opened, 'a', 2)
    expect(await kept(opened, 'a')).toEqual([1, 2])
    await opened.store.sweepHistory(before.clock.now())
    expect(await kept(opened, 'a')).toEqual([2])
  })
})

it('is swept no further once the store is closed', async () => {
  const journal = createMemoryJournal(createJournalMemory())
  let isClosed = false
  const stepwise = {
    ...journal,
    sweepHistory: async () => {
      if (isClosed) throw new Error('The journal is closed')
      await Promise.resolve()
      return 'more'
    },
    close: async () => {
      isClosed = true
    },
  }
  const retention = { [lines.name]: { ms: 1, records: 100 } }
  const store = createStore({ tables: [], histories: [lines], journal: stepwise, retention })
  await store.load()
  const swept = store.sweepHistory(1_000)
  await store.close()
  await expect(swept).resolves.toBeUndefined()
})
