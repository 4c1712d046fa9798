import type { Aggregate, Row } from './table.ts'

/** The running totals of one aggregate. */
export class TableAggregate {
  readonly #aggregate: Aggregate<Row, unknown>
  readonly #totals = new Map<string, unknown>()

  constructor(aggregate: Aggregate<Row, unknown>) {
    this.#aggregate = aggregate
  }

  total(key: string): unknown {
    return this.#totals.get(key)
  }

  /** Takes `before` out and `after` in; when that throws, nothing has changed. */
  replace(before: Row | undefined, after: Row | undefined): void {
    this.#remove(before)
    try {
      this.#add(after)
    } catch (error) {
      this.#add(before)
      throw error
    }
  }

  #add(row: Row | undefined): void {
    const key = row && this.#aggregate.key(row)
    if (row === undefined || key === undefined) return
    const known = this.#totals.get(key)
    const total = known ?? this.#aggregate.empty()
    this.#aggregate.add(total, row)
    this.#keep(key, known, total)
  }

  #remove(row: Row | undefined): void {
    const key = row && this.#aggregate.key(row)
    if (row === undefined || key === undefined) return
    // A row that adds nothing leaves no total behind, and must be removable again.
    const known = this.#totals.get(key)
    const total = known ?? this.#aggregate.empty()
    this.#aggregate.remove(total, row)
    this.#keep(key, known, total)
  }

  #keep(key: string, known: unknown, total: unknown): void {
    if (this.#aggregate.isEmpty(total)) this.#totals.delete(key)
    else if (known === undefined) this.#totals.set(key, total)
  }
}
