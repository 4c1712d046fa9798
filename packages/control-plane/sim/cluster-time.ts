/** How far the servers' time was from the true one, and when: what rows say is held against what happened. */
export class ClusterTime {
  readonly #now: () => number
  /** Since when, in true time, the leader's clock was so far ahead. The oldest first. */
  readonly #leads: { readonly at: number; readonly aheadMs: number }[] = []

  #epoch = 0

  constructor(now: () => number) {
    this.#now = now
  }

  /** The clock of this epoch's leader is so far ahead from now on. What clocks differ by in any case does not count. */
  note(epoch: number, aheadMs: number): void {
    // A leader that was deposed without knowing it writes nothing any more.
    if (epoch < this.#epoch) return
    this.#epoch = epoch
    const before = this.#leads.at(-1)?.aheadMs ?? 0
    if (Math.abs(aheadMs - before) > NOISE_MS) this.#leads.push({ at: this.#now(), aheadMs })
  }

  /** When that was in true time, of a time that a row says. */
  trueTime(time: Date | undefined): number {
    const millis = time?.getTime() ?? 0
    for (const { at, aheadMs } of this.#leads.toReversed()) {
      const was = millis - aheadMs
      if (was >= at - NOISE_MS && was <= this.#now() + NOISE_MS) return was
    }
    return millis
  }
}

const NOISE_MS = 1_000
