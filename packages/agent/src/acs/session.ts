/** What this agent does with each message of the control plane. */
import {
  type AcsFrame,
  type BerthExecMessage,
  type BerthFacts,
  type BerthStorageOrders,
  lastSegment,
  type PayloadMessage,
  type TaskManifestMessage,
} from '@berth/model'
import type { Cancel, Clock } from '../clock.ts'
import type { PrePull } from '../images/index.ts'
import type { Log } from '../log.ts'
import type { StateStore } from '../state/state-store.ts'
import type { Tasks } from '../tasks/tasks.ts'
import { handleFrame, type IncomingHandlers } from './frames.ts'
import type { StateChangeOutbox } from './state-change-outbox.ts'

export interface SessionOptions {
  readonly clock: Clock
  readonly log: Log
  readonly store: StateStore
  readonly tasks: Tasks
  readonly outbox: StateChangeOutbox
  readonly prePull: PrePull
  /** Something that the control plane keeps this host told of has changed. */
  readonly takeFacts: (message: BerthFacts) => void
  /** Volumes and snapshots are to be made or deleted. */
  readonly carryOut: (orders: BerthStorageOrders) => void
  /** Cluster and container instance as registered. */
  identity(): { readonly cluster: string; readonly containerInstanceArn: string }
  send(type: string, message: object): boolean
  expectMessageWithin(silenceMs: number): void
  /** Somebody waits for a command in a container. */
  openExec(message: BerthExecMessage): void
}

/** So many of the control plane's heartbeats may be missing before the connection counts as dead. */
const missedHeartbeats = 3

export class Session {
  readonly #options: SessionOptions
  readonly #handlers: IncomingHandlers
  #cancelHeartbeat: Cancel = () => {}
  #manifestId = ''

  constructor(options: SessionOptions) {
    this.#options = options
    this.#handlers = {
      HeartbeatMessage: ({ messageId }) => void options.send('HeartbeatAckRequest', { messageId }),
      PayloadMessage: message => void this.#onPayload(message),
      TaskManifestMessage: message => this.#onManifest(message),
      TaskStopVerificationAck: ({ messageId, stopTasks }) => {
        // It answers the last manifest, once.
        if (messageId !== this.#manifestId) return
        this.#manifestId = ''
        for (const { taskArn } of stopTasks) options.tasks.requestStop(taskArn)
      },
      IAMRoleCredentialsMessage: message => {
        const { credentialsId, expiration } = message.roleCredentials
        const { messageId } = message
        if (options.tasks.renewCredentials(message))
          options.send('IAMRoleCredentialsAckRequest', { messageId, credentialsId, expiration })
      },
      BerthSessionMessage: message => {
        this.#enter(message.incarnation)
        this.#beat(message.heartbeatIntervalMs)
        options.expectMessageWithin(message.serverHeartbeatIntervalMs * missedHeartbeats)
      },
      BerthPrePull: ({ images }) => options.prePull(images),
      BerthStorageOrders: orders => options.carryOut(orders),
      BerthFacts: message => options.takeFacts(message),
      BerthExecMessage: message => options.openExec(message),
      BerthStateChangesAck: ({ messageId }) => options.outbox.acknowledge(messageId),
    }
  }

  /** False for a frame that says nothing to this agent. */
  receive(frame: AcsFrame): boolean {
    try {
      return handleFrame(frame, this.#handlers)
    } catch (error) {
      this.#options.log.error({ type: frame.type, error: String(error) }, 'cannot understand a message')
      return false
    }
  }

  closed(): void {
    this.#cancelHeartbeat()
    this.#options.outbox.detach()
  }

  /** State changes go out only after the incarnation is known: before, they might tell a stranger. */
  #enter(incarnation: string): void {
    const { tasks, outbox } = this.#options
    if (incarnation !== tasks.incarnation) {
      outbox.keepOnly(() => false)
      tasks.enterIncarnation(incarnation)
    }
    outbox.attach()
    this.#tellForeignTasks()
  }

  /** An empty list takes back what was said before. */
  #tellForeignTasks(): void {
    const { tasks, send } = this.#options
    const foreign = tasks.foreign()
    for (const tasksOfOne of foreign) send('BerthForeignTasks', tasksOfOne)
    if (foreign.length === 0) send('BerthForeignTasks', { incarnation: tasks.incarnation, taskArns: [] })
  }

  #beat(intervalMs: number): void {
    const { clock, send } = this.#options
    this.#cancelHeartbeat()
    const beat = (): void => {
      send('BerthHeartbeat', {})
      this.#cancelHeartbeat = clock.after(intervalMs, beat)
    }
    beat()
  }

  #acknowledge(messageId: string): void {
    const { cluster, containerInstanceArn } = this.#options.identity()
    this.#options.send('AckRequest', { cluster, containerInstance: containerInstanceArn, messageId })
  }

  async #onPayload(message: PayloadMessage): Promise<void> {
    const { tasks, log } = this.#options
    try {
      if (!this.#isForUs(message)) return
      this.#remember(message.seqNum)
      await tasks.receive(message.tasks)
    } catch (error) {
      // Not acknowledged: the control plane sends it again, and gives up on a task that never gets through.
      log.error({ messageId: message.messageId, error: String(error) }, 'cannot take in a payload')
      return
    }
    this.#acknowledge(message.messageId)
  }

  #onManifest(message: TaskManifestMessage): void {
    const { tasks, store } = this.#options
    if (!this.#isForUs(message) || message.timeline <= Number(store.setting('seqNum') ?? 0)) return
    this.#remember(message.timeline)
    this.#acknowledge(message.messageId)
    const candidates = tasks.applyManifest(message)
    this.#tellForeignTasks()
    this.#manifestId = message.messageId
    if (candidates.length === 0) return
    this.#options.send('TaskStopVerificationMessage', {
      messageId: message.messageId,
      stopCandidates: candidates.map(task => ({
        taskArn: task.arn,
        taskClusterArn: task.payload.taskClusterArn,
        desiredStatus: 'STOPPED',
      })),
    })
  }

  #isForUs(message: { readonly containerInstanceArn: string; readonly messageId: string }): boolean {
    const { containerInstanceArn } = this.#options.identity()
    if (lastSegment(message.containerInstanceArn) === lastSegment(containerInstanceArn)) return true
    this.#options.log.error({ messageId: message.messageId }, 'a message for another container instance')
    return false
  }

  #remember(seqNum: number): void {
    const { store } = this.#options
    if (seqNum > Number(store.setting('seqNum') ?? 0)) store.setSetting('seqNum', String(seqNum))
  }
}
