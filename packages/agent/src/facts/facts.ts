/**
 * What the control plane keeps this host told of: a table per topic, kept on disk, so that an agent that starts anew goes by it
 * before it has a session, and while the control plane is away.
 */
import type { BerthFacts, FactsByTopic, FactTopic } from '@berth/model'
import type { Cancel } from '../clock.ts'
import type { FactStore } from './fact-store.ts'

export interface FactsChange<T extends FactTopic> {
  /** New ones, and those that say something else than before. */
  readonly changed: readonly FactsByTopic[T][]
  /** As they were: they hold no longer. */
  readonly gone: readonly FactsByTopic[T][]
}

export type FactsListener<T extends FactTopic> = (change: FactsChange<T>) => void

export interface Facts {
  /** By key. The map is kept up to date: read it when it is needed. */
  of<T extends FactTopic>(topic: T): ReadonlyMap<string, FactsByTopic[T]>
  /** Calls after each message that changes something of the topic, once all of it holds. */
  watch<T extends FactTopic>(topic: T, listener: FactsListener<T>): Cancel
  /** All of the message or, when the disk refuses it, nothing. */
  take(message: BerthFacts): void
}

type Fact = FactsByTopic[FactTopic]
type Table = Map<string, Fact>

const isSame = (left: Fact | undefined, right: Fact): boolean =>
  left !== undefined && JSON.stringify(left) === JSON.stringify(right)

/** Pure. What of a message is news to the table. `named`: what its whole has named until now. */
const newsOf = (table: Table, message: BerthFacts, named: ReadonlySet<string>): FactsChange<FactTopic> => {
  const { isWhole, hasMore, facts, gone } = message
  const said = new Map(facts.map(fact => [fact.key, fact]))
  const missing = isWhole && !hasMore ? [...table.keys()].filter(key => !named.has(key)) : gone
  return {
    changed: [...said.values()].filter(fact => !isSame(table.get(fact.key), fact)),
    gone: missing.flatMap(key => {
      const fact = said.has(key) ? undefined : table.get(key)
      return fact ? [fact] : []
    }),
  }
}

class KeptFacts implements Facts {
  readonly #store: FactStore
  readonly #tables = new Map<FactTopic, Table>()
  /** Of a whole that has begun and not ended. */
  readonly #named = new Map<FactTopic, Set<string>>()
  readonly #listeners = new Map<FactTopic, Set<FactsListener<FactTopic>>>()

  constructor(store: FactStore) {
    this.#store = store
  }

  of<T extends FactTopic>(topic: T): ReadonlyMap<string, FactsByTopic[T]> {
    return this.#table(topic) as unknown as ReadonlyMap<string, FactsByTopic[T]>
  }

  watch<T extends FactTopic>(topic: T, listener: FactsListener<T>): Cancel {
    const listeners = this.#listeners.get(topic) ?? new Set()
    this.#listeners.set(topic, listeners)
    const one = listener as FactsListener<FactTopic>
    listeners.add(one)
    return () => listeners.delete(one)
  }

  take(message: BerthFacts): void {
    const { topic } = message
    const table = this.#table(topic)
    this.#change(topic, table, newsOf(table, message, this.#nameAll(message)))
  }

  #nameAll({ topic, isWhole, hasMore, goesOn, facts, gone }: BerthFacts): ReadonlySet<string> {
    const named = (goesOn ? this.#named.get(topic) : undefined) ?? new Set()
    for (const key of gone) named.delete(key)
    for (const { key } of facts) named.add(key)
    if (isWhole && hasMore) this.#named.set(topic, named)
    else this.#named.delete(topic)
    return named
  }

  #change(topic: FactTopic, table: Table, news: FactsChange<FactTopic>): void {
    if (news.changed.length === 0 && news.gone.length === 0) return
    this.#store.changeFacts(topic, news)
    for (const { key } of news.gone) table.delete(key)
    for (const fact of news.changed) table.set(fact.key, fact)
    for (const listener of this.#listeners.get(topic) ?? []) listener(news)
  }

  #table(topic: FactTopic): Table {
    const known = this.#tables.get(topic)
    if (known) return known
    const table: Table = new Map(this.#store.facts(topic).map(fact => [fact.key, fact]))
    this.#tables.set(topic, table)
    return table
  }
}

export const createFacts = (store: FactStore): Facts => new KeptFacts(store)
