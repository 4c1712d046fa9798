/** **Berth**: a service that is paused runs nothing, and keeps its desired count. (docs/pausing.md) */
import type { Millis } from '../../../store/table.ts'
import type { View } from '../../../store/view.ts'
import { invalidParameter } from '../errors.ts'
import { hasEnded, type ServiceRow, type TaskRow, tasks } from '../tables/index.ts'
import { isProtected } from '../task-protection.ts'
import { requestStop, type StopCause } from '../task-stop.ts'
import { latestServiceDeployment } from './service-deployments/new-service-deployment.ts'
import type { ServiceDraft } from './service-draft.ts'
import { stoppedPendingTasks, stoppedRunningTasks } from './service-events.ts'

/** Tasks stopped in one plan; the others follow in the next. */
const stopsAtOnce = 25

const cause: StopCause = { stopCode: 'ServiceSchedulerInitiated', reason: 'The service was paused' }

export const paused = 'was paused: its tasks are stopped, and none is started until it is resumed.'
export const resumed = 'was resumed.'

/** `by` is the ARN of who asked. A service that is paused already stays as it is. */
export const pausedService = (service: ServiceRow, by: string, now: Millis): ServiceRow =>
  service.paused ? service : { ...service, paused: { at: now, by } }

/**
 * Throws InvalidParameterException while a deployment moves traffic between two revisions: neither of them would have tasks
 * to answer it.
 */
export const checkPausable = (view: View, { id, paused: already }: ServiceRow): void => {
  const latest = latestServiceDeployment(view, id)
  const { strategy = 'ROLLING' } = latest?.deploymentConfiguration ?? {}
  if (already || latest === undefined || hasEnded(latest) || strategy === 'ROLLING') return
  throw invalidParameter(
    `The service cannot be paused while a ${strategy} deployment is in progress. Wait for its end, or stop it.`,
  )
}

/** It starts its tasks as a service does that was scaled up. */
export const resumedService = (service: ServiceRow): ServiceRow =>
  service.paused ? { ...service, paused: undefined } : service

/** A protected task is stopped when its protection ends, as when a service is scaled to zero. */
export const planPaused = (draft: ServiceDraft): void => {
  const { steadyAt, placementFailure, blockedAt } = draft.service
  if (steadyAt !== undefined || placementFailure !== undefined || blockedAt !== undefined)
    draft.change({ steadyAt: undefined, placementFailure: undefined, blockedAt: undefined })
  const stopped = { running: [] as string[], pending: [] as string[] }
  for (const task of tasksToStop(draft)) {
    draft.putTask(requestStop(task, cause, draft.now))
    stopped[task.lastStatus === 'RUNNING' ? 'running' : 'pending'].push(task.id)
  }
  if (stopped.running.length > 0) draft.say(stoppedRunningTasks(stopped.running))
  if (stopped.pending.length > 0) draft.say(stoppedPendingTasks(stopped.pending))
}

const tasksToStop = (draft: ServiceDraft): readonly TaskRow[] => {
  const toStop: TaskRow[] = []
  for (const task of draft.view.where(tasks, 'byService', `${draft.service.id}|RUNNING`)) {
    if (isProtected(task, draft.now)) draft.wake(task.protectedUntil ?? draft.now)
    else if (toStop.length < stopsAtOnce) toStop.push(task)
    else {
      draft.unfinished = true
      break
    }
  }
  return toStop
}
