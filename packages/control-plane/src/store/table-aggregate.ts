import type { Aggregate, Row } from './table.ts'

/** So many changes of totals are remembered; whoever looks after more of them reads everything again. */
const CHANGES_KEPT = 8192

/** Which totals have changed since some earlier count of changes; undefined where that is not known any more. */
export interface ChangedTotals {
  readonly keys: ReadonlySet<string> | undefined
  /** The count of changes until now, to be given the next time. */
  readonly mark: number
}

/** The running totals of one aggregate. */
export class TableAggregate {
  readonly #aggregate: Aggregate<Row, unknown>
  readonly #totals = new Map<string, unknown>()
  /** The keys of the last changes, in a ring: kept once somebody has asked. */
  #changed: string[] | undefined
  #changes = 0

  constructor(aggregate: Aggregate<Row, unknown>) {
    this.#aggregate = aggregate
  }

  get totals(): ReadonlyMap<string, unknown> {
    return this.#totals
  }

  /** What another one of the same aggregate has made. */
  load(key: string, total: unknown): void {
    this.#totals.set(key, total)
  }

  total(key: string): unknown {
    return this.#totals.get(key)
  }

  changedSince(mark: number | undefined): ChangedTotals {
    this.#changed ??= []
    const isKnown = mark !== undefined && this.#changes - mark <= CHANGES_KEPT
    return { keys: isKnown ? this.#changedFrom(mark) : undefined, mark: this.#changes }
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

  #changedFrom(mark: number): ReadonlySet<string> {
    const keys = new Set<string>()
    for (let n = mark; n < this.#changes; n++) keys.add(this.#changed?.[n % CHANGES_KEPT] ?? '')
    return keys
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
    if (this.#changed !== undefined) this.#changed[this.#changes++ % CHANGES_KEPT] = key
  }
}
