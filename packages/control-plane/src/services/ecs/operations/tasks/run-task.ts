import type { LaunchType, RunTaskRequest, RunTaskResponse } from '@aws-sdk/client-ecs'
import type { Transaction, View } from '../../../../store/view.ts'
import { type Call, operation } from '../../../service.ts'
import { invalidParameter, unsupportedFeature } from '../../errors.ts'
import { clientTokenId, rememberCall, resourcesOfEarlierCall, type TokenUse } from '../../idempotency.ts'
import { zonesOf } from '../../networking/network-configuration.ts'
import { checkPlacement } from '../../placement/check-placement.ts'
import { failuresOf, noContainerInstances } from '../../placement/explanation.ts'
import { type Placement, place } from '../../placement/place.ts'
import { requirementsOf } from '../../placement/task-requirements.ts'
import { clusterArnOf } from '../../references.ts'
import { taskDefinitionResource } from '../../resource-arns.ts'
import { taskResponse } from '../../responses/task.ts'
import { type ClusterRow, type TaskDefinitionRow, type TaskRow, tasks } from '../../tables/index.ts'
import { putNewTask } from '../../task-creation.ts'
import { readTaskRequest, type TaskTemplate } from './task-request.ts'

const longestStartedBy = 128

export const runTask = operation<RunTaskRequest, RunTaskResponse>({
  name: 'RunTask',
  effect: 'writes',
  resources: ({ taskDefinition }, { scope }) => [taskDefinitionResource(scope, taskDefinition)],
  handle: (request, call) =>
    call.store.update(tx => {
      const use = tokenUse(request, call)
      const earlier = use && resourcesOfEarlierCall(tx, use, call.now)
      return earlier ? earlierTasks(tx, earlier) : run(tx, request, call, use)
    }),
})

const run = (
  tx: Transaction,
  request: RunTaskRequest,
  call: Call,
  use: TokenUse | undefined,
): RunTaskResponse => {
  const { count = 1 } = request
  if (count < 1 || count > 10) throw invalidParameter('The number of tasks (count) must be between 1 and 10.')
  const template = readTaskRequest(tx, request, call, longestStartedBy)
  const launchType = launchTypeOf(request, template.cluster, template.taskDefinition)
  const placement = placeTasks(tx, request, template, launchType, count)
  const rows = placement.choices.map(choice =>
    putNewTask(tx, { ...template, choice, launchType, clientTokenId: use && clientTokenId(use) }),
  )
  if (use)
    rememberCall(
      tx,
      use,
      rows.map(({ id }) => id),
      call.now,
    )
  return { tasks: responses(tx, rows), failures: failuresOf(placement) }
}

const placeTasks = (
  view: View,
  request: RunTaskRequest,
  template: TaskTemplate,
  launchType: 'EC2' | 'EXTERNAL',
  count: number,
): Placement => {
  const requirements = requirementsOf(template.taskDefinition, template.overrides)
  const constraints = request.placementConstraints ?? []
  const strategy = request.placementStrategy ?? []
  checkPlacement(constraints, strategy, requirements.expressions.length)
  const { cluster, group, host, network, randomHex } = template
  const seed = strategy.some(({ type }) => type === 'random') ? randomHex(8) : ''
  const placement = place(
    view,
    {
      clusterArn: cluster.id,
      launchType,
      requirements,
      constraints,
      strategy,
      group,
      seed,
      host,
      zones: zonesOf(network),
    },
    count,
  )
  if (placement.instances === 0) throw invalidParameter(noContainerInstances)
  return placement
}

/** Throws for what this release cannot run, and for what the task definition is not made for. */
export const launchTypeOf = (
  request: Pick<RunTaskRequest, 'launchType' | 'capacityProviderStrategy' | 'platformVersion'>,
  cluster: ClusterRow,
  { definition }: TaskDefinitionRow,
): 'EC2' | 'EXTERNAL' => {
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
  if (request.platformVersion !== undefined)
    throw invalidParameter(`The platform version must be null when specifying an ${launchType} launch type.`)
  if (definition.compatibilities && !definition.compatibilities.includes(launchType))
    throw invalidParameter(`Task definition does not support launch_type ${launchType}.`)
  return launchType
}

const supportedLaunchType = (launchType: LaunchType): 'EC2' | 'EXTERNAL' => {
  switch (launchType) {
    case 'EC2':
    case 'EXTERNAL':
      return launchType
    case 'FARGATE':
      throw unsupportedFeature('The FARGATE launch type is not supported by Berth yet. Use EC2 or EXTERNAL.')
    case 'MANAGED_INSTANCES':
      throw unsupportedFeature(
        'The MANAGED_INSTANCES launch type is not supported by Berth. Use EC2 or EXTERNAL.',
      )
  }
}

const tokenUse = (request: RunTaskRequest, { scope }: Call): TokenUse | undefined =>
  request.clientToken === undefined
    ? undefined
    : {
        operation: 'RunTask',
        clusterArn: clusterArnOf(scope, request.cluster),
        token: request.clientToken,
        request,
      }

/** Those of an earlier call's tasks that have not been STOPPED for more than an hour. */
const earlierTasks = (view: View, arns: readonly string[]): RunTaskResponse => ({
  tasks: responses(
    view,
    arns.flatMap(arn => view.get(tasks, arn) ?? []),
  ),
  failures: [],
})

const responses = (view: View, rows: readonly TaskRow[]) =>
  rows.map(row => taskResponse(view, row, { tags: true }))
