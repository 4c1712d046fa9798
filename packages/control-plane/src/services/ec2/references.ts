/** From the ids of a request to rows of its account. */
import type { Scope } from '@berth/model'
import type { View } from '../../store/view.ts'
import { ec2Error, missingParameter, snapshotNotFound, volumeNotFound } from './errors.ts'
import {
  type SnapshotRow,
  snapshotArn,
  snapshots,
  type VolumeRow,
  volumeArn,
  volumes,
} from './tables/index.ts'

const isIdOf = (prefix: 'vol' | 'snap', id: string): boolean =>
  new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`).test(id)

/** Throws InvalidVolumeID.Malformed, InvalidVolume.NotFound. */
export const volumeOf = (view: View, scope: Scope, id: string | undefined): VolumeRow => {
  if (!id) throw missingParameter('VolumeId')
  if (!isIdOf('vol', id))
    throw ec2Error('InvalidVolumeID.Malformed', `Invalid id: "${id}" (expecting "vol-...")`)
  const volume = view.get(volumes, volumeArn(scope, id))
  if (!volume) throw volumeNotFound(id)
  return volume
}

/** Throws InvalidSnapshotID.Malformed, InvalidSnapshot.NotFound. */
export const snapshotOf = (view: View, scope: Scope, id: string | undefined): SnapshotRow => {
  if (!id) throw missingParameter('SnapshotId')
  if (!isIdOf('snap', id))
    throw ec2Error('InvalidSnapshotID.Malformed', `Invalid id: "${id}" (expecting "snap-...")`)
  const snapshot = findSnapshot(view, scope, id)
  if (!snapshot) throw snapshotNotFound(id)
  return snapshot
}

/** Undefined also when it is being deleted. */
export const findSnapshot = (view: View, scope: Scope, id: string): SnapshotRow | undefined => {
  const snapshot = view.get(snapshots, snapshotArn(scope, id))
  return snapshot?.isDeleted ? undefined : snapshot
}

/** GiB: of a volume that says no size, its snapshot's, if that is known. */
export const sizeOf = (view: View, scope: Scope, volume: VolumeRow): number | undefined =>
  volume.sizeInGiB ??
  (volume.snapshotId === undefined
    ? undefined
    : view.get(snapshots, snapshotArn(scope, volume.snapshotId))?.sizeInGiB)
