/** What a heap orders. */
export interface Ranked {
  /** Where the heap holds it; -1 while it is out. */
  position: number
}

/**
 * A binary heap; the least comes first. It takes `items` over, all of which are out. When an item's order changes,
 * `settle` it before another one's does.
 */
export class Heap<T extends Ranked> {
  readonly #items: T[]
  readonly #compare: (a: T, b: T) => number

  constructor(items: T[], compare: (a: T, b: T) => number) {
    this.#items = items
    this.#compare = compare
    for (const [position, item] of items.entries()) item.position = position
    for (let position = (items.length >> 1) - 1; position >= 0; position -= 1) {
      const item = items[position]
      if (item !== undefined) this.#sink(position, item)
    }
  }

  get first(): T | undefined {
    return this.#items[0]
  }

  /** Puts an item in, or to its new place. */
  settle(item: T): void {
    const { position } = item
    if (position < 0) {
      this.#items.push(item)
      this.#rise(this.#items.length - 1, item)
    } else if (!this.#rise(position, item)) this.#sink(position, item)
  }

  /** Takes an item out, if it is in. */
  remove(item: T): void {
    const { position } = item
    if (position < 0) return
    item.position = -1
    const last = this.#items.pop()
    if (last === undefined || last === item) return
    last.position = position
    this.#items[position] = last
    this.settle(last)
  }

  #sink(start: number, item: T): void {
    const items = this.#items
    let hole = start
    for (;;) {
      let child = 2 * hole + 1
      const [left, right] = [items[child], items[child + 1]]
      if (left === undefined) break
      let least = left
      if (right !== undefined && this.#compare(right, left) < 0) {
        least = right
        child += 1
      }
      if (this.#compare(item, least) <= 0) break
      this.#put(hole, least)
      hole = child
    }
    this.#put(hole, item)
  }

  /** False when it stays where it was. */
  #rise(start: number, item: T): boolean {
    let hole = start
    while (hole > 0) {
      const above = (hole - 1) >> 1
      const parent = this.#items[above]
      if (parent === undefined || this.#compare(parent, item) <= 0) break
      this.#put(hole, parent)
      hole = above
    }
    this.#put(hole, item)
    return hole !== start
  }

  #put(position: number, item: T): void {
    this.#items[position] = item
    item.position = position
  }
}
