import type { Millis } from '../store/table.ts'

export type AgentKind = 'berth' | 'ecs'

export interface PresenceSettings {
  /** An agent that was not heard for this long is gone, though its connection may be open. */
  readonly silenceMs: Readonly<Record<AgentKind, Millis>>
  /** After a connection has closed: official agents close and open theirs every half hour. */
  readonly reconnectMs: Readonly<Record<AgentKind, Millis>>
  /** After a start, for agents that were connected to the server before. */
  readonly startMs: Readonly<Record<AgentKind, Millis>>
}

export const defaultPresenceSettings: PresenceSettings = {
  silenceMs: { berth: 10_000, ecs: 150_000 },
  reconnectMs: { berth: 0, ecs: 5_000 },
  startMs: { berth: 30_000, ecs: 150_000 },
}

interface Agent {
  readonly kind: AgentKind
  /** When it was last known to be there. */
  heardAt: Millis
  /** It is gone unless it is heard before this time. */
  goneAt: Millis
}

export interface GoneAgent {
  readonly containerInstanceArn: string
  /** When it was last known to be there. */
  readonly since: Millis
}

/** Which agents are there. Lives in memory, and knows no timer: only a change is worth a write. */
export class Presence {
  readonly #settings: PresenceSettings
  readonly #agents = new Map<string, Agent>()
  #excusedLeap: Millis | undefined

  constructor(settings: PresenceSettings) {
    this.#settings = settings
  }

  /** A server has started, and its rows say that this agent was connected. */
  expect(containerInstanceArn: string, kind: AgentKind, now: Millis): void {
    const goneAt = now + this.#settings.startMs[kind]
    this.#agents.set(containerInstanceArn, { kind, heardAt: now, goneAt })
  }

  heard(containerInstanceArn: string, kind: AgentKind, now: Millis): void {
    const goneAt = now + this.#settings.silenceMs[kind]
    const agent = this.#agents.get(containerInstanceArn)
    if (agent?.kind !== kind) this.#agents.set(containerInstanceArn, { kind, heardAt: now, goneAt })
    else {
      // Every frame of every agent comes by here.
      agent.heardAt = now
      agent.goneAt = goneAt
    }
  }

  /** Its connection is closed, and there is no newer one. */
  closed(containerInstanceArn: string, now: Millis): void {
    const agent = this.#agents.get(containerInstanceArn)
    if (agent === undefined) return
    agent.heardAt = now
    agent.goneAt = Math.min(agent.goneAt, now + this.#settings.reconnectMs[agent.kind])
  }

  /** Agents were kept waiting by the server itself: their silence until now says nothing. */
  excuse(now: Millis): void {
    for (const agent of this.#agents.values()) {
      agent.heardAt = now
      agent.goneAt = Math.max(agent.goneAt, now + this.#settings.silenceMs[agent.kind])
    }
  }

  heardAt(containerInstanceArn: string): Millis | undefined {
    return this.#agents.get(containerInstanceArn)?.heardAt
  }

  /**
   * The agents that are gone by now; each is told once. `leaptAt`: when the clock last leapt ahead. What was said while this
   * machine slept has yet to be read, so nobody's silence until then counts.
   */
  takeGone(now: Millis, leaptAt?: Millis): readonly GoneAgent[] {
    if (leaptAt !== this.#excusedLeap) this.excuse(now)
    this.#excusedLeap = leaptAt
    const gone: GoneAgent[] = []
    for (const [containerInstanceArn, { heardAt, goneAt }] of this.#agents) {
      if (goneAt > now) continue
      gone.push({ containerInstanceArn, since: heardAt })
      this.#agents.delete(containerInstanceArn)
    }
    return gone
  }
}
