/** What the service reconciler does for one service, from the rows to a plan. */
import type { Millis } from '../../../store/table.ts'
import { type DeploymentRow, type TaskRow, tasks } from '../tables/index.ts'
import { afterFailures, afterSuccess, isHeld, shouldSayImpaired } from './launch-backoff.ts'
import { launchTasks } from './launch-tasks.ts'
import { type Decision, decide, type ServiceTask } from './rolling-update.ts'
import { concludeRollout } from './rollout.ts'
import type { ServiceDraft } from './service-draft.ts'
import { quietMs, unableToStart, unableToStopOrStart } from './service-events.ts'
import { stopTasks } from './stop-tasks.ts'
import { conditionOf, type HealthSettings, serviceTaskOf } from './task-condition.ts'

export interface ServiceSettings {
  /** How long a task without a health check has to be RUNNING before it counts as healthy. ECS waits 40 s. */
  readonly taskSettleMs: Millis
  /** How long an INACTIVE service stays describable. */
  readonly keepInactiveMs: Millis
}

export const defaultServiceSettings: ServiceSettings = { taskSettleMs: 2_000, keepInactiveMs: 3_600_000 }

/** Failed launches counted in one plan. */
const countedAtOnce = 200
/** Tasks that settle within so long of each other are looked at together. */
const settleTogetherMs = 50

export const planService = (draft: ServiceDraft, settings: ServiceSettings): void => {
  countFailedLaunches(draft)
  draft.keepDeployments(
    ({ id }) => id === draft.service.primaryDeploymentId || isOccupied(draft.countsOf(id)),
  )
  if (draft.service.status === 'DRAINING' && hasNoTasks(draft)) deactivate(draft)
  else if (draft.primary !== undefined) reconcileTasks(draft, draft.primary, settings)
}

const reconcileTasks = (draft: ServiceDraft, primary: DeploymentRow, settings: ServiceSettings): void => {
  const decision = decideByCounts(draft) ?? decideByTasks(draft, settings)
  stopTasks(draft, decision.stop)
  launchTasks(draft, primary, decision.start)
  noteBlocked(draft, decision.blocked)
  if (isHeld(primary, draft.now) && primary.launchAfter !== undefined) draft.wake(primary.launchAfter)
  concludeRollout(draft, healthSettingsOf(draft, settings))
}

const isOccupied = (counts: { pending: number; running: number; stopping: number }): boolean =>
  counts.pending + counts.running + counts.stopping > 0

const hasNoTasks = (draft: ServiceDraft): boolean =>
  draft.view.total(tasks, 'countsByService', draft.service.id) === undefined

/** The last task of a service that was deleted is STOPPED. */
const deactivate = (draft: ServiceDraft): void => {
  draft.keepDeployments(() => false)
  draft.change({ status: 'INACTIVE', inactiveAt: draft.now, steadyAt: undefined })
}

/** Counts tasks that never reached RUNNING, each once, and forgets them when one does. */
const countFailedLaunches = (draft: ServiceDraft): void => {
  const failed: TaskRow[] = []
  for (const task of draft.view.where(tasks, 'failedLaunches', draft.service.id)) {
    if (failed.length === countedAtOnce) {
      draft.unfinished = true
      break
    }
    failed.push(task)
    draft.putTask({ ...task, launchFailureCounted: true })
  }
  const { primary } = draft
  if (primary === undefined) return
  const ofPrimary = failed.filter(task => task.deploymentId === primary.id)
  if (ofPrimary.length > 0) {
    const counted = afterFailures(primary, ofPrimary, draft.now)
    const impaired = shouldSayImpaired(counted, draft.now)
    draft.replace(impaired ? { ...counted, impairedAt: draft.now } : counted)
    if (impaired) draft.say(unableToStart)
  } else if (hasStartedSince(draft, primary.id, primary.lastFailureAt))
    draft.replace(afterSuccess(primary, draft.now))
}

const hasStartedSince = (
  draft: ServiceDraft,
  deploymentId: string,
  failureAt: Millis | undefined,
): boolean => {
  if (failureAt === undefined || draft.countsOf(deploymentId).running === 0) return false
  for (const { startedAt = 0 } of draft.view.where(tasks, 'byDeployment', deploymentId))
    if (startedAt > failureAt) return true
  return false
}

/**
 * While a service has one deployment, and no task that has to be replaced, its counts say what is missing, however
 * many tasks it has. Undefined when the tasks themselves have to be looked at.
 */
const decideByCounts = (draft: ServiceDraft): Decision | undefined => {
  const { service, primary, deployments, view } = draft
  if (primary === undefined || deployments.length > 1) return undefined
  if (view.count(tasks, 'toReplace', service.id) > 0) return undefined
  const { pending, running } = draft.countsOf(primary.id)
  const missing = service.desiredCount - pending - running
  if (missing < 0) return undefined
  return { start: isHeld(primary, draft.now) ? 0 : missing, stop: [], blocked: false }
}

const decideByTasks = (draft: ServiceDraft, settings: ServiceSettings): Decision => {
  const { service, primary, deployments, view, now } = draft
  const health = healthSettingsOf(draft, settings)
  const all: ServiceTask[] = []
  for (const { id } of deployments)
    for (const task of view.where(tasks, 'byDeployment', id)) {
      const { condition, until } = conditionOf(task, health, now)
      if (until !== undefined) draft.wake(until + settleTogetherMs)
      all.push(serviceTaskOf(task, condition))
    }
  const { minimumHealthyPercent = 100, maximumPercent = 200 } = service.deploymentConfiguration
  return decide({
    desiredCount: service.desiredCount,
    minimumHealthyPercent,
    maximumPercent,
    deploymentIds: deployments.map(({ id }) => id),
    tasks: all,
    launchesHeld: primary !== undefined && isHeld(primary, now),
  })
}

const healthSettingsOf = ({ service }: ServiceDraft, { taskSettleMs }: ServiceSettings): HealthSettings => ({
  taskSettleMs,
  gracePeriodMs: (service.healthCheckGracePeriodSeconds ?? 0) * 1000,
})

const noteBlocked = (draft: ServiceDraft, blocked: boolean): void => {
  const { blockedAt } = draft.service
  if (!blocked) {
    if (blockedAt !== undefined) draft.change({ blockedAt: undefined })
  } else if (blockedAt === undefined || draft.now >= blockedAt + quietMs) {
    draft.change({ blockedAt: draft.now })
    draft.say(unableToStopOrStart)
  }
}
