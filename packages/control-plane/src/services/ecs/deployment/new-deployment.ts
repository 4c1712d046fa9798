import type { Surroundings } from '../../../control-loop/plan.ts'
import type { DeploymentRow, ServiceRow } from '../tables/index.ts'

type Specified = Pick<
  ServiceRow,
  | 'id'
  | 'taskDefinitionArn'
  | 'desiredCount'
  | 'launchType'
  | 'networkConfiguration'
  | 'platform'
  | 'volumeConfigurations'
  | 'loadBalancers'
>

/** `ecs-svc/` and 19 digits. */
export const newDeploymentId = (randomHex: Surroundings['randomHex']): string =>
  `ecs-svc/${String(BigInt(`0x${randomHex(8)}`) % 10n ** 19n).padStart(19, '0')}`

/** As DescribeServices shows it. */
export const inProgress = (deploymentId: string): string => `ECS deployment ${deploymentId} in progress.`

/** The primary deployment of a service that is as specified. */
export const newDeployment = (service: Specified, id: string, now: number): DeploymentRow => ({
  id,
  serviceArn: service.id,
  status: 'PRIMARY',
  taskDefinitionArn: service.taskDefinitionArn,
  desiredCount: service.desiredCount,
  launchType: service.launchType,
  networkConfiguration: service.networkConfiguration,
  platform: service.platform,
  volumeConfigurations: service.volumeConfigurations,
  ...(service.loadBalancers?.length ? { loadBalancers: service.loadBalancers } : {}),
  failedLaunches: 0,
  failedTasks: 0,
  rolloutState: 'IN_PROGRESS',
  rolloutStateReason: inProgress(id),
  createdAt: now,
  updatedAt: now,
})
