import type { Tag } from '@aws-sdk/client-ecs'
import { formatArn, lastSegment, type Scope } from '@berth/model'
import { defineTable, type Millis } from '../../../store/table.ts'
import { scopeKeyOf } from './scope.ts'

/**
 * A snapshot of an EBS volume: a copy of its file on the host of the volume. Operations make it and say that it is to be
 * deleted; what its host reports completes it, fails it, and removes the row of one that is deleted.
 */
export interface SnapshotRow {
  /** The snapshot's ARN. */
  readonly id: string
  /** (AWS: EC2 API reference, Snapshot) */
  readonly state: 'pending' | 'completed' | 'error'
  /** Why it failed. */
  readonly stateMessage?: string | undefined
  readonly volumeId: string
  /** The host whose disk holds the copy. */
  readonly containerInstanceArn: string
  /** Of the volume; absent where only its host knows. */
  readonly sizeInGiB?: number | undefined
  readonly description: string
  readonly tags: readonly Tag[]
  readonly startedAt: Millis
  readonly completedAt?: Millis | undefined
  /** It is shown to nobody any more; its host has yet to remove the copy. */
  readonly isDeleted?: true | undefined
}

export const snapshots = defineTable<SnapshotRow>()({
  name: 'ec2.snapshots',
  indexes: {
    byScope: snapshot => (snapshot.isDeleted ? undefined : scopeKeyOf(snapshot.id)),
    /** Those that their host has still something to do for. */
    openOnInstance: snapshot =>
      snapshot.isDeleted || snapshot.state === 'pending' ? snapshot.containerInstanceArn : undefined,
  },
})

export const snapshotArn = (scope: Scope, snapshotId: string): string =>
  formatArn('ec2', scope, `snapshot/${snapshotId}`)

export const snapshotIdOf = (snapshot: Pick<SnapshotRow, 'id'>): string => lastSegment(snapshot.id)

/** `snap-` and 17 hexadecimal digits. */
export const newSnapshotId = (randomHex: (bytes: number) => string): string => `snap-${randomHex(9).slice(1)}`
