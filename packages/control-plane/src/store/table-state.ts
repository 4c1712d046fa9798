import assert from 'node:assert'
import { IdList } from './id-list.ts'
import type { Slot } from './journal.ts'
import type { IndexKeys, Row, Table } from './table.ts'
import { type ChangedTotals, TableAggregate } from './table-aggregate.ts'
import { type Postings, TableIndex } from './table-index.ts'
import type { Sequence } from './view.ts'

/** A row with what the store knows about it. Replaced as a whole, so that an undo can put the old one back. */
export interface Entry {
  readonly row: Row
  readonly version: Sequence
  readonly slot: Slot
}

/** One live table in memory. */
export class TableState {
  readonly table: Table
  readonly #entries = new Map<string, Entry>()
  /** Made by the first walk over all rows: of big tables nobody asks that, and it would cost every new row. */
  #ids: IdList | undefined
  readonly #indexes: ReadonlyMap<string, TableIndex>
  readonly #indexList: readonly TableIndex[]
  /** The keys of the row that is being replaced, by index: one array of each for all rows. */
  readonly #oldKeys: IndexKeys[] = []
  readonly #newKeys: IndexKeys[] = []
  readonly #aggregates: ReadonlyMap<string, TableAggregate>
  readonly #aggregateList: readonly TableAggregate[]
  /** Counts changes, so that a walk notices them and finds its place again. */
  #changes = 0
  /** What was made of all rows, with the count of changes at that time. */
  readonly #derived = new Map<unknown, { readonly changes: number; readonly value: unknown }>()

  constructor(table: Table) {
    this.table = table
    this.#indexes = new Map(
      Object.entries(table.indexes).map(([name, keysOf]) => [name, new TableIndex(keysOf)]),
    )
    this.#aggregates = new Map(
      Object.entries(table.aggregates).map(([name, aggregate]) => [name, new TableAggregate(aggregate)]),
    )
    this.#indexList = [...this.#indexes.values()]
    this.#aggregateList = [...this.#aggregates.values()]
  }

  get size(): number {
    return this.#entries.size
  }

  entry(id: string): Entry | undefined {
    return this.#entries.get(id)
  }

  /**
   * Puts or (undefined) removes an entry, with its indexes and totals; when that throws, nothing has changed. `before` is
   * the present one.
   */
  replace(id: string, before: Entry | undefined, after: Entry | undefined): void {
    const count = this.#indexList.length
    for (let n = 0; n < count; n++) this.#oldKeys[n] = this.#indexList[n]?.keysOf(before?.row)
    for (let n = 0; n < count; n++) this.#newKeys[n] = this.#indexList[n]?.keysOf(after?.row)
    this.#replaceTotals(before?.row, after?.row)
    for (let n = 0; n < count; n++) this.#indexList[n]?.move(id, this.#oldKeys[n], this.#newKeys[n])
    if (after === undefined) {
      this.#entries.delete(id)
      this.#ids?.delete(id)
    } else {
      this.#entries.set(id, after)
      if (before === undefined) this.#ids?.add(id)
    }
    this.#changes++
  }

  /** At a start, before anything is read: entries in any order, then indexes and totals. */
  loadEntry(id: string, entry: Entry): void {
    this.#entries.set(id, entry)
  }

  loadPostings(index: string, key: string, ids: readonly string[]): void {
    this.#index(index).extend(key, ids)
  }

  loadTotal(aggregate: string, key: string, total: unknown): void {
    this.#aggregate(aggregate).load(key, total)
  }

  all(after: string | undefined): IterableIterator<Row> {
    const ids = this.#ids ?? this.#listIds()
    return this.#walk(() => ids, after)
  }

  where(index: string, key: string, after: string | undefined): IterableIterator<Row> {
    const found = this.#index(index)
    return this.#walk(() => found.postings(key), after)
  }

  count(index: string, key: string): number {
    return this.#index(index).count(key)
  }

  total(aggregate: string, key: string): unknown {
    return this.#aggregate(aggregate).total(key)
  }

  changedTotals(aggregate: string, mark: number | undefined): ChangedTotals {
    return this.#aggregate(aggregate).changedSince(mark)
  }

  derived<T>(derive: (rows: Iterable<Row>) => T): T {
    const kept = this.#derived.get(derive)
    if (kept?.changes === this.#changes) return kept.value as T
    const value = derive(this.all(undefined))
    this.#derived.set(derive, { changes: this.#changes, value })
    return value
  }

  #listIds(): IdList {
    this.#ids = new IdList()
    this.#ids.extend([...this.#entries.keys()].sort())
    return this.#ids
  }

  #index(name: string): TableIndex {
    const index = this.#indexes.get(name)
    assert(index, `${this.table.name} has no index ${name}`)
    return index
  }

  #aggregate(name: string): TableAggregate {
    const aggregate = this.#aggregates.get(name)
    assert(aggregate, `${this.table.name} has no aggregate ${name}`)
    return aggregate
  }

  #replaceTotals(before: Row | undefined, after: Row | undefined): void {
    let done = 0
    try {
      for (const aggregate of this.#aggregateList) {
        aggregate.replace(before, after)
        done++
      }
    } catch (error) {
      for (const aggregate of this.#aggregateList.slice(0, done)) aggregate.replace(after, before)
      throw error
    }
  }

  /** Live: after a write it goes on behind the last id it gave, so that the caller may write while walking. */
  *#walk(postings: () => Postings, after: string | undefined): IterableIterator<Row> {
    let last = after
    walk: for (;;) {
      const found = postings()
      if (found === undefined) return
      const changes = this.#changes
      const chunks = typeof found === 'string' ? [[found]] : found.chunks
      let { chunk, offset } =
        typeof found === 'string'
          ? { chunk: 0, offset: last !== undefined && found <= last ? 1 : 0 }
          : found.seek(last)
      for (; chunk < chunks.length; chunk++, offset = 0) {
        for (const ids = chunks[chunk] ?? []; offset < ids.length; offset++) {
          last = ids[offset] ?? ''
          const entry = this.#entries.get(last)
          assert(entry, `${this.table.name}: an index names ${last}, which is not there`)
          yield entry.row
          if (this.#changes !== changes) continue walk
        }
      }
      return
    }
  }
}
