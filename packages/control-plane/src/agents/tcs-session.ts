import { AwsError, type Identity, type SignatureOptions, verifySignedFrame } from '@berth/aws-api'
import type { TaskStateChange } from '@berth/model'
import { containerInstances } from '../services/ecs/tables/index.ts'
import type { Millis } from '../store/table.ts'
import type { Connection } from './connection.ts'
import { frame, isRecord, parseFrame, recordsOf, textOf } from './frames.ts'
import type { SessionSurroundings } from './session-surroundings.ts'
import { applyStateChanges } from './state-changes.ts'
import type { TelemetrySink } from './telemetry.ts'

export interface TcsSessionOptions {
  readonly connection: Connection
  readonly containerInstanceArn: string
  /** Who opened the session: every frame must be signed by the same. */
  readonly identity: Identity
  /** The upgrade request's path and query as they came: every frame's signature covers them. */
  readonly url: string
  readonly sourceAddress: string
  readonly signature: SignatureOptions
  readonly telemetry: TelemetrySink
  readonly heartbeatMs: Millis
}

/** A WebSocket close code: the frame breaks the rules of the session. */
const POLICY_VIOLATION = 1008

/** One agent's telemetry session: metrics, container health, and the state of its container runtime. */
export class TcsSession {
  readonly connection: Connection
  readonly containerInstanceArn: string
  readonly #options: TcsSessionOptions
  readonly #surroundings: SessionSurroundings
  #heartbeatAt: Millis
  #isOpen = true

  constructor(options: TcsSessionOptions, surroundings: SessionSurroundings) {
    this.connection = options.connection
    this.containerInstanceArn = options.containerInstanceArn
    this.#options = options
    this.#surroundings = surroundings
    this.#heartbeatAt = surroundings.clock.now() + options.heartbeatMs
    this.connection.onMessage(text => this.#receive(text))
  }

  tick(now: Millis): void {
    if (!this.#isOpen || now < this.#heartbeatAt) return
    this.#heartbeatAt = now + this.#options.heartbeatMs
    this.connection.send(frame('HeartbeatMessage', { healthy: true }))
  }

  closed(): void {
    this.#isOpen = false
  }

  #receive(text: string): void {
    if (!this.#isOpen) return
    const message = this.#verified(text)
    if (message === undefined) return
    const received = parseFrame(message)
    switch (received?.type) {
      case 'PublishMetricsRequest':
        this.#recordMetrics(received.message)
        return
      case 'PublishHealthRequest':
        this.#applyHealth(received.message)
        return
      case 'PublishInstanceStatusRequest':
        this.#applyInstanceStatus(received.message)
        return
      default:
        this.#warn({ type: received?.type }, 'An agent sent telemetry of unknown type')
    }
  }

  #verified(text: string): string | undefined {
    const { url, sourceAddress, signature, identity } = this.#options
    try {
      const { message, signer } = verifySignedFrame(text, { url, sourceAddress }, signature)
      if (signer.identity.arn === identity.arn) return message
      this.#refuse('AccessDeniedException', 'The frame is signed by another identity than the session.')
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      this.#refuse(error.code, error.message)
    }
    return undefined
  }

  #refuse(type: string, message: string): void {
    this.#warn({ type }, 'A telemetry frame was refused')
    this.connection.send(frame(type, { message }))
    this.connection.close(POLICY_VIOLATION, type)
  }

  #recordMetrics(message: unknown): void {
    const { telemetry } = this.#options
    const { containerInstanceArn } = this
    const at = this.#surroundings.clock.now()
    for (const task of recordsOf(message, 'taskMetrics')) {
      const containerMetrics = recordsOf(task, 'containerMetrics')
      telemetry.record(textOf(task, 'taskArn'), { at, containerInstanceArn, containerMetrics })
    }
    this.connection.send(frame('AckPublishMetric', { message: messageIdOf(message, 'messageId') }))
  }

  #applyHealth(message: unknown): void {
    const { store, clock } = this.#surroundings
    const changes = recordsOf(message, 'tasks').map(healthChange)
    applyStateChanges(store, this.containerInstanceArn, changes, clock.now())
    this.#acknowledge('AckPublishHealth', messageIdOf(message, 'messageId'))
  }

  /** The beat is kept in memory only; a change of the status is a write. */
  #applyInstanceStatus(message: unknown): void {
    const { store, clock } = this.#surroundings
    const runtime = recordsOf(message, 'statuses').find(
      status => textOf(status, 'type') === 'ContainerRuntime',
    )
    const status = runtimeStatus(textOf(runtime, 'status'))
    const now = clock.now()
    store.update(tx => {
      const instance = tx.get(containerInstances, this.containerInstanceArn)
      if (instance === undefined || status === undefined || instance.health?.status === status) return
      tx.put(containerInstances, {
        ...instance,
        health: { status, lastUpdated: now, lastStatusChange: now },
      })
    })
    this.#acknowledge('AckPublishInstanceStatus', messageIdOf(message, 'requestId'))
  }

  #acknowledge(type: string, messageId: string): void {
    const { store, outbox } = this.#surroundings
    outbox.after(store.sequence, () => {
      if (this.#isOpen) this.connection.send(frame(type, { message: messageId }))
    })
  }

  #warn(fields: object, text: string): void {
    this.#surroundings.log.warn({ containerInstanceArn: this.containerInstanceArn, ...fields }, text)
  }
}

const messageIdOf = (message: unknown, member: string): string =>
  isRecord(message) ? textOf(message['metadata'], member) : ''

const healthChange = (task: Readonly<Record<string, unknown>>): TaskStateChange => ({
  taskArn: textOf(task, 'taskArn'),
  containers: recordsOf(task, 'containers').flatMap(container => {
    const healthStatus = textOf(container, 'healthStatus')
    if (healthStatus !== 'HEALTHY' && healthStatus !== 'UNHEALTHY' && healthStatus !== 'UNKNOWN') return []
    return [{ containerName: textOf(container, 'containerName'), healthStatus }]
  }),
})

const runtimeStatus = (
  text: string,
): 'OK' | 'IMPAIRED' | 'INITIALIZING' | 'INSUFFICIENT_DATA' | undefined => {
  switch (text) {
    case 'OK':
    case 'IMPAIRED':
    case 'INITIALIZING':
    case 'INSUFFICIENT_DATA':
      return text
    default:
      return undefined
  }
}
