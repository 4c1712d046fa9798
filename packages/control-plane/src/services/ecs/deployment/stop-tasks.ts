import { type TaskRow, tasks } from '../tables/index.ts'
import { requestStop, type StopCause, scalingActivity } from '../task-stop.ts'
import { withFailedTasks } from './circuit-breaker.ts'
import type { Stop } from './rolling-update.ts'
import type { ServiceDraft } from './service-draft.ts'
import { failedHealthChecks, stoppedPendingTasks, stoppedRunningTasks } from './service-events.ts'

/** (AWS: "Viewing Amazon ECS stopped task errors") */
const unhealthy: StopCause = {
  stopCode: 'ServiceSchedulerInitiated',
  reason: 'Task failed container health checks',
}

export const stopTasks = (draft: ServiceDraft, stops: readonly Stop[]): void => {
  const running: string[] = []
  const pending: string[] = []
  for (const { task, because } of stops) {
    const row = draft.view.get(tasks, task.id)
    if (row === undefined) continue
    const cause = because === 'unhealthy' ? unhealthy : scalingActivity(task.deploymentId)
    draft.putTask(requestStop(row, cause, draft.now))
    if (because === 'unhealthy') noteFailedHealthChecks(draft, row)
    const list = row.lastStatus === 'RUNNING' ? running : pending
    list.push(row.id)
  }
  if (running.length > 0) draft.say(stoppedRunningTasks(running))
  if (pending.length > 0) draft.say(stoppedPendingTasks(pending))
}

/** A deployment that is under way counts it as a failed task, until one of its tasks is up. */
const noteFailedHealthChecks = (draft: ServiceDraft, task: TaskRow): void => {
  draft.say(failedHealthChecks(task.id))
  const { primary, now } = draft
  if (primary === undefined || primary.id !== task.deploymentId) return
  if (primary.rolloutState === 'IN_PROGRESS')
    draft.replace({
      ...withFailedTasks(primary, 1),
      failedTasks: primary.failedTasks + 1,
      updatedAt: now,
    })
}
