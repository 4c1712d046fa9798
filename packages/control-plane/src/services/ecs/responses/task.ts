import type {
  Container,
  ContainerDefinition,
  ContainerOverride,
  Task,
  TaskOverride,
} from '@aws-sdk/client-ecs'
import type { View } from '../../../store/view.ts'
import { timestamp } from '../../timestamp.ts'
import { type ContainerState, type TaskRow, taskDefinitions } from '../tables/index.ts'

/** The task as RunTask, DescribeTasks and StopTask show it. Tags are only shown where they were asked for. */
export const taskResponse = (view: View, task: TaskRow, show: { readonly tags: boolean }): Task => {
  const definition = view.get(taskDefinitions, task.taskDefinitionArn)?.definition
  const definitions = definition?.containerDefinitions ?? []
  return {
    attachments: [...(task.attachments ?? [])],
    attributes: [...(task.attributes ?? [])],
    availabilityZone: task.availabilityZone,
    clusterArn: task.clusterArn,
    connectivity: task.connectivity,
    connectivityAt: timestamp(task.connectivityAt),
    containerInstanceArn: task.containerInstanceArn,
    containers: task.containers.map((container, index) =>
      containerResponse(task, container, definitions[index]),
    ),
    cpu: task.cpu,
    createdAt: timestamp(task.createdAt),
    desiredStatus: task.desiredStatus,
    enableExecuteCommand: task.enableExecuteCommand,
    executionStoppedAt: timestamp(task.executionStoppedAt),
    group: task.group,
    healthStatus: task.healthStatus,
    lastStatus: task.lastStatus,
    launchType: task.launchType,
    memory: task.memory,
    overrides: overridesResponse(task),
    pullStartedAt: timestamp(task.pullStartedAt),
    pullStoppedAt: timestamp(task.pullStoppedAt),
    startedAt: timestamp(task.startedAt),
    startedBy: task.startedBy,
    stopCode: task.stopCode,
    stoppedAt: timestamp(task.stoppedAt),
    stoppedReason: task.stoppedReason,
    stoppingAt: timestamp(task.stoppingAt),
    tags: show.tags ? [...task.tags] : [],
    taskArn: task.id,
    taskDefinitionArn: task.taskDefinitionArn,
    version: task.version,
  }
}

const containerResponse = (
  task: TaskRow,
  container: ContainerState,
  definition: ContainerDefinition | undefined,
): Container => {
  const override = overrideOf(task, container.name)
  return {
    containerArn: `${task.id.replace(':task/', ':container/')}/${container.id}`,
    taskArn: task.id,
    name: container.name,
    image: definition?.image,
    imageDigest: container.imageDigest,
    runtimeId: container.runtimeId,
    lastStatus: container.lastStatus,
    exitCode: container.exitCode,
    reason: container.reason,
    networkBindings: [...(container.networkBindings ?? [])],
    networkInterfaces: [],
    healthStatus: container.healthStatus ?? 'UNKNOWN',
    cpu: text(override?.cpu ?? definition?.cpu ?? 0),
    memory: text(override?.memory ?? definition?.memory),
    memoryReservation: text(override?.memoryReservation ?? definition?.memoryReservation),
    ...gpuIdsOf(task, definition),
  }
}

const text = (number: number | undefined): string | undefined =>
  number === undefined ? undefined : String(number)

/** The task's GPUs go to its containers in the order of the definition, as many as each asks for. */
const gpuIdsOf = (task: TaskRow, definition: ContainerDefinition | undefined): Pick<Container, 'gpuIds'> => {
  if (task.reserved.gpuIds.length === 0) return {}
  const wants = definition?.resourceRequirements?.some(({ type }) => type === 'GPU')
  return wants ? { gpuIds: [...task.reserved.gpuIds] } : {}
}

const overrideOf = (task: TaskRow, name: string): ContainerOverride | undefined =>
  task.overrides.containerOverrides?.find(override => override.name === name)

/** ECS names every container among the overrides, also those of which nothing is overridden. */
const overridesResponse = (task: TaskRow): TaskOverride => ({
  ...task.overrides,
  containerOverrides: task.containers.map(({ name }) => overrideOf(task, name) ?? { name }),
  inferenceAcceleratorOverrides: [],
})
