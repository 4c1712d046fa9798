import { targetGroups } from '../../elbv2/index.ts'
import { containerInstances, type TaskRow, tasks } from '../tables/index.ts'
import { requestStop, type StopCause, scalingActivity } from '../task-stop.ts'
import { withFailedTasks } from './circuit-breaker.ts'
import type { Stop } from './rolling-update.ts'
import type { ServiceDraft } from './service-draft.ts'
import {
  failedHealthChecks,
  stoppedPendingTasks,
  stoppedRunningTasks,
  unhealthyTarget,
} from './service-events.ts'

/** (AWS: "Amazon ECS stopped tasks error messages") */
const unhealthyCause = ({ healthStatus, targetHealth }: TaskRow): StopCause => ({
  stopCode: 'ServiceSchedulerInitiated',
  reason:
    healthStatus !== 'UNHEALTHY' && targetHealth?.state === 'unhealthy'
      ? `Task failed ELB health checks in (target-group ${targetHealth.targetGroupArn})`
      : 'Task failed container health checks',
})

export const leastStopsAtOnce = 25

/**
 * How many tasks are stopped in one plan; the others follow in the next. To choose them takes a look at all `tasks`, and so
 * the more there are the more go at once: a roll takes fifty looks, and not one for so many tasks.
 */
export const stopsAtOnceOf = (tasks: number, least = leastStopsAtOnce): number =>
  Math.max(least, Math.ceil(tasks / 50))

/** Tasks that one event names. */
const namedTogether = 100

export const stopTasks = (draft: ServiceDraft, stops: readonly Stop[]): void => {
  const running: string[] = []
  const pending: string[] = []
  for (const { task, because } of stops) {
    const row = draft.view.get(tasks, task.id)
    if (row === undefined) continue
    const cause = because === 'unhealthy' ? unhealthyCause(row) : scalingActivity(task.deploymentId)
    draft.putTask(requestStop(row, cause, draft.now))
    if (because === 'unhealthy') noteFailedHealthChecks(draft, row)
    const list = row.lastStatus === 'RUNNING' ? running : pending
    list.push(row.id)
  }
  for (const named of inParts(running)) draft.say(stoppedRunningTasks(named))
  for (const named of inParts(pending)) draft.say(stoppedPendingTasks(named))
}

const inParts = (ids: readonly string[]): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(ids.length / namedTogether) }, (_, part) =>
    ids.slice(part * namedTogether, (part + 1) * namedTogether),
  )

const failureOf = (
  { view }: ServiceDraft,
  { id, healthStatus, targetHealth, containerInstanceArn }: TaskRow,
) => {
  if (healthStatus === 'UNHEALTHY' || targetHealth?.state !== 'unhealthy') return failedHealthChecks(id)
  const { targetGroupArn, port, reason } = targetHealth
  const isInstance = view.get(targetGroups, targetGroupArn)?.targetType === 'instance'
  const host = isInstance ? view.get(containerInstances, containerInstanceArn ?? '') : undefined
  return unhealthyTarget(id, { instance: host?.ec2InstanceId, port, targetGroupArn, reason })
}

/** A deployment that is under way counts it as a failed task, until one of its tasks is up. */
const noteFailedHealthChecks = (draft: ServiceDraft, task: TaskRow): void => {
  draft.say(failureOf(draft, task))
  const { primary, now } = draft
  if (primary === undefined || primary.id !== task.deploymentId) return
  if (primary.rolloutState === 'IN_PROGRESS')
    draft.replace({
      ...withFailedTasks(primary, 1),
      failedTasks: primary.failedTasks + 1,
      updatedAt: now,
    })
}
