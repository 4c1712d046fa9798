import type { View } from '../../store/view.ts'
import type { FactStream } from './fact-stream.ts'
import type { TopicSource } from './topic.ts'

/** The facts of one audience as its hosts were told, or are about to be. */
export class Audience {
  readonly name: string
  /** Of the hosts that are of it. */
  readonly streams = new Set<FactStream>()
  /** As JSON, by key. */
  readonly facts = new Map<string, string>()
  readonly #source: TopicSource
  readonly #touchedKeys = new Set<string>()
  #mustReadAll = true
  #reading: { next: string | undefined; readonly seen: Set<string> } | undefined
  #isRead = false

  constructor(source: TopicSource, name: string) {
    this.#source = source
    this.name = name
  }

  /** Whether all of it was read at least once. */
  get isRead(): boolean {
    return this.#isRead
  }

  get isDirty(): boolean {
    return this.#mustReadAll || this.#reading !== undefined || this.#touchedKeys.size > 0
  }

  touch(key: string | undefined): void {
    if (key === undefined) this.#mustReadAll = true
    else this.#touchedKeys.add(key)
  }

  /** Reads a part of what may have changed; gives the number of facts that it has looked at. */
  read(view: View): number {
    return this.#touchedKeys.size > 0 ? this.#readTouched(view) : this.#readPage(view)
  }

  #readTouched(view: View): number {
    let count = 0
    for (const key of this.#touchedKeys) {
      if (count++ === factsAtOnce) break
      this.#touchedKeys.delete(key)
      this.#reading?.seen.add(key)
      const fact = this.#source.factOf(view, this.name, key)
      if (fact === undefined) this.#drop(key)
      else this.#keep(key, JSON.stringify(fact))
    }
    return count
  }

  #readPage(view: View): number {
    if (this.#reading === undefined) {
      if (!this.#mustReadAll) return 0
      this.#mustReadAll = false
      this.#reading = { next: undefined, seen: new Set() }
    }
    const reading = this.#reading
    const { facts, next } = this.#source.pageOf(view, this.name, reading.next)
    for (const fact of facts) {
      reading.seen.add(fact.key)
      this.#keep(fact.key, JSON.stringify(fact))
    }
    reading.next = next
    if (next === undefined) this.#endReading(reading.seen)
    return facts.length
  }

  #endReading(seen: ReadonlySet<string>): void {
    this.#reading = undefined
    for (const key of this.facts.keys()) if (!seen.has(key)) this.#drop(key)
    if (this.#isRead) return
    this.#isRead = true
    for (const stream of this.streams) stream.noteRead()
  }

  #keep(key: string, json: string): void {
    if (this.facts.get(key) === json) return
    // In the order of their last changes, so that a fact is told after those that it came after and that it names.
    this.facts.delete(key)
    this.facts.set(key, json)
    this.#noteChanged(key)
  }

  #drop(key: string): void {
    if (this.facts.delete(key)) this.#noteChanged(key)
  }

  /** What was not yet read as a whole will be told from its start. */
  #noteChanged(key: string): void {
    if (this.#isRead) for (const stream of this.streams) stream.noteChanged(this, key)
  }
}

const factsAtOnce = 500
