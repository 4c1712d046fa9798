import type { CreateTaskSetRequest, CreateTaskSetResponse } from '@aws-sdk/client-ecs'
import type { Transaction } from '../../../../store/view.ts'
import { type Call, operation } from '../../../service.ts'
import { noStrategySettings, type StrategySettings } from '../../deployment/strategies/stage-state.ts'
import { newTaskSet } from '../../deployment/task-sets/new-task-set.ts'
import { taskSetsOf } from '../../deployment/task-sets/task-set-draft.ts'
import { invalidParameter, unsupportedFeature } from '../../errors.ts'
import { clientTokenId, rememberCall, resourcesOfEarlierCall, type TokenUse } from '../../idempotency.ts'
import { shownNetwork } from '../../networking/network-configuration.ts'
import { checkPlacement } from '../../placement/check-placement.ts'
import { requirementsOf } from '../../placement/task-requirements.ts'
import { activeTaskDefinition, findCluster } from '../../references.ts'
import { arnOfTaskSet, taskSetResponse } from '../../responses/task-set.ts'
import { type ServiceRow, type TaskSetRow, taskSets } from '../../tables/index.ts'
import { validateTags } from '../../tags.ts'
import { managedVolumeOf } from '../../volumes/volume-configurations.ts'
import { checkTaskSetBalancers } from '../services/code-deploy-service.ts'
import { launchOf } from '../tasks/launch-type.ts'
import { readRunnable } from '../tasks/task-request.ts'
import { checkScale } from './scale.ts'
import { findTaskSet, serviceWithTaskSets, taskSetIdOf, taskSetResource } from './task-set-references.ts'

/** DRAINING ones count. ECS calls them deployments in its refusal. */
const mostTaskSets = 5

export const createTaskSetWith = (settings: Pick<StrategySettings, 'trafficRouter'>) =>
  operation<CreateTaskSetRequest, CreateTaskSetResponse>({
    name: 'CreateTaskSet',
    effect: 'writes',
    resources: (request, { scope }) => [taskSetResource(scope, request)],
    handle: (request, call) =>
      call.store.update(tx => {
        const service = serviceWithTaskSets(tx, call.scope, request)
        const use = tokenUse(request, service)
        const earlier = earlierTaskSet(tx, service, use, call)
        if (earlier === undefined) checkMembers(request, service)
        const row = earlier ?? create(tx, request, service, { call, use, settings })
        return { taskSet: taskSetResponse(tx, service, row, { tags: true }) }
      }),
  })

export const createTaskSet = createTaskSetWith(noStrategySettings)

/** What the same call made before. */
const earlierTaskSet = (
  tx: Transaction,
  service: ServiceRow,
  use: TokenUse | undefined,
  { now }: Call,
): TaskSetRow | undefined => {
  const [arn] = (use && resourcesOfEarlierCall(tx, use, now)) ?? []
  return arn === undefined ? undefined : findTaskSet(tx, service, taskSetIdOf(service, arn))
}

interface Creation {
  readonly call: Call
  readonly use: TokenUse | undefined
  readonly settings: Pick<StrategySettings, 'trafficRouter'>
}

const create = (
  tx: Transaction,
  request: CreateTaskSetRequest,
  service: ServiceRow,
  { call, use, settings }: Creation,
): TaskSetRow => {
  const existing = taskSetsOf(tx, service.id).length
  if (existing >= mostTaskSets)
    throw invalidParameter(
      `${existing} deployments exist on the service. Unable to create new TaskSet since this exceeds the maximum limit.`,
    )
  const row = newTaskSet(
    {
      ...specifiedOf(tx, request, service, { call, settings }),
      ...(use && { clientTokenId: clientTokenId(use) }),
    },
    call,
  )
  tx.put(taskSets, row)
  if (use) rememberCall(tx, use, [arnOfTaskSet(row)], call.now)
  return row
}

const specifiedOf = (
  tx: Transaction,
  request: CreateTaskSetRequest,
  service: ServiceRow,
  { call, settings }: Omit<Creation, 'use'>,
): Parameters<typeof newTaskSet>[0] => {
  if (!request.taskDefinition) throw invalidParameter('TaskDefinition can not be blank.')
  const taskDefinition = activeTaskDefinition(tx, call.scope, request.taskDefinition)
  readRunnable(tx, call.scope, taskDefinition, request)
  const { placementConstraints, placementStrategy } = service
  checkPlacement(placementConstraints, placementStrategy, requirementsOf(taskDefinition).expressions.length)
  managedVolumeOf(taskDefinition.definition, [], 'service')
  const { loadBalancers = [] } = request
  settings.trafficRouter.check(tx, { loadBalancers, strategy: 'ROLLING', taskDefinition })
  return {
    serviceArn: service.id,
    clusterArn: service.clusterArn,
    taskDefinitionArn: taskDefinition.id,
    ...launchOf(request, findCluster(tx, call.scope, service.clusterArn), taskDefinition),
    networkConfiguration: shownNetwork(request.networkConfiguration),
    scale: request.scale ? checkScale(request.scale) : { value: 0, unit: 'PERCENT' },
    loadBalancers: request.loadBalancers,
    externalId: request.externalId,
    startedBy: service.deploymentController?.type === 'CODE_DEPLOY' ? 'CODE_DEPLOY' : undefined,
    tags: validateTags(request.tags),
  }
}

/** Throws UnsupportedFeatureException, which names the member, and InvalidParameterException. */
const checkMembers = (
  { loadBalancers = [], serviceRegistries }: CreateTaskSetRequest,
  { deploymentController }: ServiceRow,
): void => {
  if (serviceRegistries?.length)
    throw unsupportedFeature(
      'Service discovery registries (serviceRegistries) of task sets: not supported by Berth yet.',
    )
  if (deploymentController?.type === 'CODE_DEPLOY' && loadBalancers.length === 0)
    throw invalidParameter(
      'The task sets of services that use the CODE_DEPLOY deployment controller must name a target group.',
    )
  checkTaskSetBalancers(loadBalancers)
}

const tokenUse = (request: CreateTaskSetRequest, service: ServiceRow): TokenUse | undefined =>
  request.clientToken === undefined
    ? undefined
    : { operation: 'CreateTaskSet', clusterArn: service.clusterArn, token: request.clientToken, request }
