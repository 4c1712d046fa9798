import type { Millis } from '../../../store/table.ts'
import type { TaskRow } from '../tables/index.ts'
import type { ServiceTask, TaskCondition } from './rolling-update.ts'

export interface HealthSettings {
  /** How long a task without a health check has to be RUNNING before it counts as healthy. */
  readonly taskSettleMs: Millis
  /** The service's grace period: for so long after the start, UNHEALTHY is not held against a task. */
  readonly gracePeriodMs: Millis
}

export interface TimedCondition {
  readonly condition: TaskCondition
  /** When time alone may change it. */
  readonly until?: Millis
}

/** There are thousands of tasks in these, at each look. */
const starting: TimedCondition = { condition: 'starting' }
const settling: TimedCondition = { condition: 'settling' }
const healthy: TimedCondition = { condition: 'healthy' }
const unhealthy: TimedCondition = { condition: 'unhealthy' }

/**
 * A task with a health check on an essential container is healthy when the check says so, one behind load balancers when
 * their checks say so, any other one when it has been RUNNING for a while. (AWS: DeploymentConfiguration,
 * minimumHealthyPercent)
 */
export const conditionOf = (task: TaskRow, settings: HealthSettings, now: Millis): TimedCondition => {
  if (task.startedAt === undefined || task.lastStatus === 'PROVISIONING' || task.lastStatus === 'PENDING')
    return starting
  const { targetHealth } = task
  if (task.healthStatus === 'UNHEALTHY' || targetHealth?.state === 'unhealthy') {
    const until = task.startedAt + settings.gracePeriodMs
    return now < until ? { condition: 'settling', until } : unhealthy
  }
  if (hasHealthCheck(task) && task.healthStatus !== 'HEALTHY') return settling
  if (targetHealth) return targetHealth.state === 'healthy' ? healthy : settling
  if (hasHealthCheck(task)) return healthy
  const until = task.startedAt + settings.taskSettleMs
  return now < until ? { condition: 'settling', until } : healthy
}

const hasHealthCheck = (task: TaskRow): boolean =>
  task.containers.some(container => container.essential !== false && container.healthStatus !== undefined)

/** The row as the rolling update looks at it. */
export const serviceTaskOf = (task: TaskRow, condition: TaskCondition, isShielded: boolean): ServiceTask => ({
  id: task.id,
  deploymentId: task.deploymentId ?? '',
  condition,
  stopping: task.desiredStatus === 'STOPPED',
  leaving: task.onDrainingInstance === true,
  isProtected: isShielded,
  instance: task.containerInstanceArn ?? '',
  zone: task.availabilityZone ?? '',
  createdAt: task.createdAt,
})
