/** A task's EBS volume: made with the task, shown as an attachment of it. */
import type { Attachment, Tag } from '@aws-sdk/client-ecs'
import type { Scope } from '@berth/model'
import type { Millis } from '../../../store/table.ts'
import { newVolumeId, type VolumeRow, volumeArn } from '../../ec2/index.ts'
import type { TaskRow, TaskVolume } from '../tables/index.ts'
import { uuidOf } from '../uuid.ts'
import { defaultVolumeType, filesystemTypes, isVolumeType } from './ebs-rules.ts'
import type { ManagedVolume } from './volume-configurations.ts'

/** `keeps`: the termination policy may let the volume outlive its task; never that of a service's task. */
export const newTaskVolume = (
  { name, ebs }: ManagedVolume,
  isOfService: boolean,
  randomHex: (bytes: number) => string,
): TaskVolume => ({
  attachmentId: uuidOf(randomHex(16)),
  volumeId: newVolumeId(randomHex),
  name,
  sizeInGiB: ebs.sizeInGiB,
  filesystemType: filesystemTypes.find(type => type === ebs.filesystemType) ?? 'xfs',
  snapshotId: ebs.snapshotId,
  deleteOnTermination: isOfService || (ebs.terminationPolicy?.deleteOnTermination ?? true),
  roleArn: ebs.roleArn ?? '',
  status: 'CREATED',
})

/** The tags that a volume may take from elsewhere. */
export interface VolumeTagSources {
  readonly taskDefinition: readonly Tag[]
  readonly service: readonly Tag[]
}

/** The row of the task's volume, on the task's host. */
export const volumeRowOf = (
  scope: Scope,
  task: TaskRow,
  { ebs }: ManagedVolume,
  sources: VolumeTagSources,
  now: Millis,
): VolumeRow | undefined => {
  const { volume, containerInstanceArn } = task
  if (volume === undefined || containerInstanceArn === undefined) return undefined
  const { volumeType = defaultVolumeType } = ebs
  const isGp3 = volumeType === 'gp3'
  return {
    id: volumeArn(scope, volume.volumeId),
    state: 'creating',
    availabilityZone: task.availabilityZone ?? '',
    containerInstanceArn,
    sizeInGiB: volume.sizeInGiB,
    volumeType: isVolumeType(volumeType) ? volumeType : defaultVolumeType,
    filesystemType: volume.filesystemType,
    iops: ebs.iops ?? (isGp3 ? 3_000 : undefined),
    throughput: ebs.throughput ?? (isGp3 ? 125 : undefined),
    volumeInitializationRate: ebs.volumeInitializationRate,
    snapshotId: volume.snapshotId,
    tags: volumeTags(task, ebs.tagSpecifications?.[0], sources),
    createdAt: now,
    attachment: {
      taskArn: task.id,
      state: 'attaching',
      attachedAt: now,
      deleteOnTermination: volume.deleteOnTermination,
    },
  }
}

type TagSpecification = NonNullable<ManagedVolume['ebs']['tagSpecifications']>[number]

/** What the request says itself wins; ECS's own marks are always there. (AWS: EBSTagSpecification) */
const volumeTags = (
  task: TaskRow,
  specification: TagSpecification | undefined,
  { taskDefinition, service }: VolumeTagSources,
): readonly Tag[] => {
  const propagated = { TASK_DEFINITION: taskDefinition, SERVICE: service, NONE: [] }
  const tags = new Map<string, Tag>()
  for (const tag of propagated[specification?.propagateTags ?? 'NONE']) tags.set(tag.key ?? '', tag)
  for (const { key = '', value = '' } of specification?.tags ?? []) tags.set(key, { key, value })
  return [
    ...tags.values(),
    { key: 'AmazonECSCreated', value: task.id },
    { key: 'AmazonECSManaged', value: 'true' },
  ]
}

/** (AWS: ECS API reference, Attachment `details`) */
export const volumeAttachment = (volume: TaskVolume): Attachment => ({
  id: volume.attachmentId,
  type: 'AmazonElasticBlockStorage',
  status: volume.status,
  details: [
    { name: 'roleArn', value: volume.roleArn },
    { name: 'volumeName', value: volume.name },
    { name: 'deleteOnTermination', value: String(volume.deleteOnTermination) },
    { name: 'volumeId', value: volume.volumeId },
    ...(volume.statusReason === undefined ? [] : [{ name: 'statusReason', value: volume.statusReason }]),
  ],
})
