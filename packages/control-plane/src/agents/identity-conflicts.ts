import type { Millis } from '../store/table.ts'

/** A session that was heard within this time is alive: whoever takes its place is another agent. */
const ALIVE_MS = 5_000
const WINDOW_MS = 60_000
const MOST_TAKEOVERS = 3

/**
 * Two hosts with one identity take each other's session over, again and again. After a few times within a minute the
 * one that is connected stays, and the other waits outside.
 */
export class IdentityConflicts {
  readonly #takeovers = new Map<string, readonly Millis[]>()

  /** True when the newcomer must wait. `heardAt`: of the session that is open now. */
  mustWait(containerInstanceArn: string, heardAt: Millis | undefined, now: Millis): boolean {
    if (heardAt === undefined || now - heardAt > ALIVE_MS) return false
    return this.#recent(containerInstanceArn, now).length >= MOST_TAKEOVERS
  }

  /** A session was taken over; true when it was alive. */
  takeover(containerInstanceArn: string, heardAt: Millis, now: Millis): boolean {
    if (now - heardAt > ALIVE_MS) return false
    this.#takeovers.set(containerInstanceArn, [...this.#recent(containerInstanceArn, now), now])
    return true
  }

  #recent(containerInstanceArn: string, now: Millis): readonly Millis[] {
    const recent = (this.#takeovers.get(containerInstanceArn) ?? []).filter(at => now - at < WINDOW_MS)
    if (recent.length === 0) this.#takeovers.delete(containerInstanceArn)
    return recent
  }
}
