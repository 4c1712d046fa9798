import type { DatabaseSync } from 'node:sqlite'
import type { StoredText } from '../../store/table-parts.ts'

const BATCH_ROWS = 512

/** Every row, in the order in which they lie in the file: any other would read each page of it many times. */
export function* readRows(database: DatabaseSync): Generator<StoredText> {
  const tables = database.prepare('SELECT id, name FROM tables').all()
  const names = new Map(tables.map(({ id, name }) => [Number(id), String(name)]))
  const select = database.prepare(
    `SELECT slot, table_id, sequence, schema_version, body FROM rows WHERE slot > ? ORDER BY slot LIMIT ${BATCH_ROWS}`,
  )
  select.setReturnArrays(true)
  for (let last = 0; ; ) {
    const batch = select.all(last) as unknown as [number, number, number, number, string][]
    for (const [slot, table, sequence, schemaVersion, body] of batch) {
      yield { slot, table: names.get(table) ?? '', sequence, schemaVersion, body }
      last = slot
    }
    if (batch.length < BATCH_ROWS) return
  }
}
