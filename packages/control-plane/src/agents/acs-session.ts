import type { PayloadTask } from '@berth/model'
import { scopeOfArn } from '@berth/model'
import { isHeldByTargets } from '../services/ecs/load-balancing/held-tasks.ts'
import { awaitsInterface } from '../services/ecs/networking/task-interface.ts'
import {
  type ContainerInstanceRow,
  deployments,
  type TaskRow,
  taskDefinitions,
  tasks,
} from '../services/ecs/tables/index.ts'
import { servedFileSystem } from '../services/efs/index.ts'
import type { Millis } from '../store/table.ts'
import type { Change, Stop } from '../store/view.ts'
import type { Connection } from './connection.ts'
import { frame, parseFrame, textOf } from './frames.ts'
import { applyRefusals } from './ingress/refusals.ts'
import { applyTargetHealth } from './ingress/target-health.ts'
import { manifestFrame, manifestTasksJson, verifyStops } from './manifest.ts'
import { type AgentFlavour, payloadTask } from './payload.ts'
import { payloadNetwork } from './payload-network.ts'
import { PayloadQueue, type UnansweredSends } from './payload-queue.ts'
import type { AgentKind } from './presence.ts'
import { RoleCredentials } from './role-credentials.ts'
import type { SessionSurroundings } from './session-surroundings.ts'
import { applyStateChanges, readStateChanges } from './state-changes.ts'
import { applyStorageResult, storageOrdersOf } from './storage-orders.ts'
import { failUnacknowledged } from './unacknowledged-tasks.ts'

/** What one command session has around it. */
export interface AcsSurroundings extends SessionSurroundings {
  /** Where Docker's awslogs driver on the host of an official agent sends to; absent: to AWS. */
  readonly awslogsEndpoint?: string | undefined
}

export interface AcsSessionEvents {
  /** A frame came in, whatever it says. */
  readonly onHeard: (now: Millis) => void
  /** A report was applied. */
  readonly onReport: (changes: number) => void
  readonly onForeignTasks: (taskArns: readonly string[]) => void
  readonly onPullProgress: (message: unknown) => void
  readonly onTraffic: (message: unknown) => void
}

/**
 * One agent's command session. What the agent is told is derived from rows: every task of its instance that is not final
 * at the start, then what changes. Nothing but the acknowledgements is remembered, and only here.
 */
export class AcsSession {
  readonly containerInstanceArn: string
  readonly clusterArn: string
  readonly kind: AgentKind
  readonly connection: Connection
  readonly #surroundings: SessionSurroundings
  readonly #events: AcsSessionEvents
  readonly #flavour: AgentFlavour
  readonly #trustsUnknown: boolean
  readonly #queue: PayloadQueue
  readonly #roleCredentials: RoleCredentials
  /** Final tasks that the agent still runs. */
  readonly #overdueStops = new Set<string>()
  #manifest: { readonly messageId: string; verified: boolean } | undefined
  #manifestTasks: string | undefined
  #manifestAt: Millis = 0
  #heartbeatAt: Millis = 0
  #heardAt: Millis
  #isOpen = true
  #stopFacts: Stop = () => {}

  constructor(
    connection: Connection,
    instance: ContainerInstanceRow,
    surroundings: AcsSurroundings,
    events: AcsSessionEvents,
    carriedOver?: UnansweredSends,
  ) {
    const { settings, incarnation, clock, awslogsEndpoint, taskCredentials } = surroundings
    this.containerInstanceArn = instance.id
    this.clusterArn = instance.clusterArn
    this.kind = instance.agentKind
    this.connection = connection
    this.#surroundings = surroundings
    this.#events = events
    this.#flavour = this.kind === 'berth' ? { kind: 'berth' } : { kind: 'ecs', awslogsEndpoint }
    this.#trustsUnknown = instance.incarnation === incarnation
    this.#queue = new PayloadQueue(settings.payloads, carriedOver)
    this.#roleCredentials = new RoleCredentials(taskCredentials, instance.id)
    this.#heardAt = clock.now()
    connection.onMessage(text => this.#receive(text))
  }

  get heardAt(): Millis {
    return this.#heardAt
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** How often tasks were sent without an answer: the next session goes on from there. */
  get unanswered(): UnansweredSends {
    return this.#queue.unanswered
  }

  start(): void {
    const { store, settings, incarnation, clock, facts } = this.#surroundings
    if (this.kind === 'berth') {
      this.#send('BerthSessionMessage', {
        incarnation,
        heartbeatIntervalMs: settings.berthHeartbeatMs,
        serverHeartbeatIntervalMs: settings.serverHeartbeatMs.berth,
      })
      this.#stopFacts = facts.open(this.containerInstanceArn, text => this.#sendOpen(text))
    }
    this.#heartbeatAt = clock.now() + settings.serverHeartbeatMs[this.kind]
    this.#sendManifest(clock.now())
    for (const task of store.where(tasks, 'byInstance', this.containerInstanceArn)) this.#queue.note(task.id)
    for (const task of store.where(tasks, 'unconfirmedByInstance', this.containerInstanceArn))
      this.#queue.note(task.id)
    this.orderStorage()
    this.flush()
  }

  /** A task of this instance has changed. True when the agent must be told, by a `flush` after the commit. */
  noteChange({ id, before, after }: Change): boolean {
    const earlier = before as TaskRow | undefined
    const later = after as TaskRow | undefined
    const isNews =
      earlier?.desiredStatus !== later?.desiredStatus ||
      earlier?.containerInstanceArn !== later?.containerInstanceArn ||
      (earlier !== undefined && awaitsInterface(earlier))
    const isOver = later === undefined || later.lastStatus === 'STOPPED'
    if (isNews || isOver) this.#manifestTasks = undefined
    if (isOver) this.#roleCredentials.forget(id)
    if (isOver || !isNews || awaitsInterface(later)) return false
    this.#queue.note(id)
    return true
  }

  /** Load balancers have let go of a task: nothing keeps the agent from stopping it, if it is to. */
  noteLetGo(taskArn: string): boolean {
    if (this.#surroundings.store.get(tasks, taskArn)?.desiredStatus !== 'STOPPED') return false
    this.#manifestTasks = undefined
    this.#queue.note(taskArn)
    return true
  }

  /** Sends as many payloads as may be on their way at once. */
  flush(): void {
    if (!this.#isOpen) return
    for (let taskArns = this.#queue.next(); taskArns !== undefined; taskArns = this.#queue.next())
      this.#sendPayload(taskArns)
  }

  /** The rhythms and timeouts. `heartbeat` is the frame that all sessions share. */
  tick(now: Millis, heartbeat: () => string): void {
    if (!this.#isOpen) return
    if (now >= this.#heartbeatAt) {
      this.#heartbeatAt = now + this.#surroundings.settings.serverHeartbeatMs[this.kind]
      this.connection.send(heartbeat())
    }
    if (now >= this.#manifestAt) this.#sendManifest(now)
    this.#giveUp(this.#queue.expire(now, this.#heardAt), now)
    for (const taskArn of this.#roleCredentials.due(now)) this.#renewCredentials(taskArn, now)
    this.flush()
  }

  /** Tasks with these images are likely to come to this host. */
  prePull(images: readonly string[]): void {
    if (this.#isOpen && this.kind === 'berth') this.#send('BerthPrePull', { images })
  }

  /** Tells everything that the host has to do for EC2, once that is durable. */
  orderStorage(): void {
    const orders = storageOrdersOf(this.#surroundings.store, this.containerInstanceArn)
    if (orders.length > 0 && this.kind === 'berth') this.#sendDurably(frame('BerthStorageOrders', { orders }))
  }

  /** Says why, and closes. */
  end(code: number, type: string, reason: string): void {
    if (!this.#isOpen) return
    this.#send(type, { message: reason })
    this.closed()
    this.connection.close(code, reason)
  }

  /** The connection is gone: nothing is sent any more. */
  closed(): void {
    this.#isOpen = false
    this.#stopFacts()
  }

  #receive(text: string): void {
    if (!this.#isOpen) return
    this.#heardAt = this.#surroundings.clock.now()
    this.#events.onHeard(this.#heardAt)
    const received = parseFrame(text)
    if (received === undefined) this.#warn({ text: text.slice(0, 200) }, 'An agent sent what is no frame')
    else this.#handle(received.type, received.message)
  }

  #handle(type: string, message: unknown): void {
    switch (type) {
      case 'AckRequest':
        this.#queue.acknowledge(textOf(message, 'messageId'))
        this.flush()
        return
      case 'NackRequest':
        this.#warn({ reason: textOf(message, 'reason') }, 'An agent refused a message')
        return
      case 'TaskStopVerificationMessage':
        this.#verifyStops(message)
        return
      case 'BerthStateChanges':
        this.#applyChanges(message)
        return
      case 'BerthForeignTasks':
        this.#reportForeign(message)
        return
      case 'BerthStorageResult':
        applyStorageResult(
          this.#surroundings.store,
          this.containerInstanceArn,
          message,
          this.#surroundings.clock.now(),
        )
        return
      case 'BerthTargetHealth':
        this.#applyTargetHealth(message)
        return
      case 'BerthLoadBalancerRefusals':
        applyRefusals(this.#surroundings.store, this.containerInstanceArn, message)
        return
      case 'BerthTraffic':
        this.#events.onTraffic(message)
        return
      case 'BerthPullProgress':
        this.#events.onPullProgress(message)
        return
      case 'IAMRoleCredentialsAckRequest':
        this.#roleCredentials.acknowledge(textOf(message, 'credentialsId'), this.#surroundings.clock.now())
        return
      case 'BerthHeartbeat':
      case 'HeartbeatAckRequest':
        return
      default:
        this.#warn({ type }, 'An agent sent a message of unknown type')
    }
  }

  #sendPayload(taskArns: readonly string[]): void {
    const { nextInTimeline, clock } = this.#surroundings
    const payload = taskArns.map(arn => this.#payloadOf(arn)).filter(task => task !== undefined)
    if (payload.length === 0) return
    const seqNum = nextInTimeline()
    const messageId = `payload-${seqNum}`
    const { clusterArn, containerInstanceArn } = this
    const sentTo = { messageId, clusterArn, containerInstanceArn, generatedAt: clock.now(), seqNum }
    this.#queue.sent(
      messageId,
      payload.map(({ arn }) => arn),
      clock.now(),
    )
    this.#sendDurably(frame('PayloadMessage', { ...sentTo, tasks: payload }))
  }

  #payloadOf(taskArn: string): PayloadTask | undefined {
    const { store, clock, log } = this.#surroundings
    const task = store.get(tasks, taskArn)
    const isMine = task?.containerInstanceArn === this.containerInstanceArn
    const mustStop = this.#overdueStops.delete(taskArn) || task?.stopUnconfirmed === true
    if (!isMine || awaitsInterface(task) || (task.lastStatus === 'STOPPED' && !mustStop)) {
      this.#queue.forget(taskArn)
      return undefined
    }
    const definition = store.get(taskDefinitions, task.taskDefinitionArn)
    if (definition !== undefined) {
      const deployment =
        task.deploymentId === undefined ? undefined : store.get(deployments, task.deploymentId)
      const told = isHeldByTargets(store, task) ? { ...task, desiredStatus: 'RUNNING' as const } : task
      const payload = payloadTask(told, definition, this.#flavour, deployment, fileSystemId =>
        servedFileSystem(store, scopeOfArn(taskArn), fileSystemId),
      )
      if (payload.desiredStatus === 'STOPPED') return payload
      return {
        ...payload,
        ...payloadNetwork(store, task),
        ...this.#roleCredentials.forPayload(task, definition, clock.now()),
      }
    }
    log.error(
      { taskArn, taskDefinition: task.taskDefinitionArn },
      'A task without its definition cannot be sent',
    )
    this.#queue.forget(taskArn)
    return undefined
  }

  #renewCredentials(taskArn: string, now: Millis): void {
    const { store, nextInTimeline } = this.#surroundings
    const task = store.get(tasks, taskArn)
    const definition = task && store.get(taskDefinitions, task.taskDefinitionArn)
    if (task === undefined || definition === undefined) {
      this.#roleCredentials.forget(taskArn)
      return
    }
    const { clusterArn: taskClusterArn } = task
    for (const [roleType, roleCredentials] of this.#roleCredentials.renew(task, definition, now)) {
      const messageId = `credentials-${nextInTimeline()}`
      this.#sendDurably(
        frame('IAMRoleCredentialsMessage', { messageId, taskArn, taskClusterArn, roleType, roleCredentials }),
      )
    }
  }

  #sendManifest(now: Millis): void {
    const { store, settings, nextInTimeline } = this.#surroundings
    const timeline = nextInTimeline()
    const messageId = `manifest-${timeline}`
    this.#manifestAt = now + settings.manifestMs
    this.#manifest = { messageId, verified: false }
    this.#manifestTasks ??= manifestTasksJson(store, this.containerInstanceArn)
    const { clusterArn, containerInstanceArn } = this
    const head = { messageId, clusterArn, containerInstanceArn, generatedAt: now, timeline }
    this.#sendDurably(manifestFrame(head, this.#manifestTasks))
  }

  #verifyStops(message: unknown): void {
    const messageId = textOf(message, 'messageId')
    const manifest = this.#manifest
    if (manifest?.messageId !== messageId || manifest.verified) return
    manifest.verified = true
    const { store, clock } = this.#surroundings
    const { stop, foreign } = verifyStops(store, this.containerInstanceArn, message, this.#trustsUnknown)
    if (foreign.length > 0) this.#events.onForeignTasks(foreign)
    if (stop.length === 0) return
    const verdict = { messageId, generatedAt: clock.now(), stopTasks: stop }
    this.#sendDurably(frame('TaskStopVerificationAck', verdict))
  }

  #applyChanges(message: unknown): void {
    const { store, clock } = this.#surroundings
    const { changes, unreadable } = readStateChanges(message)
    const { strangers, overdue } = applyStateChanges(store, this.containerInstanceArn, changes, clock.now())
    if (unreadable > 0) this.#warn({ unreadable }, 'An agent reported what this release does not understand')
    if (strangers.length > 0)
      this.#warn({ taskArns: strangers.slice(0, 10) }, 'An agent reported strange tasks')
    this.#sendDurably(frame('BerthStateChangesAck', { messageId: textOf(message, 'messageId') }))
    for (const taskArn of overdue) {
      this.#overdueStops.add(taskArn)
      this.#queue.note(taskArn)
    }
    this.#events.onReport(changes.length)
    if (overdue.length > 0) this.flush()
  }

  #applyTargetHealth(message: unknown): void {
    const strange = applyTargetHealth(this.#surroundings.store, this.containerInstanceArn, message)
    if (strange > 0) this.#warn({ strange }, 'An agent told of targets that it does not carry')
  }

  #reportForeign(message: unknown): void {
    const listed = (message as { taskArns?: unknown } | undefined)?.taskArns
    const taskArns = Array.isArray(listed) ? listed.filter(arn => typeof arn === 'string') : []
    this.#events.onForeignTasks(taskArns)
  }

  #giveUp(taskArns: readonly string[], now: Millis): void {
    for (const taskArn of taskArns) {
      this.#warn({ taskArn }, 'A task was never acknowledged by its agent')
      failUnacknowledged(this.#surroundings.store, taskArn, now)
    }
  }

  #sendDurably(text: string): void {
    const { outbox, store } = this.#surroundings
    outbox.after(store.sequence, () => this.#sendOpen(text))
  }

  #sendOpen(text: string): void {
    if (this.#isOpen) this.connection.send(text)
  }

  #send(type: string, message: object): void {
    this.connection.send(frame(type, message))
  }

  #warn(fields: object, text: string): void {
    this.#surroundings.log.warn({ containerInstanceArn: this.containerInstanceArn, ...fields }, text)
  }
}
