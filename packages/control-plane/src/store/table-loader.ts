import { freezeRow } from './frozen.ts'
import { packedEntries } from './packed-rows.ts'
import { StringPool } from './string-pool.ts'
import type { Row } from './table.ts'
import type { OrderPart, PostingsPart, RowsPart, TablePart } from './table-parts.ts'
import type { TableState } from './table-state.ts'

/** Fills one table with what `readTables` made of it. */
export class TableLoader {
  readonly #state: TableState
  readonly #prepare: (row: Row) => void
  /** In the order in which their rows came. */
  readonly #loaded: string[] = []
  /** In their own. */
  readonly #sorted: string[] = []

  constructor(state: TableState, freeze: boolean) {
    this.#state = state
    const pool = new StringPool()
    this.#prepare = row => {
      pool.share(row)
      if (freeze) freezeRow(row, `${state.table.name} ${row.id}`)
    }
  }

  take(part: TablePart): void {
    if (part.kind === 'rows') this.#takeRows(part)
    else if (part.kind === 'order') this.#takeOrder(part)
    else if (part.kind === 'postings') this.#takePostings(part)
    else for (const [key, total] of part.totals) this.#state.loadTotal(part.aggregate, key, total)
  }

  #takeRows(part: RowsPart): void {
    const entries = packedEntries(part, this.#prepare)
    for (const [n, entry] of entries.entries()) {
      const id = part.ids[n] ?? ''
      this.#state.loadEntry(id, entry)
      this.#loaded.push(id)
    }
  }

  #takeOrder({ rows }: OrderPart): void {
    for (const row of rows) this.#sorted.push(this.#loaded[row] ?? '')
  }

  #takePostings({ index, keys, ranks, ends }: PostingsPart): void {
    let start = 0
    for (const [n, key] of keys.entries()) {
      const ids = Array.from(ranks.subarray(start, ends[n]), rank => this.#sorted[rank] ?? '')
      this.#state.loadPostings(index, key, ids)
      start = ends[n] ?? start
    }
  }
}
