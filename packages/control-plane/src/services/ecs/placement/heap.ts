export interface Heap<T> {
  readonly peek: () => T | undefined
  readonly pop: () => T | undefined
  readonly push: (item: T) => void
}

/** A binary heap over `items`, which it takes over; the least comes first. An item's order may change only while it is out. */
export const heapOf = <T>(items: T[], compare: (a: T, b: T) => number): Heap<T> => {
  const sink = (start: number, item: T): void => {
    let hole = start
    for (;;) {
      let child = 2 * hole + 1
      const [left, right] = [items[child], items[child + 1]]
      if (left === undefined) break
      let least = left
      if (right !== undefined && compare(right, left) < 0) {
        least = right
        child += 1
      }
      if (compare(item, least) <= 0) break
      items[hole] = least
      hole = child
    }
    items[hole] = item
  }
  const rise = (start: number, item: T): void => {
    let hole = start
    while (hole > 0) {
      const above = (hole - 1) >> 1
      const parent = items[above]
      if (parent === undefined || compare(parent, item) <= 0) break
      items[hole] = parent
      hole = above
    }
    items[hole] = item
  }
  for (let index = (items.length >> 1) - 1; index >= 0; index -= 1) {
    const item = items[index]
    if (item !== undefined) sink(index, item)
  }
  return {
    peek: () => items[0],
    pop: () => {
      const top = items[0]
      const last = items.pop()
      if (items.length > 0 && last !== undefined) sink(0, last)
      return top
    },
    push: item => {
      items.push(item)
      rise(items.length - 1, item)
    },
  }
}
