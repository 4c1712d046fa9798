import type { FactTopic } from '@berth/model'
import type { Audience } from './audience.ts'

/** More would make a turn of the event loop long, here and on the host. */
const factsAMessage = 500
/** The same of large ones. */
const charactersAMessage = 1_000_000

/** What a message may still have. */
interface Room {
  facts: number
  characters: number
}

const isFull = ({ facts, characters }: Room): boolean => facts <= 0 || characters <= 0

const take = (room: Room, fact = ''): void => {
  room.facts--
  room.characters -= fact.length
}

export interface StreamEvents {
  /** It may have something to say. */
  readonly onDue: (stream: FactStream) => void
  /** Sends a frame once what it says is durable, and then calls back. */
  readonly send: (text: string, onSent: () => void) => void
}

/** What one session is told of one topic: whole at first, then what changes. It remembers only what it has yet to say. */
export class FactStream {
  readonly containerInstanceArn: string
  readonly #topic: FactTopic
  readonly #events: StreamEvents
  #audiences: ReadonlyMap<string, Audience> | undefined
  /** Audiences that are told from their start, and how far they were. */
  readonly #told = new Map<Audience, Iterator<[string, string]>>()
  readonly #changed = new Map<string, Audience>()
  #isWhole = true
  #hasBegun = false
  #isSending = false

  constructor(topic: FactTopic, containerInstanceArn: string, events: StreamEvents) {
    this.#topic = topic
    this.containerInstanceArn = containerInstanceArn
    this.#events = events
  }

  get audiences(): Iterable<Audience> {
    return this.#audiences?.values() ?? []
  }

  /** What its host is to be told from now on. Gives the audiences that it has left. */
  listenTo(audiences: ReadonlyMap<string, Audience>): readonly Audience[] {
    const before = this.#audiences
    this.#audiences = audiences
    for (const audience of audiences.values()) if (!before?.has(audience.name)) this.#join(audience)
    const left = [...(before?.values() ?? [])].filter(({ name }) => !audiences.has(name))
    for (const audience of left) this.#leave(audience)
    this.#events.onDue(this)
    return left
  }

  #join(audience: Audience): void {
    audience.streams.add(this)
    this.#told.set(audience, audience.facts.entries())
  }

  #leave(audience: Audience): void {
    audience.streams.delete(this)
    this.#told.delete(audience)
    for (const key of audience.facts.keys()) this.#changed.set(key, audience)
  }

  noteRead(): void {
    this.#events.onDue(this)
  }

  noteChanged(audience: Audience, key: string): void {
    this.#changed.set(key, audience)
    this.#events.onDue(this)
  }

  /** Whether there is something to say, and nothing on its way. */
  get isDue(): boolean {
    if (this.#isSending || this.#audiences === undefined) return false
    if (this.#changed.size > 0) return true
    return this.#told.size === 0 ? this.#isWhole : [...this.#told.keys()].some(({ isRead }) => isRead)
  }

  /** Sends one message; gives the number of facts in it. */
  sendNext(): number {
    const room = { facts: factsAMessage, characters: charactersAMessage }
    const { facts, gone } = this.#takeChanged(room)
    this.#takeUntold(facts, room)
    const isLast = this.#told.size === 0 && this.#changed.size === 0
    const more = this.#isWhole && !isLast ? ',"hasMore":true' : ''
    const goesOn = this.#isWhole && this.#hasBegun ? ',"goesOn":true' : ''
    const head = `"topic":"${this.#topic}","isWhole":${this.#isWhole}${more}${goesOn}`
    const message = `{${head},"facts":[${facts.join(',')}],"gone":${JSON.stringify(gone)}}`
    this.#hasBegun = true
    if (isLast) this.#isWhole = false
    this.#isSending = true
    this.#events.send(`{"type":"BerthFacts","message":${message}}`, () => {
      this.#isSending = false
      if (this.isDue) this.#events.onDue(this)
    })
    return facts.length + gone.length
  }

  #takeChanged(room: Room): { readonly facts: string[]; readonly gone: string[] } {
    const facts: string[] = []
    const gone: string[] = []
    for (const [key, audience] of this.#changed) {
      if (isFull(room)) break
      this.#changed.delete(key)
      const fact = this.#audiences?.get(audience.name)?.facts.get(key)
      take(room, fact)
      if (fact === undefined) gone.push(key)
      else facts.push(fact)
    }
    return { facts, gone }
  }

  #takeUntold(facts: string[], room: Room): void {
    for (const [audience, entries] of this.#told) {
      while (audience.isRead && !isFull(room)) {
        const next = entries.next()
        if (next.done) {
          this.#told.delete(audience)
          break
        }
        take(room, next.value[1])
        facts.push(next.value[1])
      }
    }
  }
}
