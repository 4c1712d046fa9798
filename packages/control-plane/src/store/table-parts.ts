import type { Slot } from './journal.ts'
import type { Sequence } from './view.ts'

/** A row as a journal holds it. */
export interface StoredText {
  readonly slot: Slot
  readonly table: string
  readonly sequence: Sequence
  readonly schemaVersion: number
  /** JSON, of `schemaVersion`. */
  readonly body: string
}

/** Rows of one table, of its present version, in any order: text until somebody reads them. */
export interface RowsPart {
  readonly kind: 'rows'
  readonly table: string
  readonly ids: readonly string[]
  readonly slots: readonly Slot[]
  readonly sequences: readonly Sequence[]
  /** The rows' JSON in UTF-8, one behind the other. */
  readonly texts: Uint8Array<ArrayBuffer>
  /** Where each row's text ends. */
  readonly ends: readonly number[]
}

/** The next ids in order: as numbers of the table's rows, which count over all of its `RowsPart`s. */
export interface OrderPart {
  readonly kind: 'order'
  readonly table: string
  readonly rows: Uint32Array<ArrayBuffer>
}

/** Keys of one index with the ranks of their ids in the order; a key that has many goes on in the next part. */
export interface PostingsPart {
  readonly kind: 'postings'
  readonly table: string
  readonly index: string
  readonly keys: readonly string[]
  readonly ranks: Uint32Array<ArrayBuffer>
  /** Where each key's ranks end. */
  readonly ends: readonly number[]
}

export interface TotalsPart {
  readonly kind: 'totals'
  readonly table: string
  readonly aggregate: string
  readonly totals: readonly (readonly [key: string, total: unknown])[]
}

/**
 * The live tables of a journal in parts, each at most a millisecond or two of work for the store; of each table all rows
 * first, then their order, then its indexes and totals. Plain data: another thread can make them.
 */
export type TablePart = RowsPart | OrderPart | PostingsPart | TotalsPart
