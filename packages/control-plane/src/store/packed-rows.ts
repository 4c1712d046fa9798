import assert from 'node:assert'
import type { Slot } from './journal.ts'
import type { Row } from './table.ts'
import type { RowsPart } from './table-parts.ts'
import type { Entry } from './table-state.ts'
import type { Sequence } from './view.ts'

/**
 * Rows that nobody has read since the start: text outside of the heap, which costs no parsing before and no garbage
 * collection after. Once half of them have been read the rest is, too, so that rows and text together never take much
 * more than the rows.
 */
class PackedRows {
  readonly #ids: readonly string[]
  readonly #texts: Buffer
  readonly #ends: readonly number[]
  readonly #prepare: (row: Row) => void
  /** Undefined where the row has been read. */
  readonly #entries: (PackedEntry | undefined)[] = []
  #unread = 0

  constructor({ ids, texts, ends }: RowsPart, prepare: (row: Row) => void) {
    this.#ids = ids
    this.#texts = Buffer.from(texts.buffer, texts.byteOffset, texts.byteLength)
    this.#ends = ends
    this.#prepare = prepare
  }

  /** Takes an entry for the next position. */
  hold(entry: PackedEntry): void {
    this.#entries.push(entry)
    this.#unread++
  }

  read(position: number): void {
    this.#settle(position)
    if (this.#unread * 2 > this.#ids.length) return
    for (let rest = 0; this.#unread > 0; rest++) this.#settle(rest)
  }

  #settle(position: number): void {
    const entry = this.#entries[position]
    if (entry === undefined) return
    entry.settle(this.#parse(position))
    this.#entries[position] = undefined
    this.#unread--
  }

  #parse(position: number): Row {
    const start = position === 0 ? 0 : this.#ends[position - 1]
    const row = JSON.parse(this.#texts.toString('utf8', start, this.#ends[position])) as { id: string }
    // Not a second copy of an ARN that the table holds.
    row.id = this.#ids[position] ?? row.id
    this.#prepare(row)
    return row
  }
}

/** An entry whose row is read from its text when it is first asked for. */
class PackedEntry implements Entry {
  readonly version: Sequence
  readonly slot: Slot
  readonly #position: number
  #packed: PackedRows | undefined
  #row: Row | undefined

  constructor(version: Sequence, slot: Slot, packed: PackedRows, position: number) {
    this.version = version
    this.slot = slot
    this.#position = position
    this.#packed = packed
  }

  get row(): Row {
    this.#packed?.read(this.#position)
    assert(this.#row, 'A row is either packed or read')
    return this.#row
  }

  settle(row: Row): void {
    this.#row = row
    this.#packed = undefined
  }
}

/** The entries of a part, in its order. `prepare` is called with each row once it is read, and may change it. */
export const packedEntries = (part: RowsPart, prepare: (row: Row) => void): readonly Entry[] => {
  const packed = new PackedRows(part, prepare)
  return part.ids.map((_, position) => {
    const entry = new PackedEntry(part.sequences[position] ?? 0, part.slots[position] ?? 0, packed, position)
    packed.hold(entry)
    return entry
  })
}
