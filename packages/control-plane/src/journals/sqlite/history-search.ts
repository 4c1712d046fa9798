import type { DatabaseSync } from 'node:sqlite'
import type { HistorySearch, StoredRecords } from '../../store/journal.ts'
import { matchesFilter } from '../../store/record-filter.ts'

/** A call looks at so many records of one key, each of which is parsed. */
const EXAMINED_RECORDS = 2_000
/** Or, for the keys that begin so, at so many records of all tables, of which only their own are parsed. */
const EXAMINED_IDS = 20_000

interface Found {
  readonly id: number
  readonly schema_version: number
  readonly at: number
  readonly body: string
}

/** What of the records lies before the place where the page begins, newest first. */
interface Stretch {
  readonly found: Iterable<Found>
  /** Where to go on when all of it was looked at; undefined when there is nothing beyond. */
  readonly beyond: (looked: number, last: number) => number | undefined
}

/** Searches records on the reader's thread, a bounded stretch of them a call. */
export class HistorySearcher {
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: DatabaseSync) {
    this.#statements = prepare(database)
  }

  search(search: HistorySearch): StoredRecords {
    const { filter, since, limit } = search
    const { found, beyond } = this.#stretch(search)
    const records: { schemaVersion: number; record: unknown }[] = []
    let looked = 0
    let last = 0
    for (const { id, schema_version, at, body } of found) {
      // Those before it were written earlier still.
      if (at < since) return { records }
      if (records.length === limit) return { records, next: String(last) }
      looked++
      last = id
      const record: unknown = JSON.parse(body)
      if (matchesFilter(record, filter)) records.push({ schemaVersion: schema_version, record })
    }
    const next = beyond(looked, last)
    return { records, ...(next !== undefined && { next: String(next) }) }
  }

  #stretch({ table, keys, from }: HistorySearch): Stretch {
    const { ofKey, ofPrefix, newest } = this.#statements
    if ('key' in keys) {
      const below = from === undefined ? Number.MAX_SAFE_INTEGER : Number(from)
      const found = ofKey.iterate(table, keys.key, below, EXAMINED_RECORDS)
      return {
        found: found as unknown as Iterable<Found>,
        beyond: (looked, last) => (looked === EXAMINED_RECORDS ? last : undefined),
      }
    }
    const below = from === undefined ? Number(newest.get()?.['id'] ?? 0) + 1 : Number(from)
    const lowest = below - EXAMINED_IDS
    // No key has a character beyond the last one of Unicode.
    const end = `${keys.keyPrefix}\u{10ffff}`
    const found = ofPrefix.iterate(below, lowest, table, keys.keyPrefix, end)
    return {
      found: found as unknown as Iterable<Found>,
      beyond: () => (lowest > 1 ? lowest : undefined),
    }
  }
}

const prepare = (database: DatabaseSync) => ({
  newest: database.prepare('SELECT max(id) AS id FROM records'),
  ofKey: database.prepare(
    `SELECT id, schema_version, at, body FROM records WHERE key_id = (
       SELECT record_keys.id FROM record_keys JOIN tables ON tables.id = table_id WHERE name = ? AND key = ?)
     AND id < ? ORDER BY id DESC LIMIT ?`,
  ),
  // The plus sign keeps SQLite from going through the keys one by one, and sorting what it finds.
  ofPrefix: database.prepare(
    `SELECT id, schema_version, at, body FROM records WHERE id < ? AND id >= ? AND +key_id IN (
       SELECT record_keys.id FROM record_keys JOIN tables ON tables.id = table_id
       WHERE name = ? AND key >= ? AND key < ?)
     ORDER BY id DESC`,
  ),
})
