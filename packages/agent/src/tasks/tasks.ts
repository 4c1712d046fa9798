/** Every task of this host: takes payloads and manifests in, engine events to their tasks, and reports out. */
import type {
  AttachmentStateChange,
  IamRoleCredentialsMessage,
  PayloadTask,
  TaskManifestMessage,
  TaskStateChange,
} from '@berth/model'
import type { Clock } from '../clock.ts'
import type { TaskCredentials } from '../credentials/task-credentials.ts'
import type { ContainerSummary, Engine, EngineEvent, EngineListener, LoggingSpec } from '../engine/engine.ts'
import type { Images, PullProgressBoard } from '../images/index.ts'
import type { Log } from '../log.ts'
import type { StateStore } from '../state/state-store.ts'
import { type Cleanup, createCleanup } from './cleanup.ts'
import { label, logTarget, networkModeOf } from './container-spec/index.ts'
import { hasCycle } from './dependencies.ts'
import { createLogDestinations, type Logs, unsupportedLogOptions } from './log-destinations.ts'
import { Orphans } from './orphans.ts'
import type { TaskResources } from './resources/task-resources.ts'
import { dependencyCycle, unsupportedNetworkMode } from './stop-reasons.ts'
import { createTaskGate } from './task-gate.ts'
import { type RunnerSurroundings, TaskRunner } from './task-runner.ts'
import { type ContainerState, definitionOf, newTask, refusedTask, type TaskState } from './task-state.ts'

/** More than eight starts at once make Docker slower for each without starting more a second (measured). */
const engineStartsAtOnce = 8
const engineCreatesAtOnce = 8

const defaultOrphanAfterMs = 60_000

export interface ChangeSink {
  /** Sends the change, again and again until the control plane has it; then calls back. Keeps the order. */
  enqueue(change: TaskStateChange, acknowledged: () => void): void
}

export interface TasksOptions {
  readonly engine: Engine
  readonly clock: Clock
  readonly store: StateStore
  readonly logs: Logs
  readonly images: Images
  readonly pullProgress: PullProgressBoard
  readonly registryAuth: RunnerSurroundings['registryAuth']
  readonly resources: TaskResources
  readonly credentials: TaskCredentials
  readonly sink: ChangeSink
  readonly log: Log
  readonly region: string
  readonly agentLogging: LoggingSpec
  readonly fargateRuntime?: string
  /** How long an ended container stays on the host. */
  readonly cleanupDelayMs: number
  /** For how long manifests must not name a container that this agent does not know before it is removed. */
  readonly orphanAfterMs?: number
}

export interface ForeignTasks {
  readonly incarnation: string
  readonly taskArns: readonly string[]
}

export class Tasks implements EngineListener {
  readonly #options: TasksOptions
  readonly #runners = new Map<string, TaskRunner>()
  /** In which order the tasks came. */
  readonly #turns = new Map<string, number>()
  #lastTurn = 0
  readonly #surroundings: RunnerSurroundings
  readonly #cleanup: Cleanup
  readonly #orphans: Orphans
  readonly #listed = Promise.withResolvers<void>()
  #incarnation: string
  #stopWatching: () => void = () => {}
  #isStopped = false

  constructor(options: TasksOptions) {
    const { engine, clock, store, log } = options
    this.#options = options
    this.#incarnation = store.setting('incarnation') ?? ''
    this.#cleanup = createCleanup({
      ...options,
      forget: runner => this.#forget(runner),
      follow: (task, container) => this.#follow(task, container),
    })
    this.#orphans = new Orphans(engine, log, options.orphanAfterMs ?? defaultOrphanAfterMs, () => ({
      incarnation: this.#incarnation,
      containerInstanceArn: this.#containerInstanceArn,
    }))
    this.#surroundings = {
      engine,
      clock,
      images: options.images,
      pullProgress: options.pullProgress,
      registryAuth: options.registryAuth,
      logDestinations: createLogDestinations(options.logs, log),
      creates: createTaskGate(engineCreatesAtOnce),
      starts: createTaskGate(engineStartsAtOnce),
      turnOf: arn => this.#turns.get(arn) ?? this.#lastTurn,
      specContext: task => ({
        incarnation: task.incarnation,
        containerInstanceArn: this.#containerInstanceArn,
        region: options.region,
        agentLogging: options.agentLogging,
        fargateRuntime: options.fargateRuntime ?? '',
      }),
      resources: options.resources,
      changed: runner => this.#changed(runner),
      report: (runner, { change, reported }) => {
        // A control plane that never gave this task is not told of it.
        if (runner.task.incarnation !== this.#incarnation) return
        options.sink.enqueue(change, () => this.#onAcknowledged(runner, reported))
      },
      followLogs: (task, container) => this.#followLogs(task, container),
      warn: (message, details) => log.warn(details, message),
    }
  }

  get incarnation(): string {
    return this.#incarnation
  }

  get #containerInstanceArn(): string {
    return this.#options.store.setting('containerInstanceArn') ?? ''
  }

  get(arn: string): TaskState | undefined {
    return this.#runners.get(arn)?.task
  }

  all(): readonly TaskState[] {
    return [...this.#runners.values()].map(runner => runner.task)
  }

  /** Takes up the tasks of the agent's earlier life. Resolves when the engine has said what became of their containers. */
  async start(): Promise<void> {
    for (const { task, acknowledged } of this.#options.store.tasks())
      this.#add(new TaskRunner(task, this.#surroundings, acknowledged))
    this.#stopWatching = this.#options.engine.watch(label.incarnation, this)
    await this.#listed.promise
  }

  /** The references of the images of tasks that have not ended. */
  neededImages(): ReadonlySet<string> {
    const live = this.all().filter(task => task.stoppedAt === undefined)
    return new Set(live.flatMap(task => task.payload.containers.map(({ image }) => image)))
  }

  /** The disk is nearly full: ended containers do not wait for their time. */
  removeEnded(): void {
    this.#cleanup.hurry()
  }

  /** The containers run on. */
  stop(): void {
    this.#isStopped = true
    this.#stopWatching()
    this.#cleanup.stop()
    this.#options.resources.stop()
    this.#options.pullProgress.stop()
  }

  /** A session begins. Under another incarnation nothing that runs is touched until the control plane names it. */
  enterIncarnation(incarnation: string): void {
    if (incarnation === this.#incarnation) return
    this.#options.log.info(
      { incarnation, before: this.#incarnation },
      'the control plane has another incarnation',
    )
    this.#incarnation = incarnation
    this.#orphans.reset()
    this.#options.store.setSetting('incarnation', incarnation)
    this.#options.store.setSetting('seqNum', '0')
    for (const runner of this.#runners.values())
      if (runner.task.incarnation === incarnation) runner.reportAgain()
  }

  /** Resolves when the tasks are on this agent's disk; their containers start meanwhile. STOPPED entries come first. */
  async receive(payloads: readonly PayloadTask[]): Promise<void> {
    const stopsFirst = [...payloads].sort((left, right) => Number(isRun(left)) - Number(isRun(right)))
    for (const payload of stopsFirst) this.#receiveOne(payload)
    await this.#options.store.flushed()
  }

  /** False when there is no such task: nobody needs them. */
  renewCredentials(message: IamRoleCredentialsMessage): boolean {
    if (!this.#runners.has(message.taskArn)) return false
    this.#options.credentials.renew(message)
    return true
  }

  /** The tasks that run here although the manifest does not name them RUNNING: the control plane is asked about each. */
  applyManifest(manifest: TaskManifestMessage): readonly TaskState[] {
    const named = new Set<string>()
    for (const { taskArn, desiredStatus } of manifest.tasks) {
      named.add(taskArn)
      const runner = this.#runners.get(taskArn)
      if (runner && runner.task.incarnation !== this.#incarnation) runner.adopt(this.#incarnation)
      if (desiredStatus === 'STOPPED') runner?.requestStop()
    }
    void this.#removeOrphans(named)
    return this.all().filter(
      task =>
        task.incarnation === this.#incarnation && task.desiredStatus === 'RUNNING' && !named.has(task.arn),
    )
  }

  attachmentChanged(arn: string, change: AttachmentStateChange): void {
    this.#runners.get(arn)?.attachmentChanged(change)
  }

  requestStop(arn: string): void {
    const runner = this.#runners.get(arn)
    if (runner?.task.incarnation === this.#incarnation) runner.requestStop()
  }

  /** What runs here for other control planes, or for this one before it lost its data. */
  foreign(): readonly ForeignTasks[] {
    const arns = new Map<string, Set<string>>()
    const note = (incarnation: string, arn: string) => {
      arns.set(incarnation, (arns.get(incarnation) ?? new Set()).add(arn))
    }
    for (const runner of this.#runners.values())
      if (!runner.task.stoppedAt && runner.task.incarnation !== this.#incarnation)
        note(runner.task.incarnation, runner.arn)
    for (const { taskArn, incarnation } of this.#orphans.foreign()) note(incarnation, taskArn)
    return [...arns].map(([incarnation, taskArns]) => ({ incarnation, taskArns: [...taskArns] }))
  }

  connected(): void {
    this.#options.images.forget()
    void this.#reconcile()
  }

  disconnected(reason: string): void {
    this.#options.log.warn({ reason }, 'the container engine is gone; waiting for it')
  }

  imagesChanged(): void {
    this.#options.images.forget()
  }

  event(event: EngineEvent): void {
    const arn = event.container.labels[label.taskArn] ?? ''
    const runner = this.#runners.get(arn)
    if (runner) runner.onEvent(event)
    else this.#orphans.onEvent(event)
  }

  async #reconcile(): Promise<void> {
    const { engine, log } = this.#options
    try {
      const listed = await engine.list(label.incarnation)
      this.#orphans.note(listed.filter(container => !this.#isKnown(container)))
      await Promise.all([...this.#runners.values()].map(runner => this.#reconcileOne(runner)))
      this.#listed.resolve()
    } catch (error) {
      log.warn({ error: String(error) }, 'cannot list the containers')
      if (!this.#isStopped) this.#options.clock.after(1_000, () => void this.#reconcile())
    }
  }

  async #reconcileOne(runner: TaskRunner): Promise<void> {
    if (runner.isOver) this.#cleanup.schedule(runner)
    else await runner.reconcile()
    if (runner.task.stoppedAt !== undefined) void this.#options.resources.release(runner.task.payload)
    for (const container of runner.task.containers)
      if (container.step === 'STOPPED' && container.startedAt) this.#followLogs(runner.task, container)
  }

  #isKnown(container: ContainerSummary): boolean {
    return this.#runners.has(container.labels[label.taskArn] ?? '')
  }

  #receiveOne(payload: PayloadTask): void {
    this.#options.credentials.receive(payload)
    const known = this.#runners.get(payload.arn)
    if (known) {
      // A task that is over is asked for again when its last report did not arrive.
      if (known.task.incarnation !== this.#incarnation) known.adopt(this.#incarnation)
      else if (known.isOver) known.reportAgain()
      if (!isRun(payload)) known.requestStop()
      return
    }
    const task = newTask(payload, this.#incarnation)
    const refusal = this.#refusal(payload)
    const now = this.#options.clock.now()
    const runner = new TaskRunner(refusal ? refusedTask(task, refusal, now) : task, this.#surroundings)
    this.#add(runner)
    this.#save(runner)
    // Containers of it may be here from an earlier life of the agent that ended before it wrote the payload down.
    if (this.#orphans.take(payload.arn)) void runner.reconcile()
    else runner.step()
  }

  #add(runner: TaskRunner): void {
    this.#runners.set(runner.arn, runner)
    this.#turns.set(runner.arn, ++this.#lastTurn)
  }

  #refusal(payload: PayloadTask): string | undefined {
    if (!isRun(payload)) return undefined
    if (networkModeOf(payload) === undefined) return unsupportedNetworkMode(payload.networkMode ?? '')
    if (hasCycle(payload.containers)) return dependencyCycle(payload.arn)
    return unsupportedLogOptions(payload, this.#options.region)
  }

  async #removeOrphans(named: ReadonlySet<string>): Promise<void> {
    const { engine, clock, log } = this.#options
    try {
      const listed = await engine.list(label.incarnation)
      this.#orphans.note(listed.filter(container => !this.#isKnown(container)))
      await this.#orphans.applyManifest(named, clock.now())
    } catch (error) {
      log.warn({ error: String(error) }, 'cannot look for containers that nobody knows')
    }
  }

  #onAcknowledged(runner: TaskRunner, reported: TaskRunner['acknowledged']): void {
    runner.acknowledge(reported)
    if (runner.isOver) this.#cleanup.schedule(runner)
  }

  #changed(runner: TaskRunner): void {
    this.#save(runner)
    if (runner.task.desiredStatus === 'STOPPED') {
      const { creates, starts, turnOf } = this.#surroundings
      for (const gate of [creates, starts]) gate.letThrough(turnOf(runner.arn))
    }
    if (runner.task.stoppedAt !== undefined) void this.#options.resources.release(runner.task.payload)
  }

  #save(runner: TaskRunner): void {
    this.#options.store.taskChanged(runner.arn, () =>
      this.#runners.get(runner.arn) === runner
        ? { task: runner.task, acknowledged: runner.acknowledged }
        : undefined,
    )
  }

  #forget(runner: TaskRunner): void {
    this.#runners.delete(runner.arn)
    this.#turns.delete(runner.arn)
    this.#options.credentials.forget(runner.arn)
    this.#options.resources.forget(runner.arn)
    this.#save(runner)
  }

  #followLogs(task: TaskState, container: ContainerState): void {
    this.#follow(task, container).catch(error =>
      this.#options.log.warn({ error: String(error), task: task.arn }, 'cannot find the log of a container'),
    )
  }

  /** From here on the container's output is shipped, if it goes to CloudWatch Logs. Rejects when the engine is away. */
  async #follow(task: TaskState, container: ContainerState): Promise<void> {
    const definition = definitionOf(task, container.name)
    const { runtimeId } = container
    const target = definition && runtimeId && logTarget(task.payload, definition, runtimeId)
    if (!target) return
    const view = await this.#options.engine.inspect(runtimeId)
    if (!view?.logPath) return
    const { logPath } = view
    const source = { taskArn: task.arn, containerName: container.name, runtimeId, logPath, ...target }
    this.#options.logs.follow(source)
  }
}

const isRun = (payload: PayloadTask): boolean => payload.desiredStatus !== 'STOPPED'
