/** AWS: "Restart individual containers in Amazon ECS tasks with container restart policies". Pure. */
import type { PayloadContainer } from '@berth/model'

const defaultAttemptPeriodSeconds = 300

/** One run of a container, from its last start to its end; milliseconds on the host's clock. */
export interface Run {
  /** Absent: it never ran. */
  readonly startedAt: number | undefined
  readonly endedAt: number
  readonly exitCode: number
}

/** A container that ends sooner than the attempt period after its last start is not restarted. */
export const mayRestart = (policy: PayloadContainer['restartPolicy'], run: Run): boolean => {
  if (!policy?.enabled || run.startedAt === undefined) return false
  if (policy.ignoredExitCodes?.includes(run.exitCode)) return false
  const periodSeconds = policy.restartAttemptPeriod ?? defaultAttemptPeriodSeconds
  return run.endedAt - run.startedAt >= periodSeconds * 1000
}
