import type { Sequence } from '../store/view.ts'

interface Waiting {
  readonly sequence: Sequence
  readonly deliver: () => void
}

export interface DurableOutboxOptions {
  readonly durable: (sequence: Sequence) => Promise<void>
  /** Called after something became durable and was delivered. */
  readonly onProgress: () => void
  /** The journal has failed: what waits is never delivered. */
  readonly onFailure: (error: unknown) => void
  /** One delivery threw, which is a fault of ours: the others go on. */
  readonly onFault: (error: unknown) => void
}

/** Holds everything that depends on a commit back until that commit is on disk, and lets it go in order. */
export class DurableOutbox {
  readonly #options: DurableOutboxOptions
  #waiting: Waiting[] = []
  #running = false

  constructor(options: DurableOutboxOptions) {
    this.#options = options
  }

  /** `sequence` is that of the store when what is delivered was read. */
  after(sequence: Sequence, deliver: () => void): void {
    this.#waiting.push({ sequence, deliver })
    if (!this.#running) {
      this.#running = true
      void this.#run()
    }
  }

  get size(): number {
    return this.#waiting.length
  }

  async #run(): Promise<void> {
    try {
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        await this.#options.durable(next.sequence)
        this.#deliverUpTo(next.sequence)
        this.#options.onProgress()
      }
      this.#running = false
    } catch (error) {
      this.#waiting = []
      this.#options.onFailure(error)
    }
  }

  #deliverUpTo(sequence: Sequence): void {
    const end = this.#waiting.findIndex(waiting => waiting.sequence > sequence)
    const due = this.#waiting.splice(0, end < 0 ? this.#waiting.length : end)
    for (const { deliver } of due) this.#deliver(deliver)
  }

  #deliver(deliver: () => void): void {
    try {
      deliver()
    } catch (error) {
      this.#options.onFault(error)
    }
  }
}
