import type { Millis } from '../store/table.ts'

/** Items by time; those of the same time in the order in which they were added. */
export class TimerHeap<T> {
  readonly #heap: { readonly at: Millis; readonly order: number; readonly item: T }[] = []
  #order = 0

  get size(): number {
    return this.#heap.length
  }

  get nextAt(): Millis | undefined {
    return this.#heap[0]?.at
  }

  add(at: Millis, item: T): void {
    this.#heap.push({ at, order: this.#order++, item })
    this.#rise(this.#heap.length - 1)
  }

  /** Takes the first item whose time is not after `now`. */
  takeDue(now: Millis): T | undefined {
    const first = this.#heap[0]
    if (first === undefined || first.at > now) return undefined
    const last = this.#heap.pop()
    if (last !== undefined && this.#heap.length > 0) {
      this.#heap[0] = last
      this.#sink()
    }
    return first.item
  }

  #rise(start: number): void {
    let position = start
    while (position > 0) {
      const parent = (position - 1) >>> 1
      if (!this.#before(position, parent)) return
      this.#swap(position, parent)
      position = parent
    }
  }

  #sink(): void {
    let position = 0
    for (;;) {
      const left = 2 * position + 1
      const smaller = left + 1 < this.#heap.length && this.#before(left + 1, left) ? left + 1 : left
      if (smaller >= this.#heap.length || !this.#before(smaller, position)) return
      this.#swap(smaller, position)
      position = smaller
    }
  }

  #before(one: number, other: number): boolean {
    const a = this.#heap[one]
    const b = this.#heap[other]
    if (a === undefined || b === undefined) return false
    return a.at !== b.at ? a.at < b.at : a.order < b.order
  }

  #swap(one: number, other: number): void {
    const a = this.#heap[one]
    const b = this.#heap[other]
    if (a === undefined || b === undefined) return
    this.#heap[one] = b
    this.#heap[other] = a
  }
}
