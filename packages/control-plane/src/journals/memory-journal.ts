import assert from 'node:assert'
import { randomUUID } from 'node:crypto'
import {
  type Acquired,
  type Epoch,
  type Group,
  type HistoryQuery,
  type HistorySearch,
  type HistorySweep,
  type Journal,
  JournalFailure,
  JournalRefused,
  type RecordWrite,
  type SchemaVersion,
  type Slot,
  type StoredRecords,
} from '../store/journal.ts'
import { checkSchema } from '../store/migrate.ts'
import { matchesFilter } from '../store/record-filter.ts'
import type { AnyTable, Millis, Row } from '../store/table.ts'
import type { StoredText, TablePart } from '../store/table-parts.ts'
import { readTables } from '../store/table-reader.ts'

/** Without a disk nothing else bounds them. */
const RECORDS_PER_KEY = 10_000

type HeldRow = Omit<StoredText, 'body'> & { readonly row: Row }

interface HeldRecord {
  /** Grows over all records: pages are found by it. */
  readonly order: number
  /** When it was written. */
  readonly at: Millis
  readonly schemaVersion: number
  readonly record: object
}

/** What the disk is to other journals. Several journals may be opened over one: only the newest epoch may append. */
export interface JournalMemory {
  readonly incarnation: string
  epoch: Epoch
  sequence: number
  at: number
  order: number
  readonly rows: Map<Slot, HeldRow>
  readonly records: Map<string, HeldRecord[]>
  schema: readonly SchemaVersion[]
}

export const createJournalMemory = (incarnation: string = randomUUID()): JournalMemory => ({
  incarnation,
  epoch: 0,
  sequence: 0,
  at: 0,
  order: 0,
  rows: new Map(),
  records: new Map(),
  schema: [],
})

/** A journal that keeps rows and records in this process: for tests, simulation and servers that keep nothing. */
export const createMemoryJournal = (memory: JournalMemory = createJournalMemory()): Journal => {
  const failed = Promise.withResolvers<JournalFailure>()
  let closed = false
  let ownEpoch: Epoch | undefined
  const fail = (message: string): never => {
    const failure = new JournalFailure(message)
    failed.resolve(failure)
    throw failure
  }
  const confirmEpoch = (epoch: Epoch | undefined): void => {
    if (epoch !== memory.epoch)
      fail(`Another server leads now (epoch ${memory.epoch}): this one, of epoch ${epoch}, must stop`)
  }
  return {
    failed: failed.promise,
    meanWriteBytes: 0,
    acquire: async schema => {
      const acquired = acquire(memory, schema)
      ownEpoch = acquired.epoch
      return acquired
    },
    load: tables => load(memory, tables),
    append: async group => {
      assert(!closed, 'The journal is closed')
      confirmEpoch(group.epoch)
      if (group.from > memory.sequence + 1) fail(`Commits before ${group.from} are missing from the journal`)
      write(memory, group)
    },
    confirmLead: () => confirmEpoch(ownEpoch),
    readHistory: async query => readHistory(memory, query),
    searchHistory: async search => searchHistory(memory, search),
    sweepHistory: async sweep => sweepHistory(memory, sweep),
    backup: async () => {
      throw new JournalRefused('A server that keeps its data in memory has nothing to back up')
    },
    close: async () => {
      closed = true
    },
  }
}

const acquire = (memory: JournalMemory, schema: readonly SchemaVersion[]): Acquired => {
  checkSchema(memory.schema, schema)
  memory.schema = schema
  memory.epoch++
  const { epoch, incarnation, sequence, at } = memory
  return { epoch, incarnation, sequence, at }
}

/** As rows come from a disk: through JSON. */
async function* load({ rows }: JournalMemory, tables: readonly AnyTable[]): AsyncGenerator<TablePart> {
  yield* readTables(tables, textsOf(rows))
}

function* textsOf(rows: JournalMemory['rows']): Generator<StoredText> {
  for (const { row, ...held } of rows.values()) yield { ...held, body: JSON.stringify(row) }
}

const write = (memory: JournalMemory, { to, at, rows, records }: Group): void => {
  for (const { slot, table, sequence, row } of rows) {
    if (sequence <= memory.sequence) continue
    if (row === undefined) memory.rows.delete(slot)
    else memory.rows.set(slot, { slot, table: table.name, sequence, schemaVersion: table.schemaVersion, row })
  }
  for (const record of records) if (record.sequence > memory.sequence) hold(memory, record, at)
  memory.sequence = Math.max(memory.sequence, to)
  memory.at = Math.max(memory.at, at)
}

const hold = (memory: JournalMemory, { table, key, record, keep: most }: RecordWrite, at: Millis): void => {
  const name = recordKey(table.name, key)
  const held = memory.records.get(name) ?? []
  held.push({ order: ++memory.order, at, schemaVersion: table.schemaVersion, record })
  const keep = most === 0 ? RECORDS_PER_KEY : Math.min(most, RECORDS_PER_KEY)
  if (held.length > keep) held.splice(0, held.length - keep)
  memory.records.set(name, held)
}

const readHistory = (memory: JournalMemory, query: HistoryQuery): StoredRecords => {
  const held = memory.records.get(recordKey(query.table, query.key)) ?? []
  const from = query.from === undefined ? undefined : Number(query.from)
  const behind = ({ order }: HeldRecord) =>
    from === undefined || (query.oldestFirst ? order > from : order < from)
  const found = (query.oldestFirst ? held : held.toReversed()).filter(behind)
  const records = found.slice(0, query.limit)
  const last = records.at(-1)
  return { records, ...(last && found.length > records.length && { next: String(last.order) }) }
}

const searchHistory = ({ records }: JournalMemory, search: HistorySearch): StoredRecords => {
  const { table, keys, filter, since, limit, from } = search
  const names =
    'key' in keys
      ? [recordKey(table, keys.key)]
      : [...records.keys()].filter(name => name.startsWith(recordKey(table, keys.keyPrefix)))
  const below = from === undefined ? Number.POSITIVE_INFINITY : Number(from)
  const found = names
    .flatMap(name => records.get(name) ?? [])
    .filter(({ order, at, record }) => order < below && at >= since && matchesFilter(record, filter))
    .sort((a, b) => b.order - a.order)
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return { records: page, ...(last && found.length > page.length && { next: String(last.order) }) }
}

const sweepHistory = ({ records }: JournalMemory, { before }: HistorySweep): undefined => {
  for (const [name, held] of records) {
    const until = before[name.slice(0, name.indexOf('\n'))]
    if (until === undefined) continue
    const kept = held.filter(({ at }) => at >= until)
    if (kept.length === 0) records.delete(name)
    else if (kept.length < held.length) records.set(name, kept)
  }
}

const recordKey = (table: string, key: string): string => `${table}\n${key}`
