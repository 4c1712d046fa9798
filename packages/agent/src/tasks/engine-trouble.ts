const retryDelayMs = 250
const longestRetryDelayMs = 10_000

/** Containers of one task with which the engine has failed, or of which it has to be asked before they go on. */
export class EngineTrouble {
  /** How often in a row the engine failed with a container. */
  readonly #failures = new Map<string, number>()
  readonly #uncertain = new Set<string>()

  isUncertain(name: string): boolean {
    return this.#uncertain.has(name)
  }

  hasFailed(name: string): boolean {
    return this.#failures.has(name)
  }

  /** The engine has to be asked what became of it. */
  doubt(name: string): void {
    this.#uncertain.add(name)
  }

  /** The engine has said what became of it. */
  learned(name: string): void {
    this.#uncertain.delete(name)
  }

  /** What was asked of the engine has worked. */
  overcome(name: string): void {
    this.#failures.delete(name)
  }

  /** The outcome is unknown, and the engine is asked after a while: ever longer, since an outage may last. */
  failed(name: string): { readonly isFirst: boolean; readonly delayMs: number } {
    const count = (this.#failures.get(name) ?? 0) + 1
    this.#failures.set(name, count)
    this.doubt(name)
    return {
      isFirst: count === 1,
      delayMs: Math.min(longestRetryDelayMs, retryDelayMs * 2 ** Math.min(count, 10)),
    }
  }
}
