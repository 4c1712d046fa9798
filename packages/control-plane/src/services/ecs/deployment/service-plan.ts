/** What the service reconciler does for one service, from the rows to a plan. */
import type { Millis } from '../../../store/table.ts'
import { type DeploymentRow, type ServiceRow, tasks } from '../tables/index.ts'
import { checkBreaker, withFailedTasks } from './circuit-breaker.ts'
import { planDaemon } from './daemon/daemon-plan.ts'
import { noteFailedLaunches } from './failed-launches.ts'
import { establishImages } from './image-resolution.ts'
import { isHeld } from './launch-backoff.ts'
import { launchCohorts } from './launch-tasks.ts'
import { planPaused } from './pause.ts'
import { planRebalancing } from './rebalancing/rebalance.ts'
import { concludeRollout, hasDesiredTasks } from './rollout.ts'
import { decideByCounts, decideByTasks } from './service-decision.ts'
import { checkAlarms } from './service-deployments/deployment-alarms.ts'
import { followServiceDeployment, heedStopRequest } from './service-deployments/progress.ts'
import type { ServiceDraft } from './service-draft.ts'
import { quietMs, unableToStopOrStart } from './service-events.ts'
import { isNeededSource, sourceDeploymentOf } from './source-revision.ts'
import { stopTasks } from './stop-tasks.ts'
import { isAtRest, isStanding, isTrafficStuck, planStrategy } from './strategies/plan-strategy.ts'
import { hasPassed, holdBack } from './strategies/rolling-stages.ts'
import { noStrategySettings, type StrategySettings, strategyOf } from './strategies/stage-state.ts'
import type { HealthSettings } from './task-condition.ts'

export interface ServiceSettings extends StrategySettings {
  /** How long a task without a health check has to be RUNNING before it counts as healthy. ECS waits 40 s. */
  readonly taskSettleMs: Millis
  /** How long an INACTIVE service stays describable. */
  readonly keepInactiveMs: Millis
}

export const defaultServiceSettings: ServiceSettings = {
  taskSettleMs: 2_000,
  keepInactiveMs: 3_600_000,
  ...noStrategySettings,
}

export const planService = (draft: ServiceDraft, settings: ServiceSettings): void => {
  noteFailedLaunches(draft, draft.deployments, (after, newlyFailed) =>
    draft.replace(withFailedTasks(after, newlyFailed)),
  )
  draft.keepDeployments(
    ({ id }) =>
      id === draft.service.primaryDeploymentId ||
      isOccupied(draft.countsOf(id)) ||
      isStanding(draft, id) ||
      isNeededSource(draft, id),
  )
  followServiceDeployment(draft)
  establishImages(draft)
  if (draft.service.status === 'DRAINING' && hasNoTasks(draft)) deactivate(draft)
  else if (draft.service.status === 'ACTIVE' && draft.service.paused) {
    heedStopRequest(draft)
    planPaused(draft)
  } else planTasks(draft, settings)
}

/** By the service's controller and strategy. */
const planTasks = (draft: ServiceDraft, settings: ServiceSettings): void => {
  const health = healthSettingsOf(draft.service, settings)
  const isRolling = strategyOf(draft) === 'ROLLING' && !isTrafficStuck(draft)
  if (!isRolling && !isAtRest(draft)) planStrategy(draft, health, settings)
  else if (draft.primary !== undefined) planRolling(draft, health, settings)
}

const planRolling = (draft: ServiceDraft, health: HealthSettings, settings: StrategySettings): void => {
  heedStopRequest(draft)
  checkAlarms(draft)
  checkBreaker(draft, health)
  if (!hasPassed(draft, 'PRE_SCALE_UP', settings)) {
    holdBack(draft, health)
    return
  }
  const { primary } = draft
  if (primary === undefined) return
  const isDaemon = draft.service.schedulingStrategy === 'DAEMON'
  const outcome = isDaemon ? planDaemon(draft, primary, health) : planReplicas(draft, primary, health)
  if (outcome === undefined) {
    draft.unfinished = true
    return
  }
  noteBlocked(draft, outcome.blocked)
  if (isHeld(primary, draft.now) && primary.launchAfter !== undefined) draft.wake(primary.launchAfter)
  concludeRollout(draft, health, outcome.hasDesiredTasks, () => hasPassed(draft, 'POST_SCALE_UP', settings))
}

/** Undefined while its tasks are still being read. */
const planReplicas = (draft: ServiceDraft, primary: DeploymentRow, health: HealthSettings) => {
  if (planRebalancing(draft, health)) return { blocked: false, hasDesiredTasks: hasDesiredTasks(draft) }
  const decision = decideByCounts(draft) ?? decideByTasks(draft, health)
  if (decision === undefined) return undefined
  stopTasks(draft, decision.stop)
  if (decision.hasMoreToStop) draft.unfinished = true
  const { start, startOfSource = 0 } = decision
  const source = sourceDeploymentOf(draft)
  if (source && isHeld(source, draft.now) && source.launchAfter !== undefined) draft.wake(source.launchAfter)
  launchCohorts(draft, [
    ...(source ? [{ cohort: source, count: startOfSource }] : []),
    { cohort: primary, count: primary.rolloutState === 'FAILED' ? 0 : start },
  ])
  return { blocked: decision.blocked, hasDesiredTasks: hasDesiredTasks(draft) }
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

export const healthSettingsOf = (service: ServiceRow, { taskSettleMs }: ServiceSettings): HealthSettings => ({
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
