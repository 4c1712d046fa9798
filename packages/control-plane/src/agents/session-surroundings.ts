import type { Clock } from '../control-loop/clock.ts'
import type { Millis } from '../store/table.ts'
import type { Store } from '../store/view.ts'
import type { TaskCredentials } from '../task-credentials.ts'
import type { DurableOutbox } from './durable-outbox.ts'
import type { FactFeeds } from './facts/fact-feeds.ts'
import { defaultPayloadQueueSettings, type PayloadQueueSettings } from './payload-queue.ts'
import { type AgentKind, defaultPresenceSettings, type PresenceSettings } from './presence.ts'

/** Structured logging, as pino does it. */
export interface AgentLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface AgentSettings {
  readonly presence: PresenceSettings
  readonly payloads: PayloadQueueSettings
  /** How often an agent of Berth's sends `BerthHeartbeat`. */
  readonly berthHeartbeatMs: Millis
  /** How often the server sends HeartbeatMessage; an official agent leaves after a minute without. */
  readonly serverHeartbeatMs: Readonly<Record<AgentKind, Millis>>
  readonly manifestMs: Millis
  /** How often timeouts and rhythms are looked at. */
  readonly tickMs: Millis
}

export const defaultAgentSettings: AgentSettings = {
  presence: defaultPresenceSettings,
  payloads: defaultPayloadQueueSettings,
  berthHeartbeatMs: 2_000,
  serverHeartbeatMs: { berth: 2_000, ecs: 25_000 },
  manifestMs: 60_000,
  tickMs: 1_000,
}

/** What every session of one gateway shares. */
export interface SessionSurroundings {
  readonly store: Store
  readonly clock: Clock
  readonly outbox: DurableOutbox
  readonly facts: FactFeeds
  /** Grows with every call, over restarts too. */
  readonly nextInTimeline: () => number
  readonly incarnation: string
  readonly taskCredentials: TaskCredentials
  readonly settings: AgentSettings
  readonly log: AgentLog
}
