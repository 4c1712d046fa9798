/** AWS: "Restart individual containers in Amazon ECS tasks with container restart policies". Pure. */
import type { PayloadContainer } from '@berth/model'
import type { ContainerState, TaskState } from './task-state.ts'

const defaultAttemptPeriodSeconds = 300

/** A container that ends sooner than the attempt period after its last start is not restarted. */
export const mayRestart = (
  policy: PayloadContainer['restartPolicy'],
  container: ContainerState,
  desiredStatus: TaskState['desiredStatus'],
  exitCode: number,
  now: number,
): boolean => {
  if (!policy?.enabled || desiredStatus === 'STOPPED' || container.startedAt === undefined) return false
  if (policy.ignoredExitCodes?.includes(exitCode)) return false
  return now - container.startedAt >= (policy.restartAttemptPeriod ?? defaultAttemptPeriodSeconds) * 1000
}
