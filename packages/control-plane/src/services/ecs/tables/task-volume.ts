import type { AttachmentStatus } from '@berth/model'

/** The EBS volume that a task has got for the volume of its definition that is configured at launch. */
export interface TaskVolume {
  /** What DescribeTasks shows the attachment under. */
  readonly attachmentId: string
  readonly volumeId: string
  /** As the task definition names it. */
  readonly name: string
  /** Absent: as large as its snapshot. */
  readonly sizeInGiB?: number | undefined
  readonly filesystemType: 'ext3' | 'ext4' | 'xfs'
  readonly snapshotId?: string | undefined
  readonly deleteOnTermination: boolean
  readonly roleArn: string
  /** From here on: reports. */
  readonly status: AttachmentStatus
  /** Why it could not be attached. */
  readonly statusReason?: string | undefined
}
