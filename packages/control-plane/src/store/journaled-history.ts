import assert from 'node:assert'
import type { HistoryQuery, Journal, StoredRecords } from './journal.ts'
import { migrate } from './migrate.ts'
import type { HistoryKeys, RecordFilter } from './record-filter.ts'
import type { AnyHistoryTable, HistoryTable, Millis, Retention } from './table.ts'
import type { HistoryPage, HistoryReader } from './view.ts'

const DEFAULT_PAGE = 100

export interface JournaledHistoryOptions {
  readonly journal: Journal
  readonly histories: readonly AnyHistoryTable[]
  /** By table, where the operator says how long records are kept. */
  readonly retention: Readonly<Record<string, Retention>>
  readonly durable: () => Promise<void>
}

/** The history tables of a store, in its journal. */
export class JournaledHistory implements HistoryReader {
  readonly #options: JournaledHistoryOptions
  readonly #tables: ReadonlySet<unknown>
  #isClosing = false

  constructor(options: JournaledHistoryOptions) {
    this.#options = options
    this.#tables = new Set(options.histories)
  }

  async read<R extends object>(
    table: HistoryTable<R>,
    key: string,
    options: { limit?: number; from?: string; oldestFirst?: boolean } = {},
  ): Promise<HistoryPage<R>> {
    const { limit = DEFAULT_PAGE, from, oldestFirst = false } = options
    const query: HistoryQuery = {
      table: table.name,
      key,
      limit,
      oldestFirst,
      ...(from !== undefined && { from }),
    }
    return this.#page(table, journal => journal.readHistory(query))
  }

  async search<R extends object>(
    table: HistoryTable<R>,
    keys: HistoryKeys,
    options: { filter: RecordFilter; since?: Millis | undefined; limit: number; from?: string | undefined },
  ): Promise<HistoryPage<R>> {
    const { filter, since = 0, limit, from } = options
    const search = { table: table.name, keys, filter, since, limit, ...(from !== undefined && { from }) }
    return this.#page(table, journal => journal.searchHistory(search))
  }

  /** Deletes what is older than it is to be kept, step by step: others get their turns in between. */
  async sweep(now: Millis): Promise<void> {
    const { journal, histories, retention } = this.#options
    const before = Object.fromEntries(
      histories.flatMap(({ name }) => {
        const ms = retention[name]?.ms ?? 0
        return ms > 0 ? [[name, now - ms]] : []
      }),
    )
    if (Object.keys(before).length === 0) return
    let from: string | undefined
    do {
      if (this.#isClosing) return
      from = await journal.sweepHistory({ before, ...(from !== undefined && { from }) })
    } while (from !== undefined)
  }

  /** A sweep that is under way ends with its present step: the journal is about to be closed. */
  close(): void {
    this.#isClosing = true
  }

  async #page<R extends object>(
    table: HistoryTable<R>,
    ask: (journal: Journal) => Promise<StoredRecords>,
  ): Promise<HistoryPage<R>> {
    assert(this.#tables.has(table), `The history table ${table.name} is not registered with the store`)
    await this.#options.durable()
    const { records, next } = await ask(this.#options.journal)
    return {
      records: records.map(({ schemaVersion, record }) => migrate(table, schemaVersion, record) as R),
      ...(next !== undefined && { next }),
    }
  }
}
