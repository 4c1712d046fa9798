import type { DatabaseSync } from 'node:sqlite'
import { JournalFailure } from '../../store/journal.ts'
import type { CommitRequest, Slice } from './messages.ts'

/** Ids of record keys that are remembered, to save a look-up per record. */
const KEY_CACHE_LIMIT = 50_000

/** More than came in the group itself: after the operator has asked for fewer records, the rest goes with later groups. */
const TRIM_LIMIT = 1_000

/** Writes one group, slice by slice, in one transaction. */
export class GroupWriter {
  readonly #database: DatabaseSync
  readonly #tableIds: ReadonlyMap<string, number>
  readonly #statements: ReturnType<typeof prepare>
  readonly #keyIds = new Map<string, number>()
  /** Record keys written to in this group, with how many records to keep, and how many came. */
  readonly #toTrim = new Map<number, { readonly keep: number; readonly added: number }>()
  /** How many records a key has, of keys that are trimmed: counted once, so that no commit walks what is kept. */
  readonly #recordCounts = new Map<number, number>()
  /** The newest commit on disk; undefined between groups. */
  #stored: number | undefined

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#statements = prepare(database)
    const tables = database.prepare('SELECT id, name FROM tables').all()
    this.#tableIds = new Map(tables.map(({ id, name }) => [String(name), Number(id)]))
  }

  write(slice: Slice): void {
    this.#begin()
    for (const [n, slot] of slice.slots.entries()) this.#writeRow(slice, n, slot)
    for (const [n, key] of slice.recordKeys.entries()) this.#writeRecord(slice, n, key)
  }

  commit({ epoch, from, to, at }: CommitRequest): void {
    this.#begin()
    const { journal, advance } = this.#statements
    const stored = journal.get()
    const newest = Number(stored?.['sequence'])
    if (Number(stored?.['epoch']) !== epoch) {
      throw new JournalFailure(
        `Another server leads now (epoch ${stored?.['epoch']}): this one, of epoch ${epoch}, stops.`,
      )
    }
    if (from > newest + 1) {
      throw new JournalFailure(
        `Commits ${newest + 1} to ${from - 1} never reached the database: start Berth again.`,
      )
    }
    for (const [keyId, { keep, added }] of this.#toTrim) this.#trim(keyId, keep, added)
    if (to > newest) advance.run(to, at)
    this.#database.exec('COMMIT')
    this.#end()
  }

  rollback(): void {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
    this.forgetRecords()
    this.#end()
  }

  /** Somebody else has deleted records, or their keys. */
  forgetRecords(): void {
    this.#keyIds.clear()
    this.#recordCounts.clear()
  }

  #begin(): void {
    if (this.#stored !== undefined) return
    this.#database.exec('BEGIN IMMEDIATE')
    this.#stored = Number(this.#statements.journal.get()?.['sequence'])
  }

  #end(): void {
    this.#stored = undefined
    this.#toTrim.clear()
  }

  #writeRow(slice: Slice, n: number, slot: number): void {
    const sequence = slice.sequences[n] ?? 0
    // A group that is sent again may overlap what is on disk.
    if (this.#stored !== undefined && sequence <= this.#stored) return
    const body = slice.rowBodies[n] ?? null
    if (body === null) this.#statements.deleteRow.run(slot)
    else {
      const tableId = this.#tableId(slice.rowTables[n] ?? '')
      this.#statements.putRow.run(
        slot,
        tableId,
        sequence,
        slice.rowVersions[n] ?? 0,
        slice.rowIds[n] ?? '',
        body,
      )
    }
  }

  #writeRecord(slice: Slice, n: number, key: string): void {
    if (this.#stored !== undefined && (slice.recordSequences[n] ?? 0) <= this.#stored) return
    const keyId = this.#keyId(this.#tableId(slice.recordTables[n] ?? ''), key)
    this.#statements.putRecord.run(keyId, slice.recordVersions[n] ?? 0, slice.recordBodies[n] ?? '', slice.at)
    const keep = slice.recordKeeps[n] ?? 0
    if (keep === 0) return
    this.#toTrim.set(keyId, { keep, added: (this.#toTrim.get(keyId)?.added ?? 0) + 1 })
    const count = this.#recordCounts.get(keyId)
    if (count !== undefined) this.#recordCounts.set(keyId, count + 1)
  }

  /** Costs what there is too much, not what is kept. */
  #trim(keyId: number, keep: number, added: number): void {
    const { countRecords, deleteOldest } = this.#statements
    const count = this.#recordCounts.get(keyId) ?? Number(countRecords.get(keyId)?.['count'])
    const surplus = Math.min(Math.max(0, count - keep), added + TRIM_LIMIT)
    if (surplus > 0) deleteOldest.run(keyId, surplus)
    if (this.#recordCounts.size >= KEY_CACHE_LIMIT) this.#recordCounts.clear()
    this.#recordCounts.set(keyId, count - surplus)
  }

  #tableId(name: string): number {
    const id = this.#tableIds.get(name)
    if (id === undefined) throw new JournalFailure(`The journal has no table ${name}`)
    return id
  }

  #keyId(tableId: number, key: string): number {
    const name = `${tableId} ${key}`
    const known = this.#keyIds.get(name)
    if (known !== undefined) return known
    const { findKey, putKey } = this.#statements
    const id = Number(findKey.get(tableId, key)?.['id'] ?? putKey.run(tableId, key).lastInsertRowid)
    if (this.#keyIds.size >= KEY_CACHE_LIMIT) this.#keyIds.clear()
    this.#keyIds.set(name, id)
    return id
  }
}

const prepare = (database: DatabaseSync) => ({
  journal: database.prepare('SELECT epoch, sequence FROM journal'),
  advance: database.prepare('UPDATE journal SET sequence = ?, at = max(at, ?)'),
  putRow: database.prepare('INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?, ?)'),
  deleteRow: database.prepare('DELETE FROM rows WHERE slot = ?'),
  findKey: database.prepare('SELECT id FROM record_keys WHERE table_id = ? AND key = ?'),
  putKey: database.prepare('INSERT INTO record_keys (table_id, key) VALUES (?, ?)'),
  putRecord: database.prepare('INSERT INTO records (key_id, schema_version, body, at) VALUES (?, ?, ?, ?)'),
  countRecords: database.prepare('SELECT count(*) AS count FROM records WHERE key_id = ?'),
  deleteOldest: database.prepare(
    'DELETE FROM records WHERE id IN (SELECT id FROM records WHERE key_id = ? ORDER BY id LIMIT ?)',
  ),
})
