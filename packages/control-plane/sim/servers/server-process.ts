import type { Cancel, World } from '../world.ts'

/** One life of a server: what it planned dies with it, and waits while it is paused. */
export class ServerProcess {
  readonly name: string
  readonly #world: World
  readonly #ended = Promise.withResolvers<void>()
  #alive = true
  #pausedUntil = 0

  constructor(world: World, name: string) {
    this.#world = world
    this.name = name
  }

  get alive(): boolean {
    return this.#alive
  }

  /** How long nothing runs in it from now on: a stopped process, or a machine that swaps. */
  get pausedFor(): number {
    return Math.max(0, this.#pausedUntil - this.#world.now)
  }

  pause(millis: number): void {
    // A second pause does not end the first: timers wait for that.
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#world.now + millis)
  }

  /** Resolves when the process has died. */
  get ended(): Promise<void> {
    return this.#ended.promise
  }

  end(): void {
    this.#alive = false
    this.#ended.resolve()
  }

  after(delayMs: number, run: () => void): Cancel {
    let cancelled = false
    const attempt = (): void => {
      if (cancelled || !this.#alive) return
      const wait = this.pausedFor
      // Node reads what has arrived before it looks at its timers: a paused server answers before it finds out.
      if (wait > 0) this.#world.after(wait + 1, attempt)
      else run()
    }
    this.#world.after(delayMs, attempt)
    return () => {
      cancelled = true
    }
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise(resolve => this.after(delayMs, resolve))
  }
}
