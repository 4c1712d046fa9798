import { describe, expect, it } from 'vitest'
import { put, remove } from '../../../control-loop/plan.ts'
import {
  type SnapshotRow,
  snapshotArn,
  snapshots,
  type VolumeRow,
  volumeArn,
  volumes,
} from '../../ec2/index.ts'
import { given, instanceArn, scope, start, storeWith } from '../fixtures/rows.ts'
import type { ContainerInstanceRow } from '../tables/index.ts'
import { abandonedStorageReconciler } from './abandoned-storage.ts'

const volume: VolumeRow = {
  id: volumeArn(scope, 'vol-1'),
  state: 'deleting',
  availabilityZone: 'a',
  containerInstanceArn: instanceArn(1),
  volumeType: 'gp3',
  filesystemType: 'xfs',
  tags: [],
  createdAt: start,
}
const kept: VolumeRow = { ...volume, id: volumeArn(scope, 'vol-2'), state: 'available' }
const pending: SnapshotRow = {
  id: snapshotArn(scope, 'snap-1'),
  state: 'pending',
  volumeId: 'vol-1',
  containerInstanceArn: instanceArn(1),
  description: '',
  tags: [],
  startedAt: start,
}
const deleted: SnapshotRow = { ...pending, id: snapshotArn(scope, 'snap-2'), isDeleted: true }

const stepsWith = async (instances: readonly ContainerInstanceRow[]) => {
  const store = await storeWith({ instances })
  store.update(tx => {
    for (const row of [volume, kept]) tx.put(volumes, row)
    for (const row of [pending, deleted]) tx.put(snapshots, row)
  })
  const surroundings = { now: start, randomHex: () => '' }
  return abandonedStorageReconciler.reconcile(store, instanceArn(1), surroundings).steps
}

describe('what volumes and snapshots wait for', () => {
  it('is waited for as long as the host is registered', async () => {
    expect(await stepsWith([given.instance(1, { agentConnected: false })])).toEqual([])
  })

  it.each([
    ['deregistered', [given.instance(1, { status: 'INACTIVE' })]],
    ['forgotten', []],
  ] as const)('is given up when the host is %s', async (_, instances) => {
    const stateMessage = `The container instance ${instanceArn(1)}, which has the volume, was deregistered.`
    expect(await stepsWith(instances)).toEqual([
      put(snapshots, { ...pending, state: 'error', stateMessage }),
      remove(snapshots, deleted.id),
      remove(volumes, volume.id),
    ])
  })
})
