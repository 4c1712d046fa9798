/**
 * When a rolling deployment is complete: its bake time, and success before all of its tasks are there.
 * (AWS: "How CloudWatch alarms detect Amazon ECS deployment failures", "Complete Amazon ECS rolling deployments early with
 * early success criteria")
 */
import type { Millis } from '../../../../store/table.ts'
import { hasEnded, type ServiceDeploymentRow, type ServiceRow, tasks } from '../../tables/index.ts'
import type { ServiceDraft } from '../service-draft.ts'
import { conditionOf, type HealthSettings } from '../task-condition.ts'

/** "The default bake time is less than 5 minutes"; ECS computes it from the alarms. */
const alarmBakeMs = 180_000

const bakeMsOf = ({ deploymentConfiguration }: ServiceRow, { alarms }: ServiceDeploymentRow): Millis => {
  const given = (deploymentConfiguration.bakeTimeInMinutes ?? 0) * 60_000
  return given === 0 && alarms?.status === 'MONITORING' ? alarmBakeMs : given
}

/** True until the bake time is over, which begins with the first call. A roll-back has none. */
export const isBaking = (draft: ServiceDraft): boolean => {
  const { service, serviceDeployment: row, now } = draft
  if (row === undefined || hasEnded(row) || row.rollback) return false
  const bakeMs = bakeMsOf(service, row)
  if (bakeMs === 0) return false
  if (row.bakingSince === undefined) draft.replaceServiceDeployment({ ...row, bakingSince: now })
  const until = (row.bakingSince ?? now) + bakeMs
  if (now < until) draft.wake(until)
  return now < until
}

/** "Amazon ECS launches at least one task on the target service revision and waits for it to become healthy". */
export const healthyTasksNeeded = (healthyPercent: number, desiredCount: number): number =>
  Math.min(desiredCount, Math.max(1, Math.ceil((desiredCount * healthyPercent) / 100)))

/** What the criteria ask for is there, before the service is steady. */
export const completesEarly = (draft: ServiceDraft, health: HealthSettings): boolean => {
  const { service, primary, serviceDeployment: row } = draft
  const { earlySuccessCriteria: criteria } = service.deploymentConfiguration
  if (!criteria?.enable || service.status !== 'ACTIVE' || service.desiredCount === 0) return false
  if (primary?.rolloutState !== 'IN_PROGRESS' || row === undefined || hasEnded(row) || row.rollback)
    return false
  const needed = healthyTasksNeeded(criteria.healthyPercent ?? 100, service.desiredCount)
  if (!hasHealthyTasks(draft, primary.id, needed, health) || isBaking(draft)) return false
  return criteria.sourceServiceRevisionCleanup === 'DEFERRED' || draft.deployments.length === 1
}

const hasHealthyTasks = (
  draft: ServiceDraft,
  deploymentId: string,
  needed: number,
  health: HealthSettings,
): boolean => {
  if (draft.countsOf(deploymentId).running < needed) return false
  let healthy = 0
  for (const task of draft.view.where(tasks, 'byDeployment', deploymentId)) {
    if (task.desiredStatus === 'STOPPED') continue
    const { condition, until } = conditionOf(task, health, draft.now)
    if (condition === 'healthy') healthy += 1
    else if (until !== undefined) draft.wake(until)
    if (healthy >= needed) return true
  }
  return false
}
