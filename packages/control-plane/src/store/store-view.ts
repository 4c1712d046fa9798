import assert from 'node:assert'
import type { Aggregates, Indexes, Row, Table } from './table.ts'
import type { ChangedTotals } from './table-aggregate.ts'
import type { TableState } from './table-state.ts'
import type { Sequence, TotalOf, View } from './view.ts'

/** The registered tables, and the sequence of the newest commit. */
export class Tables {
  readonly #states: ReadonlyMap<unknown, TableState>
  sequence: Sequence = 0

  constructor(states: readonly TableState[]) {
    this.#states = new Map(states.map(state => [state.table, state]))
  }

  [Symbol.iterator](): Iterator<TableState> {
    return this.#states.values()
  }

  of<R extends Row, I extends Indexes<R>, A extends Aggregates<R>>(table: Table<R, I, A>): TableState {
    const state = this.#states.get(table)
    assert(state, `The table ${table.name} is not registered with the store`)
    return state
  }
}

/** Reads over the tables as they are now; rows are typed by the table that they were put under. */
export class StoreView implements View {
  protected readonly tables: Tables

  constructor(tables: Tables) {
    this.tables = tables
  }

  get sequence(): Sequence {
    return this.tables.sequence
  }

  get<R extends Row>(table: Table<R>, id: string): R | undefined {
    return this.tables.of(table).entry(id)?.row as R | undefined
  }

  versionOf<R extends Row>(table: Table<R>, id: string): Sequence | undefined {
    return this.tables.of(table).entry(id)?.version
  }

  where<R extends Row, I extends Indexes<R>, A extends Aggregates<R>>(
    table: Table<R, I, A>,
    index: keyof I & string,
    key: string,
    after?: string,
  ): Iterable<R> {
    return this.tables.of(table).where(index, key, after) as Iterable<Row> as Iterable<R>
  }

  count<R extends Row, I extends Indexes<R>, A extends Aggregates<R>>(
    table: Table<R, I, A>,
    index: keyof I & string,
    key: string,
  ): number {
    return this.tables.of(table).count(index, key)
  }

  all<R extends Row>(table: Table<R>, after?: string): Iterable<R> {
    return this.tables.of(table).all(after) as Iterable<Row> as Iterable<R>
  }

  total<R extends Row, I extends Indexes<R>, A extends Aggregates<R>, N extends keyof A & string>(
    table: Table<R, I, A>,
    aggregate: N,
    key: string,
  ): Readonly<TotalOf<A, N>> | undefined {
    return this.tables.of(table).total(aggregate, key) as Readonly<TotalOf<A, N>> | undefined
  }

  changedTotals<R extends Row, I extends Indexes<R>, A extends Aggregates<R>>(
    table: Table<R, I, A>,
    aggregate: keyof A & string,
    mark: number | undefined,
  ): ChangedTotals {
    return this.tables.of(table).changedTotals(aggregate, mark)
  }

  derived<R extends Row, T>(table: Table<R>, derive: (rows: Iterable<R>) => T): T {
    return this.tables.of(table).derived(derive as unknown as (rows: Iterable<Row>) => T)
  }
}
