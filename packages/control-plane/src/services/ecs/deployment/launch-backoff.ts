/**
 * The time between launches of tasks that never reach RUNNING. (AWS: "Amazon ECS service throttle logic": it grows to
 * 27 minutes, only for tasks that go from PENDING to STOPPED, and ends when the service is updated.)
 */
import type { Millis } from '../../../store/table.ts'
import type { TaskRow } from '../tables/index.ts'
import type { Cohort } from './cohort.ts'
import { quietMs } from './service-events.ts'

const firstDelayMs = 1_000
const longestDelayMs = 27 * 60_000
/** From this round on the service says that it cannot consistently start tasks. */
const impairedRounds = 3

/** 1 s after the first round that failed, then 2 s, 4 s, 8 s … 17 min, 27 min. */
export const delayAfter = (failedRounds: number): Millis =>
  Math.min(firstDelayMs * 2 ** (failedRounds - 1), longestDelayMs)

/**
 * The cohort after these tasks of it, not counted before, never reached RUNNING. Tasks that were launched together
 * fail together: only one that was launched after the last back-off makes it grow.
 */
export const afterFailures = <C extends Cohort>(cohort: C, failed: readonly TaskRow[], now: Millis): C => {
  const roundStart = cohort.launchAfter ?? cohort.createdAt
  const isNewRound = failed.some(task => task.createdAt >= roundStart)
  const failedLaunches = cohort.failedLaunches + (isNewRound ? 1 : 0)
  return {
    ...cohort,
    failedLaunches,
    lastFailureAt: now,
    failedTasks: cohort.failedTasks + failed.length,
    ...(isNewRound ? { launchAfter: now + delayAfter(failedLaunches) } : {}),
    updatedAt: now,
  }
}

/** A task reached RUNNING after the last failure. */
export const afterSuccess = <C extends Cohort>(cohort: C, now: Millis): C => ({
  ...cohort,
  failedLaunches: 0,
  failedTasks: 0,
  lastFailureAt: undefined,
  launchAfter: undefined,
  impairedAt: undefined,
  updatedAt: now,
})

export const isHeld = ({ launchAfter }: Cohort, now: Millis): boolean =>
  launchAfter !== undefined && now < launchAfter

/** Whether it is time to say that tasks cannot consistently be started. */
export const shouldSayImpaired = ({ failedLaunches, impairedAt }: Cohort, now: Millis): boolean =>
  failedLaunches >= impairedRounds && (impairedAt === undefined || now >= impairedAt + quietMs)
