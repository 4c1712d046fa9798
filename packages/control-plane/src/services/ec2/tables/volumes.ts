import type { Tag } from '@aws-sdk/client-ecs'
import { formatArn, lastSegment, type Scope } from '@berth/model'
import { defineTable, type Millis } from '../../../store/table.ts'
import { scopeKeyOf } from './scope.ts'

/**
 * An EBS volume. Operations and the service reconciler of ECS make it with its task; ECS's reconciler of task volumes
 * writes `state` and `attachment` after what the task's host reports, and removes the row of a volume that is deleted.
 * EC2's DeleteVolume lets an available one be `deleting`, until its host's word removes the row; tags are EC2's alone.
 */
export interface VolumeRow {
  /** The volume's ARN. */
  readonly id: string
  readonly state: VolumeState
  readonly availabilityZone: string
  /** The host whose disk holds the volume: it can be attached nowhere else. */
  readonly containerInstanceArn: string
  /** Absent: as large as its snapshot. */
  readonly sizeInGiB?: number | undefined
  readonly volumeType: VolumeType
  readonly filesystemType: string
  /** Checked and shown; what the host's disk can do decides. */
  readonly iops?: number | undefined
  /** MiB/s, likewise. */
  readonly throughput?: number | undefined
  /** MiB/s, likewise. */
  readonly volumeInitializationRate?: number | undefined
  readonly snapshotId?: string | undefined
  readonly tags: readonly Tag[]
  readonly createdAt: Millis
  /** Absent: nothing uses it. */
  readonly attachment?: VolumeAttachment | undefined
}

/** (AWS: EC2 API reference, Volume) */
export type VolumeState = 'creating' | 'available' | 'in-use' | 'deleting'

export const volumeTypes = ['gp2', 'gp3', 'io1', 'io2', 'st1', 'sc1', 'standard'] as const
export type VolumeType = (typeof volumeTypes)[number]

/** What the volume is attached to. (AWS: EC2 API reference, VolumeAttachment) */
export interface VolumeAttachment {
  /** The task's ARN: EC2's `associatedResource`. */
  readonly taskArn: string
  readonly state: 'attaching' | 'attached' | 'detaching'
  readonly attachedAt: Millis
  readonly deleteOnTermination: boolean
}

export const volumes = defineTable<VolumeRow>()({
  name: 'ec2.volumes',
  indexes: {
    byScope: volume => scopeKeyOf(volume.id),
    /** Those that their host is to delete. */
    deletedOnInstance: volume => (isToBeDeleted(volume) ? volume.containerInstanceArn : undefined),
  },
})

/** DeleteVolume was called: with its attachment, a volume is deleted as its task ends. */
export const isToBeDeleted = ({ state, attachment }: VolumeRow): boolean =>
  state === 'deleting' && attachment === undefined

export const volumeArn = (scope: Scope, volumeId: string): string =>
  formatArn('ec2', scope, `volume/${volumeId}`)

export const volumeIdOf = (volume: Pick<VolumeRow, 'id'>): string => lastSegment(volume.id)

/** `vol-` and 17 hexadecimal digits. */
export const newVolumeId = (randomHex: (bytes: number) => string): string => `vol-${randomHex(9).slice(1)}`
