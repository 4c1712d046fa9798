import { JournalRefused } from './journal.ts'
import { migrate } from './migrate.ts'
import type { AnyTable, IndexKeys, Row, Table } from './table.ts'
import { TableAggregate } from './table-aggregate.ts'
import type { OrderPart, PostingsPart, RowsPart, StoredText, TablePart, TotalsPart } from './table-parts.ts'

/** Bounds of one part. */
const PART_ROWS = 256
const PART_CHARACTERS = 512 * 1024
const PART_RANKS = 8192
const PART_KEYS = 2048
const PART_TOTALS = 16

/** Makes of stored rows what `TableLoader` puts into a store: parses, migrates and indexes them, on any thread. */
export function* readTables(
  tables: readonly AnyTable[],
  rows: Iterable<StoredText>,
): Generator<TablePart, undefined> {
  const readers = new Map(tables.map(table => [table.name, new TableReader(table)]))
  for (const row of rows) {
    const reader = readers.get(row.table)
    if (reader === undefined)
      throw new JournalRefused(`The database holds rows of ${row.table}, which this release does not know`)
    reader.add(row)
    if (reader.isFull) yield reader.takeRows()
  }
  for (const reader of readers.values()) yield* reader.finish()
  return undefined
}

class TableReader {
  readonly #table: Table
  readonly #ids: string[] = []
  readonly #indexes: readonly IndexReader[]
  readonly #aggregates: readonly (readonly [string, TableAggregate])[]
  /** Rows that the next part will hold; they are the last ones of `#ids`. */
  #slots: number[] = []
  #sequences: number[] = []
  #bodies: string[] = []
  #characters = 0

  constructor(table: Table) {
    this.#table = table
    this.#indexes = Object.entries(table.indexes).map(([name, keysOf]) => new IndexReader(name, keysOf))
    this.#aggregates = Object.entries(table.aggregates).map(([name, aggregate]) => [
      name,
      new TableAggregate(aggregate),
    ])
  }

  get isFull(): boolean {
    return this.#bodies.length >= PART_ROWS || this.#characters >= PART_CHARACTERS
  }

  add({ slot, sequence, schemaVersion, body }: StoredText): void {
    const row = migrate(this.#table, schemaVersion, JSON.parse(body)) as Row
    const text = schemaVersion === this.#table.schemaVersion ? body : JSON.stringify(row)
    for (const index of this.#indexes) index.add(this.#ids.length, row)
    for (const [, aggregate] of this.#aggregates) aggregate.replace(undefined, row)
    this.#ids.push(row.id)
    this.#slots.push(slot)
    this.#sequences.push(sequence)
    this.#bodies.push(text)
    this.#characters += text.length
  }

  takeRows(): RowsPart {
    const part: RowsPart = {
      kind: 'rows',
      table: this.#table.name,
      ids: this.#ids.slice(this.#ids.length - this.#bodies.length),
      slots: this.#slots,
      sequences: this.#sequences,
      ...pack(this.#bodies),
    }
    this.#slots = []
    this.#sequences = []
    this.#bodies = []
    this.#characters = 0
    return part
  }

  *finish(): Generator<TablePart> {
    if (this.#bodies.length > 0) yield this.takeRows()
    const order = orderOf(this.#ids)
    yield* this.#order(order)
    const ranks = new Uint32Array(order.length)
    for (let rank = 0; rank < order.length; rank++) ranks[order[rank] ?? 0] = rank
    for (const index of this.#indexes) yield* index.parts(this.#table.name, ranks)
    for (const [name, { totals }] of this.#aggregates) yield* this.#totals(name, [...totals])
  }

  *#order(order: Uint32Array<ArrayBuffer>): Generator<OrderPart> {
    for (let from = 0; from < order.length; from += PART_RANKS)
      yield { kind: 'order', table: this.#table.name, rows: order.slice(from, from + PART_RANKS) }
  }

  *#totals(aggregate: string, totals: TotalsPart['totals']): Generator<TotalsPart> {
    const { name: table } = this.#table
    for (let from = 0; from < totals.length; from += PART_TOTALS)
      yield { kind: 'totals', table, aggregate, totals: totals.slice(from, from + PART_TOTALS) }
  }
}

/** The keys of one index with the numbers of their rows, until all rows are known. */
class IndexReader {
  readonly #name: string
  readonly #keysOf: (row: Row) => IndexKeys
  readonly #byKey = new Map<string, number[]>()

  constructor(name: string, keysOf: (row: Row) => IndexKeys) {
    this.#name = name
    this.#keysOf = keysOf
  }

  add(number: number, row: Row): void {
    const keys = this.#keysOf(row)
    if (typeof keys === 'string') this.#addKey(number, keys)
    else for (const key of new Set(keys)) this.#addKey(number, key)
  }

  *parts(table: string, rankOf: Uint32Array): Generator<PostingsPart> {
    const of = { kind: 'postings', table, index: this.#name } as const
    let gathered = new PostingsGathering()
    for (const [key, numbers] of this.#byKey) {
      const ranks = sortedRanks(numbers, rankOf)
      for (let from = 0; from < ranks.length; from += PART_RANKS) {
        gathered.add(key, ranks.subarray(from, from + PART_RANKS))
        if (!gathered.isFull) continue
        yield { ...of, ...gathered.finish() }
        gathered = new PostingsGathering()
      }
    }
    if (!gathered.isEmpty) yield { ...of, ...gathered.finish() }
  }

  #addKey(number: number, key: string): void {
    const numbers = this.#byKey.get(key)
    if (numbers === undefined) this.#byKey.set(key, [number])
    else numbers.push(number)
  }
}

const sortedRanks = (numbers: readonly number[], rankOf: Uint32Array): Uint32Array => {
  const ranks = new Uint32Array(numbers.length)
  for (let n = 0; n < numbers.length; n++) ranks[n] = rankOf[numbers[n] ?? 0] ?? 0
  return ranks.sort()
}

class PostingsGathering {
  readonly #keys: string[] = []
  readonly #ranks: number[] = []
  readonly #ends: number[] = []

  get isEmpty(): boolean {
    return this.#keys.length === 0
  }

  get isFull(): boolean {
    return this.#ranks.length >= PART_RANKS || this.#keys.length >= PART_KEYS
  }

  add(key: string, ranks: Uint32Array): void {
    for (const rank of ranks) this.#ranks.push(rank)
    this.#keys.push(key)
    this.#ends.push(this.#ranks.length)
  }

  finish(): Pick<PostingsPart, 'keys' | 'ranks' | 'ends'> {
    return { keys: this.#keys, ranks: Uint32Array.from(this.#ranks), ends: this.#ends }
  }
}

/** The numbers of rows in the order of their ids. */
const orderOf = (ids: readonly string[]): Uint32Array<ArrayBuffer> =>
  Uint32Array.from(
    [...ids.keys()].sort((a, b) => {
      const [left = '', right = ''] = [ids[a], ids[b]]
      return left < right ? -1 : left > right ? 1 : 0
    }),
  )

/** In memory of its own, which can be handed to another thread. */
const pack = (bodies: readonly string[]): Pick<RowsPart, 'texts' | 'ends'> => {
  const size = bodies.reduce((sum, body) => sum + Buffer.byteLength(body), 0)
  const texts = Buffer.from(new ArrayBuffer(size))
  let end = 0
  const ends = bodies.map(body => (end += texts.write(body, end)))
  return { texts, ends }
}
