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

  /** Its process is asked for once; when it is gone, once more in the next round. */
  async #read(runtimeId: string, known: number | undefined): Promise<Sampled | undefined> {
    const { engine, mounts, now } = this.#options
    try {
      const pid = known ?? (await engine.inspect(runtimeId))?.pid
      const usage = pid === undefined ? undefined : await readUsage(mounts, pid, runtimeId)
      return pid === undefined || usage === undefined ? undefined : { usage, pid, at: now() }
    } catch {
      // It has ended between two looks, or the engine is away: there is nothing to publish of it.
      return undefined
    }
  }
}

const describe = ({ arn, payload }: TaskState, metrics: readonly object[]): TaskMetrics => ({
  taskArn: arn,
  taskDefinitionFamily: payload.family,
  taskDefinitionVersion: payload.version,
  containerMetrics: metrics,
})
