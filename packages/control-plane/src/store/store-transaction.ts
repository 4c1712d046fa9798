import assert from 'node:assert'
import { freezeRow } from './frozen.ts'
import type { RecordWrite, RowWrite, Slot } from './journal.ts'
import { StaleRead } from './stale-read.ts'
import { StoreView, type Tables } from './store-view.ts'
import type { HistoryTable, Row, Table } from './table.ts'
import type { Entry, TableState } from './table-state.ts'
import type { Change, Sequence, Transaction } from './view.ts'

interface Touched {
  readonly state: TableState
  readonly id: string
  /** As it was before the transaction. */
  readonly before: Entry | undefined
}

export interface Outcome {
  readonly changes: readonly Change[]
  readonly rows: readonly RowWrite[]
  readonly records: readonly RecordWrite[]
}

export interface TransactionSetting {
  readonly tables: Tables
  readonly histories: ReadonlySet<unknown>
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
    const before = this.#beforeOf(state, row.id, current)
    const slot = current?.slot ?? before?.slot ?? this.#setting.nextSlot()
    state.replace(row.id, { row, version: this.#commitSequence, slot })
    this.#touch(state, row.id, before)
  }

  delete<R extends Row>(table: Table<R>, id: string): void {
    const state = this.#writable(table)
    const current = state.entry(id)
    if (current === undefined) return
    const before = this.#beforeOf(state, id, current)
    state.replace(id, undefined)
    this.#touch(state, id, before)
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
    for (const { state, id, before } of this.#allTouched()) {
      const after = state.entry(id)
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
      if (state.entry(id) !== before) state.replace(id, before)
    }
  }

  #allTouched(): Touched[] {
    return [...this.#touched.values()].flatMap(byId => [...byId.values()])
  }

  #beforeOf(state: TableState, id: string, current: Entry | undefined): Entry | undefined {
    const touched = this.#touched.get(state)?.get(id)
    return touched ? touched.before : current
  }

  #touch(state: TableState, id: string, before: Entry | undefined): void {
    let byId = this.#touched.get(state)
    if (byId === undefined) {
      byId = new Map()
      this.#touched.set(state, byId)
    }
    if (!byId.has(id)) byId.set(id, { state, id, before })
  }

  #writable<R extends Row>(table: Table<R>): TableState {
    this.#assertOpen()
    return this.tables.of(table)
  }

  #assertOpen(): void {
    assert(this.#open, 'A transaction was used after its update had ended')
  }
}
