/**
 * Gives a deployment up whose tasks keep failing, and returns the service to the last one that completed.
 * (AWS: "How the Amazon ECS deployment circuit breaker detects failures")
 */
import { type DeploymentRow, hasEnded, tasks } from '../tables/index.ts'
import { thresholdOf } from './breaker-threshold.ts'
import { type Failure, rollBack, stopDeployment } from './service-deployments/rollback.ts'
import { breakerStateOf } from './service-deployments/standing.ts'
import type { ServiceDraft } from './service-draft.ts'
import { conditionOf, type HealthSettings } from './task-condition.ts'

/** Tasks of the deployment never reached RUNNING, or failed their health checks. Only one that is under way counts them. */
export const withFailedTasks = (deployment: DeploymentRow, count: number): DeploymentRow =>
  deployment.rolloutState === 'IN_PROGRESS'
    ? { ...deployment, breakerFailures: (deployment.breakerFailures ?? 0) + count }
    : deployment

const tasksFailed: Failure = {
  rolloutReason: 'ECS deployment circuit breaker: tasks failed to start.',
  event: 'tasks failed to start.',
  by: 'ECS deployment circuit breaker',
  reason: {
    rolledBack: 'Service deployment rolled back because the circuit breaker threshold was exceeded.',
    stopped: 'Service deployment stopped because the circuit breaker threshold was exceeded.',
  },
}

export const checkBreaker = (draft: ServiceDraft, health: HealthSettings): void => {
  const { service, primary } = draft
  const breaker = service.deploymentConfiguration.deploymentCircuitBreaker
  if (!breaker?.enable || service.status !== 'ACTIVE' || primary?.rolloutState !== 'IN_PROGRESS') return
  const failures = primary.breakerFailures ?? 0
  if (failures === 0) return
  if (failures >= thresholdOf(breaker, service.desiredCount)) {
    noteTriggered(draft)
    if (breaker.rollback) rollBack(draft, tasksFailed)
    else stopDeployment(draft, tasksFailed)
  } else if (breaker.resetOnHealthyTask !== false && hasHealthyTask(draft, primary, health))
    draft.replace({ ...primary, breakerFailures: 0 })
}

const noteTriggered = (draft: ServiceDraft): void => {
  const row = draft.serviceDeployment
  if (row === undefined || hasEnded(row)) return
  draft.replaceServiceDeployment({
    ...row,
    circuitBreaker: breakerStateOf(row, draft.standing, 'TRIGGERED'),
  })
}

const hasHealthyTask = (draft: ServiceDraft, { id }: DeploymentRow, health: HealthSettings): boolean => {
  if (draft.countsOf(id).running === 0) return false
  for (const task of draft.view.where(tasks, 'byDeployment', id)) {
    const { condition, until } = conditionOf(task, health, draft.now)
    if (condition === 'healthy' && task.desiredStatus === 'RUNNING') return true
    if (until !== undefined) draft.wake(until)
  }
  return false
}
