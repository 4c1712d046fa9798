import { type TaskCounts, tasks } from '../tables/index.ts'
import { tasksOfService } from './kept-tasks.ts'
import { isHeld } from './launch-backoff.ts'
import { type Decision, decide, type ServiceTask } from './rolling-update.ts'
import { scaleInOrderOf } from './scale-in-order.ts'
import type { ServiceDraft } from './service-draft.ts'
import { limitsOfService, percentsOf } from './service-percents.ts'
import { lacksByCounts, sourceDeploymentOf, sourceOf } from './source-revision.ts'
import { leastStopsAtOnce, stopsAtOnceOf } from './stop-tasks.ts'
import type { HealthSettings } from './task-condition.ts'

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
  const spare = all.running - minimum
  const mayStop =
    isRolling &&
    ((spare > 0 && !isWorthWaiting(spare, all)) || all.pending > pending || all.pending + all.stopping === 0)
  if (missing < 0 || mayStop) return undefined
  const source = sourceDeploymentOf(draft)
  if (source && lacksByCounts(draft, source, all.running)) return undefined
  const room = isRolling ? Math.max(0, maximum - all.pending - all.running - all.stopping) : missing
  const start = isHeld(primary, draft.now) ? 0 : Math.min(missing, room)
  return { start, ...(source && { startOfSource: 0 }), stop: [], hasMoreToStop: false, blocked: false }
}

/**
 * To choose what to stop takes a look at all tasks, and of many tasks many are chosen in one look: it waits for so many, as long
 * as they are on their way.
 */
const isWorthWaiting = (spare: number, { pending, running, stopping }: Readonly<TaskCounts>): boolean => {
  const total = pending + running + stopping
  const atOnce = stopsAtOnceOf(total, 0)
  return atOnce > leastStopsAtOnce && spare < atOnce && spare + pending >= atOnce
}

/** Undefined: there are many tasks, and they are still being read. */
export const decideByTasks = (draft: ServiceDraft, health: HealthSettings): Decision | undefined => {
  const { service, primary, deployments, view, now } = draft
  const found = tasksOfService(view, service, deployments, health, now)
  if (found === undefined) return undefined
  const all: ServiceTask[] = []
  for (const { task, until, protectedUntil } of found) {
    if (until !== undefined) draft.wake(until + settleTogetherMs)
    if (protectedUntil !== undefined) draft.wake(protectedUntil)
    all.push(task)
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
