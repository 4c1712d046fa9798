import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  type Acquired,
  type Group,
  type HistoryQuery,
  type Journal,
  JournalFailure,
  type SchemaVersion,
  type StoredRecords,
  type StoredRow,
} from '../../store/journal.ts'
import { sizeOf, slicesOf } from './group-slices.ts'
import { JournalThread } from './journal-thread.ts'
import type { LoadedChunk, ReaderRequest, Slice, WriterRequest } from './messages.ts'

/** What a write is taken for before the first one has been measured. */
const FIRST_MEAN_BYTES = 1024

export interface SqliteJournalOptions {
  /** Made when it does not exist; held for this process alone from `acquire` to `close`. */
  readonly directory: string
}

class SqliteJournal implements Journal {
  readonly #directory: string
  readonly #writer: JournalThread<WriterRequest>
  readonly #failed = Promise.withResolvers<JournalFailure>()
  #reader: JournalThread<ReaderRequest> | undefined
  meanWriteBytes = FIRST_MEAN_BYTES

  constructor({ directory }: SqliteJournalOptions) {
    this.#directory = directory
    this.#writer = new JournalThread(new URL('./writer-thread.ts', import.meta.url), { directory }, failure =>
      this.#failed.resolve(failure),
    )
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
  async *load(): AsyncGenerator<readonly StoredRow[]> {
    const thread = this.#startReader()
    const ask = async () => (await thread.ask({ kind: 'load' })) as LoadedChunk
    try {
      let next = ask()
      for (;;) {
        const chunk = await next
        if (chunk.slots.length === 0) return
        next = ask()
        yield rowsOf(chunk)
        // Messages that have piled up would all be handled in one turn.
        await nextTurn()
      }
    } finally {
      await thread.terminate()
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

  async readHistory({ table, key, limit, oldestFirst, from }: HistoryQuery): Promise<StoredRecords> {
    // One that has died must not take history with it until the next start.
    if (this.#reader === undefined || this.#reader.ended) this.#reader = this.#startReader()
    const start = from === undefined ? undefined : Number(from)
    return (await this.#reader.ask({
      kind: 'history',
      table,
      key,
      limit,
      oldestFirst,
      from: start,
    })) as StoredRecords
  }

  /** On a thread of its own: a big copy must not hold up history. */
  async backup(path: string): Promise<void> {
    const thread = this.#startReader()
    try {
      await thread.ask({ kind: 'backup', path })
    } finally {
      await thread.terminate()
    }
  }

  async close(): Promise<void> {
    await this.#reader?.terminate()
    try {
      if (!this.#writer.ended) await this.#writer.ask({ kind: 'close' })
    } finally {
      await this.#writer.terminate()
    }
  }

  #startReader(): JournalThread<ReaderRequest> {
    return new JournalThread(new URL('./reader-thread.ts', import.meta.url), { directory: this.#directory })
  }

  #measure(slice: Slice): void {
    const { bytes, writes } = sizeOf(slice)
    if (writes > 0) this.meanWriteBytes += (bytes / writes - this.meanWriteBytes) * Math.min(1, writes / 100)
  }
}

/** One file, written by one process: SQLite on a thread of its own. */
export const createSqliteJournal = (options: SqliteJournalOptions): SqliteJournal =>
  new SqliteJournal(options)

const rowsOf = ({ slots, tables, sequences, versions, bodies }: LoadedChunk): StoredRow[] => {
  const rows = JSON.parse(bodies) as unknown[]
  return slots.map((slot, n) => ({
    slot,
    table: tables[n] ?? '',
    sequence: sequences[n] ?? 0,
    schemaVersion: versions[n] ?? 0,
    row: rows[n],
    fresh: true,
  }))
}
