import type { Group, RecordWrite, RowWrite } from '../../store/journal.ts'
import type { Slice } from './messages.ts'

/** The main thread turns rows into JSON for at most this long before others get their turn. */
const SLICE_MS = 2
/** How many writes are serialised between two looks at the time. */
const STRIDE = 16

type Columns = { -readonly [K in keyof Slice]: Slice[K] extends readonly (infer T)[] ? T[] : Slice[K] }

const emptyColumns = (at: number): Columns => ({
  at,
  slots: [],
  rowTables: [],
  sequences: [],
  rowVersions: [],
  rowIds: [],
  rowBodies: [],
  recordTables: [],
  recordSequences: [],
  recordVersions: [],
  recordKeys: [],
  recordBodies: [],
  recordKeeps: [],
})

/** Serialises a group in slices of a few milliseconds; always at least one slice. */
export function* slicesOf({ at, rows, records }: Group): Generator<Slice> {
  let columns = emptyColumns(at)
  let started = performance.now()
  for (let n = 0; n < rows.length + records.length; n++) {
    const row = rows[n]
    const record = records[n - rows.length]
    if (row !== undefined) addRow(columns, row)
    else if (record !== undefined) addRecord(columns, record)
    if (n % STRIDE !== 0 || performance.now() - started < SLICE_MS) continue
    yield columns
    columns = emptyColumns(at)
    started = performance.now()
  }
  yield columns
}

/** The characters and the number of the bodies: how big a write is on average. */
export const sizeOf = ({ rowBodies, recordBodies }: Slice): { bytes: number; writes: number } => {
  let bytes = 0
  for (const body of rowBodies) bytes += body?.length ?? 0
  for (const body of recordBodies) bytes += body.length
  return { bytes, writes: rowBodies.length + recordBodies.length }
}

const addRow = (columns: Columns, { slot, table, sequence, row }: RowWrite): void => {
  columns.slots.push(slot)
  columns.rowTables.push(table.name)
  columns.sequences.push(sequence)
  columns.rowVersions.push(table.schemaVersion)
  columns.rowIds.push(row?.id ?? '')
  columns.rowBodies.push(row === undefined ? null : JSON.stringify(row))
}

const addRecord = (columns: Columns, { table, key, sequence, record, keep }: RecordWrite): void => {
  columns.recordTables.push(table.name)
  columns.recordSequences.push(sequence)
  columns.recordVersions.push(table.schemaVersion)
  columns.recordKeys.push(key)
  columns.recordBodies.push(JSON.stringify(record))
  columns.recordKeeps.push(keep)
}
