import type { AnyTable, HistoryTable, Millis, Row, Table } from '../store/table.ts'
import type { Change, Sequence, View } from '../store/view.ts'

/** The rows that a plan was made from: it is dropped, and its key queued again, when one has changed since. */
export interface Expectation {
  readonly table: Table
  readonly id: string
  /** Undefined: the row must still be absent. */
  readonly version: Sequence | undefined
}

export type Step =
  | { readonly kind: 'put'; readonly table: Table; readonly row: Row }
  | { readonly kind: 'delete'; readonly table: Table; readonly id: string }
  | { readonly kind: 'append'; readonly table: HistoryTable; readonly record: object }

/** What a reconciler decided. An empty plan is the steady state. */
export interface Plan {
  readonly expects: readonly Expectation[]
  /** Rows to write, history records and effect rows included, in order. */
  readonly steps: readonly Step[]
  /** Reconcile this key again at this time, whatever happens. */
  readonly wakeAt?: Millis
  /** True when the slice ended before the work did: the key is queued again behind the others. */
  readonly unfinished?: boolean
}

/** What a reconciler may use besides the view: never the process's own clock or chance. */
export interface Surroundings {
  readonly now: Millis
  /** Random bytes as lower-case hex, from the source that the server (or the simulation) passed in. */
  readonly randomHex: (bytes: number) => string
}

/** Pure: from a view to a plan. Keeps no memory and no timers: what must be remembered is in rows. */
export interface Reconciler {
  readonly name: string
  /** Every key, queued once at start and when leadership is won. */
  readonly keys: (view: View) => Iterable<string>
  /** The tables whose changes may concern keys. */
  readonly tables: readonly AnyTable[]
  /** The keys that a change of one of these tables concerns; the view is as the change's commit has left it. */
  readonly keysOf: (change: Change, view: View) => Iterable<string>
  readonly reconcile: (view: View, key: string, surroundings: Surroundings) => Plan
}

export const put = <R extends Row>(table: Table<R>, row: R): Step => ({
  kind: 'put',
  table: table as unknown as Table,
  row,
})
export const remove = <R extends Row>(table: Table<R>, id: string): Step => ({
  kind: 'delete',
  table: table as unknown as Table,
  id,
})
export const append = <R extends object>(table: HistoryTable<R>, record: R): Step => ({
  kind: 'append',
  table: table as unknown as HistoryTable,
  record,
})
/** The row, or its absence, as the view shows it. */
export const unchanged = <R extends Row>(view: View, table: Table<R>, id: string): Expectation => ({
  table: table as unknown as Table,
  id,
  version: view.versionOf(table, id),
})
