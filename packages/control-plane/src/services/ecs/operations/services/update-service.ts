import { isDeepStrictEqual } from 'node:util'
import type { UpdateServiceRequest, UpdateServiceResponse } from '@aws-sdk/client-ecs'
import { scopeOfArn } from '@berth/model'
import type { Transaction, View } from '../../../../store/view.ts'
import { type Call, operation } from '../../../service.ts'
import { newDeployment, newDeploymentId } from '../../deployment/new-deployment.ts'
import {
  beginServiceDeployment,
  latestServiceDeployment,
} from '../../deployment/service-deployments/new-service-deployment.ts'
import { deploymentsOf } from '../../deployment/service-draft.ts'
import { noStrategySettings, type StrategySettings } from '../../deployment/strategies/stage-state.ts'
import { invalidParameter } from '../../errors.ts'
import { refusePlacement } from '../../fargate/fargate-task.ts'
import { shownNetwork } from '../../networking/network-configuration.ts'
import { checkPlacement } from '../../placement/check-placement.ts'
import { requirementsOf } from '../../placement/task-requirements.ts'
import { activeCluster, activeService, activeTaskDefinition } from '../../references.ts'
import { resourceInCluster } from '../../resource-arns.ts'
import {
  type ClusterRow,
  type DeploymentRow,
  deployments,
  hasEnded,
  type ServiceRow,
  services,
  type TaskDefinitionRow,
  taskDefinitions,
} from '../../tables/index.ts'
import { managedVolumeOf } from '../../volumes/volume-configurations.ts'
import { launchOf } from '../tasks/launch-type.ts'
import { readRunnable } from '../tasks/task-request.ts'
import { changedService } from './changed-service.ts'
import { checkedConfiguration } from './checked-configuration.ts'
import { withController } from './controller-change.ts'
import { checkChangedDaemon } from './daemon-members.ts'
import { updatedService } from './other-controllers.ts'
import { checkAlarmsAreThere } from './rolling-configuration.ts'
import { checkDesiredCount, checkGracePeriod } from './service-members.ts'
import { refuseUnsupported } from './unsupported-members.ts'
import { withRebalancing } from './zone-rebalancing.ts'

export const updateServiceWith = (settings: StrategySettings) =>
  operation<UpdateServiceRequest, UpdateServiceResponse>({
    name: 'UpdateService',
    effect: 'writes',
    resources: ({ cluster, service }, { scope }) => [resourceInCluster(scope, 'service', cluster, service)],
    handle: (request, call) => changedService(call, tx => update(tx, request, call, settings)),
  })

export const updateService = updateServiceWith(noStrategySettings)

const update = (
  tx: Transaction,
  request: UpdateServiceRequest,
  call: Call,
  settings: StrategySettings,
): ServiceRow => {
  const cluster = activeCluster(tx, call.scope, request.cluster)
  const service = activeService(tx, cluster, request.service ?? '')
  // What a daemon cannot have is said in its own words, before what no service can have yet.
  if (service.schedulingStrategy === 'DAEMON') checkChangedDaemon(request)
  refuseUnsupported(request)
  const before = withController(tx, request, call, service)
  const controller = before.deploymentController?.type ?? 'ECS'
  if (controller !== 'ECS') {
    const updated = updatedService(controller, request, before)
    tx.put(services, updated)
    return updated
  }
  const taskDefinition = taskDefinitionOf(tx, request, call, before)
  const platform = taskDefinition ? checkFit(tx, request, cluster, before, taskDefinition) : before.platform
  const specified = withRebalancing(
    merged(
      request,
      { ...before, platform, taskDefinitionArn: taskDefinition?.id ?? before.taskDefinitionArn },
      settings,
    ),
    request.availabilityZoneRebalancing,
    taskDefinition ? requirementsOf(taskDefinition).expressions : [],
  )
  checkStrategyChange(tx, before, specified)
  if (taskDefinition && concernsTraffic(request)) checkTraffic(tx, specified, taskDefinition, settings)
  if (request.deploymentConfiguration?.alarms)
    checkAlarmsAreThere(tx, before.id, specified.deploymentConfiguration)
  const needsDeployment =
    request.forceNewDeployment === true ||
    specified.taskDefinitionArn !== before.taskDefinitionArn ||
    !isDeepStrictEqual(specified.networkConfiguration, before.networkConfiguration) ||
    !isDeepStrictEqual(specified.platform, before.platform) ||
    !isDeepStrictEqual(specified.loadBalancers ?? [], before.loadBalancers ?? []) ||
    !isDeepStrictEqual(specified.volumeConfigurations ?? [], before.volumeConfigurations ?? [])
  const after = needsDeployment
    ? deploy(tx, specified, call, keptDigests(tx, request, before, specified))
    : rescale(tx, specified, before, call)
  tx.put(services, after)
  return after
}

/** The one that the request names; else the service's own, which may be INACTIVE, and even be deleted. */
const taskDefinitionOf = (
  tx: Transaction,
  request: UpdateServiceRequest,
  call: Call,
  service: ServiceRow,
): TaskDefinitionRow | undefined =>
  request.taskDefinition === undefined
    ? tx.get(taskDefinitions, service.taskDefinitionArn)
    : activeTaskDefinition(tx, call.scope, request.taskDefinition)

/** The platform of launch type FARGATE, as it will be. */
const checkFit = (
  view: View,
  request: UpdateServiceRequest,
  cluster: ClusterRow,
  service: ServiceRow,
  taskDefinition: TaskDefinitionRow,
): ServiceRow['platform'] => {
  const { capacityProviderStrategy, platformVersion } = request
  const { networkConfiguration = service.networkConfiguration } = request
  // What was checked before is not in the way of a new desired count.
  if (request.networkConfiguration || request.taskDefinition || request.forceNewDeployment)
    readRunnable(view, scopeOfArn(service.id), taskDefinition, {
      networkConfiguration,
      launchType: service.launchType,
    })
  const { platform } = launchOf(
    capacityProviderStrategy?.length
      ? { capacityProviderStrategy }
      : { launchType: service.launchType, platformVersion: platformVersion ?? service.platform?.version },
    cluster,
    taskDefinition,
  )
  managedVolumeOf(
    taskDefinition.definition,
    request.volumeConfigurations ?? service.volumeConfigurations,
    'service',
  )
  if (service.launchType === 'FARGATE')
    refusePlacement(request.placementConstraints, request.placementStrategy)
  checkPlacement(
    request.placementConstraints ?? service.placementConstraints,
    request.placementStrategy ?? service.placementStrategy,
    requirementsOf(taskDefinition).expressions.length,
  )
  return platform
}

/** (AWS: "Updating the deployment strategy from Amazon ECS blue/green to rolling update") The words are Berth's. */
const checkStrategyChange = (view: View, before: ServiceRow, after: ServiceRow): void => {
  const [from = 'ROLLING', to = 'ROLLING'] = [before, after].map(
    ({ deploymentConfiguration }) => deploymentConfiguration.strategy,
  )
  if (to !== 'ROLLING' || from === 'ROLLING') return
  const latest = latestServiceDeployment(view, before.id)
  if (latest !== undefined && !hasEnded(latest))
    throw invalidParameter(
      'Updating the deployment strategy to ROLLING is not supported while a service deployment is in progress. Please wait until it has ended and try again.',
    )
}

/** A change of something else goes through, whatever has become of the load balancers. */
const concernsTraffic = (request: UpdateServiceRequest): boolean =>
  Boolean(request.loadBalancers ?? request.taskDefinition ?? request.deploymentConfiguration)

const checkTraffic = (
  tx: Transaction,
  { loadBalancers = [], deploymentConfiguration: { strategy = 'ROLLING' } }: ServiceRow,
  taskDefinition: TaskDefinitionRow,
  { trafficRouter }: StrategySettings,
): void => trafficRouter.check(tx, { loadBalancers, strategy, taskDefinition })

/** What the request does not say stays as it is. */
const merged = (
  request: UpdateServiceRequest,
  before: ServiceRow,
  settings: StrategySettings,
): ServiceRow => ({
  ...before,
  desiredCount: checkDesiredCount(request.desiredCount ?? before.desiredCount),
  deploymentController: request.deploymentController ?? before.deploymentController,
  deploymentConfiguration: checkedConfiguration(
    request.deploymentConfiguration,
    before.deploymentConfiguration,
    {
      schedulingStrategy: before.schedulingStrategy,
      loadBalancers: request.loadBalancers ?? before.loadBalancers ?? [],
    },
    settings,
  ),
  loadBalancers: request.loadBalancers ?? before.loadBalancers,
  placementConstraints: request.placementConstraints ?? before.placementConstraints,
  placementStrategy: request.placementStrategy ?? before.placementStrategy,
  networkConfiguration: shownNetwork(request.networkConfiguration) ?? before.networkConfiguration,
  volumeConfigurations: request.volumeConfigurations ?? before.volumeConfigurations,
  healthCheckGracePeriodSeconds:
    checkGracePeriod(request.healthCheckGracePeriodSeconds) ?? before.healthCheckGracePeriodSeconds,
  enableECSManagedTags: request.enableECSManagedTags ?? before.enableECSManagedTags,
  enableExecuteCommand: request.enableExecuteCommand ?? before.enableExecuteCommand,
  propagateTags: request.propagateTags ?? before.propagateTags,
  // Whatever was in the way may be gone.
  placementFailure: undefined,
})

/** Established digests hold for future updates too; a new revision, or a forced deployment, establishes new ones. */
const keptDigests = (
  tx: Transaction,
  { forceNewDeployment }: UpdateServiceRequest,
  before: ServiceRow,
  after: ServiceRow,
): DeploymentRow['imageDigests'] =>
  forceNewDeployment || after.taskDefinitionArn !== before.taskDefinitionArn
    ? undefined
    : tx.get(deployments, before.primaryDeploymentId)?.imageDigests

const deploy = (
  tx: Transaction,
  service: ServiceRow,
  { now, randomHex }: Call,
  imageDigests: DeploymentRow['imageDigests'],
): ServiceRow => {
  const sources = deploymentsOf(tx, service).toReversed()
  const deployment = {
    ...newDeployment(service, newDeploymentId(randomHex), now),
    // A rolling update stays in the target groups that have the traffic.
    ...(service.lastCompleted?.usesAlternateTargetGroups && { usesAlternateTargetGroups: true as const }),
  }
  const after = { ...service, primaryDeploymentId: deployment.id }
  const sourceDeploymentIds = sources.map(({ id }) => id)
  beginServiceDeployment(tx, { service: after, sourceDeploymentIds, now, randomHex })
  for (const old of sources)
    if (old.status === 'PRIMARY') tx.put(deployments, { ...old, status: 'ACTIVE', updatedAt: now })
  tx.put(deployments, imageDigests ? { ...deployment, imageDigests } : deployment)
  return after
}

/** The desired count alone makes no deployment: the primary one has it from now on, and what that replaces scales with it. */
const rescale = (tx: Transaction, service: ServiceRow, before: ServiceRow, { now }: Call): ServiceRow => {
  const { primaryDeploymentId, lastCompleted, desiredCount } = service
  const primary = tx.get(deployments, primaryDeploymentId)
  if (primary && primary.desiredCount !== desiredCount)
    tx.put(deployments, { ...primary, desiredCount, updatedAt: now })
  const added = desiredCount - before.desiredCount
  const source = lastCompleted && tx.get(deployments, lastCompleted.deploymentId)
  if (source && source.id !== primaryDeploymentId && added !== 0)
    tx.put(deployments, { ...source, desiredCount: Math.max(0, source.desiredCount + added) })
  return service
}
