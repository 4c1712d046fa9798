import { IdList } from './id-list.ts'
import type { IndexKeys, Row } from './table.ts'

/** The ids under one key; a single id stands for itself, so that a unique index costs no list per row. */
export type Postings = string | IdList | undefined

export class TableIndex {
  readonly #keysOf: (row: Row) => IndexKeys
  readonly #byKey = new Map<string, string | IdList>()

  constructor(keysOf: (row: Row) => IndexKeys) {
    this.#keysOf = keysOf
  }

  keysOf(row: Row | undefined): IndexKeys {
    return row === undefined ? undefined : this.#keysOf(row)
  }

  postings(key: string): Postings {
    return this.#byKey.get(key)
  }

  count(key: string): number {
    const postings = this.#byKey.get(key)
    return postings === undefined ? 0 : typeof postings === 'string' ? 1 : postings.size
  }

  /** Moves `id` from the keys it had to those it has now. Cannot throw. */
  move(id: string, before: IndexKeys, after: IndexKeys): void {
    if (before === after) return
    if (typeof before !== 'object' && typeof after !== 'object') {
      if (before !== undefined) this.#remove(before, id)
      if (after !== undefined) this.#add(after, id)
      return
    }
    for (const key of listOf(before)) if (!includes(after, key)) this.#remove(key, id)
    for (const key of listOf(after)) if (!includes(before, key)) this.#add(key, id)
  }

  /** Adds ids in order that come behind all others of the key. */
  extend(key: string, ids: readonly string[]): void {
    const postings = this.#byKey.get(key)
    const [only] = ids
    if (postings === undefined && only !== undefined && ids.length === 1) this.#byKey.set(key, only)
    else {
      const list = typeof postings === 'string' ? IdList.of(postings) : (postings ?? new IdList())
      list.extend(ids)
      this.#byKey.set(key, list)
    }
  }

  #add(key: string, id: string): void {
    const postings = this.#byKey.get(key)
    if (postings === undefined) this.#byKey.set(key, id)
    else if (typeof postings !== 'string') postings.add(id)
    else if (postings !== id) this.#byKey.set(key, IdList.of(postings, id))
  }

  #remove(key: string, id: string): void {
    const postings = this.#byKey.get(key)
    if (postings === undefined) return
    if (postings === id) this.#byKey.delete(key)
    else if (typeof postings !== 'string' && postings.delete(id) && postings.size === 0)
      this.#byKey.delete(key)
  }
}

const NONE: readonly string[] = []
const listOf = (keys: IndexKeys): readonly string[] =>
  keys === undefined ? NONE : typeof keys === 'string' ? [keys] : keys
const includes = (keys: IndexKeys, key: string): boolean =>
  keys === undefined ? false : typeof keys === 'string' ? keys === key : keys.includes(key)
