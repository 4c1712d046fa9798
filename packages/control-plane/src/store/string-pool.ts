/** Shorter strings save less than they cost; longer ones are hardly names that many rows share. */
const SHORTEST = 20
const LONGEST = 256
/** So many rows are looked at before it is decided which fields are worth sharing. */
const SAMPLE_ROWS = 256
/** Bounds what a field may hold that turns out to have more values than its sample. */
const DISTINCT_LIMIT = 50_000

/**
 * Rows read from JSON hold a copy of every ARN and name that rows put by the program would share: a quarter of a task's
 * memory. The pool gives equal strings of the fields that repeat most one copy.
 */
export class StringPool {
  readonly #samples = new Map<string, Set<string>>()
  #sampled = 0
  #fields: readonly { readonly name: string; readonly values: Map<string, string> }[] = []

  /** Changes the row in place: nothing else may hold it yet. */
  share(row: object): void {
    const members = row as Record<string, unknown>
    if (this.#sampled < SAMPLE_ROWS) {
      this.#sample(members)
      return
    }
    for (const { name, values } of this.#fields) {
      const value = members[name]
      if (typeof value !== 'string') continue
      const shared = values.get(value)
      if (shared !== undefined) members[name] = shared
      else {
        if (values.size >= DISTINCT_LIMIT) values.clear()
        values.set(value, value)
      }
    }
  }

  #sample(members: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(members)) {
      if (typeof value !== 'string' || value.length < SHORTEST || value.length > LONGEST) continue
      const seen = this.#samples.get(name) ?? new Set()
      this.#samples.set(name, seen.add(value))
    }
    if (++this.#sampled < SAMPLE_ROWS) return
    const repeating = [...this.#samples].filter(([, seen]) => seen.size < SAMPLE_ROWS * 0.9)
    this.#fields = repeating.map(([name]) => ({ name, values: new Map() }))
    this.#samples.clear()
  }
}
