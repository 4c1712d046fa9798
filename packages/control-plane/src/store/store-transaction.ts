import assert from 'node:assert'
import { freezeRow } from './frozen.ts'
import type { RecordWrite, RowWrite, Slot } from './journal.ts'
import { StaleRead } from './stale-read.ts'
import { StoreView, type Tables } from './store-view.ts'
import type { HistoryTable, Retention, Row, Table } from './table.ts'
import type { Entry, TableState } from './table-state.ts'
import type { Change, Sequence, Transaction } from './view.ts'

interface Touched {
  readonly state: TableState
  readonly id: string
  /** As it was before the transaction. */
  readonly before: Entry | undefined
  /** As it is now. */
  after: Entry | undefined
}

export interface Outcome {
  readonly changes: readonly Change[]
  readonly rows: readonly RowWrite[]
  readonly records: readonly RecordWrite[]
}

export interface TransactionSetting {
  readonly tables: Tables
  readonly histories: ReadonlySet<unknown>
  /** By table, where the operator says how long records are kept. */
  readonly retention: Readonly<Record<string, Retention>>
  readonly nextSlot: () => Slot
  readonly freeze: boolean
}

/** Writes straight into the tables, and remembers how every touched row was. */
export class StoreTransaction extends StoreView implements Transaction {
  readonly #setting: TransactionSetting
  readonly #touched = new Map<TableState, Map<string, Touched>>()
  readonly #records: RecordWrite[] = []
  readonly #commitSequence: Sequence
  #open = true

  constructor(setting: TransactionSetting) {
    super(setting.tables)
    this.#setting = setting
    this.#commitSequence = setting.tables.sequence + 1
  }

  put<R extends Row>(table: Table<R>, row: R): void {
    const state = this.#writable(table)
    assert(typeof row.id === 'string' && row.id !== '', `${table.name}: a row needs an id`)
    const current = state.entry(row.id)
    // The very same object is no change: reconcilers may put what they read.
    if (current?.row === row) return
    if (this.#setting.freeze) freezeRow(row, `${table.name} ${row.id}`)
    const touched = this.#touched.get(state)?.get(row.id)
    const slot = current?.slot ?? touched?.before?.slot ?? this.#setting.nextSlot()
    this.#replace(state, row.id, touched, current, { row, version: this.#commitSequence, slot })
  }

  delete<R extends Row>(table: Table<R>, id: string): void {
    const state = this.#writable(table)
    const current = state.entry(id)
    if (current === undefined) return
    this.#replace(state, id, this.#touched.get(state)?.get(id), current, undefined)
  }

  append<R extends object>(table: HistoryTable<R>, record: R): void {
    this.#assertOpen()
    assert(
      this.#setting.histories.has(table),
      `The history table ${table.name} is not registered with the store`,
    )
    if (this.#setting.freeze) freezeRow(record, table.name)
    this.#records.push({
      table: table as unknown as HistoryTable,
      key: table.key(record),
      sequence: this.#commitSequence,
      record,
      keep: this.#setting.retention[table.name]?.records ?? table.keepPerKey ?? 0,
    })
  }

  expect<R extends Row>(table: Table<R>, id: string, version: Sequence | undefined): void {
    this.#assertOpen()
    const found = this.versionOf(table, id)
    if (found === version) return
    throw new StaleRead(`${table.name} ${id} is of version ${found ?? 'none'}, not ${version ?? 'none'}`)
  }

  /** Ends the transaction, and gives what has changed in the end, in the order in which rows were first touched. */
  commit(): Outcome {
    this.#open = false
    const changes: Change[] = []
    const rows: RowWrite[] = []
    for (const { state, id, before, after } of this.#allTouched()) {
      const slot = after?.slot ?? before?.slot
      if (slot === undefined) continue
      const change = {
        table: state.table,
        id,
        ...(before && { before: before.row }),
        ...(after && { after: after.row }),
      }
      changes.push(change)
      rows.push({ slot, table: state.table, sequence: this.#commitSequence, row: after?.row })
    }
    return { changes, rows, records: this.#records }
  }

  /** Ends the transaction, and puts everything back as it was. */
  undo(): void {
    this.#open = false
    for (const { state, id, before } of this.#allTouched().reverse()) {
      const current = state.entry(id)
      if (current !== before) state.replace(id, current, before)
    }
  }

  #allTouched(): Touched[] {
    const all: Touched[] = []
    for (const byId of this.#touched.values()) for (const touched of byId.values()) all.push(touched)
    return all
  }

  #replace(
    state: TableState,
    id: string,
    touched: Touched | undefined,
    current: Entry | undefined,
    after: Entry | undefined,
  ): void {
    state.replace(id, current, after)
    if (touched !== undefined) touched.after = after
    else {
      let byId = this.#touched.get(state)
      if (byId === undefined) {
        byId = new Map()
        this.#touched.set(state, byId)
      }
      byId.set(id, { state, id, before: current, after })
    }
  }

  #writable<R extends Row>(table: Table<R>): TableState {
    this.#assertOpen()
    return this.tables.of(table)
  }

  #assertOpen(): void {
    assert(this.#open, 'A transaction was used after its update had ended')
  }
}
