/** A deployment's stage as its row has it: begun, heard of, kept, and given up. */
import type { DeploymentLifecycleHookStage } from '@aws-sdk/client-ecs'
import { type DeploymentRow, hasEnded, type ServiceDeploymentRow } from '../../tables/index.ts'
import { callHooks } from '../hooks/call-hooks.ts'
import { hooksAt, startedRun } from '../hooks/hook-run.ts'
import { type HookTargets, noHookTargets } from '../hooks/hook-targets.ts'
import { lifecycleHooksOf } from '../hooks/pre-deployment-task.ts'
import { rollBack } from '../service-deployments/rollback.ts'
import type { ServiceDraft } from '../service-draft.ts'
import { deploymentPaused } from '../service-events.ts'
import { loadBalancerRouter } from '../traffic/load-balancer-router.ts'
import { separateTargetGroups } from '../traffic/separate-target-groups.ts'
import { settledShift } from '../traffic/shift-traffic.ts'
import type { TrafficRouter } from '../traffic/traffic-router.ts'
import { isPartOf, subjectOf } from './facts.ts'
import { placeOf, type StrategyProgress } from './progress.ts'
import { firstStage } from './stages.ts'

export interface StrategySettings {
  readonly hookTargets: HookTargets
  readonly trafficRouter: TrafficRouter
}

/** No hooks but pauses; the traffic of load balancers. */
export const noStrategySettings: StrategySettings = {
  hookTargets: noHookTargets,
  trafficRouter: loadBalancerRouter,
}

/** What is under way; a service that is deleted deploys nothing any more. */
export const underWay = ({ serviceDeployment, service }: ServiceDraft): ServiceDeploymentRow | undefined =>
  service.status === 'ACTIVE' && serviceDeployment && !hasEnded(serviceDeployment)
    ? serviceDeployment
    : undefined

/** That of the deployment which is under way, as it began; else that of the next one. */
export const strategyOf = (draft: ServiceDraft): string => {
  const { strategy = 'ROLLING' } = (underWay(draft) ?? draft.service).deploymentConfiguration
  return strategy
}

/**
 * What serves meanwhile: the deployment that completed last, or else the newest of the others. Where revisions stand side
 * by side the one that keeps the most tasks, as what completed earlier may be as good as removed; of equals the one that
 * completed last, or else the one of which most tasks run, or the oldest.
 */
const sourceIdOf = (draft: ServiceDraft, row: ServiceDeploymentRow): string | undefined => {
  const others = draft.deployments.filter(({ id }) => id !== row.targetDeploymentId)
  const isCompleted = ({ id }: DeploymentRow): boolean => id === draft.service.lastCompleted?.deploymentId
  if (strategyOf(draft) === 'ROLLING') return (others.find(isCompleted) ?? others.at(-1))?.id
  const rankOf = (one: DeploymentRow): readonly number[] => {
    const { pending, running } = draft.countsOf(one.id)
    // More than desired are only replaced ones that still run.
    return [Math.min(pending + running, draft.service.desiredCount), Number(isCompleted(one)), running]
  }
  return others.reduce<DeploymentRow | undefined>(
    (best, one) => (best === undefined || isBehind(rankOf(best), rankOf(one)) ? one : best),
    undefined,
  )?.id
}

const isBehind = (one: readonly number[], other: readonly number[]): boolean => {
  const index = one.findIndex((value, at) => value !== other[at])
  return index >= 0 && (one[index] ?? 0) < (other[index] ?? 0)
}

/**
 * Some of the traffic may go to a deployment which has gone with its last task: what has never completed need not have got
 * it, and what was overtaken or given up need not have brought it back.
 */
const mayBeUndirected = (
  { service }: ServiceDraft,
  { isUndirected }: ServiceDeploymentRow,
  sourceDeploymentId: string | undefined,
): boolean =>
  sourceDeploymentId !== undefined &&
  (isUndirected === true || sourceDeploymentId !== service.lastCompleted?.deploymentId) &&
  (service.loadBalancers ?? []).length > 0

export const begun = (draft: ServiceDraft, row: ServiceDeploymentRow): StrategyProgress => {
  const sourceDeploymentId = sourceIdOf(draft, row)
  if (strategyOf(draft) !== 'ROLLING') separateTargetGroups(draft, row, sourceDeploymentId)
  const hasOthers =
    draft.deployments.some(({ id }) => !isPartOf(row, { sourceDeploymentId }, id)) ||
    mayBeUndirected(draft, row, sourceDeploymentId)
  return {
    stage: firstStage(hasOthers),
    step: 0,
    isRollingBack: false,
    since: draft.now,
    sourceDeploymentId,
    // With others about, some of the traffic may be theirs.
    shares: hasOthers ? {} : { production: 0, test: 0 },
    shifts: 0,
    hooks: [],
  }
}

/** With what was heard of the outside since. */
export const heard = (
  draft: ServiceDraft,
  row: ServiceDeploymentRow,
  before: StrategyProgress,
  { hookTargets, trafficRouter }: StrategySettings,
): StrategyProgress => {
  const progress = settledShift(draft, before, row.id)
  if (progress.hooksOf !== placeOf(progress)) return progress
  const subject = subjectOf(draft, row, progress, trafficRouter)
  const hooks = callHooks(draft, progress.hooks, subject, hookTargets)
  return hooks === progress.hooks ? progress : { ...progress, hooks }
}

/** Notes where the deployment is, if that has changed. */
export const keep = (draft: ServiceDraft, progress: StrategyProgress): void => {
  const row = draft.serviceDeployment
  if (row === undefined || row.progress === progress) return
  draft.replaceServiceDeployment({ ...row, progress, updatedAt: draft.now })
}

export const withHooks = (
  draft: ServiceDraft,
  row: ServiceDeploymentRow,
  progress: StrategyProgress,
): StrategyProgress => {
  const hooks = hooksAt(lifecycleHooksOf(row), progress.stage).map(hook =>
    startedRun(hook, progress.stage as DeploymentLifecycleHookStage, draft.now, draft.randomHex),
  )
  for (const { targetType, stage, hookId } of hooks)
    if (targetType === 'PAUSE') draft.say(deploymentPaused(row.targetDeploymentId, stage, hookId))
  return { ...progress, hooksOf: placeOf(progress), hooks }
}

export const giveUp = (draft: ServiceDraft, reason: string): void =>
  rollBack(draft, {
    rolloutReason: reason,
    event: reason,
    by: 'ECS deployment',
    reason: { rolledBack: reason, stopped: reason },
  })
