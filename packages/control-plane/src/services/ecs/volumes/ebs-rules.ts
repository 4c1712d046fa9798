/**
 * What must hold of the EBS volume of a request. (AWS: ECS API reference, TaskManagedEBSVolumeConfiguration and
 * ServiceManagedEBSVolumeConfiguration; EC2 API reference, CreateVolume, whose parameters they map to)
 */
import type { TaskManagedEBSVolumeConfiguration } from '@aws-sdk/client-ecs'
import { type VolumeType, volumeTypes } from '../../ec2/index.ts'

interface Range {
  readonly least: number
  readonly most: number
}

/** GiB. */
const sizes: Readonly<Record<VolumeType, Range>> = {
  gp2: { least: 1, most: 16_384 },
  gp3: { least: 1, most: 16_384 },
  io1: { least: 4, most: 16_384 },
  io2: { least: 4, most: 16_384 },
  st1: { least: 125, most: 16_384 },
  sc1: { least: 125, most: 16_384 },
  standard: { least: 1, most: 1_024 },
}

const iopsRanges: Readonly<Partial<Record<VolumeType, Range>>> = {
  gp3: { least: 3_000, most: 16_000 },
  io1: { least: 100, most: 64_000 },
  io2: { least: 100, most: 256_000 },
}

/** MiB/s. */
const throughputRange: Range = { least: 125, most: 1_000 }
/** MiB/s. */
const initializationRange: Range = { least: 100, most: 300 }

/** CreateVolume's, since ECS names none. */
export const defaultVolumeType: VolumeType = 'gp2'
export const filesystemTypes = ['ext3', 'ext4', 'xfs'] as const

const isOutside = (value: number | undefined, { least, most }: Range): boolean =>
  value !== undefined && (value < least || value > most)

export const isVolumeType = (text: string): text is VolumeType =>
  (volumeTypes as readonly string[]).includes(text)

/** In no words of ECS's own, which are not documented; the first one is told. */
export function* ebsProblems(ebs: TaskManagedEBSVolumeConfiguration): Iterable<string> {
  const { roleArn, volumeType = defaultVolumeType, filesystemType } = ebs
  if (!roleArn) yield 'roleArn is required: the ARN of the ECS infrastructure role.'
  else if (!/^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(roleArn))
    yield `roleArn is not the ARN of a role: ${roleArn}`
  if (!isVolumeType(volumeType)) {
    yield `volumeType must be one of ${volumeTypes.join(', ')}: ${volumeType}`
    return
  }
  yield* sizeProblems(ebs, volumeType)
  yield* performanceProblems(ebs, volumeType)
  if (filesystemType === 'ntfs') yield 'filesystemType ntfs is for Windows: use ext3, ext4 or xfs.'
}

function* sizeProblems(ebs: TaskManagedEBSVolumeConfiguration, volumeType: VolumeType): Iterable<string> {
  const { sizeInGiB, snapshotId, volumeInitializationRate } = ebs
  const size = sizes[volumeType]
  if (sizeInGiB === undefined && snapshotId === undefined)
    yield 'Either sizeInGiB or snapshotId must be specified.'
  if (isOutside(sizeInGiB, size))
    yield `sizeInGiB of a ${volumeType} volume must be from ${size.least} to ${size.most}.`
  if (snapshotId !== undefined && !/^snap-[0-9a-f]{8,17}$/.test(snapshotId))
    yield `snapshotId is not the id of a snapshot: ${snapshotId}`
  if (volumeInitializationRate === undefined) return
  if (snapshotId === undefined) yield 'volumeInitializationRate can only be specified with a snapshotId.'
  if (isOutside(volumeInitializationRate, initializationRange))
    yield `volumeInitializationRate must be from ${initializationRange.least} to ${initializationRange.most}.`
}

function* performanceProblems(
  { iops, throughput }: TaskManagedEBSVolumeConfiguration,
  volumeType: VolumeType,
): Iterable<string> {
  const range = iopsRanges[volumeType]
  if (iops !== undefined && !range) yield `iops is not supported for ${volumeType} volumes.`
  if (range && isOutside(iops, range))
    yield `iops of a ${volumeType} volume must be from ${range.least} to ${range.most}.`
  if (iops === undefined && (volumeType === 'io1' || volumeType === 'io2'))
    yield `iops is required for ${volumeType} volumes.`
  if (throughput !== undefined && volumeType !== 'gp3') yield 'throughput is only supported for gp3 volumes.'
  if (isOutside(throughput, throughputRange))
    yield `throughput must be from ${throughputRange.least} to ${throughputRange.most}.`
}
