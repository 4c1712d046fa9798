import type { Attribute, ContainerDefinition, Tag, TaskOverride } from '@aws-sdk/client-ecs'
import { lastSegment, type Scope, taskArn } from '@berth/model'
import type { Millis } from '../../store/table.ts'
import type { Transaction } from '../../store/view.ts'
import { type VolumeRow, volumes } from '../ec2/index.ts'
import { hasIpv6 } from './networking/dual-stack.ts'
import type { TaskNetwork } from './networking/network-configuration.ts'
import { newTaskInterface } from './networking/task-interface.ts'
import type { Choice } from './placement/place.ts'
import { requirementsOf } from './placement/task-requirements.ts'
import {
  type ClusterRow,
  type ContainerState,
  type FargatePlatform,
  type TaskDefinitionRow,
  type TaskLaunchType,
  type TaskRow,
  tasks,
} from './tables/index.ts'
import { uuidOf } from './uuid.ts'
import { newTaskVolume, volumeRowOf } from './volumes/task-volume.ts'
import type { ManagedVolume } from './volumes/volume-configurations.ts'

export interface NewTask {
  readonly scope: Scope
  readonly cluster: ClusterRow
  readonly taskDefinition: TaskDefinitionRow
  /** Where `place` or `placeOn` puts it. */
  readonly choice: Choice
  readonly launchType: TaskLaunchType
  /** Of launch type FARGATE. */
  readonly platform?: FargatePlatform | undefined
  /** `family:NAME` (`familyGroup`), `service:NAME` (`serviceGroup`), or what the caller said. */
  readonly group: string
  readonly startedBy?: string | undefined
  readonly serviceArn?: string | undefined
  readonly deploymentId?: string | undefined
  readonly isDaemon?: true | undefined
  /** Load balancers direct traffic to it. */
  readonly isBalanced?: boolean | undefined
  /** The row of the clientToken that its call carried. */
  readonly clientTokenId?: string | undefined
  readonly overrides?: TaskOverride | undefined
  /** What the task's volume that is configured at launch is to be. */
  readonly managedVolume?: ManagedVolume | undefined
  /** Where the task's interface may be: of the network mode awsvpc. */
  readonly network?: TaskNetwork | undefined
  /** Its interface may have an IPv6 address. */
  readonly isDualStack?: boolean | undefined
  /** The tags of the task's service, which its volume may take. */
  readonly serviceTags?: readonly Tag[] | undefined
  /** All of the task's tags: see `tagsOfTask`. */
  readonly tags: readonly Tag[]
  readonly enableExecuteCommand?: boolean | undefined
  readonly now: Millis
  readonly randomHex: (bytes: number) => string
}

export const familyGroup = (family: string): string => `family:${family}`
export const serviceGroup = (serviceName: string): string => `service:${serviceName}`

/** Writes a task, and the volume that it gets. */
export const putNewTask = (tx: Transaction, spec: NewTask): TaskRow => {
  const task = newTask(spec)
  tx.put(tasks, task)
  const volume = volumeOfNewTask(spec, task)
  if (volume) tx.put(volumes, volume)
  return task
}

export const volumeOfNewTask = (spec: NewTask, task: TaskRow): VolumeRow | undefined => {
  const { scope, managedVolume, taskDefinition, serviceTags = [], now } = spec
  if (managedVolume === undefined) return undefined
  return volumeRowOf(
    scope,
    task,
    managedVolume,
    { taskDefinition: taskDefinition.tags, service: serviceTags },
    now,
  )
}

/** A task that waits for its host: PENDING, wanted RUNNING; PROVISIONING while it lacks a volume or an interface. */
export const newTask = (spec: NewTask): TaskRow => {
  const { taskDefinition, choice, cluster } = spec
  const overrides = spec.overrides ?? {}
  const containers = taskDefinition.definition.containerDefinitions ?? []
  const requirements = requirementsOf(taskDefinition, overrides)
  const availabilityZone = attributeOf(choice, 'ecs.availability-zone')?.value
  return {
    id: taskArn(spec.scope, cluster.name, spec.randomHex(16)),
    clusterArn: cluster.id,
    taskDefinitionArn: taskDefinition.id,
    family: taskDefinition.family,
    group: spec.group,
    startedBy: spec.startedBy,
    serviceArn: spec.serviceArn,
    deploymentId: spec.deploymentId,
    ...(spec.isDaemon && { isDaemon: true }),
    ...(spec.isBalanced && { targetHealth: { state: 'initial' as const } }),
    clientTokenId: spec.clientTokenId,
    containerInstanceArn: choice.instance.id,
    availabilityZone,
    launchType: spec.launchType,
    ...(spec.platform && { platform: spec.platform }),
    desiredStatus: 'RUNNING',
    lastStatus: spec.managedVolume || spec.network ? 'PROVISIONING' : 'PENDING',
    version: 1,
    containers: containers.map(container => newContainer(container, uuidOf(spec.randomHex(16)))),
    reserved: {
      cpu: requirements.cpu,
      memoryMiB: requirements.memoryMiB,
      ports: requirements.ports,
      gpuIds: choice.gpuIds,
    },
    cpu: String(requirements.cpu),
    memory: String(requirements.memoryMiB),
    overrides,
    volume:
      spec.managedVolume && newTaskVolume(spec.managedVolume, spec.serviceArn !== undefined, spec.randomHex),
    ...(spec.network && {
      networkInterface: newTaskInterface(
        spec.network,
        availabilityZone,
        spec.isDualStack === true && hasIpv6(spec.platform),
        spec.randomHex,
      ),
    }),
    attributes: attributeOf(choice, 'ecs.cpu-architecture') ? [architectureOf(choice)] : [],
    tags: spec.tags,
    enableExecuteCommand: spec.enableExecuteCommand ?? false,
    healthStatus: 'UNKNOWN',
    createdAt: spec.now,
  }
}

const newContainer = (definition: ContainerDefinition, id: string): ContainerState => ({
  name: definition.name ?? '',
  id,
  lastStatus: 'PENDING',
  ...(definition.essential === false ? { essential: false } : {}),
  ...(definition.healthCheck ? { healthStatus: 'UNKNOWN' } : {}),
})

const attributeOf = ({ instance }: Choice, name: string): Attribute | undefined =>
  instance.attributes.find(attribute => attribute.name === name)

const architectureOf = (choice: Choice): Attribute => ({
  name: 'ecs.cpu-architecture',
  value: attributeOf(choice, 'ecs.cpu-architecture')?.value,
})

export interface TaskTags {
  /** What RunTask said itself: wins over what is propagated. */
  readonly own: readonly Tag[]
  /** The tags of the task definition or service, when `propagateTags` names it. */
  readonly propagated: readonly Tag[]
  readonly enableECSManagedTags: boolean
  readonly clusterArn: string
  readonly serviceName?: string | undefined
}

/** (AWS: "Tagging Amazon ECS resources") */
export const tagsOfTask = (from: TaskTags): readonly Tag[] => {
  if (from.own.length === 0 && from.propagated.length === 0 && !from.enableECSManagedTags) return []
  const tags = new Map<string, Tag>()
  for (const tag of [...from.propagated, ...from.own]) tags.set(tag.key ?? '', tag)
  if (from.enableECSManagedTags) {
    tags.set('aws:ecs:clusterName', { key: 'aws:ecs:clusterName', value: lastSegment(from.clusterArn) })
    if (from.serviceName !== undefined)
      tags.set('aws:ecs:serviceName', { key: 'aws:ecs:serviceName', value: from.serviceName })
  }
  return [...tags.values()]
}
