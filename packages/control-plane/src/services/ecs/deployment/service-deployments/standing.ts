import type { ServiceDeploymentCircuitBreaker } from '@aws-sdk/client-ecs'
import type { View } from '../../../../store/view.ts'
import {
  type DeploymentRow,
  deployments,
  type RevisionCounts,
  type ServiceDeploymentRow,
  type ServiceRow,
  services,
  type TaskCounts,
  tasks,
} from '../../tables/index.ts'
import { thresholdOf } from '../breaker-threshold.ts'

/** Where the rows of a service deployment's service stand: in the store, or in a plan that is being made. */
export interface Standing {
  readonly service: ServiceRow | undefined
  readonly deploymentOf: (id: string) => DeploymentRow | undefined
  readonly countsOf: (id: string) => Readonly<TaskCounts>
}

export const standingOf = (view: View, { serviceArn }: ServiceDeploymentRow): Standing => ({
  service: view.get(services, serviceArn),
  deploymentOf: id => view.get(deployments, id),
  countsOf: id => countsOfDeployment(view, id),
})

const none: Readonly<TaskCounts> = { pending: 0, running: 0, stopping: 0 }

export const countsOfDeployment = (view: View, id: string): Readonly<TaskCounts> =>
  view.total(tasks, 'countsByDeployment', id) ?? none

/** An old deployment requests the tasks that it has, as far as they have not been told to stop. */
export const revisionCountsOf = (
  deployment: DeploymentRow | undefined,
  { running, pending }: Readonly<TaskCounts>,
): RevisionCounts => ({
  requestedTaskCount: deployment?.status === 'PRIMARY' ? deployment.desiredCount : running + pending,
  runningTaskCount: running,
  pendingTaskCount: pending,
})

/** What the circuit breaker has counted; what was written down when it triggered stays. (AWS: ServiceDeploymentCircuitBreaker) */
export const breakerStateOf = (
  row: ServiceDeploymentRow,
  { service, deploymentOf }: Standing,
  status: 'MONITORING' | 'MONITORING_COMPLETE' | 'TRIGGERED',
): ServiceDeploymentCircuitBreaker => {
  if (row.circuitBreaker) return row.circuitBreaker
  const { deploymentCircuitBreaker } = service?.deploymentConfiguration ?? row.deploymentConfiguration
  const breaker = deploymentCircuitBreaker ?? { enable: false, rollback: false }
  const threshold = thresholdOf(breaker, service?.desiredCount ?? 0)
  if (!breaker.enable) return { status: 'DISABLED', failureCount: 0, threshold }
  const failureCount = deploymentOf(row.targetDeploymentId)?.breakerFailures ?? 0
  return { status, failureCount, threshold }
}
