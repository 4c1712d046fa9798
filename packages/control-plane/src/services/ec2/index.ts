/** Of Amazon EC2, the volumes that ECS gives tasks, and their snapshots. */
import type { Service } from '../service.ts'
import { deleteVolume } from './operations/delete-volume.ts'
import { describeVolumes } from './operations/describe-volumes.ts'
import { snapshotOperations } from './operations/snapshots.ts'
import { tagOperations } from './operations/tags.ts'
import { snapshots, volumes } from './tables/index.ts'

export { findSnapshot } from './references.ts'
export {
  newVolumeId,
  type SnapshotRow,
  snapshotArn,
  snapshotIdOf,
  snapshots,
  type VolumeRow,
  type VolumeType,
  volumeArn,
  volumeIdOf,
  volumes,
  volumeTypes,
} from './tables/index.ts'

export const ec2Service: Service = {
  name: 'ec2',
  // It takes some 100 MB: who never calls EC2 never has it.
  client: { signingName: 'ec2', load: () => import('@aws-sdk/client-ec2') },
  unsupportedCode: 'UnsupportedOperation',
  operations: [deleteVolume, describeVolumes, ...snapshotOperations, ...tagOperations],
  tables: [snapshots, volumes],
  histories: [],
  reconcilers: [],
}
