/**
 * Services whose deployments have the new revision stand beside the old one: BLUE_GREEN, LINEAR and CANARY. What a stage
 * needs is decided in stages.ts; here the rows are read for it, and its moves are made.
 */
import type { Millis } from '../../../../store/table.ts'
import type { ServiceDeploymentRow } from '../../tables/index.ts'
import { checkBreaker } from '../circuit-breaker.ts'
import { hooksAt, isOpen } from '../hooks/hook-run.ts'
import { lifecycleHooksOf } from '../hooks/pre-deployment-task.ts'
import { complete, concludeRollout, hasDesiredTasks } from '../rollout.ts'
import { concludeServiceDeployment } from '../service-deployments/conclusion.ts'
import { checkAlarms } from '../service-deployments/deployment-alarms.ts'
import { heedStopRequest } from '../service-deployments/progress.ts'
import type { ServiceDraft } from '../service-draft.ts'
import type { HealthSettings } from '../task-condition.ts'
import { requestedShift } from '../traffic/shift-traffic.ts'
import { planCohorts } from './cohort-tasks.ts'
import { factsOf, isPartOf, subjectOf, wantedCountOf } from './facts.ts'
import { entered, type StrategyProgress } from './progress.ts'
import {
  begun,
  giveUp,
  heard,
  keep,
  type StrategySettings,
  strategyOf,
  underWay,
  withHooks,
} from './stage-state.ts'
import { firstStageBack, isWatched, type Move, nextMove } from './stages.ts'

/** Far more than a deployment has in one moment; the others are made in the next plan. */
const movesAtOnce = 50

/** A deployment that stays, whether it has tasks or not, as long as another one stands beside it. */
export const isStanding = (draft: ServiceDraft, deploymentId: string): boolean => {
  const row = underWay(draft)
  if (row === undefined || (strategyOf(draft) === 'ROLLING' && !isHeldBack(row))) return false
  return isPartOf(
    row,
    row.progress ?? { sourceDeploymentId: draft.service.lastCompleted?.deploymentId },
    deploymentId,
  )
}

/** A rolling update whose hooks have not let it begin. */
const isHeldBack = (row: ServiceDeploymentRow): boolean =>
  row.rollback === undefined &&
  (row.progress?.stage ?? 'PRE_SCALE_UP') === 'PRE_SCALE_UP' &&
  hooksAt(lifecycleHooksOf(row), 'PRE_SCALE_UP').length > 0

/** Nothing is deployed, and one revision runs: it is kept as any service is. */
export const isAtRest = (draft: ServiceDraft): boolean =>
  underWay(draft) === undefined &&
  draft.deployments.length === 1 &&
  draft.primary?.rolloutState === 'COMPLETED'

/** Its traffic could not be brought back: who has some of it is not known, and every revision runs on as it is. */
export const isTrafficStuck = ({ serviceDeployment: row, service }: ServiceDraft): boolean =>
  service.status === 'ACTIVE' &&
  row?.status === 'ROLLBACK_FAILED' &&
  row.progress?.shift?.failure !== undefined

export const planStrategy = (
  draft: ServiceDraft,
  health: HealthSettings,
  settings: StrategySettings,
): void => {
  heedStopRequest(draft)
  if (isWatchedNow(draft)) checkAlarms(draft)
  if (isWatchedNow(draft)) checkBreaker(draft, health)
  for (let moves = 0; moves < movesAtOnce; moves++) {
    const row = underWay(draft)
    if (row === undefined) break
    const progress = heard(draft, row, progressOf(draft, row), settings)
    keep(draft, progress)
    const move = nextMove(progress, factsOf(draft, row, progress, health, settings.trafficRouter))
    if (!make(draft, row, progress, move, settings)) break
  }
  planTasks(draft, health)
}

const isWatchedNow = (draft: ServiceDraft): boolean => {
  const row = underWay(draft)
  return (
    row !== undefined && row.rollback === undefined && (row.progress === undefined || isWatched(row.progress))
  )
}

/** Steady services too: what is not the primary deployment goes, unless that has failed, or the other one serves. */
const planTasks = (draft: ServiceDraft, health: HealthSettings): void => {
  const row = underWay(draft)
  if (row?.progress !== undefined) {
    const { progress } = row
    planCohorts(draft, deployment => wantedCountOf(draft, row, progress, deployment), health)
    if (draft.service.steadyAt !== undefined) draft.change({ steadyAt: undefined })
    return
  }
  const { primary, service } = draft
  const isStuck = primary?.rolloutState === 'FAILED' && service.status === 'ACTIVE'
  planCohorts(
    draft,
    deployment => {
      if (isStuck)
        return deployment.id === service.lastCompleted?.deploymentId ? service.desiredCount : undefined
      if (deployment === primary) return service.desiredCount
      return isTrafficStuck(draft) ? undefined : 0
    },
    health,
  )
  concludeRollout(draft, health, hasDesiredTasks(draft))
}

/** Of a deployment that has just begun, where it begins; of one that is given up, where it goes back from. */
const progressOf = (draft: ServiceDraft, row: ServiceDeploymentRow): StrategyProgress => {
  const progress = row.progress ?? begun(draft, row)
  return row.status === 'ROLLBACK_IN_PROGRESS' && !progress.isRollingBack
    ? sentBack(progress, draft.service.primaryDeploymentId, draft.now)
    : progress
}

const sentBack = (progress: StrategyProgress, sourceDeploymentId: string, now: Millis): StrategyProgress => {
  const { stage, shares, shift, hooks } = progress
  // What served meanwhile need not be what had completed: that may have no tasks left, and has none of the traffic.
  const hasServed = progress.sourceDeploymentId === sourceDeploymentId
  // A shift whose end nobody has heard of may be done nevertheless.
  const isOnItsWay = shift !== undefined && shift.failure === undefined
  const known = isOnItsWay ? { ...shares, [shift.traffic]: undefined } : shares
  return {
    ...entered(progress, { stage: hasServed ? firstStageBack(stage) : 'SCALE_UP', step: 0 }, now),
    isRollingBack: true,
    sourceDeploymentId,
    shares: hasServed ? known : {},
    shift: undefined,
    // Nobody waits for them any more.
    hooks: hooks.filter(run => !isOpen(run)),
  }
}

/** False when the move has to wait for something, or was the last. */
const make = (
  draft: ServiceDraft,
  row: ServiceDeploymentRow,
  progress: StrategyProgress,
  move: Move,
  { trafficRouter }: StrategySettings,
): boolean => {
  switch (move.kind) {
    case 'enter':
      keep(draft, entered(progress, move, draft.now))
      return true
    case 'shift':
      keep(draft, requestedShift(draft, progress, move, subjectOf(draft, row, progress, trafficRouter)))
      return false
    case 'start-hooks':
      keep(draft, withHooks(draft, row, progress))
      return true
    case 'wait':
      if (move.until !== undefined) draft.wake(move.until)
      return false
    case 'roll-back':
      giveUp(draft, `Service deployment rolled back because ${move.reason}`)
      return true
    case 'rollback-failed':
      concludeServiceDeployment(draft, 'ROLLBACK_FAILED', move.reason)
      return false
    case 'end':
      if (draft.primary) complete(draft, draft.primary)
      return false
  }
}
