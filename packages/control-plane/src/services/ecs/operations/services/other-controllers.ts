/**
 * What CreateService and UpdateService take of a service that another controller than ECS deploys. Whatever says what its
 * tasks are made of belongs to task sets. (AWS: "Deploy Amazon ECS services using a third-party controller"; UpdateService;
 * "Troubleshooting Amazon ECS deployment strategy updates" has most of the words)
 */
import type { CreateServiceRequest, DeploymentConfiguration, UpdateServiceRequest } from '@aws-sdk/client-ecs'
import { invalidParameter } from '../../errors.ts'
import { checkPlacement } from '../../placement/check-placement.ts'
import type { ServiceRow } from '../../tables/index.ts'
import { mergedConfiguration } from './deployment-configuration.ts'
import { checkDesiredCount, checkGracePeriod } from './service-members.ts'

type Controller = 'EXTERNAL' | 'CODE_DEPLOY'
type Configuration = ServiceRow['deploymentConfiguration']

/** Throws InvalidParameterException for what goes with no other controller than ECS. */
export const checkController = (
  controller: Controller,
  request: Pick<
    CreateServiceRequest & UpdateServiceRequest,
    keyof CreateServiceRequest & keyof UpdateServiceRequest
  >,
  schedulingStrategy: CreateServiceRequest['schedulingStrategy'],
): void => {
  if (schedulingStrategy === 'DAEMON')
    throw invalidParameter(
      `The ${controller} deployment controller type is not supported for services using the DAEMON scheduling strategy.`,
    )
  if (request.serviceConnectConfiguration?.enabled)
    throw invalidParameter(
      `The ${controller} deployment controller type is not supported for services using Service Connect.`,
    )
  if (request.availabilityZoneRebalancing === 'ENABLED') throw onlyWithEcs('Availability Zone rebalancing')
  if (request.deploymentConfiguration) checkConfiguration(request.deploymentConfiguration)
}

/** Throws InvalidParameterException for features that only the ECS controller has. */
export const checkConfiguration = (configuration: DeploymentConfiguration): void => {
  const { strategy = 'ROLLING' } = configuration
  if (configuration.deploymentCircuitBreaker?.enable) throw onlyWithEcs('Deployment circuit breaker')
  if (configuration.alarms?.enable) throw onlyWithEcs('Alarm based rollback')
  if (strategy !== 'ROLLING') throw onlyWithEcs(`${strategy} deployment strategy`)
  if (configuration.bakeTimeInMinutes) throw onlyWithEcs('Bake time')
  if (configuration.lifecycleHooks?.length) throw onlyWithEcs('Deployment lifecycle hook')
  if (configuration.linearConfiguration) throw onlyWithEcs('Linear deployment')
  if (configuration.canaryConfiguration) throw onlyWithEcs('Canary deployment')
  if (configuration.earlySuccessCriteria?.enable) throw onlyWithEcs('Early success criteria')
}

const onlyWithEcs = (feature: string): Error =>
  invalidParameter(
    `${feature} feature is only supported with ECS deployment controller. Update to ECS deployment controller and try again.`,
  )

/** The percentages only; they are shown, and ECS's defaults hold whatever they are. (AWS: DeploymentConfiguration) */
export const shownConfiguration = (
  given: DeploymentConfiguration | undefined,
  before?: Configuration,
): Configuration => {
  const { maximumPercent, minimumHealthyPercent } = mergedConfiguration(given, before)
  return { maximumPercent, minimumHealthyPercent }
}

/** Throws InvalidParameterException for what the task sets of an EXTERNAL service say. */
export const refuseTaskSetMembers = (request: CreateServiceRequest): void => {
  const names = { taskDefinition: 'TaskDefinition', platformVersion: 'PlatformVersion' } as const
  for (const [member, noun] of Object.entries(names))
    if (request[member as keyof typeof names]) throw invalidParameter(`${noun} must be blank.`)
  const lists = {
    loadBalancers: 'LoadBalancers',
    serviceRegistries: 'ServiceRegistries',
    capacityProviderStrategy: 'CapacityProviderStrategy',
    volumeConfigurations: 'VolumeConfigurations',
  } as const
  for (const [member, noun] of Object.entries(lists))
    if (request[member as keyof typeof lists]?.length)
      throw invalidParameter(`${noun} must be empty or null.`)
  if (request.networkConfiguration) throw invalidParameter('NetworkConfiguration must be null.')
  if (request.launchType) throw invalidParameter('LaunchType must be null.')
}

/** What an EXTERNAL service runs before it has a primary task set. */
export const withoutTaskSets = (request: CreateServiceRequest) => {
  checkPlacement(request.placementConstraints ?? [], request.placementStrategy ?? [], 0)
  return {
    desiredCount: checkDesiredCount(request.desiredCount ?? 0),
    deploymentConfiguration: shownConfiguration(request.deploymentConfiguration),
    schedulingStrategy: 'REPLICA' as const,
    taskDefinitionArn: '',
    primaryDeploymentId: '',
  }
}

/** What UpdateService may change. Throws InvalidParameterException for what only a new task set changes. */
export const updatedService = (
  controller: Controller,
  request: UpdateServiceRequest,
  before: ServiceRow,
): ServiceRow => {
  refuseWhatTaskSetsSay(controller, request)
  checkController(controller, request, before.schedulingStrategy)
  const { placementConstraints = before.placementConstraints } = request
  const { placementStrategy = before.placementStrategy } = request
  checkPlacement(placementConstraints, placementStrategy, 0)
  return {
    ...before,
    desiredCount: checkDesiredCount(request.desiredCount ?? before.desiredCount),
    deploymentConfiguration: shownConfiguration(
      request.deploymentConfiguration,
      before.deploymentConfiguration,
    ),
    placementConstraints,
    placementStrategy,
    healthCheckGracePeriodSeconds:
      checkGracePeriod(request.healthCheckGracePeriodSeconds) ?? before.healthCheckGracePeriodSeconds,
    enableECSManagedTags: request.enableECSManagedTags ?? before.enableECSManagedTags,
    enableExecuteCommand: request.enableExecuteCommand ?? before.enableExecuteCommand,
    propagateTags: request.propagateTags ?? before.propagateTags,
    // Whatever was in the way may be gone.
    placementFailure: before.placementFailure && { ...before.placementFailure, retry: true },
  }
}

const refuseWhatTaskSetsSay = (controller: Controller, request: UpdateServiceRequest): void => {
  const instead = controller === 'CODE_DEPLOY' ? ' Use AWS CodeDeploy to trigger a new deployment.' : ''
  const members = {
    taskDefinition: 'task definition',
    networkConfiguration: 'network parameters',
    platformVersion: 'platform version',
  } as const
  const lists = {
    loadBalancers: 'load balancers',
    serviceRegistries: 'service registries',
    capacityProviderStrategy: 'capacity provider strategy',
    volumeConfigurations: 'volume configurations',
  } as const
  const said = [
    ...Object.entries(members).filter(([member]) => request[member as keyof typeof members] !== undefined),
    ...Object.entries(lists).filter(([member]) => request[member as keyof typeof lists]?.length),
  ]
  for (const [, noun] of said)
    throw invalidParameter(
      `Unable to update ${noun} on services with a ${controller} deployment controller.${instead}`,
    )
  if (request.forceNewDeployment)
    throw invalidParameter(
      `Cannot force a new deployment on services with a ${controller} deployment controller.${instead}`,
    )
}
