import type { Volume, VolumeAttachment } from '@aws-sdk/client-ec2'
import type { Scope } from '@berth/model'
import type { View } from '../../../store/view.ts'
import { timestamp } from '../../timestamp.ts'
import { sizeOf } from '../references.ts'
import { type VolumeRow, volumeIdOf } from '../tables/index.ts'
import { tagResponse } from '../tags.ts'

export const volumeResponse = (view: View, scope: Scope, volume: VolumeRow): Volume => {
  const { state, availabilityZone, volumeType, iops, throughput, snapshotId = '', createdAt } = volume
  const Size = sizeOf(view, scope, volume)
  return {
    VolumeId: volumeIdOf(volume),
    ...(Size !== undefined && { Size }),
    State: state,
    AvailabilityZone: availabilityZone,
    VolumeType: volumeType,
    ...(iops !== undefined && { Iops: iops }),
    ...(throughput !== undefined && { Throughput: throughput }),
    ...(volume.volumeInitializationRate !== undefined && {
      VolumeInitializationRate: volume.volumeInitializationRate,
    }),
    SnapshotId: snapshotId,
    Encrypted: false,
    MultiAttachEnabled: false,
    CreateTime: timestamp(createdAt),
    Attachments: attachmentsOf(volume),
    Tags: tagResponse(volume.tags),
  }
}

const attachmentsOf = (volume: VolumeRow): VolumeAttachment[] => {
  const { attachment } = volume
  if (!attachment) return []
  const { taskArn, state, attachedAt, deleteOnTermination } = attachment
  return [
    {
      VolumeId: volumeIdOf(volume),
      State: state,
      AttachTime: timestamp(attachedAt),
      DeleteOnTermination: deleteOnTermination,
      AssociatedResource: taskArn,
    },
  ]
}
