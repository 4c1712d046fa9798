import type { DatabaseSync } from 'node:sqlite'
import { JournalFailure } from '../../store/journal.ts'
import type { CommitRequest, Slice } from './messages.ts'

/** Ids of record keys that are remembered, to save a look-up per record. */
const KEY_CACHE_LIMIT = 50_000

/** Writes one group, slice by slice, in one transaction. */
export class GroupWriter {
  readonly #database: DatabaseSync
  readonly #tableIds: ReadonlyMap<string, number>
  readonly #statements: ReturnType<typeof prepare>
  readonly #keyIds = new Map<string, number>()
  /** Record keys written to in this group, with how many records to keep. */
  readonly #toTrim = new Map<number, number>()
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
    const { journal, advance, trim } = this.#statements
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
    for (const [keyId, keep] of this.#toTrim) trim.run(keyId, keyId, keep)
    if (to > newest) advance.run(to, at)
    this.#database.exec('COMMIT')
    this.#end()
  }

  rollback(): void {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
    this.#keyIds.clear()
    this.#end()
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
    this.#statements.putRecord.run(keyId, slice.recordVersions[n] ?? 0, slice.recordBodies[n] ?? '')
    const keep = slice.recordKeeps[n] ?? 0
    if (keep > 0) this.#toTrim.set(keyId, keep)
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
  putRecord: database.prepare('INSERT INTO records (key_id, schema_version, body) VALUES (?, ?, ?)'),
  trim: database.prepare(
    `DELETE FROM records WHERE key_id = ? AND id <= (
       SELECT id FROM records WHERE key_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`,
  ),
})
