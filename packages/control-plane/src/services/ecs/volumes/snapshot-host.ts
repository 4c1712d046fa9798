import type { Scope } from '@berth/model'
import type { View } from '../../../store/view.ts'
import { findSnapshot } from '../../ec2/index.ts'
import type { RequiredHost } from '../placement/place.ts'
import type { ManagedVolume } from './volume-configurations.ts'

/** A volume begins as a copy of its snapshot, which is on one host. A snapshot that nobody made here may be on any. */
export const hostOfSnapshot = (
  view: View,
  scope: Scope,
  volume: ManagedVolume | undefined,
): RequiredHost | undefined => {
  const { snapshotId } = volume?.ebs ?? {}
  const snapshot = snapshotId === undefined ? undefined : findSnapshot(view, scope, snapshotId)
  return (
    snapshot && {
      containerInstanceArn: snapshot.containerInstanceArn,
      because: `The snapshot ${snapshotId} is on container instance ${snapshot.containerInstanceArn}.`,
    }
  )
}
