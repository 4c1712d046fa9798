/** What services say of themselves, in ECS's words. (AWS: "Amazon ECS service event messages") */
import { lastSegment } from '@berth/model'
import type { Millis } from '../../../store/table.ts'
import type { ServiceEventRecord, ServiceRow } from '../tables/index.ts'
import { uuidOf } from '../uuid.ts'

/** The same message is left out for so long while its cause lasts. (AWS: "Viewing Amazon ECS service event messages") */
export const quietMs = 6 * 3_600_000

export const startedTasks = (taskArns: readonly string[]): string =>
  `has started ${taskArns.length} tasks: ${namesOf(taskArns)}.`

export const stoppedRunningTasks = (taskArns: readonly string[]): string =>
  `has stopped ${taskArns.length} running tasks: ${namesOf(taskArns)}.`

export const stoppedPendingTasks = (taskArns: readonly string[]): string =>
  `has stopped ${taskArns.length} pending tasks: ${namesOf(taskArns)}.`

export const failedHealthChecks = (taskArn: string): string =>
  `${namesOf([taskArn])} failed container health checks.`

/** (AWS: "Amazon ECS service unhealthy event messages") */
export const unhealthyTarget = (
  taskArn: string,
  { instance, port, targetGroupArn, reason }: UnhealthyTarget,
): string =>
  `${namesOf([taskArn])} ${instance === undefined ? '' : `(instance ${instance}) `}(port ${port}) is unhealthy in (target-group ${targetGroupArn}) due to (reason ${reason})`

export interface UnhealthyTarget {
  /** Absent where the target is an address. */
  readonly instance: string | undefined
  readonly port: number
  readonly targetGroupArn: string
  readonly reason: string
}

export const registeredTargets = (count: number, targetGroupArn: string): string =>
  `registered ${count} targets in (target-group ${targetGroupArn})`

export const deregisteredTargets = (count: number, targetGroupArn: string): string =>
  `deregistered ${count} targets in (target-group ${targetGroupArn})`

export const drainingConnections = (taskCount: number): string =>
  `has begun draining connections on ${taskCount} tasks.`

export const reachedSteadyState = 'has reached a steady state.'

export const updatedComputedDesiredCount = (taskSetId: string, count: number): string =>
  `updated computedDesiredCount for taskSet ${taskSetId} to ${count}.`

export const updatedToSteadyState = 'updated state to STEADY_STATE.'

export const deploymentCompleted = (deploymentId: string): string =>
  `(deployment ${deploymentId}) deployment completed.`

/** Of Berth alone: ECS sends an event of EventBridge. */
export const deploymentPaused = (deploymentId: string, stage: string, hookId: string): string =>
  `(deployment ${deploymentId}) deployment paused at ${stage}: ContinueServiceDeployment has to be called for hook ${hookId}.`

export const rollingBack = (deploymentId: string): string => `rolling back to deployment ${deploymentId}.`

export const unableToStart =
  'is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.'

export const unableToStopOrStart =
  'was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.'

export const taskDefinitionIsGone =
  'was unable to place a task. Reason: The task definition of the service was deleted.'

/** `problem` is what CreateService would say of the service's network now. */
export const networkIsGone = (problem: string): string => `was unable to place a task. Reason: ${problem}.`

const namesOf = (taskArns: readonly string[]): string =>
  taskArns.map(arn => `(task ${lastSegment(arn)})`).join(' ')

/** `message` without its beginning, `(service NAME) `, in which `about` may name more. `random` is 16 bytes of lower-case hex. */
export const serviceEvent = (
  service: ServiceRow,
  message: string,
  now: Millis,
  random: string,
  about = '',
): ServiceEventRecord => ({
  id: uuidOf(random),
  serviceArn: service.id,
  serviceCreatedAt: service.createdAt,
  createdAt: now,
  message: `(service ${service.name}${about}) ${message}`,
})
