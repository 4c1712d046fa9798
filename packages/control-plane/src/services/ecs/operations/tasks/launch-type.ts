/** Which launch type a request's tasks have. */
import type { LaunchType, RunTaskRequest } from '@aws-sdk/client-ecs'
import { invalidParameter, unsupportedFeature } from '../../errors.ts'
import { fargatePlatform, latest } from '../../fargate/platform.ts'
import type { ClusterRow, FargatePlatform, TaskDefinitionRow, TaskLaunchType } from '../../tables/index.ts'

export interface Launch {
  readonly launchType: TaskLaunchType
  /** Of FARGATE. */
  readonly platform?: FargatePlatform
}

/** Throws for what this release cannot run, and for what the task definition is not made for. */
export const launchOf = (
  request: Pick<RunTaskRequest, 'launchType' | 'capacityProviderStrategy' | 'platformVersion'>,
  cluster: ClusterRow,
  { definition }: TaskDefinitionRow,
): Launch => {
  const strategy = request.capacityProviderStrategy ?? []
  if (request.launchType && strategy.length > 0)
    throw invalidParameter(
      'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.',
    )
  if (strategy.length > 0 || (!request.launchType && cluster.defaultCapacityProviderStrategy.length > 0))
    throw unsupportedFeature(
      'Capacity provider strategies are not supported by Berth yet. Give a launch type.',
    )
  const launchType = supportedLaunchType(request.launchType ?? 'EC2')
  if (launchType !== 'FARGATE' && request.platformVersion !== undefined)
    throw invalidParameter(`The platform version must be null when specifying an ${launchType} launch type.`)
  if (definition.compatibilities && !definition.compatibilities.includes(launchType))
    throw invalidParameter(`Task definition does not support launch_type ${launchType}.`)
  if (launchType !== 'FARGATE') return { launchType }
  return { launchType, platform: fargatePlatform(request.platformVersion || latest, definition) }
}

const supportedLaunchType = (launchType: LaunchType): TaskLaunchType => {
  if (launchType !== 'MANAGED_INSTANCES') return launchType
  throw unsupportedFeature(
    'The MANAGED_INSTANCES launch type is not supported by Berth. Use EC2, FARGATE or EXTERNAL.',
  )
}
