import { type DeploymentRow, revisionArnOf, type ServiceDeploymentRow } from '../../tables/index.ts'
import type { EventSubject } from '../hooks/hook-event.ts'
import { hooksAt, stateOfRuns } from '../hooks/hook-run.ts'
import { lifecycleHooksOf } from '../hooks/pre-deployment-task.ts'
import type { ServiceDraft } from '../service-draft.ts'
import type { HealthSettings } from '../task-condition.ts'
import type { TrafficRouter } from '../traffic/traffic-router.ts'
import { hasTasks, isUp } from './cohort-tasks.ts'
import { placeOf, type StrategyProgress } from './progress.ts'
import type { Facts, HooksState, Routes, Stage } from './stages.ts'
import { trafficStepsOf } from './traffic-steps.ts'

const minuteMs = 60_000

/** What is the case, as far as the stage that the deployment is in asks for it. */
export const factsOf = (
  draft: ServiceDraft,
  row: ServiceDeploymentRow,
  progress: StrategyProgress,
  health: HealthSettings,
  router: TrafficRouter,
): Facts => {
  // A change of the service's configuration is for the next deployment.
  const { deploymentConfiguration } = row
  const hasSource = progress.sourceDeploymentId !== undefined
  return {
    now: draft.now,
    startedAt: row.startedAt ?? row.createdAt,
    hasSource,
    steps: trafficStepsOf(deploymentConfiguration, hasSource),
    bakeMs: (deploymentConfiguration.bakeTimeInMinutes ?? 0) * minuteMs,
    routes: routesOf(draft, progress, router),
    hooks: hooksOf(row, progress),
    isUp: progress.stage !== 'SCALE_UP' || isScaledUp(draft, row, progress, health),
    isRemoved: isRemoved(draft, row, progress),
  }
}

const routesOf = (
  { service }: ServiceDraft,
  { shares, shift }: StrategyProgress,
  router: TrafficRouter,
): Routes => {
  const loadBalancers = service.loadBalancers ?? []
  const directs = loadBalancers.length > 0
  return {
    directs: { production: directs, test: directs && router.hasTestTraffic(loadBalancers) },
    shares: { production: shares.production, test: shares.test },
    failure: shift?.failure,
  }
}

const hooksOf = (row: ServiceDeploymentRow, progress: StrategyProgress): HooksState => {
  if (progress.hooksOf === placeOf(progress)) return stateOfRuns(progress.hooks)
  const hooks = hooksAt(lifecycleHooksOf(row), progress.stage)
  return hooks.length > 0 ? { kind: 'due' } : { kind: 'over' }
}

/** The source of a roll-back, which was being removed, or the target. */
const isScaledUp = (
  draft: ServiceDraft,
  { targetDeploymentId }: ServiceDeploymentRow,
  { isRollingBack, sourceDeploymentId }: StrategyProgress,
  health: HealthSettings,
): boolean => {
  const id = isRollingBack ? sourceDeploymentId : targetDeploymentId
  const deployment = draft.deployments.find(one => one.id === id)
  return deployment === undefined || isUp(draft, deployment, draft.service.desiredCount, health)
}

/** Target and source of a deployment, which stay until it is over. */
export const isPartOf = (
  { targetDeploymentId }: ServiceDeploymentRow,
  { sourceDeploymentId }: Pick<StrategyProgress, 'sourceDeploymentId'>,
  id: string,
): boolean => id === targetDeploymentId || id === sourceDeploymentId

const othersOf = (
  { deployments }: ServiceDraft,
  row: ServiceDeploymentRow,
  progress: StrategyProgress,
): readonly DeploymentRow[] => deployments.filter(({ id }) => !isPartOf(row, progress, id))

/** Some of the traffic may be theirs, until it is known to be the source's and the target's. */
const mayServe = (draft: ServiceDraft, { stage, isRollingBack, shares }: StrategyProgress): boolean => {
  if (isRollingBack) return stage !== 'CLEAN_UP'
  const directs = (draft.service.loadBalancers ?? []).length > 0
  return directs && shares.production === undefined
}

/** What is being removed: at the end the source, or the target that is given up; what is neither once it serves nobody. */
const outgoingOf = (
  draft: ServiceDraft,
  row: ServiceDeploymentRow,
  progress: StrategyProgress,
): readonly DeploymentRow[] => {
  const others = mayServe(draft, progress) ? [] : othersOf(draft, row, progress)
  const leaver = progress.isRollingBack ? row.targetDeploymentId : progress.sourceDeploymentId
  const leaving = draft.deployments.filter(({ id }) => progress.stage === 'CLEAN_UP' && id === leaver)
  return [...others, ...leaving]
}

const isRemoved = (draft: ServiceDraft, row: ServiceDeploymentRow, progress: StrategyProgress): boolean =>
  [...othersOf(draft, row, progress), ...outgoingOf(draft, row, progress)].every(
    ({ id }) => !hasTasks(draft, id),
  )

const beforeScaleUp: readonly Stage[] = ['RECONCILE_SERVICE', 'PRE_SCALE_UP']

/** How many tasks each deployment is to have; undefined: what it has. */
export const wantedCountOf = (
  draft: ServiceDraft,
  row: ServiceDeploymentRow,
  progress: StrategyProgress,
  deployment: DeploymentRow,
): number | undefined => {
  if (outgoingOf(draft, row, progress).includes(deployment)) return 0
  if (!isPartOf(row, progress, deployment.id)) return undefined
  const isTarget = deployment.id === row.targetDeploymentId
  const isAhead = isTarget && !progress.isRollingBack && beforeScaleUp.includes(progress.stage)
  return isAhead ? 0 : draft.service.desiredCount
}

export const subjectOf = (
  draft: ServiceDraft,
  row: ServiceDeploymentRow,
  progress: StrategyProgress,
  router: TrafficRouter,
): EventSubject => {
  const { directs, shares } = routesOf(draft, progress, router)
  const { sourceDeploymentId } = progress
  const arnOf = (deploymentId: string): string => revisionArnOf(draft.service.id, deploymentId)
  return {
    serviceArn: draft.service.id,
    serviceDeploymentArn: row.id,
    targetRevisionArn: arnOf(row.targetDeploymentId),
    sourceRevisionArn: sourceDeploymentId === undefined ? undefined : arnOf(sourceDeploymentId),
    shares: {
      test: directs.test ? shares.test : undefined,
      production: directs.production ? shares.production : undefined,
    },
  }
}
