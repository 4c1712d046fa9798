import type {
  Attachment,
  Container,
  ContainerDefinition,
  ContainerOverride,
  ManagedAgent,
  Task,
  TaskOverride,
} from '@aws-sdk/client-ecs'
import type { TaskStatus } from '@berth/model'
import type { View } from '../../../store/view.ts'
import { timestamp } from '../../timestamp.ts'
import { fargateStorage } from '../fargate/fargate-task.ts'
import { usedPlatform } from '../fargate/platform.ts'
import { gpuShares } from '../gpu-shares.ts'
import { containerInterfaces, interfaceAttachment } from '../networking/task-interface.ts'
import { type ContainerState, type TaskRow, taskDefinitions } from '../tables/index.ts'
import { volumeAttachment } from '../volumes/task-volume.ts'

/** The task as RunTask, DescribeTasks and StopTask show it. Tags are only shown where they were asked for. */
export const taskResponse = (view: View, task: TaskRow, show: { readonly tags: boolean }): Task => {
  const definition = view.get(taskDefinitions, task.taskDefinitionArn)?.definition
  const definitions = definition?.containerDefinitions ?? []
  return {
    attachments: attachmentResponses(task),
    attributes: [...(task.attributes ?? [])],
    availabilityZone: task.availabilityZone,
    clusterArn: task.clusterArn,
    connectivity: task.connectivity,
    connectivityAt: timestamp(task.connectivityAt),
    // Of Fargate's hosts nothing is shown.
    containerInstanceArn: task.launchType === 'FARGATE' ? undefined : task.containerInstanceArn,
    containers: containerResponses(task, definitions),
    cpu: task.cpu,
    createdAt: timestamp(task.createdAt),
    desiredStatus: task.desiredStatus,
    enableExecuteCommand: task.enableExecuteCommand,
    executionStoppedAt: timestamp(task.executionStoppedAt),
    group: task.group,
    healthStatus: task.healthStatus,
    lastStatus: shownStatus(task),
    launchType: task.launchType,
    memory: task.memory,
    overrides: overridesResponse(task),
    ...usedPlatform(task.platform),
    ...fargateStorage(task, definition),
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

/**
 * A task of load balancers that is to stop drains first, and does not go back to RUNNING while its host stops it: it is
 * DEACTIVATING until it has stopped. (AWS: "Amazon ECS task lifecycle")
 */
const shownStatus = ({ lastStatus, desiredStatus, targetHealth }: TaskRow): TaskStatus =>
  targetHealth !== undefined && desiredStatus === 'STOPPED' && lastStatus === 'RUNNING'
    ? 'DEACTIVATING'
    : lastStatus

const attachmentResponses = ({ attachments = [], networkInterface, volume }: TaskRow): Attachment[] => [
  ...attachments,
  ...(networkInterface ? [interfaceAttachment(networkInterface)] : []),
  ...(volume ? [volumeAttachment(volume)] : []),
]

const containerResponses = (task: TaskRow, definitions: readonly ContainerDefinition[]): Container[] => {
  const shares = gpuShares(task, definitions)
  return task.containers.map((container, index) => {
    const gpuIds = shares.get(container.name)
    return {
      ...containerResponse(task, container, definitions[index], overrideOf(task, container.name)),
      ...(gpuIds && { gpuIds: [...gpuIds] }),
    }
  })
}

const containerResponse = (
  task: TaskRow,
  container: ContainerState,
  definition: ContainerDefinition | undefined,
  override: ContainerOverride | undefined,
): Container => ({
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
  networkInterfaces: containerInterfaces(task),
  ...(task.enableExecuteCommand && { managedAgents: [executeCommandAgent(container)] }),
  healthStatus: container.healthStatus ?? 'UNKNOWN',
  cpu: text(override?.cpu ?? definition?.cpu ?? 0),
  memory: text(override?.memory ?? definition?.memory),
  memoryReservation: text(override?.memoryReservation ?? definition?.memoryReservation),
})

const executeCommandAgent = ({ executeCommandAgent: agent, lastStatus }: ContainerState): ManagedAgent => ({
  name: 'ExecuteCommandAgent',
  lastStatus: lastStatus === 'STOPPED' ? 'STOPPED' : (agent?.lastStatus ?? 'PENDING'),
  lastStartedAt: timestamp(agent?.lastStartedAt),
  reason: agent?.reason,
})

const text = (number: number | undefined): string | undefined =>
  number === undefined ? undefined : String(number)

const overrideOf = (task: TaskRow, name: string): ContainerOverride | undefined =>
  task.overrides.containerOverrides?.find(override => override.name === name)

/** ECS names every container among the overrides, also those of which nothing is overridden. */
const overridesResponse = (task: TaskRow): TaskOverride => ({
  ...task.overrides,
  containerOverrides: task.containers.map(({ name }) => overrideOf(task, name) ?? { name }),
  inferenceAcceleratorOverrides: [],
})
