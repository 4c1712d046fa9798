import { tasks } from '../tables/index.ts'
import { isProtected } from '../task-protection.ts'
import { isHeld } from './launch-backoff.ts'
import { type Decision, decide, type ServiceTask } from './rolling-update.ts'
import { scaleInOrderOf } from './scale-in-order.ts'
import type { ServiceDraft } from './service-draft.ts'
import { limitsOfService, percentsOf } from './service-percents.ts'
import { lacksByCounts, sourceDeploymentOf, sourceOf } from './source-revision.ts'
import { stopsAtOnceOf } from './stop-tasks.ts'
import { conditionOf, type HealthSettings, serviceTaskOf } from './task-condition.ts'

/** Tasks that settle within so long of each other are looked at together. */
const settleTogetherMs = 50

/**
 * What the counts say by themselves, however many tasks the service has. Undefined when the tasks have to be looked at:
 * only they know what is healthy, and which of them to stop.
 */
export const decideByCounts = (draft: ServiceDraft): Decision | undefined => {
  const { service, primary, deployments, view } = draft
  if (primary === undefined || view.count(tasks, 'toReplace', service.id) > 0) return undefined
  const { pending, running } = draft.countsOf(primary.id)
  const missing = service.desiredCount - pending - running
  const all = view.total(tasks, 'countsByService', service.id) ?? { pending: 0, running: 0, stopping: 0 }
  const { minimum, maximum } = limitsOfService(service)
  const isRolling = deployments.length > 1
  // No more can be healthy than run; and what is blocked for ever is found by looking.
  const mayStop =
    isRolling && (all.running > minimum || all.pending > pending || all.pending + all.stopping === 0)
  if (missing < 0 || mayStop) return undefined
  const source = sourceDeploymentOf(draft)
  if (source && lacksByCounts(draft, source, all.running)) return undefined
  const room = isRolling ? Math.max(0, maximum - all.pending - all.running - all.stopping) : missing
  const start = isHeld(primary, draft.now) ? 0 : Math.min(missing, room)
  return { start, ...(source && { startOfSource: 0 }), stop: [], hasMoreToStop: false, blocked: false }
}

export const decideByTasks = (draft: ServiceDraft, health: HealthSettings): Decision => {
  const { service, primary, deployments, view, now } = draft
  const all: ServiceTask[] = []
  for (const { id } of deployments)
    for (const task of view.where(tasks, 'byDeployment', id)) {
      const { condition, until } = conditionOf(task, health, now)
      if (until !== undefined) draft.wake(until + settleTogetherMs)
      // A service that is deleted keeps nothing.
      const isShielded = service.status === 'ACTIVE' && isProtected(task, now)
      if (isShielded && task.protectedUntil !== undefined) draft.wake(task.protectedUntil)
      all.push(serviceTaskOf(task, condition, isShielded))
    }
  const source = sourceDeploymentOf(draft)
  return decide({
    desiredCount: service.desiredCount,
    ...percentsOf(service),
    stopsAtOnce: stopsAtOnceOf(all.length),
    scaleInOrder: scaleInOrderOf(view, service),
    deploymentIds: deployments.map(({ id }) => id),
    tasks: all,
    launchesHeld: primary !== undefined && isHeld(primary, now),
    source: source && sourceOf(source, now),
  })
}
