/**
 * Brings one task to where it should be. Driven by events alone: a payload, an engine event, the end of a transition,
 * or a dependency's time-out; after each, every container that can go on does.
 */
import type { AttachmentStateChange } from '@berth/model'
import type { Cancel } from '../clock.ts'
import { type ContainerView, type EngineEvent, isEngineError } from '../engine/engine.ts'
import { engineContainerName, label, pauseContainerName, type SpecContext } from './container-spec/index.ts'
import { newsOfView, withOwnHealth } from './container-view.ts'
import { EngineTrouble } from './engine-trouble.ts'
import { MemoryKills } from './memory-kills.ts'
import { nextStep } from './next-step.ts'
import { mayRestart, type Run } from './restart-policy.ts'
import { attempt, stopAgain } from './stop-again.ts'
import { vanished } from './stop-reasons.ts'
import { nothingReported, type Report, type Reported } from './task-report.ts'
import { TaskReporting } from './task-reporting.ts'
import {
  type ContainerState,
  type ContainerStep,
  containerNamed,
  definitionOf,
  hasReached,
  type TaskState,
  withAttachment,
  withContainer,
  withNamespacesLost,
  withStopRequested,
} from './task-state.ts'
import { type ContainerNews, restart, type TransitionContext, transitionOf } from './transitions.ts'

export interface RunnerSurroundings
  extends Omit<
    TransitionContext,
    'task' | 'spec' | 'stopWanted' | 'imageWanted' | 'imageThere' | 'pullStarted'
  > {
  specContext(task: TaskState): SpecContext
  /** The task's state is other than what was saved. */
  changed(runner: TaskRunner): void
  report(runner: TaskRunner, report: Report): void
  /** The container runs, or ran: its output can be followed. */
  followLogs(task: TaskState, container: ContainerState): void
  warn(message: string, details: object): void
}

type Exit = Extract<EngineEvent, { type: 'exited' }>
type Activity = Exclude<ContainerStep, 'NONE'> | 'inspecting' | 'restarting'

const killedExitCode = 137

export class TaskRunner {
  readonly #surroundings: RunnerSurroundings
  #task: TaskState
  readonly #reporting: TaskReporting
  readonly #busy = new Map<string, Activity>()
  /** A container that ended before its start was known to have worked. */
  readonly #earlyExits = new Map<string, Exit>()
  readonly #memoryKills = new MemoryKills()
  readonly #trouble = new EngineTrouble()
  readonly #stopWanted = Promise.withResolvers<void>()
  #cancelTimer: Cancel | undefined

  constructor(task: TaskState, surroundings: RunnerSurroundings, acknowledged: Reported = nothingReported) {
    this.#task = task
    this.#surroundings = surroundings
    this.#reporting = new TaskReporting(acknowledged)
  }

  get arn(): string {
    return this.#task.arn
  }
  get task(): TaskState {
    return this.#task
  }
  get acknowledged(): Reported {
    return this.#reporting.acknowledged
  }
  /** Every container has ended, what was attached is detached, and the control plane knows. */
  get isOver(): boolean {
    return this.#reporting.isOver(this.#task)
  }

  requestStop(): void {
    this.#set(withStopRequested(this.#task))
    this.step()
  }

  /** A known task of another incarnation that the present one names: it is told everything again. */
  adopt(incarnation: string): void {
    if (this.#task.incarnation !== incarnation) this.#set({ ...this.#task, incarnation })
    this.reportAgain()
  }

  reportAgain(): void {
    this.#reporting.forget()
    this.step()
  }

  attachmentChanged(change: AttachmentStateChange): void {
    this.#set(withAttachment(this.#task, change))
    this.#tell()
  }

  acknowledge(reported: Reported): void {
    this.#reporting.acknowledge(reported)
    this.#surroundings.changed(this)
  }

  onEvent(event: EngineEvent): void {
    const name = event.container.labels[label.containerName]
    const container = name === undefined ? undefined : containerNamed(this.#task, name)
    if (name === pauseContainerName && event.type === 'exited') {
      this.#set(withNamespacesLost(this.#task, this.#surroundings.clock.now()))
      this.step()
      return
    }
    // Images that were made of a task's container carry its labels: what is run of them by hand is none of the task's.
    if (!container || (container.runtimeId !== undefined && container.runtimeId !== event.container.id))
      return
    switch (event.type) {
      case 'started':
        if (container.step === 'STOPPED') void stopAgain(this.#surroundings, this.#task, container)
        return
      case 'outOfMemory':
        this.#memoryKills.note(container.name)
        return
      case 'health':
        this.#learn(container.name, { healthStatus: event.health })
        break
      case 'exited':
        this.#onExit(container, event)
        break
      case 'removed':
        this.#onRemoved(container)
        break
    }
    this.step()
  }

  /** Asks the engine what became of every container that it may hold: at the agent's start, and after an outage. */
  async reconcile(): Promise<void> {
    const names = this.#task.containers
      .filter(container => container.step !== 'STOPPED')
      .map(container => container.name)
    // Of what is under way, the engine is asked at its end: an event may have been missed.
    for (const name of names) if (this.#busy.has(name)) this.#trouble.doubt(name)
    await Promise.all(names.filter(name => !this.#busy.has(name)).map(name => this.#inspect(name)))
    this.step()
  }

  /** Lets every container go on that can, saves what changed and tells what is news. */
  step(): void {
    let wakeAt: number | undefined
    for (const { name } of this.#task.containers) {
      const container = containerNamed(this.#task, name)
      if (!container || this.#isHeld(name)) continue
      const next = nextStep(this.#task, container, this.#surroundings.clock.now())
      if (next.is === 'go') this.#run(container, next.step)
      else if (next.is === 'end') {
        const { is: _, ...news } = next
        this.#learn(name, { step: 'STOPPED', ...news })
        this.step()
        return
      } else if (next.until !== undefined) wakeAt = Math.min(wakeAt ?? next.until, next.until)
    }
    this.#wakeAt(wakeAt)
    this.#tell()
  }

  /** Something is under way with it, or the engine has to be asked first. A pull is left to itself: nothing exists yet. */
  #isHeld(name: string): boolean {
    if (this.#task.desiredStatus === 'STOPPED' && this.#busy.get(name) === 'PULLED') return false
    return this.#busy.has(name) || this.#trouble.isUncertain(name)
  }

  #wakeAt(at: number | undefined): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    if (at === undefined) return
    const { clock } = this.#surroundings
    this.#cancelTimer = clock.after(Math.max(0, at - clock.now()), () => this.step())
  }

  #tell(): void {
    const report = this.#reporting.take(this.#task)
    if (report) this.#surroundings.report(this, report)
  }

  #set(task: TaskState): void {
    if (task === this.#task) return
    this.#task = task
    if (task.desiredStatus === 'STOPPED') this.#stopWanted.resolve()
    this.#surroundings.changed(this)
  }

  #learn(name: string, news: ContainerNews): void {
    const now = this.#surroundings.clock.now()
    const before = containerNamed(this.#task, name)
    this.#set(withContainer(this.#task, name, withOwnHealth(definitionOf(this.#task, name), news), now))
    const after = containerNamed(this.#task, name)
    if (after && before?.step !== 'RUNNING' && after.step === 'RUNNING')
      this.#surroundings.followLogs(this.#task, after)
  }

  #run({ name, stopSent }: ContainerState, step: Exclude<ContainerStep, 'NONE'>): void {
    const transition = transitionOf(this.#task, name, step)
    if (!transition) return
    if (step === 'STOPPED' && !stopSent) this.#learn(name, { stopSent: true })
    void this.#perform(name, step, () => transition(this.#context()))
  }

  async #perform(name: string, activity: Activity, act: () => Promise<ContainerNews>): Promise<void> {
    this.#busy.set(name, activity)
    try {
      this.#learn(name, await act())
      this.#trouble.overcome(name)
    } catch (error) {
      this.#onFailure(name, activity, error)
    }
    this.#busy.delete(name)
    this.#afterTransition(name)
  }

  #afterTransition(name: string): void {
    const exit = this.#earlyExits.get(name)
    const container = containerNamed(this.#task, name)
    this.#earlyExits.delete(name)
    if (exit && container?.step === 'RUNNING') this.#onExit(container, exit)
    else if (
      container?.step !== 'STOPPED' &&
      this.#trouble.isUncertain(name) &&
      !this.#trouble.hasFailed(name)
    )
      void this.#inspectAndStep(name)
    this.step()
  }

  async #inspectAndStep(name: string): Promise<void> {
    await this.#inspect(name)
    this.step()
  }

  #onFailure(name: string, step: Activity, error: unknown): void {
    // A container that could not be stopped may still run: it is never said to be STOPPED, but tried again.
    // One whose restart timed out may have come up.
    const mayRun = step === 'STOPPED' || (step === 'restarting' && isEngineError(error, 'timedOut'))
    if (isEngineError(error, 'unreachable') || mayRun || step === 'inspecting') this.#retryLater(name, error)
    else
      this.#learn(name, { step: 'STOPPED', reason: error instanceof Error ? error.message : String(error) })
  }

  #retryLater(name: string, error: unknown): void {
    const { isFirst, delayMs } = this.#trouble.failed(name)
    const { clock, warn } = this.#surroundings
    // Once an outage: it may last, and hold up thousands of tasks.
    if (isFirst)
      warn('the container engine failed; trying again', {
        task: this.arn,
        container: name,
        error: String(error),
      })
    clock.after(delayMs, () => void this.#retry(name, error))
  }

  /** The outcome of what failed is unknown: the engine is asked first. What does not end in time is killed. */
  async #retry(name: string, cause: unknown): Promise<void> {
    if (!this.#trouble.isUncertain(name) || this.#busy.has(name)) return
    const { runtimeId, stopSent } = containerNamed(this.#task, name) ?? {}
    if (isEngineError(cause, 'timedOut') && stopSent && runtimeId)
      await attempt(this.#surroundings, { what: 'kill', task: this.arn, container: name }, () =>
        this.#surroundings.engine.kill(runtimeId),
      )
    await this.#inspectAndStep(name)
  }

  async #inspect(name: string): Promise<void> {
    const { engine } = this.#surroundings
    this.#busy.set(name, 'inspecting')
    try {
      const known = containerNamed(this.#task, name)
      const view = await engine.inspect(known?.runtimeId ?? engineContainerName(this.#task.payload, name))
      // It ended meanwhile, and restarts: the view is of the time before.
      if (this.#busy.get(name) !== 'inspecting') return
      this.#busy.delete(name)
      this.#trouble.learned(name)
      if (view) this.#onView(name, view)
      else if (known?.runtimeId !== undefined) this.#learn(name, { step: 'STOPPED', reason: vanished })
    } catch (error) {
      if (this.#busy.get(name) === 'inspecting') this.#busy.delete(name)
      this.#retryLater(name, error)
    }
  }

  #onView(name: string, view: ContainerView): void {
    const container = containerNamed(this.#task, name)
    const definition = definitionOf(this.#task, name)
    if (!container || !definition) return
    const news = newsOfView(container, definition, view)
    if (news.step === 'STOPPED') {
      this.#onEnded(name, view, news)
      return
    }
    this.#learn(name, news)
    if (news.step !== 'RUNNING') return
    if (this.#task.desiredStatus === 'RUNNING') this.#trouble.overcome(name)
    // After the agent's restart nobody follows it yet.
    if (hasReached(container, 'RUNNING')) this.#surroundings.followLogs(this.#task, container)
  }

  #onEnded(name: string, view: ContainerView, news: ContainerNews): void {
    const { exitCode, startedAt, step: _, ...found } = news
    const endedAt = view.finishedAt ?? this.#surroundings.clock.now()
    if (exitCode !== undefined && this.#mayRestart(name, { startedAt, endedAt, exitCode })) {
      this.#learn(name, found)
      this.#restart(name)
      return
    }
    const container = containerNamed(this.#task, name)
    if (container) this.#surroundings.followLogs(this.#task, { ...container, ...news })
    const { outOfMemory, error } = view
    this.#learn(name, {
      ...news,
      ...this.#memoryKills.reasonOf(name, containerNamed(this.#task, name), { exitCode, outOfMemory, error }),
    })
  }

  #onExit(container: ContainerState, exit: Exit): void {
    const { name } = container
    if (this.#busy.get(name) === 'RUNNING' || this.#busy.get(name) === 'restarting') {
      this.#earlyExits.set(name, exit)
      return
    }
    const { exitCode } = exit
    const { startedAt } = container
    if (this.#mayRestart(name, { startedAt, endedAt: this.#surroundings.clock.now(), exitCode })) {
      this.#restart(name)
      return
    }
    // Docker tells of memory by an event of its own, which on cgroup v2 may come late: then the inspection knows.
    const isUnexplainedKill = exitCode === killedExitCode && !container.stopSent
    if (isUnexplainedKill && !this.#memoryKills.knows(name) && !this.#busy.has(name)) {
      void this.#inspectAndStep(name)
      return
    }
    const said = { exitCode, outOfMemory: false }
    this.#learn(name, {
      step: 'STOPPED',
      exitCode,
      ...this.#memoryKills.reasonOf(name, containerNamed(this.#task, name), said),
    })
  }

  #mayRestart(name: string, run: Run): boolean {
    const isWanted = this.#task.desiredStatus === 'RUNNING'
    return isWanted && mayRestart(definitionOf(this.#task, name)?.restartPolicy, run)
  }

  #restart(name: string): void {
    const definition = definitionOf(this.#task, name)
    if (!definition) return
    this.#memoryKills.forget(name)
    void this.#perform(name, 'restarting', () => restart(this.#context(), definition))
  }

  #onRemoved(container: ContainerState): void {
    if (container.runtimeId === undefined || this.#busy.has(container.name)) return
    this.#learn(container.name, { step: 'STOPPED', reason: vanished })
  }

  #context(): TransitionContext {
    const surroundings = this.#surroundings
    return {
      ...surroundings,
      task: () => this.#task,
      stopWanted: this.#stopWanted.promise,
      spec: surroundings.specContext(this.#task),
      imageWanted: () => {
        if (this.#task.pullStartedAt === undefined)
          this.#set({ ...this.#task, pullStartedAt: surroundings.clock.now() })
      },
      imageThere: () => this.#set({ ...this.#task, pullStoppedAt: surroundings.clock.now() }),
      pullStarted: () => {
        if (!this.#task.isPulled) this.#set({ ...this.#task, isPulled: true })
        this.#tell()
      },
    }
  }
}
