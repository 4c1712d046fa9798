import type { DatabaseSync } from 'node:sqlite'
import { afterEach, expect, test } from 'vitest'
import { acquire } from './acquire.ts'
import { openDatabase } from './database.ts'
import { GroupWriter } from './group-writer.ts'

const keep = 3
const database = openDatabase(':memory:')
const { epoch } = acquire(database, ':memory:', [{ kind: 'history', name: 'events', version: 1 }])
let sequence = 0
let committed = 0
afterEach(() => database.exec('DELETE FROM records'))

const write = (writer: GroupWriter, ...keys: string[]): void => {
  const from = sequence + 1
  sequence += keys.length
  const rows = { slots: [], rowTables: [], sequences: [], rowVersions: [], rowIds: [], rowBodies: [] }
  writer.write({
    ...rows,
    at: 0,
    recordTables: keys.map(() => 'events'),
    recordSequences: keys.map((_, n) => from + n),
    recordVersions: keys.map(() => 1),
    recordKeys: keys,
    recordBodies: keys.map((_, n) => String(from + n)),
    recordKeeps: keys.map(() => keep),
  })
}
const commit = (writer: GroupWriter): void => {
  writer.commit({ epoch, from: committed + 1, to: sequence, at: 0 })
  committed = sequence
}

const bodies = (key: string): number[] =>
  database
    .prepare(
      'SELECT body FROM records JOIN record_keys k ON k.id = key_id WHERE k.key = ? ORDER BY records.id',
    )
    .all(key)
    .map(({ body }) => Number(body) - first)
let first = 0

/** How often the records of a key were counted. */
const counting = (): { readonly database: DatabaseSync; counts: number } => {
  const seen = { counts: 0, database }
  seen.database = new Proxy(database, {
    get: (target, name) => {
      if (name !== 'prepare') {
        const member = Reflect.get(target, name)
        return typeof member === 'function' ? member.bind(target) : member
      }
      return (sql: string) => {
        const statement = target.prepare(sql)
        if (!sql.includes('count(*)')) return statement
        return {
          get: (key: number) => {
            seen.counts += 1
            return statement.get(key)
          },
        }
      }
    },
  })
  return seen
}

test('the newest records of a key are kept, and a key is counted once only', () => {
  first = sequence
  const seen = counting()
  const writer = new GroupWriter(seen.database)
  for (let n = 0; n < 4; n++) {
    write(writer, 'a', 'a')
    write(writer, 'b')
    commit(writer)
  }
  expect([bodies('a'), bodies('b')]).toEqual([
    [8, 10, 11],
    [6, 9, 12],
  ])
  expect(seen.counts).toBe(2)
})

test('what was there before a start, and a group that was undone, do not lead the count astray', () => {
  first = sequence
  const earlier = new GroupWriter(database)
  write(earlier, 'a', 'a')
  commit(earlier)
  const writer = new GroupWriter(database)
  write(writer, 'a', 'a')
  commit(writer)
  expect(bodies('a')).toEqual([2, 3, 4])
  write(writer, 'a', 'a')
  writer.rollback()
  sequence = committed
  expect(bodies('a')).toEqual([2, 3, 4])
  write(writer, 'a')
  commit(writer)
  expect(bodies('a')).toEqual([3, 4, 5])
})
