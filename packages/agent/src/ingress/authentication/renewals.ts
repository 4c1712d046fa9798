/**
 * A browser asks for several things at once, each with the same stale session, and many identity providers take a refresh
 * token once only: all of them get what the first one got.
 */
import { createHash } from 'node:crypto'
import type { Clock } from '../../clock.ts'

/** How long what was begun with the old session may still come in. */
const keptMs = 30_000

export class Renewals<T> {
  readonly #clock: Clock
  readonly #known = new Map<string, Promise<T>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  once(refreshToken: string, renew: () => Promise<T>): Promise<T> {
    const key = createHash('sha256').update(refreshToken).digest('base64')
    const known = this.#known.get(key)
    if (known) return known
    const renewal = renew()
    this.#known.set(key, renewal)
    const forgetLater = () => {
      this.#clock.after(keptMs, () => this.#known.delete(key))
    }
    renewal.then(forgetLater, forgetLater)
    return renewal
  }
}
