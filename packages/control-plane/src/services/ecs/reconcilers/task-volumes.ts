import { scopeOfArn } from '@berth/model'
import { type Plan, put, type Reconciler, remove, unchanged } from '../../../control-loop/plan.ts'
import type { Change } from '../../../store/view.ts'
import { type VolumeRow, volumeArn, volumes } from '../../ec2/index.ts'
import { type TaskRow, tasks } from '../tables/index.ts'

/** Lets a volume follow the task that it was made for, from its making to its end. A key is the volume's ARN. */
export const taskVolumeReconciler: Reconciler = {
  name: 'ecs.task-volumes',
  tables: [tasks],
  keys: function* (view) {
    for (const { id, attachment } of view.all(volumes)) if (attachment) yield id
  },
  keysOf: ({ before, after }: Change) =>
    volumeOf(before as TaskRow | undefined, after as TaskRow | undefined),
  reconcile: (view, id) => {
    const volume = view.get(volumes, id)
    if (!volume?.attachment) return { expects: [], steps: [] }
    const { taskArn } = volume.attachment
    const after = volumeAfter(volume, view.get(tasks, taskArn))
    if (after === volume) return { expects: [], steps: [] }
    const plan: Pick<Plan, 'expects'> = {
      expects: [unchanged(view, volumes, id), unchanged(view, tasks, taskArn)],
    }
    return { ...plan, steps: [after === undefined ? remove(volumes, id) : put(volumes, after)] }
  },
}

/** Most changes of a task say nothing of its volume. */
const volumeOf = (before: TaskRow | undefined, after: TaskRow | undefined): string[] => {
  const task = after ?? before
  if (!task?.volume) return []
  const isNews =
    before === undefined ||
    after === undefined ||
    before.volume?.status !== after.volume?.status ||
    before.lastStatus !== after.lastStatus ||
    before.stopUnconfirmed !== after.stopUnconfirmed
  return isNews ? [volumeArn(scopeOfArn(task.id), task.volume.volumeId)] : []
}

/** The volume as its task's host has left it: undefined once it is gone, the same row when nothing is new. */
export const volumeAfter = (volume: VolumeRow, task: TaskRow | undefined): VolumeRow | undefined => {
  const { attachment } = volume
  if (attachment === undefined) return volume
  const released = attachment.deleteOnTermination ? undefined : available(volume)
  // A task that left for history without its host's word: the host is not coming back with it.
  if (task?.volume === undefined) return released
  switch (task.volume.status) {
    case 'PRECREATED':
    case 'CREATED':
      // Its host never began with it.
      return task.lastStatus === 'STOPPED' && !task.stopUnconfirmed ? undefined : volume
    case 'ATTACHING':
    case 'FAILED':
      return volume
    case 'ATTACHED':
      return become(volume, 'in-use', 'attached')
    case 'DETACHING':
      return become(volume, attachment.deleteOnTermination ? 'deleting' : 'in-use', 'detaching')
    case 'DETACHED':
      return available(volume)
    case 'DELETED':
      return undefined
  }
}

const available = ({ attachment: _, ...volume }: VolumeRow): VolumeRow => ({ ...volume, state: 'available' })

const become = (
  volume: VolumeRow,
  state: VolumeRow['state'],
  attachmentState: NonNullable<VolumeRow['attachment']>['state'],
): VolumeRow => {
  const { attachment } = volume
  if (attachment === undefined || (volume.state === state && attachment.state === attachmentState))
    return volume
  return { ...volume, state, attachment: { ...attachment, state: attachmentState } }
}
