import { copyFileSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, it } from 'vitest'
import { createTimeline } from '../../agents/timeline.ts'
import { JournalFailure, JournalRefused } from '../../store/journal.ts'
import { createStore, type JournaledStore, type StoreOptions } from '../../store/journaled-store.ts'
import { defineHistory } from '../../store/table.ts'
import type { TablePart } from '../../store/table-parts.ts'
import {
  events,
  newerThings as newer,
  olderThings as older,
  task,
  tasks,
  testTableModules,
} from '../../store/test-tables.ts'
import { restore } from './restore.ts'
import { createSqliteJournal } from './sqlite-journal.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const newDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'berth-journal-'))
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

const open = async (directory: string, options: Partial<StoreOptions> = {}): Promise<JournaledStore> => {
  const journal = createSqliteJournal({ directory, tableModules: testTableModules })
  cleanups.push(() => journal.close())
  const store = createStore({ tables: [tasks], histories: [events], journal, freeze: true, ...options })
  await store.load()
  return store
}

/** Long, and in many rows: such strings are shared when they are loaded. */
const clusterOf = (n: number): string => `arn:aws:ecs:us-east-1:123456789012:cluster/c${n % 3}`

const inDatabase = (directory: string, run: (database: DatabaseSync) => unknown): unknown => {
  const database = new DatabaseSync(join(directory, 'berth.db'), { timeout: 1000 })
  try {
    return run(database)
  } finally {
    database.close()
  }
}

describe('the SQLite journal', () => {
  it('brings back rows, versions, sequence, slots and incarnation', async () => {
    const directory = newDirectory()
    const first = await open(directory)
    first.update(tx => {
      for (let n = 0; n < 1000; n++)
        tx.put(tasks, task(`t${n}`, { cpu: n, cluster: clusterOf(n), tags: ['ü', `tag"${n}`] }))
    })
    first.update(tx => tx.delete(tasks, 't5'))
    await first.durable()
    first.update(tx => tx.put(tasks, task('t7', { cpu: 70 })))
    first.update(tx => tx.put(tasks, task('t5', { cpu: 50 })))
    const rows = [...first.all(tasks)]
    expect(first.count(tasks, 'byCluster', clusterOf(1))).toBe(332)
    const { incarnation } = first
    await first.close()

    const second = await open(directory)
    expect([...second.all(tasks)]).toEqual(rows)
    expect(second.count(tasks, 'byCluster', clusterOf(1))).toBe(332)
    expect(rows).toHaveLength(1000)
    expect([second.sequence, second.versionOf(tasks, 't7'), second.versionOf(tasks, 't8')]).toEqual([4, 3, 1])
    expect([second.epoch, second.incarnation]).toEqual([2, incarnation])
    second.update(tx => tx.put(tasks, task('new')))
    await second.close()
    expect([...(await open(directory)).all(tasks)]).toHaveLength(1001)
  })

  it('writes what has gathered in one transaction', async () => {
    const directory = newDirectory()
    const store = await open(directory)
    const before = walFrames(directory)
    for (let n = 0; n < 100; n++) store.update(tx => tx.put(tasks, task('same', { cpu: n })))
    await store.durable()
    // A transaction writes the changed page of rows and the journal's own; a hundred would write two hundred.
    expect(walFrames(directory) - before).toBeLessThan(10)
  })

  it('keeps the newest records of a key, and gives them in pages both ways', async () => {
    const store = await open(newDirectory())
    for (let n = 1; n <= 8; n++) {
      store.update(tx => {
        tx.append(events, { service: 's', message: `${n}` })
        if (n % 4 === 0) tx.append(events, { service: 'other', message: `${n}` })
      })
      if (n % 3 === 0) await store.durable()
    }
    const page = await store.history.read(events, 's', { limit: 3 })
    expect(page.records.map(r => r.message)).toEqual(['8', '7', '6'])
    const rest = await store.history.read(events, 's', { from: page.next! })
    expect([rest.records.map(r => r.message), rest.next]).toEqual([['5', '4'], undefined])
    const oldest = await store.history.read(events, 's', { limit: 2, oldestFirst: true })
    expect(oldest.records.map(r => r.message)).toEqual(['4', '5'])
    const then = await store.history.read(events, 's', { limit: 3, oldestFirst: true, from: oldest.next! })
    expect([then.records.map(r => r.message), then.next]).toEqual([['6', '7', '8'], undefined])
    expect((await store.history.read(events, 'other')).records).toHaveLength(2)
    expect((await store.history.read(events, 'nobody')).records).toEqual([])
  })

  it('skips commits that are on disk already, and refuses a gap', async () => {
    const journal = createSqliteJournal({ directory: newDirectory(), tableModules: testTableModules })
    cleanups.push(() => journal.close())
    const { epoch } = await journal.acquire([
      { kind: 'live', name: tasks.name, version: 1 },
      { kind: 'history', name: events.name, version: 1 },
    ])
    const table = tasks as never
    const write = (sequence: number, cpu: number) => ({ slot: 1, table, sequence, row: task('a', { cpu }) })
    const record = (sequence: number) => ({
      table: events as never,
      key: 's',
      sequence,
      record: { sequence },
      keep: 5,
    })
    const group = { epoch, at: 0, records: [record(1), record(2)], rows: [write(2, 2)] }
    await journal.append({ ...group, from: 1, to: 2 })
    await journal.append({ ...group, from: 1, to: 2, rows: [write(2, 99)] })
    await journal.append({ ...group, from: 2, to: 3, records: [record(2), record(3)], rows: [] })
    const query = { table: events.name, key: 's', limit: 10, oldestFirst: true }
    const { records } = await journal.readHistory(query)
    expect(records.map(({ record }) => record)).toEqual([1, 2, 3].map(sequence => ({ sequence })))
    const loaded: TablePart[] = []
    for await (const part of journal.load([tasks])) loaded.push(part)
    const texts = loaded.flatMap(part => (part.kind === 'rows' ? [Buffer.from(part.texts).toString()] : []))
    expect(texts).toEqual([JSON.stringify(task('a', { cpu: 2 }))])
    await expect(journal.append({ ...group, from: 9, to: 9 })).rejects.toThrow('never reached the database')
  })

  it('can hold its directory before it is read, against others and not against itself', async () => {
    const directory = newDirectory()
    const first = createSqliteJournal({ directory, tableModules: testTableModules })
    await first.hold()
    const second = createSqliteJournal({ directory, tableModules: testTableModules })
    await expect(second.hold()).rejects.toThrow(/in use by another Berth server/)
    expect(await first.acquire([])).toMatchObject({ epoch: 1 })
    await first.close()
    await second.hold()
    await second.close()
  })

  it('refuses a second process on the same data, and lets it in once the first has closed', async () => {
    const directory = newDirectory()
    const first = await open(directory)
    await expect(open(directory)).rejects.toThrow(/in use by another Berth server/)
    await first.close()
    await open(directory)
  })

  it('fails for good when another epoch has begun: the write is rejected and not in the database', async () => {
    const directory = newDirectory()
    const store = await open(directory)
    inDatabase(directory, database => database.exec('UPDATE journal SET epoch = epoch + 1'))
    store.update(tx => tx.put(tasks, task('a')))
    await expect(store.durable()).rejects.toThrow(JournalFailure)
    expect((await store.failed).message).toMatch(/Another server leads now/)
    expect(inDatabase(directory, database => database.prepare('SELECT * FROM rows').all())).toEqual([])
    expect(() => store.update(tx => tx.put(tasks, task('b')))).toThrow(JournalFailure)
  })

  it('fails for good on an error of the database, says what to do, and writes no part of the group', async () => {
    const directory = newDirectory()
    const store = await open(directory)
    inDatabase(directory, database =>
      database.exec(`CREATE TRIGGER full BEFORE INSERT ON rows WHEN NEW.slot = 900
        BEGIN SELECT RAISE(ABORT, 'no room'); END`),
    )
    store.update(tx => {
      for (let n = 0; n < 1000; n++) tx.put(tasks, task(`t${n}`))
    })
    await expect(store.durable()).rejects.toThrow('no room')
    expect((await store.failed).message).toContain(directory)
    expect(inDatabase(directory, database => database.prepare('SELECT * FROM rows').all())).toEqual([])
  })
})

it('reads history again after the thread that reads it has died', async () => {
  const directory = newDirectory()
  const store = await open(directory)
  store.update(tx => tx.append(events, { service: 's', message: 'm' }))
  await store.durable()
  const [path, elsewhere] = [join(directory, 'berth.db'), join(directory, 'elsewhere.db')]
  renameSync(path, elsewhere)
  await expect(store.history.read(events, 's')).rejects.toThrow(JournalFailure)
  renameSync(elsewhere, path)
  expect((await store.history.read(events, 's')).records).toHaveLength(1)
})

describe('schema versions', () => {
  const olderLog = defineHistory<{ text: string }>({ name: 'test.log', key: () => 'k' })
  const newerLog = defineHistory<{ line: string }>({
    name: 'test.log',
    key: () => 'k',
    migrations: [record => ({ line: (record as { text: string }).text })],
  })

  it('are migrated on load, after a copy was made, rows and records alike', async () => {
    const directory = newDirectory()
    const first = await open(directory, { tables: [older], histories: [olderLog] })
    first.update(tx => {
      tx.put(older, { id: 'a', name: 'A' })
      tx.append(olderLog, { text: 'old' })
    })
    await first.close()
    const second = await open(directory, { tables: [newer], histories: [newerLog] })
    expect([...second.where(newer, 'byTitle', 'A')]).toEqual([{ id: 'a', title: 'A' }])
    second.update(tx => {
      tx.put(newer, { id: 'b', title: 'B' })
      tx.append(newerLog, { line: 'new' })
    })
    expect((await second.history.read(newerLog, 'k')).records).toEqual([{ line: 'new' }, { line: 'old' }])
    await second.close()
    expect(readdirSync(directory)).toContain('berth.db.before-migration-2')
    const third = await open(directory, { tables: [newer], histories: [newerLog] })
    expect([...third.all(newer)]).toEqual([
      { id: 'a', title: 'A' },
      { id: 'b', title: 'B' },
    ])
    expect(readdirSync(directory)).not.toContain('berth.db.before-migration-3')
  })

  it('are migrated by the next start when one has ended between the copy and the migration', async () => {
    const directory = newDirectory()
    await (await open(directory, { tables: [older], histories: [] })).close()
    copyFileSync(join(directory, 'berth.db'), join(directory, 'berth.db.before-migration-2'))
    writeFileSync(join(directory, 'berth.db.before-migration-2.partial'), 'half a copy')
    const store = await open(directory, { tables: [newer], histories: [] })
    expect(store.epoch).toBe(2)
  })

  it('that are newer than this release, or unknown to it, are refused', async () => {
    const directory = newDirectory()
    await (await open(directory, { tables: [newer], histories: [] })).close()
    await expect(open(directory, { tables: [older], histories: [] })).rejects.toThrow(
      /newer than this release/,
    )
    await expect(open(directory, { tables: [tasks], histories: [] })).rejects.toThrow(/does not know/)
  })

  it('of the database as a whole are checked, and foreign files are left alone', async () => {
    const directory = newDirectory()
    await (await open(directory)).close()
    inDatabase(directory, database => database.exec('PRAGMA user_version = 99'))
    await expect(open(directory)).rejects.toThrow(/newer than this release/)
    const foreign = newDirectory()
    inDatabase(foreign, database => database.exec('CREATE TABLE theirs (x)'))
    await expect(open(foreign)).rejects.toThrow(/not a database of Berth/)
    const broken = newDirectory()
    writeFileSync(join(broken, 'berth.db'), 'this is no database at all'.repeat(500))
    await expect(open(broken)).rejects.toThrow(/damaged/)
  })
})

describe('backup and restore', () => {
  it('copy a running store with everything committed before, and begin another incarnation', async () => {
    const store = await open(newDirectory())
    store.update(tx => {
      tx.put(tasks, task('a'))
      tx.append(events, { service: 's', message: 'm' })
    })
    const file = join(newDirectory(), 'backup.db')
    await store.backup(file)
    store.update(tx => tx.put(tasks, task('later')))
    await expect(store.backup(file)).rejects.toThrow(/exists already/)

    const target = join(newDirectory(), 'restored')
    restore(file, target)
    const restored = await open(target)
    expect([...restored.all(tasks)]).toEqual([task('a')])
    expect((await restored.history.read(events, 's')).records).toHaveLength(1)
    expect(restored.incarnation).not.toBe(store.incarnation)
  })

  it('never go back in epochs, however often the server was started after the backup', async () => {
    const directory = newDirectory()
    let store = await open(directory)
    const file = join(newDirectory(), 'backup.db')
    await store.backup(file)
    for (let start = 0; start < 3; start++) {
      await store.close()
      store = await open(directory)
    }
    const target = newDirectory()
    restore(file, target)
    const restored = await open(target)
    expect(restored.epoch).toBeGreaterThan(store.epoch + 1_000)
    expect(createTimeline(restored.epoch)()).toBeGreaterThan(createTimeline(store.epoch + 1_000)())
  })

  it('refuse a directory that is in use or holds data, and what is not a sound backup', async () => {
    const directory = newDirectory()
    const store = await open(directory)
    const file = join(newDirectory(), 'backup.db')
    await store.backup(file)
    expect(() => restore(file, directory)).toThrow(/in use/)
    await store.close()
    expect(() => restore(file, directory)).toThrow(/holds data already/)
    const empty = newDirectory()
    expect(() => restore(join(empty, 'nothing'), empty)).toThrow(JournalRefused)
    const left = newDirectory()
    writeFileSync(join(left, 'berth.db-wal'), 'the log of a database that was moved away')
    expect(() => restore(file, left)).toThrow(/holds data already/)
    writeFileSync(join(empty, 'text'), 'this is no database at all'.repeat(500))
    expect(() => restore(join(empty, 'text'), empty)).toThrow(/not a backup of Berth/)
    expect(readdirSync(empty).filter(name => name.startsWith('berth.db'))).toEqual([])
  })
})

/** How many pages were written to the write-ahead log, from its size. */
const walFrames = (directory: string): number => {
  return Math.max(0, (statSync(join(directory, 'berth.db-wal')).size - 32) / (4096 + 24))
}
