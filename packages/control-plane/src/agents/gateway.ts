/** Where agents meet the control plane: their sessions, their presence, and what goes out to them. */
import { AwsError, type Identity, type SignatureOptions } from '@berth/aws-api'
import { acsCloseCodes } from '@berth/model'
import {
  type ContainerInstanceRow,
  containerInstances,
  type TaskRow,
  tasks,
} from '../services/ecs/tables/index.ts'
import { type TargetRow, targetGroups, targets } from '../services/elbv2/index.ts'
import type { Millis } from '../store/table.ts'
import type { Change, Commit, Sequence, Stop } from '../store/view.ts'
import { AcsSession } from './acs-session.ts'
import { admit, type SessionRequest } from './admission.ts'
import type { AgentFigures } from './agent-figures.ts'
import type { Connection } from './connection.ts'
import { DurableOutbox } from './durable-outbox.ts'
import { FactFeeds } from './facts/fact-feeds.ts'
import { ForeignTasks } from './foreign-tasks.ts'
import { frame } from './frames.ts'
import type { AgentGatewayOptions } from './gateway-options.ts'
import { IdentityConflicts } from './identity-conflicts.ts'
import { type Traffic, TrafficTotals } from './ingress/traffic.ts'
import { writeConnected, writeDisconnected } from './instance-row.ts'
import type { UnansweredSends } from './payload-queue.ts'
import { beginsCohort, prePullOf } from './pre-pull.ts'
import { Presence } from './presence.ts'
import { type Pull, Pulls } from './pulls.ts'
import { type AgentLog, defaultAgentSettings, type SessionSurroundings } from './session-surroundings.ts'
import { hostWithOrders } from './storage-orders.ts'
import { TcsSession } from './tcs-session.ts'
import { createLatestSamples, type TelemetrySink } from './telemetry.ts'
import { createTimeline } from './timeline.ts'

export interface TelemetryRequest {
  readonly url: string
  readonly sourceAddress: string
}

export class AgentGateway {
  readonly signature: SignatureOptions
  readonly log: AgentLog
  readonly #options: AgentGatewayOptions
  readonly #durable: (sequence: Sequence) => Promise<void>
  readonly #surroundings: SessionSurroundings
  readonly #telemetry: TelemetrySink
  readonly #presence: Presence
  readonly #conflicts = new IdentityConflicts()
  readonly #sessions = new Map<string, AcsSession>()
  /** Which process of an agent a session is of. */
  readonly #processes = new WeakMap<AcsSession, string>()
  readonly #telemetrySessions = new Map<string, TcsSession>()
  readonly #unanswered = new Map<string, UnansweredSends>()
  readonly #foreignTasks: ForeignTasks
  readonly #pulls = new Pulls()
  readonly #traffic: TrafficTotals
  readonly #dirty = new Set<AcsSession>()
  #stateChanges = 0
  #isPaused = false
  #isStopped = false
  #stopWatching: Stop
  #stopTimer: Stop

  constructor(options: AgentGatewayOptions) {
    const { store, clock, epoch, incarnation, log, findSigningKey, acceptAnyCredentials } = options
    this.#durable = options.durable ?? (sequence => store.durable(sequence))
    const settings = { ...defaultAgentSettings, ...options.settings }
    this.#options = options
    this.log = log
    this.#foreignTasks = new ForeignTasks(log)
    this.#traffic = new TrafficTotals(arn => store.get(targetGroups, arn) !== undefined)
    this.signature = {
      findSigningKey,
      now: options.signatureTime ?? (() => clock.now()),
      ...(acceptAnyCredentials && { acceptAnyCredentials }),
    }
    this.#telemetry = options.telemetry ?? createLatestSamples()
    this.#presence = new Presence(settings.presence)
    const outbox = new DurableOutbox({
      durable: this.#durable,
      onProgress: () => this.#resumeWhenDrained(),
      onFailure: error =>
        log.error({ err: error }, 'Nothing is sent to agents any more: the journal has failed'),
      onFault: error => log.error({ err: error }, 'A message to an agent could not be delivered'),
    })
    const nextInTimeline = createTimeline(epoch)
    const { taskCredentials, topics = [] } = options
    const facts = new FactFeeds({ store, clock, outbox, topics })
    this.#surroundings = {
      ...{ store, clock, outbox, facts, nextInTimeline, incarnation, taskCredentials, settings, log },
    }
    this.#expectAgents()
    this.#stopWatching = store.watch(commit => this.#note(commit))
    this.#stopTimer = this.#scheduleTick()
  }

  get figures(): AgentFigures {
    return {
      acsSessions: this.#sessions.size,
      tcsSessions: this.#telemetrySessions.size,
      stateChanges: this.#stateChanges,
      waiting: this.#surroundings.outbox.size,
      foreignTasks: this.#foreignTasks.count,
      isPaused: this.#isPaused,
    }
  }

  /** What tasks wait for, as their agents last said. */
  get pulls(): readonly Pull[] {
    return this.#pulls.all()
  }

  /** What has gone through load balancers since the start, by target group. */
  get traffic(): readonly Traffic[] {
    return this.#traffic.all()
  }

  /** Resolves when everything that has been read until now is on disk. Rejects when the journal failed. */
  durable(): Promise<void> {
    return this.#durable(this.#options.store.sequence)
  }

  /** Throws AwsError, unless this identity may act for this instance now. Call it before a connection is accepted. */
  admit(identity: Identity, action: 'ecs:Poll' | 'ecs:StartTelemetrySession', request: SessionRequest): void {
    if (this.#isStopped) throw new AwsError('ServerException', 'The server is stopping.', { statusCode: 503 })
    const instance = admit(this.#options.store, identity, action, request, this.#options.authorize)
    if (action === 'ecs:Poll') this.#refuseDouble(instance.id, request.process)
  }

  #refuseDouble(containerInstanceArn: string, newcomer: string | undefined): void {
    const session = this.#sessions.get(containerInstanceArn)
    const open = session && { heardAt: session.heardAt, process: this.#processes.get(session) }
    if (!this.#conflicts.mustWait(containerInstanceArn, open, newcomer, this.#now())) return
    const message = `Another agent is connected as ${containerInstanceArn}: two agents must not share one identity.`
    this.log.warn({ containerInstanceArn }, message)
    throw new AwsError('BadRequestException', message)
  }

  /** Opens the command session of an admitted agent; it takes the place of an older one of this instance. */
  openAcs(connection: Connection, request: SessionRequest): void {
    const now = this.#now()
    const instance = writeConnected(this.#options.store, request, this.#surroundings.incarnation)
    if (instance === undefined) {
      connection.close(acsCloseCodes.inactive, 'The container instance was deregistered.')
      return
    }
    this.#replace(instance.id, now)
    const session = new AcsSession(
      connection,
      instance,
      { ...this.#surroundings, awslogsEndpoint: request.endpoint },
      this.#eventsOf(instance.id),
      this.#unanswered.get(instance.id),
    )
    this.#unanswered.delete(instance.id)
    this.#sessions.set(instance.id, session)
    if (request.process !== undefined) this.#processes.set(session, request.process)
    this.#presence.heard(instance.id, session.kind, now)
    connection.onClose((code, reason) => this.#closed(session, code, reason))
    if (this.#isPaused) connection.pause()
    const { kind } = session
    this.log.info({ containerInstanceArn: instance.id, kind }, 'An agent has connected')
    session.start()
  }

  /** Opens the telemetry session of an admitted agent. */
  openTcs(
    connection: Connection,
    identity: Identity,
    request: SessionRequest,
    upgrade: TelemetryRequest,
  ): void {
    const { containerInstanceArn, kind } = request
    this.#telemetrySessions
      .get(containerInstanceArn)
      ?.connection.close(acsCloseCodes.normal, 'A newer session has begun.')
    const { signature } = this
    const telemetry = this.#telemetry
    const heartbeatMs = this.#surroundings.settings.serverHeartbeatMs[kind]
    const session = new TcsSession(
      { connection, containerInstanceArn, identity, ...upgrade, signature, telemetry, heartbeatMs },
      this.#surroundings,
    )
    this.#telemetrySessions.set(containerInstanceArn, session)
    connection.onClose(() => {
      session.closed()
      if (this.#telemetrySessions.get(containerInstanceArn) === session)
        this.#telemetrySessions.delete(containerInstanceArn)
    })
  }

  /** A message that no row stands for. False when no agent of Berth's own is connected for this instance. */
  tell(containerInstanceArn: string, type: string, message: object): boolean {
    const session = this.#sessions.get(containerInstanceArn)
    if (session?.kind !== 'berth' || !session.isOpen) return false
    session.connection.send(frame(type, message))
    return true
  }

  /** Closes every session; nothing is written: a server that starts soon finds its agents as connected as they were. */
  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#stopWatching()
    this.#stopTimer()
    this.#surroundings.facts.stop()
    for (const { connection } of [...this.#sessions.values(), ...this.#telemetrySessions.values()])
      connection.close(acsCloseCodes.goingAway, 'The server is stopping.')
  }

  #now(): Millis {
    return this.#options.clock.now()
  }

  /** After a start: agents get the time to come back before anything is concluded from their absence. */
  #expectAgents(): void {
    for (const instance of this.#options.store.all(containerInstances))
      if (instance.agentConnected && instance.status !== 'INACTIVE')
        this.#presence.expect(instance.id, instance.agentKind, this.#now())
  }

  #scheduleTick(): Stop {
    const { clock } = this.#options
    return clock.setTimer(this.#now() + this.#surroundings.settings.tickMs, () => {
      this.#stopTimer = this.#scheduleTick()
      this.#tick()
    })
  }

  #tick(): void {
    const now = this.#now()
    this.#resumeWhenDrained()
    if (!this.#isPaused) this.#writeGone()
    let heartbeat: string | undefined
    const heartbeatFrame = () => {
      heartbeat ??= frame('HeartbeatMessage', {
        messageId: `heartbeat-${this.#surroundings.nextInTimeline()}`,
        healthy: true,
      })
      return heartbeat
    }
    for (const session of this.#sessions.values()) session.tick(now, heartbeatFrame)
    for (const session of this.#telemetrySessions.values()) session.tick(now)
  }

  #writeGone(): void {
    const gone = this.#presence.takeGone(this.#now(), this.#options.clock.leaptAt)
    if (gone.length === 0) return
    writeDisconnected(this.#options.store, gone)
    for (const { containerInstanceArn } of gone) {
      this.log.warn({ containerInstanceArn }, 'An agent is gone')
      this.#sessions
        .get(containerInstanceArn)
        ?.end(acsCloseCodes.silent, 'CloseMessage', 'Nothing was heard of the agent for too long.')
    }
  }

  #replace(containerInstanceArn: string, now: Millis): void {
    const older = this.#sessions.get(containerInstanceArn)
    if (older === undefined) return
    // Before it ends: the end of a session that was replaced says nothing of the agent.
    this.#sessions.delete(containerInstanceArn)
    this.#unanswered.set(containerInstanceArn, older.unanswered)
    if (this.#conflicts.takeover(containerInstanceArn, older.heardAt, now))
      this.log.warn(
        { containerInstanceArn },
        'A newer session has replaced one that was alive: do two hosts share an identity?',
      )
    older.end(acsCloseCodes.replaced, 'CloseMessage', 'A newer session of this container instance has begun.')
  }

  #closed(session: AcsSession, code: number, reason: string): void {
    const { containerInstanceArn } = session
    session.closed()
    this.#dirty.delete(session)
    if (this.#sessions.get(containerInstanceArn) !== session) return
    this.#sessions.delete(containerInstanceArn)
    this.#pulls.forget(containerInstanceArn)
    if (session.unanswered.size > 0) this.#unanswered.set(containerInstanceArn, session.unanswered)
    this.log.info({ containerInstanceArn, code, reason }, "An agent's session has ended")
    if (this.#isStopped) return
    this.#presence.closed(containerInstanceArn, this.#now())
    if (!this.#isPaused) this.#writeGone()
  }

  #eventsOf(containerInstanceArn: string) {
    return {
      onHeard: (now: Millis) => {
        const session = this.#sessions.get(containerInstanceArn)
        if (session !== undefined) this.#presence.heard(containerInstanceArn, session.kind, now)
      },
      onReport: (changes: number) => {
        this.#stateChanges += changes
        if (!this.#isPaused && this.#options.overloaded()) this.#pause()
      },
      onForeignTasks: (taskArns: readonly string[]) =>
        this.#foreignTasks.note(containerInstanceArn, taskArns),
      onPullProgress: (message: unknown) => this.#pulls.note(containerInstanceArn, message),
      onTraffic: (message: unknown) => this.#traffic.add(message),
    }
  }

  /** Called by the store after each commit: only notes who must be told, and tells once the present turn is over. */
  #note(commit: Commit): void {
    const { changes, sequence } = commit
    const wasClean = this.#dirty.size === 0
    this.#surroundings.facts.note(commit)
    for (const change of changes) {
      if (change.table.name === tasks.name) this.#noteTask(change)
      else if (change.table.name === containerInstances.name) this.#noteInstance(change, sequence)
      else if (change.table.name === targets.name) this.#noteTarget(change)
      else if (beginsCohort(change)) this.#surroundings.outbox.after(sequence, () => this.#prePull(change.id))
      const host = hostWithOrders(change)
      if (host !== undefined) this.#surroundings.outbox.after(sequence, () => this.#orderStorage(host))
    }
    if (wasClean && this.#dirty.size > 0) queueMicrotask(() => this.#flush())
  }

  #noteTask(change: Change): void {
    const { containerInstanceArn } = (change.after ?? change.before) as TaskRow
    const session = containerInstanceArn === undefined ? undefined : this.#sessions.get(containerInstanceArn)
    if (session?.noteChange(change)) this.#dirty.add(session)
  }

  /** A target that is gone may have kept its task from being stopped. */
  #noteTarget({ before, after }: Change): void {
    const { taskArn } = (before ?? after) as TargetRow
    if (after !== undefined || taskArn === undefined) return
    const { containerInstanceArn = '' } = this.#options.store.get(tasks, taskArn) ?? {}
    const session = this.#sessions.get(containerInstanceArn)
    if (session?.noteLetGo(taskArn)) this.#dirty.add(session)
  }

  /** Nobody waits for it, and a host that does not hear of it pulls later. */
  #prePull(cohortId: string): void {
    const { containerInstanceArns, images } = prePullOf(this.#options.store, cohortId)
    if (images.length === 0) return
    for (const arn of containerInstanceArns) this.#sessions.get(arn)?.prePull(images)
  }

  #orderStorage(containerInstanceArn: string): void {
    this.#sessions.get(containerInstanceArn)?.orderStorage()
  }

  /** A deregistered instance's agent hears of it once that is durable. */
  #noteInstance({ id, after }: Change, sequence: Sequence): void {
    if (after !== undefined && (after as ContainerInstanceRow).status !== 'INACTIVE') return
    this.#surroundings.outbox.after(sequence, () => {
      const reason = 'The container instance was deregistered.'
      this.#sessions.get(id)?.end(acsCloseCodes.inactive, 'InactiveInstanceException', reason)
      this.#telemetrySessions.get(id)?.connection.close(acsCloseCodes.inactive, reason)
      this.#foreignTasks.forget(id)
      this.#unanswered.delete(id)
    })
  }

  #flush(): void {
    const dirty = [...this.#dirty]
    this.#dirty.clear()
    for (const session of dirty) session.flush()
  }

  #pause(): void {
    this.#isPaused = true
    this.log.warn({}, "Agents' reports are held back: too much waits for the journal")
    for (const { connection } of this.#sessions.values()) connection.pause()
  }

  #resumeWhenDrained(): void {
    if (!this.#isPaused || this.#options.overloaded()) return
    this.#isPaused = false
    this.#presence.excuse(this.#now())
    for (const { connection } of this.#sessions.values()) connection.resume()
  }
}
