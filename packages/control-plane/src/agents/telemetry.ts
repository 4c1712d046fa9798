import type { Millis } from '../store/table.ts'

/** The newest sample of a task, in the words of the official agent's PublishMetricsRequest. */
export interface TaskSample {
  readonly at: Millis
  readonly containerInstanceArn: string
  /** As sent: cpuStatsSet in percent of the whole host, memoryStatsSet in MiB, and so on. */
  readonly containerMetrics: readonly Readonly<Record<string, unknown>>[]
}

/** Where metrics of tasks go. */
export interface TelemetrySink {
  record(taskArn: string, sample: TaskSample): void
}

export interface LatestSamples extends TelemetrySink {
  latest(taskArn: string): TaskSample | undefined
}

/** Keeps the newest sample of each task, and at most `limit` of them: those that were not renewed go first. */
export const createLatestSamples = (limit = 100_000): LatestSamples => {
  const samples = new Map<string, TaskSample>()
  return {
    latest: taskArn => samples.get(taskArn),
    record: (taskArn, sample) => {
      samples.delete(taskArn)
      samples.set(taskArn, sample)
      if (samples.size <= limit) return
      const [oldest] = samples.keys()
      if (oldest !== undefined) samples.delete(oldest)
    },
  }
}
