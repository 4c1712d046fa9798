/** More than the keys of a large installation; those of rows that are gone are shed with all others. */
const KEYS_KEPT = 20_000

/**
 * Keys of the form `FIRST|SECOND`. Equal ones are mostly one string: one that is put together anew is hashed and
 * compared character by character at every look-up, a third of what the indexes cost a task.
 */
export class JoinedKeys {
  readonly #bySecond = new Map<string, Map<string, string>>()
  #size = 0

  /** `second` is the one that has fewer values. */
  of(first: string, second: string): string {
    const byFirst = this.#bySecond.get(second)
    return byFirst?.get(first) ?? this.#join(first, second)
  }

  #join(first: string, second: string): string {
    if (this.#size++ >= KEYS_KEPT) {
      this.#bySecond.clear()
      this.#size = 1
    }
    const key = `${first}|${second}`
    const byFirst = this.#bySecond.get(second)
    if (byFirst === undefined) this.#bySecond.set(second, new Map([[first, key]]))
    else byFirst.set(first, key)
    return key
  }
}
