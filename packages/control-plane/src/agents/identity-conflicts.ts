import type { Millis } from '../store/table.ts'

/** A session that was heard within this time is alive: whoever takes its place is another agent. */
const ALIVE_MS = 5_000
const WINDOW_MS = 60_000
const MOST_TAKEOVERS = 3

/** The session that is open now. */
interface Open {
  readonly heardAt: Millis
  /** Undefined of agents that do not say it. */
  readonly process: string | undefined
}

/**
 * Two hosts with one identity take each other's session over, again and again. Where agents say which process they are,
 * the one that is connected and alive stays, and the other waits outside; else so after a few times within a minute.
 */
export class IdentityConflicts {
  readonly #takeovers = new Map<string, readonly Millis[]>()

  /** True when the newcomer must wait. */
  mustWait(
    containerInstanceArn: string,
    open: Open | undefined,
    newcomer: string | undefined,
    now: Millis,
  ): boolean {
    if (open === undefined || now - open.heardAt > ALIVE_MS) return false
    if (open.process !== undefined && newcomer !== undefined) return open.process !== newcomer
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
