import type { DatabaseSync } from 'node:sqlite'
import type { HistorySweep } from '../../store/journal.ts'

/** Records that one step looks at: some milliseconds of the writer's thread. */
const EXAMINED_RECORDS = 1_000

export interface Swept {
  /** Where the next step begins; undefined when nothing older is left. */
  readonly next: string | undefined
  readonly deleted: boolean
}

/**
 * One step from the oldest record on. Records lie in the order in which they were written, so that the first one which is
 * young enough for every table ends the sweep.
 */
export const sweepHistory = (database: DatabaseSync, { before, from = '0' }: HistorySweep): Swept => {
  const youngest = Math.max(...Object.values(before))
  const found = database
    .prepare(
      `SELECT records.id AS id, key_id, at, name FROM records JOIN record_keys ON record_keys.id = key_id
       JOIN tables ON tables.id = table_id WHERE records.id > ? ORDER BY records.id LIMIT ?`,
    )
    .all(Number(from), EXAMINED_RECORDS)
  const old = found.filter(record => Number(record['at']) < youngest)
  const deleted = old.filter(record => Number(record['at']) < (before[String(record['name'])] ?? 0))
  remove(
    database,
    deleted.map(record => Number(record['id'])),
    new Set(deleted.map(record => Number(record['key_id']))),
  )
  const last = found.at(-1)
  const ended = last === undefined || found.length < EXAMINED_RECORDS || old.length < found.length
  return { next: ended ? undefined : String(last['id']), deleted: deleted.length > 0 }
}

/** With the keys that have no record any more. */
const remove = (database: DatabaseSync, ids: readonly number[], keyIds: ReadonlySet<number>): void => {
  if (ids.length === 0) return
  const removeRecord = database.prepare('DELETE FROM records WHERE id = ?')
  const removeKey = database.prepare(
    'DELETE FROM record_keys WHERE id = ? AND NOT EXISTS (SELECT 1 FROM records WHERE key_id = record_keys.id)',
  )
  database.exec('BEGIN IMMEDIATE')
  try {
    for (const id of ids) removeRecord.run(id)
    for (const id of keyIds) removeKey.run(id)
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}
