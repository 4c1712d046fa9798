import type { Block, OpenFiles } from './block.ts'
import type { Entries } from './entries.ts'
import { type Boundary, compareBoundaries } from './log-store.ts'

/** Where a merge stands in one block. */
interface Cursor {
  readonly entries: Entries
  readonly tag: number
  index: number
  timestamp: number
  sequence: number
}

export interface TaggedBlock {
  readonly block: Block
  /** Whose block it is; given back with each entry. */
  readonly tag: number
}

export interface MergeRange {
  readonly direction: 'forward' | 'backward'
  readonly from?: Boundary
  readonly startTime?: number
  readonly endTime?: number
}

export interface MergedEntry {
  readonly entries: Entries
  readonly index: number
  readonly tag: number
  readonly timestamp: number
  readonly sequence: number
}

/** Returns false to stop. */
export type Visit = (entry: MergedEntry) => boolean

/** Entries visited in one turn of the event loop. */
const turnEntries = 20_000

/**
 * Visits the entries of many blocks, which may overlap in time, in the order of timestamp and sequence (or against
 * it). A block is loaded only when the visit gets to its time.
 */
export const mergeBlocks = async (
  blocks: readonly TaggedBlock[],
  range: MergeRange,
  files: OpenFiles,
  visit: Visit,
): Promise<void> => {
  const sign = range.direction === 'forward' ? 1 : -1
  const nearest = ({ block }: TaggedBlock): number => (sign > 0 ? block.minTimestamp : block.maxTimestamp)
  const waiting = blocks.filter(({ block }) => overlaps(block, range))
  waiting.sort((a, b) => sign * (nearest(b) - nearest(a)))
  const heap = new CursorHeap(sign)
  for (let visited = 1; ; visited++) {
    for (let next = waiting.at(-1); next && heap.isBehind(nearest(next)); next = waiting.at(-1)) {
      waiting.pop()
      const entries = await next.block.load(files)
      if (entries) heap.open(entries, next.tag, range)
    }
    const first = heap.first
    if (!first) return
    if (isPastEnd(first, range) || !visit(first)) return
    heap.advance()
    if (visited % turnEntries === 0) await new Promise(resolve => setImmediate(resolve))
  }
}

const overlaps = (block: Block, { direction, from, startTime, endTime }: MergeRange): boolean =>
  (startTime === undefined || block.maxTimestamp >= startTime) &&
  (endTime === undefined || block.minTimestamp < endTime) &&
  (from === undefined ||
    (direction === 'forward' ? block.maxTimestamp >= from.timestamp : block.minTimestamp <= from.timestamp))

const isPastEnd = ({ timestamp }: Cursor, { direction, startTime, endTime }: MergeRange): boolean =>
  direction === 'forward'
    ? endTime !== undefined && timestamp >= endTime
    : startTime !== undefined && timestamp < startTime

/** A binary heap: the cursor whose entry comes next is first. */
class CursorHeap {
  readonly #sign: 1 | -1
  readonly #cursors: Cursor[] = []

  constructor(sign: 1 | -1) {
    this.#sign = sign
  }

  get first(): Cursor | undefined {
    return this.#cursors[0]
  }

  /** Whether a block that begins at this time may hold what comes next. */
  isBehind(timestamp: number): boolean {
    const { first } = this
    return first === undefined || this.#sign * (timestamp - first.timestamp) <= 0
  }

  open(entries: Entries, tag: number, range: MergeRange): void {
    const index = firstInside(entries, range)
    const cursor = { entries, tag, index, timestamp: 0, sequence: 0 }
    if (!place(cursor)) return
    this.#cursors.push(cursor)
    this.#up(this.#cursors.length - 1)
  }

  /** Moves the first cursor to its next entry. */
  advance(): void {
    const { first } = this
    if (!first) return
    first.index += this.#sign
    if (!place(first)) {
      const last = this.#cursors.pop()
      if (!last || last === first) return
      this.#cursors[0] = last
    }
    this.#down(0)
  }

  #before(a: Cursor, b: Cursor): boolean {
    return this.#sign * compareBoundaries(a, b) < 0
  }

  #up(start: number): void {
    let at = start
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#swapIfBefore(at, parent)) return
      at = parent
    }
  }

  #down(start: number): void {
    let at = start
    while (true) {
      const left = 2 * at + 1
      const [a, b] = [this.#cursors[left], this.#cursors[left + 1]]
      if (!a) return
      const child = b && this.#before(b, a) ? left + 1 : left
      if (!this.#swapIfBefore(child, at)) return
      at = child
    }
  }

  #swapIfBefore(child: number, parent: number): boolean {
    const [a, b] = [this.#cursors[child], this.#cursors[parent]]
    if (!a || !b || !this.#before(a, b)) return false
    this.#cursors[child] = b
    this.#cursors[parent] = a
    return true
  }
}

/** Reads where the cursor stands; false when it has left its block. */
const place = (cursor: Cursor): boolean => {
  const { entries, index } = cursor
  if (index < 0 || index >= entries.count) return false
  cursor.timestamp = entries.timestamp(index)
  cursor.sequence = entries.sequence(index)
  return true
}

/** The first entry of a block, seen in the direction, that lies within the range's begin; by halving. */
const firstInside = (entries: Entries, { direction, from, startTime, endTime }: MergeRange): number => {
  const isBefore = (index: number): boolean => {
    const timestamp = entries.timestamp(index)
    const side = from ? compareBoundaries({ timestamp, sequence: entries.sequence(index) }, from) : 0
    return direction === 'forward'
      ? (from !== undefined && side < 0) || (startTime !== undefined && timestamp < startTime)
      : (from === undefined || side < 0) && (endTime === undefined || timestamp < endTime)
  }
  let low = 0
  let high = entries.count
  while (low < high) {
    const middle = (low + high) >> 1
    if (isBefore(middle)) low = middle + 1
    else high = middle
  }
  return direction === 'forward' ? low : low - 1
}
