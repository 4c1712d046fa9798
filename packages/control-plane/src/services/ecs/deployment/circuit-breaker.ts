/**
 * Gives a deployment up whose tasks keep failing, and returns the service to the last one that completed.
 * (AWS: "How the Amazon ECS deployment circuit breaker detects failures"; API reference, ThresholdConfiguration)
 */
import { type DeploymentRow, type ServiceRow, taskDefinitions, tasks } from '../tables/index.ts'
import { newDeployment, newDeploymentId } from './new-deployment.ts'
import type { ServiceDraft } from './service-draft.ts'
import { deploymentFailed, rollingBack } from './service-events.ts'
import { conditionOf, type HealthSettings } from './task-condition.ts'

type Breaker = NonNullable<ServiceRow['deploymentConfiguration']['deploymentCircuitBreaker']>

const least = 3
const most = 200

/** How many failed tasks are too many. A part of a task is rounded up. */
export const thresholdOf = ({ thresholdConfiguration }: Breaker, desiredCount: number): number => {
  const { type, value } = { type: 'BOUNDED_PERCENT', value: 50, ...thresholdConfiguration }
  if (type === 'COUNT') return value ?? 50
  const part = Math.ceil((desiredCount * (value ?? 50)) / 100)
  return type === 'UNBOUNDED_PERCENT' ? Math.max(1, part) : Math.min(most, Math.max(least, part))
}

/** Tasks of the deployment never reached RUNNING, or failed their health checks. Only one that is under way counts them. */
export const withFailedTasks = (deployment: DeploymentRow, count: number): DeploymentRow =>
  deployment.rolloutState === 'IN_PROGRESS'
    ? { ...deployment, breakerFailures: (deployment.breakerFailures ?? 0) + count }
    : deployment

export const checkBreaker = (draft: ServiceDraft, health: HealthSettings): void => {
  const { service, primary } = draft
  const breaker = service.deploymentConfiguration.deploymentCircuitBreaker
  if (!breaker?.enable || service.status !== 'ACTIVE' || primary?.rolloutState !== 'IN_PROGRESS') return
  const failures = primary.breakerFailures ?? 0
  if (failures === 0) return
  if (failures >= thresholdOf(breaker, service.desiredCount)) giveUp(draft, primary, breaker)
  else if (breaker.resetOnHealthyTask !== false && hasHealthyTask(draft, primary, health))
    draft.replace({ ...primary, breakerFailures: 0 })
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

const failed = 'ECS deployment circuit breaker: tasks failed to start.'

const giveUp = (draft: ServiceDraft, primary: DeploymentRow, { rollback }: Breaker): void => {
  const { lastCompleted } = draft.service
  // The definition may have been deleted meanwhile, once no task had it any more.
  const isThere = lastCompleted && draft.view.get(taskDefinitions, lastCompleted.taskDefinitionArn)
  // A roll-back that fails has nothing better to go back to.
  const target = rollback && !primary.isRollback && isThere ? lastCompleted : undefined
  draft.replace({
    ...primary,
    status: target ? 'ACTIVE' : 'PRIMARY',
    rolloutState: 'FAILED',
    rolloutStateReason: failed,
    updatedAt: draft.now,
  })
  draft.say(deploymentFailed(primary.id))
  if (target) rollBack(draft, target)
}

const rollBack = (draft: ServiceDraft, target: NonNullable<ServiceRow['lastCompleted']>): void => {
  const { deploymentId, taskDefinitionArn, networkConfiguration, volumeConfigurations, imageDigests } = target
  const id = newDeploymentId(draft.randomHex)
  draft.change({
    taskDefinitionArn,
    networkConfiguration,
    volumeConfigurations,
    primaryDeploymentId: id,
    steadyAt: undefined,
    placementFailure: undefined,
  })
  draft.add({
    ...newDeployment(draft.service, id, draft.now),
    rolloutStateReason: `ECS deployment circuit breaker: rolling back to deploymentId ${deploymentId}.`,
    isRollback: true,
    ...(imageDigests && { imageDigests }),
  })
  draft.say(rollingBack(deploymentId))
}
