/**
 * What a rolling update replaces serves until it has been replaced: tasks of it that end or fail are replaced by tasks of
 * the same revision, and it scales with its service. (AWS: "Amazon ECS improves Service Availability during Rolling deployments")
 */
import type { DeploymentRow } from '../tables/index.ts'
import { isHeld } from './launch-backoff.ts'
import type { Source } from './rolling-update.ts'
import type { ServiceDraft } from './service-draft.ts'
import { limitsOfService } from './service-percents.ts'

/**
 * The deployment that completed last, as long as another one is to take its place, or has failed to. One that was given up
 * when it was rolled back to launches no tasks any more.
 */
export const sourceDeploymentOf = (draft: ServiceDraft): DeploymentRow | undefined => {
  const { service, primary, deployments } = draft
  const id = service.lastCompleted?.deploymentId
  if (service.status !== 'ACTIVE' || service.schedulingStrategy !== 'REPLICA') return undefined
  if (primary === undefined || primary.rolloutState === 'COMPLETED' || primary.id === id) return undefined
  const { minimum, maximum } = limitsOfService(service)
  // Where nothing can be replaced without going below the minimum, a task that ends is the only way on.
  if (minimum >= maximum) return undefined
  return deployments.find(row => row.id === id && row.desiredCount > 0 && row.rolloutState !== 'FAILED')
}

export const sourceOf = (deployment: DeploymentRow, now: number): Source => ({
  deploymentId: deployment.id,
  desiredCount: deployment.desiredCount,
  launchesHeld: isHeld(deployment, now),
})

/** It stays without tasks, too, until those of the new deployment can stand in for them. A paused service needs none. */
export const isNeededSource = (draft: ServiceDraft, deploymentId: string): boolean => {
  const source = sourceDeploymentOf(draft)
  if (source?.id !== deploymentId || draft.service.paused) return false
  const { minimum } = limitsOfService(draft.service)
  return draft.countsOf(draft.service.primaryDeploymentId).running < minimum
}

/** What the counts say it lacks at least: tasks of other deployments that run may be healthy. */
export const lacksByCounts = (draft: ServiceDraft, source: DeploymentRow, allRunning: number): boolean => {
  const { pending, running } = draft.countsOf(source.id)
  const { minimum } = limitsOfService(draft.service)
  const needed = Math.min(source.desiredCount, minimum - (allRunning - running))
  return pending + running < needed
}
