import type { Snapshot } from '@aws-sdk/client-ec2'
import { parseArn } from '@berth/model'
import { timestamp } from '../../timestamp.ts'
import { type SnapshotRow, snapshotIdOf } from '../tables/index.ts'
import { tagResponse } from '../tags.ts'

/** Of a copy that is on its way nobody knows how far it is. */
export const progressOf = ({ state }: SnapshotRow): string => (state === 'completed' ? '100%' : '0%')

export const snapshotResponse = (snapshot: SnapshotRow): Snapshot => {
  const { state, stateMessage, volumeId, sizeInGiB, description, startedAt, completedAt } = snapshot
  return {
    SnapshotId: snapshotIdOf(snapshot),
    VolumeId: volumeId,
    ...(sizeInGiB !== undefined && { VolumeSize: sizeInGiB }),
    State: state,
    ...(stateMessage !== undefined && { StateMessage: stateMessage }),
    Progress: progressOf(snapshot),
    StartTime: timestamp(startedAt),
    ...(completedAt !== undefined && { CompletionTime: timestamp(completedAt) }),
    OwnerId: parseArn(snapshot.id)?.accountId,
    Description: description,
    Encrypted: false,
    StorageTier: 'standard',
    Tags: tagResponse(snapshot.tags),
  }
}
