/** What a host has to do for EC2: read from the rows whenever a session begins or one of them changes. */

import type { BerthStorageResult, StorageOrder } from '@berth/model'
import { scopeOfArn } from '@berth/model'
import {
  type SnapshotRow,
  snapshotArn,
  snapshotIdOf,
  snapshots,
  type VolumeRow,
  volumeArn,
  volumeIdOf,
  volumes,
} from '../services/ec2/index.ts'
import type { Millis } from '../store/table.ts'
import type { Change, Store, Transaction, View } from '../store/view.ts'
import { textOf } from './frames.ts'

export const storageOrdersOf = (view: View, containerInstanceArn: string): readonly StorageOrder[] => {
  const open = [...view.where(snapshots, 'openOnInstance', containerInstanceArn)]
  const copied = new Set(open.filter(({ isDeleted }) => !isDeleted).map(({ volumeId }) => volumeId))
  const deleted = [...view.where(volumes, 'deletedOnInstance', containerInstanceArn)].map(volumeIdOf)
  return [
    ...open.map(orderOf),
    // A volume stays until it is copied.
    ...deleted.filter(id => !copied.has(id)).map((id): StorageOrder => ({ action: 'DeleteVolume', id })),
  ]
}

const orderOf = (snapshot: SnapshotRow): StorageOrder => {
  const id = snapshotIdOf(snapshot)
  return snapshot.isDeleted
    ? { action: 'DeleteSnapshot', id }
    : { action: 'CreateSnapshot', id, volumeId: snapshot.volumeId }
}

/** The host that may have new orders after a change; undefined for a change of anything else. */
export const hostWithOrders = ({ table, after }: Change): string | undefined =>
  table.name === snapshots.name || table.name === volumes.name
    ? (after as SnapshotRow | VolumeRow | undefined)?.containerInstanceArn
    : undefined

/** A host's word counts for what is on that host, and only while it is asked for. */
export const applyStorageResult = (
  store: Store,
  containerInstanceArn: string,
  message: unknown,
  now: Millis,
): void => {
  const result = {
    action: textOf(message, 'action') as BerthStorageResult['action'],
    id: textOf(message, 'id'),
    problem: textOf(message, 'problem'),
  }
  const isOrdered = storageOrdersOf(store, containerInstanceArn).some(
    ({ action, id }) => action === result.action && id === result.id,
  )
  if (isOrdered) store.update(tx => write(tx, containerInstanceArn, result, now))
}

const write = (
  tx: Transaction,
  containerInstanceArn: string,
  { action, id, problem }: Required<BerthStorageResult>,
  now: Millis,
): void => {
  const scope = scopeOfArn(containerInstanceArn)
  if (action === 'DeleteVolume') tx.delete(volumes, volumeArn(scope, id))
  else if (action === 'DeleteSnapshot') tx.delete(snapshots, snapshotArn(scope, id))
  else {
    const snapshot = tx.get(snapshots, snapshotArn(scope, id))
    if (!snapshot) return
    if (problem === '') tx.put(snapshots, { ...snapshot, state: 'completed', completedAt: now })
    else tx.put(snapshots, { ...snapshot, state: 'error', stateMessage: problem.slice(0, longestReason) })
  }
}

/** Rows keep what an agent says, and every caller reads it. */
const longestReason = 1_024
