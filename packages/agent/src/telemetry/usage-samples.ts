/** Samples of every container that runs here, round by round. */
import type { CgroupMounts } from '../cgroups/cgroup-files.ts'
import type { Engine } from '../engine/engine.ts'
import { networkModeOf } from '../tasks/container-spec/index.ts'
import { type ContainerState, definitionOf, type TaskState } from '../tasks/task-state.ts'
import { containerMetrics, type UsageSample } from './container-metrics.ts'
import { readUsage } from './usage.ts'

export interface TaskMetrics {
  readonly taskArn: string
  readonly taskDefinitionFamily: string
  readonly taskDefinitionVersion: string
  readonly containerMetrics: readonly object[]
}

export interface UsageSamplesOptions {
  readonly engine: Engine
  readonly cpuCount: number
  readonly mounts: CgroupMounts
  readonly now: () => number
}

interface Sampled extends UsageSample {
  readonly pid: number
}

/** Remembers the last sample of each container that still runs. */
export class UsageSamples {
  readonly #options: UsageSamplesOptions
  #last = new Map<string, Sampled>()

  constructor(options: UsageSamplesOptions) {
    this.#options = options
  }

  /** What the tasks used since the round before; nothing yet of containers that were not there then. */
  async round(tasks: readonly TaskState[]): Promise<readonly TaskMetrics[]> {
    const before = this.#last
    const now = new Map<string, Sampled>()
    const metrics: TaskMetrics[] = []
    for (const task of tasks) {
      const ofContainers: object[] = []
      for (const container of task.containers) {
        const metric = await this.#sample(task, container, before, now)
        if (metric) ofContainers.push(metric)
      }
      if (ofContainers.length > 0) metrics.push(describe(task, ofContainers))
    }
    this.#last = now
    return metrics
  }

  async #sample(
    task: TaskState,
    { name, runtimeId, step }: ContainerState,
    before: ReadonlyMap<string, Sampled>,
    now: Map<string, Sampled>,
  ): Promise<object | undefined> {
    if (runtimeId === undefined || step !== 'RUNNING') return undefined
    const earlier = before.get(runtimeId)
    const sample = await this.#read(runtimeId, earlier?.pid)
    if (sample === undefined) return undefined
    now.set(runtimeId, sample)
    // A container that was started again counts from nothing.
    if (earlier === undefined || earlier.pid !== sample.pid) return undefined
    const { cpuCount } = this.#options
    const containerArn = definitionOf(task, name)?.containerArn ?? ''
    const hasOwnNetwork = networkModeOf(task.payload) !== 'host'
    return containerMetrics({ containerName: name, containerArn, cpuCount, hasOwnNetwork }, earlier, sample)
  }

  /** Its process is asked for once, and again when it is gone. */
  async #read(runtimeId: string, known: number | undefined): Promise<Sampled | undefined> {
    if (known !== undefined) {
      const sampled = await this.#readProcess(runtimeId, known).catch(() => undefined)
      if (sampled !== undefined) return sampled
    }
    try {
      const pid = (await this.#options.engine.inspect(runtimeId))?.pid
      return pid === undefined ? undefined : await this.#readProcess(runtimeId, pid)
    } catch (error) {
      // It has ended between two looks, or the engine is away: there is nothing to publish of it.
      if (isGone(error)) await this.#wake(runtimeId)
      return undefined
    }
  }

  async #readProcess(runtimeId: string, pid: number): Promise<Sampled | undefined> {
    const usage = await readUsage(this.#options.mounts, pid, runtimeId)
    return usage && { usage, pid, at: this.#options.now() }
  }

  /**
   * The engine says that it runs, and its process is not there. An engine whose containerd was killed may never hear of
   * an end; one that cannot deliver a signal looks for itself. A process that is there after all ignores this one.
   */
  async #wake(runtimeId: string): Promise<void> {
    await this.#options.engine.kill(runtimeId, 'SIGURG').catch(() => {})
  }
}

/** What the kernel says of the files of a process that has ended. */
const isGone = (error: unknown): boolean =>
  ['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')

const describe = ({ arn, payload }: TaskState, metrics: readonly object[]): TaskMetrics => ({
  taskArn: arn,
  taskDefinitionFamily: payload.family,
  taskDefinitionVersion: payload.version,
  containerMetrics: metrics,
})
