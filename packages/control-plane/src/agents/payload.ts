/** What an agent is told of a task: a pure function of the task's row and of its definition's. */
import type { ContainerDefinition, Volume } from '@aws-sdk/client-ecs'
import {
  containerArn,
  lastSegment,
  networkModeOf,
  type PayloadContainer,
  type PayloadEbsVolume,
  type PayloadTask,
  type PayloadTaskDefinition,
  type PayloadVolume,
  parseTaskCpu,
  parseTaskMemory,
  pinnedImage,
  scopeOfArn,
} from '@berth/model'
import type { Cohort } from '../services/ecs/deployment/cohort.ts'
import { mustResolve } from '../services/ecs/deployment/image-resolution.ts'
import { gpuShares } from '../services/ecs/gpu-shares.ts'
import { overriddenContainer } from '../services/ecs/overridden-definition.ts'
import type { TaskDefinitionRow, TaskRow } from '../services/ecs/tables/index.ts'
import type { ServedFileSystem } from '../services/efs/index.ts'
import { officialContainer } from './official-container.ts'
import { berthContainer, present } from './payload-container.ts'

export type AgentFlavour =
  | { readonly kind: 'berth' }
  | { readonly kind: 'ecs'; readonly awslogsEndpoint?: string | undefined }

/** Where a file system is served, if that is known here. */
export type ServedFileSystems = (fileSystemId: string) => ServedFileSystem | undefined

/** A task that is to stop needs to be named only; the agent knows the rest. */
export const payloadTask = (
  task: TaskRow,
  definition: TaskDefinitionRow,
  flavour: AgentFlavour,
  cohort?: Cohort,
  served: ServedFileSystems = () => undefined,
): PayloadTask => {
  const head = {
    arn: task.id,
    taskClusterArn: task.clusterArn,
    family: definition.family,
    version: String(definition.revision),
  }
  if (task.desiredStatus === 'STOPPED')
    return { ...head, desiredStatus: 'STOPPED', overrides: '{}', containers: [] }
  return {
    ...head,
    desiredStatus: 'RUNNING',
    // The official agent knows no member of it: what it needs of the overrides is merged into the containers.
    overrides: flavour.kind === 'berth' ? JSON.stringify(task.overrides) : '{}',
    containers: containersOf(task, definition, flavour, cohort?.imageDigests),
    volumes: (definition.definition.volumes ?? []).map(volume =>
      payloadVolume(volume, task, flavour, served),
    ),
    ...taskMembers(task, definition),
    ...(flavour.kind === 'berth'
      ? {
          definition: ownMembers(task, definition),
          ...(cohort && mustResolve(cohort, definition) && { resolvesImages: true }),
        }
      : officialMembers(task, definition)),
  }
}

const taskMembers = (task: TaskRow, { definition }: TaskDefinitionRow): Partial<PayloadTask> => ({
  ...present('cpu', vcpusOf(task.overrides.cpu ?? definition.cpu ?? '')),
  ...present('memory', parseTaskMemory(task.overrides.memory ?? definition.memory ?? '')),
  networkMode: networkModeOf(definition),
  ...present('pidMode', definition.pidMode),
  ...present('ipcMode', definition.ipcMode),
  launchType: task.launchType,
  ...present('serviceName', task.serviceArn && lastSegment(task.serviceArn)),
  group: task.group,
  taskDefinitionAccountId: scopeOfArn(task.id).accountId,
})

/** Berth's own flavour: what the official agent has no words for, or reads elsewhere. */
const ownMembers = (task: TaskRow, { definition }: TaskDefinitionRow): PayloadTaskDefinition => ({
  ...present('taskRoleArn', task.overrides.taskRoleArn ?? definition.taskRoleArn),
  ...present('executionRoleArn', task.overrides.executionRoleArn ?? definition.executionRoleArn),
  ...(definition.enableFaultInjection && { enableFaultInjection: true }),
  ...(task.enableExecuteCommand && { enableExecuteCommand: true }),
  ...present('ephemeralStorage', ephemeralStorage(task, definition)),
})

const ephemeralStorage = (
  task: TaskRow,
  definition: TaskDefinitionRow['definition'],
): PayloadTaskDefinition['ephemeralStorage'] => {
  const { sizeInGiB } = task.overrides.ephemeralStorage ?? definition.ephemeralStorage ?? {}
  return sizeInGiB === undefined ? undefined : { sizeInGiB }
}

const vcpusOf = (size: string): number | undefined => {
  const units = parseTaskCpu(size)
  return units === undefined ? undefined : units / 1024
}

const payloadVolume = (
  volume: Volume,
  task: TaskRow,
  flavour: AgentFlavour,
  served: ServedFileSystems,
): PayloadVolume => {
  const name = volume.name ?? ''
  if (volume.dockerVolumeConfiguration) {
    const { scope = 'task', autoprovision, driver, driverOpts, labels } = volume.dockerVolumeConfiguration
    const configuration = {
      scope,
      ...present('autoprovision', autoprovision),
      ...present('driver', driver),
      ...present('driverOpts', driverOpts),
      ...present('labels', labels),
    }
    return { name, type: 'docker', dockerVolumeConfiguration: configuration }
  }
  if (volume.efsVolumeConfiguration)
    return {
      name,
      type: 'efs',
      efsVolumeConfiguration: {
        // The official agent mounts what it is told, and knows no default.
        ...(flavour.kind === 'ecs' && { rootDirectory: '/' }),
        ...(volume.efsVolumeConfiguration as PayloadVolume['efsVolumeConfiguration'] & object),
        ...(flavour.kind === 'berth' &&
          present('mountTarget', served(volume.efsVolumeConfiguration.fileSystemId ?? ''))),
      },
    }
  if (volume.fsxWindowsFileServerVolumeConfiguration) return { name, type: 'fsxWindowsFileServer' }
  if (volume.s3filesVolumeConfiguration) return { name, type: 's3files' }
  if (volume.configuredAtLaunch)
    return {
      name,
      type: 'configuredAtLaunch',
      ...present('ebs', flavour.kind === 'berth' ? ebsVolume(task) : undefined),
    }
  return { name, type: 'host', host: present('sourcePath', volume.host?.sourcePath) }
}

const ebsVolume = ({ volume }: TaskRow): PayloadEbsVolume | undefined => {
  if (volume === undefined) return undefined
  const { attachmentId, volumeId, filesystemType, deleteOnTermination, sizeInGiB, snapshotId } = volume
  return {
    attachmentId,
    volumeId,
    filesystemType,
    deleteOnTermination,
    ...present('sizeInGiB', sizeInGiB),
    ...present('snapshotId', snapshotId),
  }
}

const containersOf = (
  task: TaskRow,
  definition: TaskDefinitionRow,
  flavour: AgentFlavour,
  imageDigests: Cohort['imageDigests'],
): readonly PayloadContainer[] => {
  const scope = scopeOfArn(task.id)
  const taskId = lastSegment(task.id)
  const cluster = lastSegment(task.clusterArn)
  const ids = new Map(task.containers.map(({ name, id }) => [name, id]))
  const gpus = gpuShares(task, definition.definition.containerDefinitions ?? [])
  return withoutArns(task, definition, flavour).map(container => ({
    ...container,
    image: pinnedImage(container.image, imageDigests?.[container.name]),
    ...present('definition', withGpus(container.definition, gpus.get(container.name))),
    containerArn: containerArn(scope, cluster, taskId, ids.get(container.name) ?? ''),
  }))
}

const withGpus = (
  definition: PayloadContainer['definition'],
  gpuIds: readonly string[] | undefined,
): PayloadContainer['definition'] => (definition && gpuIds ? { ...definition, gpuIds } : definition)

const officialMembers = (task: TaskRow, row: TaskDefinitionRow): Partial<PayloadTask> => ({
  ...present('associations', gpuAssociations(task, row)),
  ...(row.definition.enableFaultInjection && { enableFaultInjection: true }),
})

/** The official agent is told of each GPU and its one container. */
const gpuAssociations = (task: TaskRow, { definition }: TaskDefinitionRow): PayloadTask['associations'] => {
  const shares = gpuShares(task, definition.containerDefinitions ?? [])
  const associations = [...shares].flatMap(([container, gpuIds]) =>
    gpuIds.map(name => ({
      containers: [container],
      content: { encoding: '', value: '' },
      name,
      type: 'gpu' as const,
    })),
  )
  return associations.length > 0 ? associations : undefined
}

type Unnamed = Omit<PayloadContainer, 'containerArn'>

/** Definitions never change, and most tasks override nothing: what their containers are is worked out once. */
const withoutOverrides = new WeakMap<TaskDefinitionRow['definition'], readonly Unnamed[]>()

const withoutArns = (
  task: TaskRow,
  { definition }: TaskDefinitionRow,
  flavour: AgentFlavour,
): readonly Unnamed[] => {
  const networkMode = networkModeOf(definition)
  const containers = definition.containerDefinitions ?? []
  const overrides = new Map(task.overrides.containerOverrides?.map(override => [override.name, override]))
  if (flavour.kind === 'ecs')
    return containers.map(container =>
      officialContainer(container, overrides.get(container.name), {
        networkMode,
        taskId: lastSegment(task.id),
        region: scopeOfArn(task.id).region,
        hasExecutionRole: Boolean(task.overrides.executionRoleArn || definition.executionRoleArn),
        awslogsEndpoint: flavour.awslogsEndpoint,
      }),
    )
  const merged = (container: ContainerDefinition) =>
    berthContainer(overriddenContainer(container, overrides.get(container.name)), networkMode)
  if (overrides.size > 0) return containers.map(merged)
  const known = withoutOverrides.get(definition) ?? containers.map(merged)
  withoutOverrides.set(definition, known)
  return known
}
