import { type Reconciler, remove, unchanged } from '../../../control-loop/plan.ts'
import type { Change } from '../../../store/view.ts'
import { type ContainerInstanceRow, containerInstances, tasks } from '../tables/index.ts'

/** ECS keeps deregistered instances describable "for a period of time": as long as the tasks that they leave behind. */
const keptMs = 3_600_000

/** Forgets INACTIVE instances. A key is the instance's ARN. */
export const inactiveInstanceReconciler: Reconciler = {
  name: 'ecs.inactive-instance',
  keys: function* (view) {
    for (const instance of view.all(containerInstances)) if (instance.status === 'INACTIVE') yield instance.id
  },
  tables: [containerInstances],
  keysOf: ({ id, after }: Change) =>
    (after as ContainerInstanceRow | undefined)?.status === 'INACTIVE' ? [id] : [],
  reconcile: (view, id, { now }) => {
    const instance = view.get(containerInstances, id)
    if (instance?.status !== 'INACTIVE') return { expects: [], steps: [] }
    const leavesAt = (instance.disconnectedAt ?? instance.registeredAt) + keptMs
    if (now < leavesAt) return { expects: [], steps: [], wakeAt: leavesAt }
    // Tasks that are still describable name their instance.
    if (view.count(tasks, 'stoppedByInstance', id) > 0)
      return { expects: [], steps: [], wakeAt: now + keptMs }
    return { expects: [unchanged(view, containerInstances, id)], steps: [remove(containerInstances, id)] }
  },
}
