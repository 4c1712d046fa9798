/**
 * The time between launches of tasks that never reach RUNNING. (AWS: "Amazon ECS service throttle logic": it grows to
 * 27 minutes, only for tasks that go from PENDING to STOPPED, and ends when the service is updated.)
 */
import type { Millis } from '../../../store/table.ts'
import type { DeploymentRow, TaskRow } from '../tables/index.ts'
import { quietMs } from './service-events.ts'

const firstDelayMs = 1_000
const longestDelayMs = 27 * 60_000
/** From this round on the service says that it cannot consistently start tasks. */
const impairedRounds = 3

/** 1 s after the first round that failed, then 2 s, 4 s, 8 s … 17 min, 27 min. */
export const delayAfter = (failedRounds: number): Millis =>
  Math.min(firstDelayMs * 2 ** (failedRounds - 1), longestDelayMs)

/**
 * The deployment after these tasks of it, not counted before, never reached RUNNING. Tasks that were launched together
 * fail together: only one that was launched after the last back-off makes it grow.
 */
export const afterFailures = (
  deployment: DeploymentRow,
  failed: readonly TaskRow[],
  now: Millis,
): DeploymentRow => {
  const roundStart = deployment.launchAfter ?? deployment.createdAt
  const isNewRound = failed.some(task => task.createdAt >= roundStart)
  const failedLaunches = deployment.failedLaunches + (isNewRound ? 1 : 0)
  return {
    ...deployment,
    failedLaunches,
    lastFailureAt: now,
    failedTasks: deployment.failedTasks + failed.length,
    ...(isNewRound ? { launchAfter: now + delayAfter(failedLaunches) } : {}),
    updatedAt: now,
  }
}

/** A task reached RUNNING after the last failure. */
export const afterSuccess = (deployment: DeploymentRow, now: Millis): DeploymentRow => ({
  ...deployment,
  failedLaunches: 0,
  failedTasks: 0,
  lastFailureAt: undefined,
  launchAfter: undefined,
  impairedAt: undefined,
  updatedAt: now,
})

export const isHeld = (deployment: DeploymentRow, now: Millis): boolean =>
  deployment.launchAfter !== undefined && now < deployment.launchAfter

/** Whether it is time to say that tasks cannot consistently be started. */
export const shouldSayImpaired = ({ failedLaunches, impairedAt }: DeploymentRow, now: Millis): boolean =>
  failedLaunches >= impairedRounds && (impairedAt === undefined || now >= impairedAt + quietMs)
