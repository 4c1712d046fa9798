import type { HistoryKeys, RecordFilter } from './record-filter.ts'
import type { AnyTable, HistoryTable, Millis, Row, Table } from './table.ts'
import type { TablePart } from './table-parts.ts'
import type { Sequence } from './view.ts'

/** Counts leaders over one journal: only the newest epoch may append. */
export type Epoch = number

/** A row's integer key in the journal, given once by the store: text keys in random order are ten times slower. */
export type Slot = number

/** The last version of one row within a group; `row` is undefined when it was deleted. */
export interface RowWrite {
  readonly slot: Slot
  readonly table: Table
  readonly sequence: Sequence
  readonly row: Row | undefined
}

export interface RecordWrite {
  readonly table: HistoryTable
  readonly key: string
  readonly sequence: Sequence
  readonly record: object
  /** How many records of this key to keep; 0: all. */
  readonly keep: number
}

/** Whole commits, in order, that become durable in one database transaction. */
export interface Group {
  readonly epoch: Epoch
  readonly from: Sequence
  readonly to: Sequence
  /** The clock's reading at the newest commit: a restarted clock never goes below it. */
  readonly at: Millis
  readonly rows: readonly RowWrite[]
  readonly records: readonly RecordWrite[]
}

/** What this release understands: every registered table with the version of its rows. */
export interface SchemaVersion {
  readonly kind: 'live' | 'history'
  readonly name: string
  readonly version: number
}

export interface Acquired {
  readonly epoch: Epoch
  /** Identifies the life of this data: a restored backup gets another one. */
  readonly incarnation: string
  readonly sequence: Sequence
  readonly at: Millis
}

export interface HistoryQuery {
  readonly table: string
  readonly key: string
  readonly limit: number
  readonly oldestFirst: boolean
  /** The `next` of the page before. */
  readonly from?: string
}

/** Newest first. */
export interface HistorySearch {
  readonly table: string
  readonly keys: HistoryKeys
  readonly filter: RecordFilter
  /** Records that were written before are not looked at. */
  readonly since: Millis
  readonly limit: number
  /** The `next` of the page before. */
  readonly from?: string
}

/** By table: records that were written before the time are deleted. */
export interface HistorySweep {
  readonly before: Readonly<Record<string, Millis>>
  /** The answer to the sweep before. */
  readonly from?: string
}

export interface StoredRecords {
  readonly records: readonly { readonly schemaVersion: number; readonly record: unknown }[]
  readonly next?: string
}

/** Durability behind the store. A failure is final: the process reports it, stops, and starts again from the rows. */
export interface Journal {
  /**
   * Waits until this process may lead, and begins a new epoch. Throws `JournalRefused` when another process holds the
   * data, or when a newer release wrote it.
   */
  acquire(schema: readonly SchemaVersion[]): Promise<Acquired>
  /** Every current row of these tables as `readTables` makes parts of them, with the event loop free in between. */
  load(tables: readonly AnyTable[]): AsyncIterable<TablePart>
  /**
   * Resolves when the group is on disk. Verifies the epoch in the same transaction; commits that are already there are
   * skipped, so that a group may be sent again. The store sends one group at a time. Rejects with `JournalFailure`.
   */
  append(group: Group): Promise<void>
  /**
   * Throws `JournalFailure` once another process may lead, by what is known here and now: what this one has read may be
   * old, also when it writes nothing. A process that was stopped for a while finds out by this and not by a timer.
   */
  confirmLead(): void
  /** Sees every group that was appended before the call. */
  readHistory(query: HistoryQuery): Promise<StoredRecords>
  /** As `readHistory`; looks at so many records a call that the answer may be short, or empty, and have a `next`. */
  searchHistory(search: HistorySearch): Promise<StoredRecords>
  /** A bounded step. Resolves to where to go on, and to undefined when nothing is left to delete. */
  sweepHistory(sweep: HistorySweep): Promise<string | undefined>
  /** Writes a consistent copy while the journal goes on; refuses to overwrite a file. */
  backup(path: string): Promise<void>
  /** Resolves, never rejects, once the journal has failed for good. */
  readonly failed: Promise<JournalFailure>
  /** The mean size in bytes of a row or record as written lately: what waits is estimated with it. */
  readonly meanWriteBytes: number
  /** Call it after the last `durable`. */
  close(): Promise<void>
}

/** The journal cannot go on: disk full, I/O error, or another leader. The message says what to do. */
export class JournalFailure extends Error {
  override readonly name = 'JournalFailure'
  readonly retryable = false
}

/** The journal cannot be opened: in use by another process, or written by a newer release. The message says what to do. */
export class JournalRefused extends Error {
  override readonly name = 'JournalRefused'
  readonly retryable = false
}
