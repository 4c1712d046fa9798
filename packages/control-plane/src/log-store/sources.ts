import { type SourceRange, sourceMemoryMs } from './log-store.ts'
import type { SourceState } from './manifest.ts'

/** How far each source was taken, so that what it sends again is not stored twice. */
export class Sources {
  readonly #durable = new Map<string, SourceState>()
  /** Ends of batches that are on their way to the disk. */
  readonly #pending = new Map<string, number>()
  #newest = 0

  constructor(states: Readonly<Record<string, SourceState>>) {
    for (const [source, state] of Object.entries(states)) this.#durable.set(source, state)
  }

  /** Claims the range; or gives, when its begin was claimed before, the offset at which the source should go on. */
  reserve({ source, from, to }: SourceRange): number | undefined {
    const end = this.#pending.get(source) ?? this.#durable.get(source)?.taken
    if (end !== undefined && from < end) return end
    this.#pending.set(source, to)
    return undefined
  }

  isPending(source: string): boolean {
    return this.#pending.has(source)
  }

  confirm({ source, to }: SourceRange, at: number): void {
    this.#newest = Math.max(this.#newest, at)
    this.#durable.set(source, { taken: to, at })
    if (this.#pending.get(source) === to) this.#pending.delete(source)
  }

  release({ source }: SourceRange): void {
    this.#pending.delete(source)
  }

  /** What is durable, without sources that have been silent for long. */
  snapshot(): Record<string, SourceState> {
    for (const [source, { at }] of this.#durable)
      if (at < this.#newest - sourceMemoryMs) this.#durable.delete(source)
    return Object.fromEntries(this.#durable)
  }
}
