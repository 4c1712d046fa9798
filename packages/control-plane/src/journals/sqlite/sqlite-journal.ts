import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  type Acquired,
  type Group,
  type HistoryQuery,
  type HistorySearch,
  type HistorySweep,
  type Journal,
  JournalFailure,
  type SchemaVersion,
  type StoredRecords,
} from '../../store/journal.ts'
import type { AnyTable } from '../../store/table.ts'
import type { TablePart } from '../../store/table-parts.ts'
import { sizeOf, slicesOf } from './group-slices.ts'
import { JournalThread } from './journal-thread.ts'
import type {
  LoaderData,
  LoaderRequest,
  ReaderRequest,
  Slice,
  ThreadData,
  WriterRequest,
} from './messages.ts'

/** What a write is taken for before the first one has been measured. */
const FIRST_MEAN_BYTES = 1024
/** So many parts of the tables are asked for ahead, so that the thread that makes them never waits. */
const PARTS_AHEAD = 3

export interface SqliteJournalOptions {
  /** Made when it does not exist; held for this process alone from `acquire` to `close`. */
  readonly directory: string
  /** The modules that export every live table of the store: rows are parsed and indexed on a thread that imports them. */
  readonly tableModules: readonly URL[]
}

class SqliteJournal implements Journal {
  readonly #directory: string
  readonly #writer: JournalThread<WriterRequest>
  /** Started at once, because it takes a while to come up; ends when it has loaded. */
  readonly #loader: JournalThread<LoaderRequest>
  readonly #failed = Promise.withResolvers<JournalFailure>()
  #reader: JournalThread<ReaderRequest> | undefined
  meanWriteBytes = FIRST_MEAN_BYTES

  constructor({ directory, tableModules }: SqliteJournalOptions) {
    this.#directory = directory
    this.#writer = startThread('writer', { directory }, failure => this.#failed.resolve(failure))
    const loaderData: LoaderData = { directory, tableModules: tableModules.map(({ href }) => href) }
    this.#loader = startThread('loader', loaderData)
  }

  get failed(): Promise<JournalFailure> {
    return this.#failed.promise
  }

  /**
   * Takes the directory for this process alone; `acquire` does, too. Before anything else in it is touched.
   * Rejects with `JournalRefused` when another process holds it.
   */
  async hold(): Promise<void> {
    await this.#writer.ask({ kind: 'hold' })
  }

  async acquire(schema: readonly SchemaVersion[]): Promise<Acquired> {
    return (await this.#writer.ask({ kind: 'acquire', schema })) as Acquired
  }

  /** On a thread that ends with it: what reading a hundred thousand rows leaves behind in memory goes too. */
  async *load(tables: readonly AnyTable[]): AsyncGenerator<TablePart> {
    const request = { tables: tables.map(({ name, schemaVersion }) => ({ name, version: schemaVersion })) }
    const ask = (): Promise<unknown> => {
      const part = this.#loader.ask(request)
      // Behind the last part nobody takes what was asked for.
      part.catch(() => undefined)
      return part
    }
    try {
      const asked = Array.from({ length: PARTS_AHEAD }, ask)
      for (;;) {
        const part = (await asked.shift()) as TablePart | undefined
        if (part === undefined) return
        asked.push(ask())
        yield part
        // Messages that have piled up would all be handled in one turn.
        await nextTurn()
      }
    } finally {
      await this.#loader.terminate()
    }
  }

  async append(group: Group): Promise<void> {
    try {
      let last: Slice | undefined
      for (const slice of slicesOf(group)) {
        this.#measure(slice)
        if (last !== undefined) {
          this.#writer.send({ kind: 'slice', slice: last })
          await nextTurn()
        }
        last = slice
      }
      const { epoch, from, to, at } = group
      if (last !== undefined) {
        await this.#writer.ask({ kind: 'commit', slice: last, commit: { epoch, from, to, at } })
      }
    } catch (error) {
      const failure =
        error instanceof JournalFailure ? error : new JournalFailure(String(error), { cause: error })
      this.#failed.resolve(failure)
      throw failure
    }
  }

  /** The directory is this process's own until it ends, however long it was stopped. */
  confirmLead(): void {}

  async readHistory({ table, key, limit, oldestFirst, from }: HistoryQuery): Promise<StoredRecords> {
    const start = from === undefined ? undefined : Number(from)
    return this.#read({ kind: 'history', table, key, limit, oldestFirst, from: start })
  }

  async searchHistory(search: HistorySearch): Promise<StoredRecords> {
    return this.#read({ kind: 'search', search })
  }

  async sweepHistory(sweep: HistorySweep): Promise<string | undefined> {
    const next = (await this.#writer.ask({ kind: 'sweep', sweep })) as string | undefined
    // What waits for the journal meanwhile goes first.
    await nextTurn()
    return next
  }

  async #read(request: ReaderRequest): Promise<StoredRecords> {
    // One that has died must not take history with it until the next start.
    if (this.#reader === undefined || this.#reader.ended)
      this.#reader = startThread('reader', { directory: this.#directory })
    return (await this.#reader.ask(request)) as StoredRecords
  }

  /** On a thread of its own: a big copy must not hold up history. */
  async backup(path: string): Promise<void> {
    const thread = startThread<ReaderRequest>('reader', { directory: this.#directory })
    try {
      await thread.ask({ kind: 'backup', path })
    } finally {
      await thread.terminate()
    }
  }

  async close(): Promise<void> {
    await this.#loader.terminate()
    await this.#reader?.terminate()
    try {
      if (!this.#writer.ended) await this.#writer.ask({ kind: 'close' })
    } finally {
      await this.#writer.terminate()
    }
  }

  #measure(slice: Slice): void {
    const { bytes, writes } = sizeOf(slice)
    if (writes > 0) this.meanWriteBytes += (bytes / writes - this.meanWriteBytes) * Math.min(1, writes / 100)
  }
}

const startThread = <Request>(
  name: 'writer' | 'loader' | 'reader',
  data: ThreadData,
  onEnd?: (failure: JournalFailure) => void,
): JournalThread<Request> => new JournalThread(new URL(`./${name}-thread.ts`, import.meta.url), data, onEnd)

/** One file, written by one process: SQLite on a thread of its own. */
export const createSqliteJournal = (options: SqliteJournalOptions): SqliteJournal =>
  new SqliteJournal(options)
