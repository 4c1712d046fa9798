import assert from 'node:assert'
import { CommitQueue } from './commit-queue.ts'
import type { Epoch, Journal, JournalFailure } from './journal.ts'
import { JournaledHistory } from './journaled-history.ts'
import { schemaOf } from './migrate.ts'
import { type Outcome, StoreTransaction, type TransactionSetting } from './store-transaction.ts'
import { StoreView, Tables } from './store-view.ts'
import type { AnyHistoryTable, AnyTable, Millis, Retention } from './table.ts'
import { TableLoader } from './table-loader.ts'
import { TableState } from './table-state.ts'
import type { Commit, HistoryReader, Sequence, Stop, Store, Transaction, Watcher } from './view.ts'

/** With this much waiting for the journal, mutating calls are to be refused with ThrottlingException. */
const PENDING_BYTES_LIMIT = 64 * 1024 * 1024

export interface StoreOptions {
  readonly tables: readonly AnyTable[]
  readonly histories: readonly AnyHistoryTable[]
  readonly journal: Journal
  /** By history table: how long its records are kept, where it is not as the table itself says. */
  readonly retention?: Readonly<Record<string, Retention>>
  /** Freeze every row deeply, and assert that it is JSON: in development and tests. */
  readonly freeze?: boolean
  /** Its reading is kept with every commit, and a restarted clock is told not to go below it. */
  readonly clock?: { now(): Millis; notBefore(at: Millis): void }
  /** A watcher threw, which is a fault of ours. By default it becomes an uncaught exception. */
  readonly onFault?: (error: unknown) => void
}

/** The store of one process over its journal. Nothing can be read or written before `load` has ended. */
export class JournaledStore extends StoreView implements Store {
  readonly #options: StoreOptions
  readonly #setting: TransactionSetting
  readonly #watchers = new Set<Watcher>()
  readonly history: HistoryReader
  readonly #history: JournaledHistory
  #queue: CommitQueue | undefined
  #incarnation = ''
  #epoch: Epoch = 0
  #lastSlot = 0
  #loadedAt: Millis = 0
  #busy: 'no' | 'updating' | 'notifying' | 'loading' = 'no'

  constructor(options: StoreOptions) {
    const { tables, histories, journal, freeze = false, retention = {} } = options
    const names = [...tables, ...histories].map(({ name }) => name)
    assert(new Set(names).size === names.length, 'Two tables of the store have the same name')
    super(new Tables(tables.map(table => new TableState(table))))
    this.#options = options
    const nextSlot = () => ++this.#lastSlot
    this.#setting = {
      tables: this.tables,
      histories: new Set<unknown>(histories),
      retention,
      nextSlot,
      freeze,
    }
    this.#history = new JournaledHistory({ journal, histories, retention, durable: () => this.durable() })
    this.history = this.#history
  }

  /** Counts the leaders over this data; grows with every start. */
  get epoch(): Epoch {
    return this.#epoch
  }

  /** Identifies the life of this data: a restored backup gets another one. */
  get incarnation(): string {
    return this.#incarnation
  }

  /** When `load` ended, by the store's clock: a server that waited long to lead has listened to nobody before. */
  get loadedAt(): Millis {
    return this.#loadedAt
  }

  /** Resolves, never rejects, when the journal has failed: report it, and stop the process. */
  get failed(): Promise<JournalFailure> {
    return this.#options.journal.failed
  }

  /** Bytes of rows and records that are not on disk yet, estimated from the mean size of those written lately. */
  get pendingBytes(): number {
    return this.#queue?.pendingBytes ?? 0
  }

  /** True while mutating calls are to be refused with ThrottlingException. */
  get overloaded(): boolean {
    return this.pendingBytes > PENDING_BYTES_LIMIT
  }

  /** Begins an epoch and reads every live row. Throws `JournalRefused` with a message for the operator. */
  async load(): Promise<void> {
    assert(this.#queue === undefined && this.#busy === 'no', 'The store has been loaded already')
    this.#busy = 'loading'
    const { journal, tables, histories, clock, freeze = false } = this.#options
    const acquired = await journal.acquire(schemaOf(tables, histories))
    const loaders = new Map([...this.tables].map(state => [state.table.name, new TableLoader(state, freeze)]))
    for await (const part of journal.load(tables)) {
      const loader = loaders.get(part.table)
      assert(loader, `The journal gave rows of ${part.table}, which it was not asked for`)
      loader.take(part)
      if (part.kind === 'rows') this.#lastSlot = Math.max(this.#lastSlot, ...part.slots)
    }
    clock?.notBefore(acquired.at)
    this.tables.sequence = acquired.sequence
    this.#epoch = acquired.epoch
    this.#incarnation = acquired.incarnation
    this.#loadedAt = clock?.now() ?? acquired.at
    this.#queue = new CommitQueue(journal, acquired.epoch, acquired.sequence)
    this.#busy = 'no'
  }

  update<R>(run: (tx: Transaction) => R): R {
    const queue = this.#writableQueue()
    const tx = new StoreTransaction(this.#setting)
    const { result, outcome } = this.#attempt(tx, run)
    const { changes, rows, records } = outcome
    if (rows.length === 0 && records.length === 0) return result
    const sequence = ++this.tables.sequence
    queue.add(sequence, this.#options.clock?.now() ?? 0, rows, records)
    this.#notify({ sequence, changes })
    return result
  }

  #attempt<R>(tx: StoreTransaction, run: (tx: Transaction) => R): { result: R; outcome: Outcome } {
    const lastSlot = this.#lastSlot
    this.#busy = 'updating'
    try {
      const result = run(tx)
      assertNoPromise(result)
      return { result, outcome: tx.commit() }
    } catch (error) {
      tx.undo()
      this.#lastSlot = lastSlot
      throw error
    } finally {
      this.#busy = 'no'
    }
  }

  watch(watcher: Watcher): Stop {
    const own: Watcher = commit => watcher(commit)
    this.#watchers.add(own)
    return () => this.#watchers.delete(own)
  }

  async durable(sequence: Sequence = this.sequence): Promise<void> {
    assert(sequence <= this.sequence, `Commit ${sequence} has not been made`)
    await this.#loadedQueue().durable(sequence)
  }

  /** Writes a consistent copy to a new file while the store goes on; it holds every commit made before the call. */
  async backup(path: string): Promise<void> {
    await this.durable()
    await this.#options.journal.backup(path)
  }

  /** Deletes records of history tables that are older than they are to be kept. */
  async sweepHistory(now: Millis): Promise<void> {
    await this.#history.sweep(now)
  }

  /** Writes what still waits, and closes the journal. */
  async close(): Promise<void> {
    this.#history.close()
    if (this.#queue !== undefined && this.#queue.failure === undefined) await this.durable()
    await this.#options.journal.close()
  }

  #writableQueue(): CommitQueue {
    assert(this.#busy !== 'updating', 'An update was started inside an update')
    assert(this.#busy !== 'notifying', 'A watcher tried to write: it may only note keys')
    const queue = this.#loadedQueue()
    if (queue.failure !== undefined) throw queue.failure
    return queue
  }

  #loadedQueue(): CommitQueue {
    assert(this.#queue, 'The store has not been loaded')
    return this.#queue
  }

  #notify(commit: Commit): void {
    this.#busy = 'notifying'
    for (const watcher of [...this.#watchers]) {
      try {
        watcher(commit)
      } catch (error) {
        this.#report(error)
      }
    }
    this.#busy = 'no'
  }

  #report(error: unknown): void {
    const { onFault } = this.#options
    if (onFault !== undefined) onFault(error)
    else
      queueMicrotask(() => {
        throw error
      })
  }
}

/** Call `load` before anything else. */
export const createStore = (options: StoreOptions): JournaledStore => new JournaledStore(options)

const assertNoPromise = (result: unknown): void => {
  if (
    typeof result !== 'object' ||
    result === null ||
    !('then' in result) ||
    typeof result.then !== 'function'
  )
    return
  // The assertion below tells of it; its own rejection would be reported a second time.
  Promise.resolve(result).catch(() => undefined)
  assert.fail('An update returned a promise: it must be synchronous')
}
