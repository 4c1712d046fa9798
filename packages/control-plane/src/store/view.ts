import type { HistoryKeys, RecordFilter } from './record-filter.ts'
import type { Aggregate, Aggregates, HistoryTable, Indexes, Millis, Row, Table } from './table.ts'
import type { ChangedTotals } from './table-aggregate.ts'

/** The commit sequence: 1, 2, 3 … over the whole life of an incarnation. */
export type Sequence = number

export type TotalOf<A, N extends keyof A> = A[N] extends Aggregate<never, infer T> ? T : never

/**
 * What may be read, synchronously. A synchronous function sees one snapshot from its first line to its last;
 * no row and no iterator may be kept across an `await`: read again by id.
 */
export interface View {
  /** The sequence of the newest commit. */
  readonly sequence: Sequence
  get<R extends Row>(table: Table<R>, id: string): R | undefined
  /** The sequence of the commit that last put this row; undefined when there is no such row. */
  versionOf<R extends Row>(table: Table<R>, id: string): Sequence | undefined
  /** Rows with this index key in the order of their ids; with `after`, those whose id is greater (for nextToken). */
  where<R extends Row, I extends Indexes<R>, A extends Aggregates<R>>(
    table: Table<R, I, A>,
    index: keyof I & string,
    key: string,
    after?: string,
  ): Iterable<R>
  /** How many rows `where` would give, without walking them. */
  count<R extends Row, I extends Indexes<R>, A extends Aggregates<R>>(
    table: Table<R, I, A>,
    index: keyof I & string,
    key: string,
  ): number
  /**
   * Every row of a table in the order of ids; with `after`, those whose id is greater. The first walk puts the ids in
   * order: it is for tables that stay small.
   */
  all<R extends Row>(table: Table<R>, after?: string): Iterable<R>
  /** The total for a key; undefined when no row contributes to it. Never keep or change it. */
  total<R extends Row, I extends Indexes<R>, A extends Aggregates<R>, N extends keyof A & string>(
    table: Table<R, I, A>,
    aggregate: N,
    key: string,
  ): Readonly<TotalOf<A, N>> | undefined
  /**
   * The keys whose totals have changed since the earlier answer that gave `mark`: for what is kept up along with totals,
   * because making it again would cost more than what has changed.
   */
  changedTotals<R extends Row, I extends Indexes<R>, A extends Aggregates<R>>(
    table: Table<R, I, A>,
    aggregate: keyof A & string,
    mark: number | undefined,
  ): ChangedTotals
  /**
   * What `derive` makes of all rows of a table, kept until one of them changes: for tables that are read much more often
   * than written. `derive` is pure, and a constant of its module; never change what it made.
   */
  derived<R extends Row, T>(table: Table<R>, derive: (rows: Iterable<R>) => T): T
}

/** What may be read and written inside `Store.update`. Reads see the transaction's own writes. */
export interface Transaction extends View {
  put<R extends Row>(table: Table<R>, row: R): void
  delete<R extends Row>(table: Table<R>, id: string): void
  /** Adds a record to a history table. */
  append<R extends object>(table: HistoryTable<R>, record: R): void
  /** Throws `StaleRead`, which undoes the transaction, unless the row's version is still this one (undefined: absent). */
  expect<R extends Row>(table: Table<R>, id: string, version: Sequence | undefined): void
}

/** One row's change in a commit. `before` is absent for a new row, `after` for a deleted one. */
export interface Change {
  readonly table: Table
  readonly id: string
  readonly before?: Row
  readonly after?: Row
}

export interface Commit {
  readonly sequence: Sequence
  readonly changes: readonly Change[]
}

/** Called synchronously after every commit. It may only note keys: it must neither write nor throw. */
export type Watcher = (commit: Commit) => void
export type Stop = () => void

export interface Store extends View {
  /** Runs synchronously and commits, or undoes everything when `run` throws. Rejects promises and nesting. */
  update<R>(run: (tx: Transaction) => R): R
  watch(watcher: Watcher): Stop
  /** Resolves when every commit up to `sequence` (default: the newest) is on disk. Rejects when the journal failed. */
  durable(sequence?: Sequence): Promise<void>
  readonly history: HistoryReader
}

export interface HistoryPage<R> {
  readonly records: readonly R[]
  /** Pass as `before` (or `after`) to go on; absent at the end. */
  readonly next?: string
}

/** Reads history tables; sees every commit that was made before the call. */
export interface HistoryReader {
  /** Newest first, unless `oldestFirst`. */
  read<R extends object>(
    table: HistoryTable<R>,
    key: string,
    options?: { limit?: number; from?: string; oldestFirst?: boolean },
  ): Promise<HistoryPage<R>>
  /**
   * Newest first. A call looks at a bounded number of records: a page may be short, or empty, and have a `next`. The
   * filter is held against records as they were written.
   */
  search<R extends object>(
    table: HistoryTable<R>,
    keys: HistoryKeys,
    options: { filter: RecordFilter; since?: Millis | undefined; limit: number; from?: string | undefined },
  ): Promise<HistoryPage<R>>
}
