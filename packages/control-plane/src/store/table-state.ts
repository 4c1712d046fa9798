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
  readonly #ids = new IdList()
  readonly #indexes: ReadonlyMap<string, TableIndex>
  readonly #indexList: readonly TableIndex[]
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

  /** Puts or (undefined) removes an entry, with its indexes and totals; when that throws, nothing has changed. */
  replace(id: string, after: Entry | undefined): void {
    const before = this.#entries.get(id)
    const oldKeys = this.#indexList.map(index => index.keysOf(before?.row))
    const newKeys = this.#indexList.map(index => index.keysOf(after?.row))
    this.#replaceTotals(before?.row, after?.row)
    this.#moveKeys(id, oldKeys, newKeys)
    if (after === undefined) {
      this.#entries.delete(id)
      this.#ids.delete(id)
    } else {
      this.#entries.set(id, after)
      if (before === undefined) this.#ids.add(id)
    }
    this.#changes++
  }

  /** At a start, before anything is read: entries in any order, then all ids in theirs, then indexes and totals. */
  loadEntry(id: string, entry: Entry): void {
    this.#entries.set(id, entry)
  }

  loadIds(ids: readonly string[]): void {
    this.#ids.extend(ids)
  }

  loadPostings(index: string, key: string, ids: readonly string[]): void {
    this.#index(index).extend(key, ids)
  }

  loadTotal(aggregate: string, key: string, total: unknown): void {
    this.#aggregate(aggregate).load(key, total)
  }

  all(after: string | undefined): IterableIterator<Row> {
    return this.#walk(() => this.#ids, after)
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

  #moveKeys(id: string, before: readonly IndexKeys[], after: readonly IndexKeys[]): void {
    for (let position = 0; position < this.#indexList.length; position++)
      this.#indexList[position]?.move(id, before[position], after[position])
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
