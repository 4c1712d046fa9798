import type { TaskStopCode } from '@aws-sdk/client-ecs'
import type { Millis } from '../../store/table.ts'
import { awaitsInterface } from './networking/task-interface.ts'
import type { TaskRow } from './tables/index.ts'

export interface StopCause {
  readonly stopCode: TaskStopCode
  readonly reason: string
}

/** For tasks that a service stops: `ecs-svc/0123`. */
export const scalingActivity = (deploymentId: string): StopCause => ({
  stopCode: 'ServiceSchedulerInitiated',
  reason: `Scaling activity initiated by (deployment ${deploymentId})`,
})

/**
 * The task as it is wanted from now on: stopped. What its host says later decides when it is. The first to stop a task
 * gives the reason; the same row comes back when it was told to stop already.
 * A task that no host has been told of has nobody who could stop it: it is STOPPED at once.
 */
export const requestStop = (task: TaskRow, cause: StopCause, now: Millis): TaskRow => {
  if (task.desiredStatus === 'STOPPED') return task
  if (!task.containerInstanceArn || awaitsInterface(task)) return stopForGood(task, cause, now)
  return {
    ...task,
    version: task.version + 1,
    desiredStatus: 'STOPPED',
    stopCode: task.stopCode ?? cause.stopCode,
    stoppedReason: task.stoppedReason ?? cause.reason,
    stoppingAt: task.stoppingAt ?? now,
  }
}

/**
 * STOPPED without its host's word: only for tasks whose instance is lost or deregistered, whose agent never acknowledged
 * them, or whose host was never told of them.
 * A reason given earlier stays.
 */
export const stopForGood = (task: TaskRow, cause: StopCause, now: Millis): TaskRow => {
  if (task.lastStatus === 'STOPPED') return task
  return {
    ...task,
    version: task.version + 1,
    desiredStatus: 'STOPPED',
    lastStatus: 'STOPPED',
    containers: task.containers.map(container => ({ ...container, lastStatus: 'STOPPED' })),
    stopCode: task.stopCode ?? cause.stopCode,
    stoppedReason: task.stoppedReason ?? cause.reason,
    stoppingAt: task.stoppingAt ?? now,
    stoppedAt: now,
  }
}
