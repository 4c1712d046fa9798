import type { RunTaskRequest, RunTaskResponse } from '@aws-sdk/client-ecs'
import type { Transaction, View } from '../../../../store/view.ts'
import { type Call, operation } from '../../../service.ts'
import { invalidParameter } from '../../errors.ts'
import { refusePlacement } from '../../fargate/fargate-task.ts'
import { clientTokenId, rememberCall, resourcesOfEarlierCall, type TokenUse } from '../../idempotency.ts'
import { zonesOf } from '../../networking/network-configuration.ts'
import { checkPlacement } from '../../placement/check-placement.ts'
import { capacityFailures, failuresOf, noContainerInstances } from '../../placement/explanation.ts'
import { type Placement, place } from '../../placement/place.ts'
import { requirementsOf } from '../../placement/task-requirements.ts'
import { clusterArnOf } from '../../references.ts'
import { taskDefinitionResource } from '../../resource-arns.ts'
import { taskResponse } from '../../responses/task.ts'
import { type TaskLaunchType, type TaskRow, tasks } from '../../tables/index.ts'
import { putNewTask } from '../../task-creation.ts'
import { launchOf } from './launch-type.ts'
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
  const launch = launchOf(request, template.cluster, template.taskDefinition)
  const { launchType } = launch
  if (launchType === 'FARGATE') refusePlacement(request.placementConstraints, request.placementStrategy)
  const placement = placeTasks(tx, request, template, launchType, count)
  const rows = placement.choices.map(choice =>
    putNewTask(tx, { ...template, ...launch, choice, clientTokenId: use && clientTokenId(use) }),
  )
  if (use)
    rememberCall(
      tx,
      use,
      rows.map(({ id }) => id),
      call.now,
    )
  return {
    tasks: responses(tx, rows),
    failures: launchType === 'FARGATE' ? capacityFailures(placement, count) : failuresOf(placement),
  }
}

const placeTasks = (
  view: View,
  request: RunTaskRequest,
  template: TaskTemplate,
  launchType: TaskLaunchType,
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
  if (placement.instances === 0 && launchType !== 'FARGATE') throw invalidParameter(noContainerInstances)
  return placement
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
