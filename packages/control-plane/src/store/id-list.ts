/** Half of a full chunk moves on a split; removal and insertion shift at most this many ids. */
const CHUNK_LIMIT = 512

/** Ordered distinct ids in sorted chunks: about 8 bytes an entry, insertion and removal in O(log n + chunk). */
export class IdList {
  readonly #chunks: string[][] = []
  #size = 0

  static of(...ids: readonly string[]): IdList {
    const list = new IdList()
    for (const id of ids) list.add(id)
    return list
  }

  get size(): number {
    return this.#size
  }

  get chunks(): readonly (readonly string[])[] {
    return this.#chunks
  }

  /** False when it was there already. */
  add(id: string): boolean {
    if (this.#append(id)) return true
    const position = this.#chunkOf(id)
    const chunk = this.#chunks[position]
    if (chunk === undefined) return false
    const offset = lowerBound(chunk, id)
    if (chunk[offset] === id) return false
    this.#size++
    if (chunk.length < CHUNK_LIMIT) chunk.splice(offset, 0, id)
    else this.#addToFull(position, offset, id)
    return true
  }

  /** Adds ids in order that come behind all others, as at a start: no search, and no chunk is left half empty. */
  extend(ids: readonly string[]): void {
    for (let from = 0; from < ids.length; ) {
      const chunk = this.#chunks.at(-1)
      const room = chunk === undefined ? 0 : CHUNK_LIMIT - chunk.length
      const next = ids.slice(from, from + (room > 0 ? room : CHUNK_LIMIT))
      if (chunk !== undefined && room > 0) chunk.push(...next)
      else this.#chunks.push(next)
      from += next.length
    }
    this.#size += ids.length
  }

  /** False when it was not there. */
  delete(id: string): boolean {
    const position = this.#chunkOf(id)
    const chunk = this.#chunks[position]
    if (chunk === undefined) return false
    const offset = lowerBound(chunk, id)
    if (chunk[offset] !== id) return false
    chunk.splice(offset, 1)
    this.#size--
    if (chunk.length === 0) this.#chunks.splice(position, 1)
    else if (chunk.length < CHUNK_LIMIT / 8) this.#mergeWithNext(position)
    return true
  }

  /** Where the first id greater than `after` is: a chunk and an offset into it. */
  seek(after: string | undefined): { chunk: number; offset: number } {
    if (after === undefined) return { chunk: 0, offset: 0 }
    const position = this.#chunkOf(after)
    const chunk = this.#chunks[position]
    if (chunk === undefined) return { chunk: 0, offset: 0 }
    const offset = lowerBound(chunk, after)
    return { chunk: position, offset: chunk[offset] === after ? offset + 1 : offset }
  }

  /** The last chunk that does not begin behind `id`; the first one when `id` comes before all. */
  #chunkOf(id: string): number {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if ((this.#chunks[middle]?.[0] ?? '') <= id) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Ids that only grow need no search, and fill their chunks instead of leaving them half empty. */
  #append(id: string): boolean {
    const chunk = this.#chunks.at(-1)
    const last = chunk?.at(-1)
    if (last !== undefined && id <= last) return false
    if (chunk !== undefined && chunk.length < CHUNK_LIMIT) chunk.push(id)
    else this.#chunks.push([id])
    this.#size++
    return true
  }

  #addToFull(position: number, offset: number, id: string): void {
    const chunk = this.#chunks[position] ?? []
    const middle = chunk.length >>> 1
    const right = chunk.slice(middle)
    const left = chunk.slice(0, middle)
    if (offset <= middle) left.splice(offset, 0, id)
    else right.splice(offset - middle, 0, id)
    this.#chunks.splice(position, 1, left, right)
  }

  #mergeWithNext(position: number): void {
    const chunk = this.#chunks[position]
    const next = this.#chunks[position + 1]
    if (chunk === undefined || next === undefined || chunk.length + next.length > CHUNK_LIMIT / 2) return
    this.#chunks.splice(position, 2, [...chunk, ...next])
  }
}

const lowerBound = (ids: readonly string[], id: string): number => {
  let low = 0
  let high = ids.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ids[middle] ?? '') < id) low = middle + 1
    else high = middle
  }
  return low
}
