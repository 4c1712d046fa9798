import type { CreateServiceRequest, CreateServiceResponse, Service } from '@aws-sdk/client-ecs'
import type { Transaction } from '../../../../store/view.ts'
import { type Call, operation } from '../../../service.ts'
import { newDeployment, newDeploymentId } from '../../deployment/new-deployment.ts'
import { beginServiceDeployment } from '../../deployment/service-deployments/new-service-deployment.ts'
import { noStrategySettings, type StrategySettings } from '../../deployment/strategies/stage-state.ts'
import { usesTaskSets } from '../../deployment/task-sets/uses-task-sets.ts'
import { invalidParameter } from '../../errors.ts'
import { refusePlacement } from '../../fargate/fargate-task.ts'
import { clientTokenId, rememberCall, resourcesOfEarlierCall, type TokenUse } from '../../idempotency.ts'
import { shownNetwork } from '../../networking/network-configuration.ts'
import { checkPlacement } from '../../placement/check-placement.ts'
import { requirementsOf } from '../../placement/task-requirements.ts'
import { activeCluster, activeTaskDefinition, clusterArnOf, serviceArnOf } from '../../references.ts'
import { resourceInCluster } from '../../resource-arns.ts'
import { serviceResponse } from '../../responses/service.ts'
import {
  type ClusterRow,
  deployments,
  type ServiceRow,
  services,
  taskDefinitions,
  taskSets,
} from '../../tables/index.ts'
import { validateTags } from '../../tags.ts'
import { managedVolumeOf } from '../../volumes/volume-configurations.ts'
import { launchOf } from '../tasks/launch-type.ts'
import { readRunnable } from '../tasks/task-request.ts'
import { checkedConfiguration } from './checked-configuration.ts'
import { checkCodeDeploy, firstTaskSet } from './code-deploy-service.ts'
import { checkNewDaemon, refuseDefaultStrategy } from './daemon-members.ts'
import { daemonDefaults, replicaDefaults } from './deployment-configuration.ts'
import {
  checkController,
  refuseTaskSetMembers,
  shownConfiguration,
  withoutTaskSets,
} from './other-controllers.ts'
import { checkAlarmsAreThere } from './rolling-configuration.ts'
import { checkDesiredCount, checkGracePeriod, checkServiceName } from './service-members.ts'
import { refuseUnsupported } from './unsupported-members.ts'
import { newWithRebalancing } from './zone-rebalancing.ts'

export const createServiceWith = (settings: StrategySettings) =>
  operation<CreateServiceRequest, CreateServiceResponse>({
    name: 'CreateService',
    effect: 'writes',
    resources: ({ cluster, serviceName }, { scope }) => [
      resourceInCluster(scope, 'service', cluster, serviceName),
    ],
    handle: (request, call) => ({
      service: call.store.update((tx): Service => {
        const row = earlierService(tx, request, call) ?? create(tx, request, call, settings)
        return serviceResponse(tx, row, { tags: true })
      }),
    }),
  })

export const createService = createServiceWith(noStrategySettings)

/** What the same call made before. */
const earlierService = (
  tx: Transaction,
  request: CreateServiceRequest,
  call: Call,
): ServiceRow | undefined => {
  const use = tokenUse(request, call)
  const [arn] = (use && resourcesOfEarlierCall(tx, use, call.now)) ?? []
  return arn === undefined ? undefined : tx.get(services, arn)
}

const create = (
  tx: Transaction,
  request: CreateServiceRequest,
  call: Call,
  settings: StrategySettings,
): ServiceRow => {
  checkServiceName(request.serviceName)
  const controller = request.deploymentController?.type ?? 'ECS'
  if (controller !== 'ECS') checkController(controller, request, request.schedulingStrategy)
  if (controller === 'EXTERNAL') refuseTaskSetMembers(request)
  if (request.schedulingStrategy === 'DAEMON') checkNewDaemon(request)
  refuseUnsupported(request)
  if (controller === 'CODE_DEPLOY') checkCodeDeploy(request)
  const cluster = activeCluster(tx, call.scope, request.cluster)
  const id = serviceArnOf(cluster, request.serviceName ?? '')
  refuseExisting(tx.get(services, id))
  const use = tokenUse(request, call)
  const deploymentId = newDeploymentId(call.randomHex)
  const row = rowOf(tx, request, call, { id, cluster, deploymentId, settings })
  checkAlarmsAreThere(tx, id, row.deploymentConfiguration)
  tx.put(services, use ? { ...row, clientTokenId: clientTokenId(use) } : row)
  deploy(tx, row, call)
  if (use) rememberCall(tx, use, [row.id], call.now)
  return row
}

/** The first deployment, or the first task set; an EXTERNAL service begins without any. */
const deploy = (tx: Transaction, service: ServiceRow, { now, randomHex }: Call): void => {
  const controller = service.deploymentController?.type
  if (controller === 'EXTERNAL') return
  if (controller === 'CODE_DEPLOY') {
    tx.put(taskSets, firstTaskSet(service, service.launchType ?? 'EC2', { now, randomHex }))
    return
  }
  tx.put(deployments, newDeployment(service, service.primaryDeploymentId, now))
  beginServiceDeployment(tx, { service, sourceDeploymentIds: [], now, randomHex })
}

/** The name of an INACTIVE service is free. */
const refuseExisting = (existing: ServiceRow | undefined): void => {
  if (existing?.status === 'ACTIVE') throw invalidParameter('Creation of service was not idempotent.')
  if (existing?.status === 'DRAINING')
    throw invalidParameter('Unable to Start a service that is still Draining.')
}

const rowOf = (
  tx: Transaction,
  request: CreateServiceRequest,
  call: Call,
  made: {
    readonly id: string
    readonly cluster: ClusterRow
    readonly deploymentId: string
    readonly settings: StrategySettings
  },
): ServiceRow => {
  const { placementConstraints = [], placementStrategy = [], deploymentController } = request
  // With load balancers it says who registers targets: nobody needs a role for that here.
  if (request.role !== undefined && !request.loadBalancers?.length)
    throw invalidParameter('Cannot specify a role when no load balancers are specified.')
  const row: ServiceRow = {
    id: made.id,
    clusterArn: made.cluster.id,
    name: request.serviceName ?? '',
    status: 'ACTIVE',
    ...(deploymentController?.type === 'EXTERNAL'
      ? withoutTaskSets(request)
      : specifiedTasks(tx, request, call, made)),
    deploymentController,
    placementConstraints,
    placementStrategy,
    healthCheckGracePeriodSeconds: checkGracePeriod(request.healthCheckGracePeriodSeconds),
    availabilityZoneRebalancing: 'DISABLED',
    enableECSManagedTags: request.enableECSManagedTags ?? false,
    enableExecuteCommand: request.enableExecuteCommand ?? false,
    propagateTags: request.propagateTags ?? 'NONE',
    createdBy: call.identity.arn,
    createdAt: call.now,
    tags: validateTags(request.tags),
  }
  const taskDefinition = tx.get(taskDefinitions, row.taskDefinitionArn)
  // Only the ECS controller rebalances.
  if (taskDefinition === undefined || usesTaskSets(row)) return row
  const { expressions } = requirementsOf(taskDefinition)
  return newWithRebalancing(row, request.availabilityZoneRebalancing, expressions)
}

/** What a service runs whose first tasks ECS deploys. */
const specifiedTasks = (
  tx: Transaction,
  request: CreateServiceRequest,
  call: Call,
  made: {
    readonly cluster: ClusterRow
    readonly deploymentId: string
    readonly settings: StrategySettings
  },
) => {
  const { placementConstraints = [], placementStrategy = [] } = request
  const { volumeConfigurations = [], loadBalancers = [] } = request
  if (!request.taskDefinition) throw invalidParameter('TaskDefinition can not be blank.')
  const taskDefinition = activeTaskDefinition(tx, call.scope, request.taskDefinition)
  readRunnable(tx, call.scope, taskDefinition, request)
  const isDaemon = request.schedulingStrategy === 'DAEMON'
  if (isDaemon) refuseDefaultStrategy(request, made.cluster)
  const launch = launchOf(request, made.cluster, taskDefinition)
  if (launch.launchType === 'FARGATE') refusePlacement(placementConstraints, placementStrategy)
  managedVolumeOf(taskDefinition.definition, volumeConfigurations, 'service')
  checkPlacement(placementConstraints, placementStrategy, requirementsOf(taskDefinition).expressions.length)
  const deploymentConfiguration = newConfiguration(request, made.settings)
  const { strategy = 'ROLLING' } = deploymentConfiguration
  made.settings.trafficRouter.check(tx, { loadBalancers, strategy, taskDefinition })
  return {
    // A daemon's is counted: the service reconciler writes it.
    desiredCount: isDaemon ? 0 : checkDesiredCount(request.desiredCount),
    taskDefinitionArn: taskDefinition.id,
    ...launch,
    schedulingStrategy: isDaemon ? ('DAEMON' as const) : ('REPLICA' as const),
    networkConfiguration: shownNetwork(request.networkConfiguration),
    volumeConfigurations,
    ...(loadBalancers.length > 0 ? { loadBalancers } : {}),
    deploymentConfiguration,
    primaryDeploymentId: made.deploymentId,
  }
}

const newConfiguration = (
  { deploymentController, deploymentConfiguration, schedulingStrategy, loadBalancers }: CreateServiceRequest,
  settings: StrategySettings,
): ServiceRow['deploymentConfiguration'] =>
  deploymentController?.type === 'CODE_DEPLOY'
    ? shownConfiguration(deploymentConfiguration)
    : checkedConfiguration(
        deploymentConfiguration,
        schedulingStrategy === 'DAEMON' ? daemonDefaults : replicaDefaults,
        { schedulingStrategy: schedulingStrategy ?? 'REPLICA', loadBalancers: loadBalancers ?? [] },
        settings,
      )

const tokenUse = (request: CreateServiceRequest, { scope }: Call): TokenUse | undefined =>
  request.clientToken === undefined
    ? undefined
    : {
        operation: 'CreateService',
        clusterArn: clusterArnOf(scope, request.cluster),
        token: request.clientToken,
        request,
      }
