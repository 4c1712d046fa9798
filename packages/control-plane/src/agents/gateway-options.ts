import type { Identity, SignatureOptions } from '@berth/aws-api'
import type { Clock } from '../control-loop/clock.ts'
import type { Millis } from '../store/table.ts'
import type { Sequence, Store } from '../store/view.ts'
import type { TaskCredentials } from '../task-credentials.ts'
import type { Authorize } from './admission.ts'
import type { TopicSource } from './facts/topic.ts'
import type { AgentLog, AgentSettings } from './session-surroundings.ts'
import type { TelemetrySink } from './telemetry.ts'

export interface AgentGatewayOptions {
  readonly store: Store
  readonly clock: Clock
  /** Default: the store's. */
  readonly durable?: (sequence: Sequence) => Promise<void>
  readonly epoch: number
  readonly incarnation: string
  /** The time that signatures are judged by, in milliseconds; default: the clock's. */
  readonly signatureTime?: () => Millis
  readonly findSigningKey: SignatureOptions['findSigningKey']
  readonly acceptAnyCredentials?: Identity | undefined
  readonly authorize: Authorize
  readonly taskCredentials: TaskCredentials
  /** True while so much waits for the journal that agents must hold their reports back. */
  readonly overloaded: () => boolean
  readonly log: AgentLog
  readonly settings?: Partial<AgentSettings>
  readonly telemetry?: TelemetrySink
  /** What agents of Berth's own are kept told of; default: of nothing. */
  readonly topics?: readonly TopicSource[]
}
