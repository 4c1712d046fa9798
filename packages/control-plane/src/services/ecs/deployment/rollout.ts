import { type DeploymentRow, type ServiceRow, tasks } from '../tables/index.ts'
import { completesEarly, isBaking } from './service-deployments/completion.ts'
import { concludeSuccessfully } from './service-deployments/conclusion.ts'
import type { ServiceDraft } from './service-draft.ts'
import { deploymentCompleted, quietMs, reachedSteadyState } from './service-events.ts'
import { conditionOf, type HealthSettings } from './task-condition.ts'

/** As DescribeServices shows it. */
export const completed = (deploymentId: string): string => `ECS deployment ${deploymentId} completed.`

/**
 * A service is steady when all its tasks are of the primary deployment, as many as desired (`isThere`), and healthy. Then the
 * deployment is complete, if its bake time is over. A steady service says so again every six hours.
 */
export const concludeRollout = (
  draft: ServiceDraft,
  health: HealthSettings,
  isThere: boolean,
  /** Asked when nothing else keeps the deployment from being complete. */
  mayComplete: () => boolean = () => true,
): void => {
  const early = completesEarly(draft, health) ? draft.primary : undefined
  if (early) {
    if (!mayComplete()) {
      if (draft.service.steadyAt !== undefined) draft.change({ steadyAt: undefined })
      return
    }
    complete(draft, early)
  }
  const { service, primary, now } = draft
  if (!isThere || primary === undefined || primary.rolloutState === 'FAILED') {
    if (service.steadyAt !== undefined) draft.change({ steadyAt: undefined })
    return
  }
  const isNew = service.steadyAt === undefined || primary.rolloutState !== 'COMPLETED'
  if (isNew && !areHealthy(draft, primary.id, health)) return
  if (primary.rolloutState !== 'COMPLETED') {
    if (!mayComplete() || isBaking(draft)) return
    complete(draft, primary)
  }
  // Apart from the above: an earlier release completed deployments without noting them.
  if (service.lastCompleted?.deploymentId !== primary.id)
    draft.change({ lastCompleted: completedOf(primary) })
  const repeats = service.steadyAt !== undefined && now >= service.steadyAt + quietMs
  const steadyAt = isNew || repeats ? now : (service.steadyAt ?? now)
  if (isNew || repeats) {
    draft.say(reachedSteadyState)
    draft.change({ steadyAt })
  }
  draft.wake(steadyAt + quietMs)
}

/** The deployment is done, and with it the service deployment that brought it, or went back to it. */
export const complete = (draft: ServiceDraft, primary: DeploymentRow): void => {
  draft.replace({
    ...primary,
    rolloutState: 'COMPLETED',
    rolloutStateReason: completed(primary.id),
    failedTasks: 0,
    breakerFailures: 0,
    updatedAt: draft.now,
  })
  draft.say(deploymentCompleted(primary.id))
  draft.change({ lastCompleted: completedOf(primary) })
  concludeSuccessfully(draft)
}

const completedOf = (deployment: DeploymentRow): ServiceRow['lastCompleted'] => {
  const { id: deploymentId, taskDefinitionArn, networkConfiguration, platform } = deployment
  const { volumeConfigurations, loadBalancers, usesAlternateTargetGroups, imageDigests } = deployment
  return {
    deploymentId,
    taskDefinitionArn,
    networkConfiguration,
    platform,
    volumeConfigurations,
    loadBalancers,
    usesAlternateTargetGroups,
    imageDigests,
  }
}

export const hasDesiredTasks = (draft: ServiceDraft): boolean => {
  const { service, primary, deployments, view, isQuiet } = draft
  if (!isQuiet || service.status !== 'ACTIVE' || primary === undefined || deployments.length > 1) return false
  const { pending, running } = draft.countsOf(primary.id)
  return pending === 0 && running === service.desiredCount && view.count(tasks, 'toReplace', service.id) === 0
}

/** Looks again when the last task that only has to run for a while has done so. */
const areHealthy = (draft: ServiceDraft, deploymentId: string, health: HealthSettings): boolean => {
  let lastUntil: number | undefined
  let healthy = true
  for (const task of draft.view.where(tasks, 'byDeployment', deploymentId)) {
    if (task.desiredStatus === 'STOPPED') continue
    const { condition, until } = conditionOf(task, health, draft.now)
    if (condition !== 'healthy') healthy = false
    if (until !== undefined) lastUntil = Math.max(lastUntil ?? until, until)
  }
  if (lastUntil !== undefined) draft.wake(lastUntil)
  return healthy
}
