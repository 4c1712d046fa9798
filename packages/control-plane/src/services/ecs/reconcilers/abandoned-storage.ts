import { type Plan, put, type Reconciler, remove, unchanged } from '../../../control-loop/plan.ts'
import type { Change, View } from '../../../store/view.ts'
import { type SnapshotRow, snapshots, type VolumeRow, volumes } from '../../ec2/index.ts'
import { containerInstances } from '../tables/index.ts'

/**
 * Ends what volumes and snapshots wait for of a host that was deregistered: what was to be deleted is forgotten with
 * its files, and a snapshot that was to be made failed. A key is the container instance's ARN.
 */
export const abandonedStorageReconciler: Reconciler = {
  name: 'ecs.abandoned-storage',
  tables: [containerInstances, snapshots, volumes],
  keys: function* (view) {
    for (const { containerInstanceArn } of view.all(snapshots)) yield containerInstanceArn
    for (const { containerInstanceArn } of view.all(volumes)) yield containerInstanceArn
  },
  keysOf: ({ table, id, after }: Change) => {
    if (table.name === containerInstances.name) return [id]
    return after === undefined ? [] : [(after as SnapshotRow | VolumeRow).containerInstanceArn]
  },
  reconcile: (view, containerInstanceArn) => {
    const instance = view.get(containerInstances, containerInstanceArn)
    if (instance !== undefined && instance.status !== 'INACTIVE') return { expects: [], steps: [] }
    return abandon(view, containerInstanceArn)
  },
}

const abandon = (view: View, containerInstanceArn: string): Plan => {
  const open = [...view.where(snapshots, 'openOnInstance', containerInstanceArn)]
  const deleted = [...view.where(volumes, 'deletedOnInstance', containerInstanceArn)]
  return {
    expects: [
      unchanged(view, containerInstances, containerInstanceArn),
      ...open.map(({ id }) => unchanged(view, snapshots, id)),
      ...deleted.map(({ id }) => unchanged(view, volumes, id)),
    ],
    steps: [
      ...open.map(row => (row.isDeleted ? remove(snapshots, row.id) : put(snapshots, failed(row)))),
      ...deleted.map(({ id }) => remove(volumes, id)),
    ],
  }
}

const failed = (snapshot: SnapshotRow): SnapshotRow => ({
  ...snapshot,
  state: 'error',
  stateMessage: `The container instance ${snapshot.containerInstanceArn}, which has the volume, was deregistered.`,
})
