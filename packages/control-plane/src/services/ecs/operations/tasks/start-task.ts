import type { Failure, StartTaskRequest, StartTaskResponse } from '@aws-sdk/client-ecs'
import type { Transaction } from '../../../../store/view.ts'
import { type Call, operation } from '../../../service.ts'
import { invalidParameter } from '../../errors.ts'
import { zonesOf } from '../../networking/network-configuration.ts'
import { attributesOf } from '../../placement/attributes.ts'
import { failuresOf } from '../../placement/explanation.ts'
import { type Choice, placeOn } from '../../placement/place.ts'
import { requirementsOf } from '../../placement/task-requirements.ts'
import { containerInstanceArnOf } from '../../references.ts'
import { taskDefinitionResource } from '../../resource-arns.ts'
import { taskResponse } from '../../responses/task.ts'
import { type ContainerInstanceRow, containerInstances, type TaskDefinitionRow } from '../../tables/index.ts'
import { putNewTask } from '../../task-creation.ts'
import { readTaskRequest, type TaskTemplate } from './task-request.ts'

/** Shorter than RunTask's. (AWS: StartTask, `startedBy`) */
const longestStartedBy = 36

export const startTask = operation<StartTaskRequest, StartTaskResponse>({
  name: 'StartTask',
  effect: 'writes',
  resources: ({ taskDefinition }, { scope }) => [taskDefinitionResource(scope, taskDefinition)],
  handle: (request, call) => call.store.update(tx => start(tx, request, call)),
})

const start = (tx: Transaction, request: StartTaskRequest, call: Call): StartTaskResponse => {
  const references = request.containerInstances ?? []
  if (references.length < 1 || references.length > 10)
    throw invalidParameter('The number of container instances must be between 1 and 10.')
  const template = readTaskRequest(tx, request, call, longestStartedBy)
  checkCompatibilities(template.taskDefinition)
  const found: ContainerInstanceRow[] = []
  const missing: Failure[] = []
  for (const reference of references) {
    const arn = containerInstanceArnOf(template.cluster, reference)
    const instance = tx.get(containerInstances, arn)
    if (instance) found.push(instance)
    else missing.push({ arn, reason: 'MISSING' })
  }
  const placement = placeOn(tx, placementRequest(template), found)
  const rows = placement.choices.map(choice =>
    putNewTask(tx, { ...template, choice, launchType: launchTypeOn(choice) }),
  )
  return {
    tasks: rows.map(row => taskResponse(tx, row, { tags: true })),
    failures: [...missing, ...failuresOf(placement)],
  }
}

const placementRequest = ({ cluster, taskDefinition, overrides, group, host, network }: TaskTemplate) => ({
  clusterArn: cluster.id,
  launchType: undefined,
  requirements: requirementsOf(taskDefinition, overrides),
  constraints: [],
  strategy: [],
  group,
  seed: '',
  host,
  zones: zonesOf(network),
})

const launchTypeOn = ({ instance }: Choice): 'EC2' | 'EXTERNAL' =>
  attributesOf(instance).has('ecs.capability.external') ? 'EXTERNAL' : 'EC2'

const checkCompatibilities = ({ definition: { compatibilities } }: TaskDefinitionRow): void => {
  if (
    compatibilities &&
    !compatibilities.some(launchType => launchType === 'EC2' || launchType === 'EXTERNAL')
  )
    throw invalidParameter('Task definition does not support launch_type EC2.')
}
