import {
  type Expectation,
  type Plan,
  put,
  type Reconciler,
  type Step,
  unchanged,
} from '../../../control-loop/plan.ts'
import { type ContainerInstanceRow, containerInstances, tasks } from '../tables/index.ts'

const markedAtOnce = 25

/**
 * Marks the tasks of services on DRAINING instances, for their services to replace, and takes the mark off when the
 * instance is ACTIVE again. Standalone tasks are left alone. A key is an instance's ARN.
 * (AWS: "Draining Amazon ECS container instances")
 */
export const drainingTasksReconciler: Reconciler = {
  name: 'ecs.draining-tasks',
  keys: function* (view) {
    for (const { id } of view.all(containerInstances)) yield id
  },
  tables: [containerInstances],
  keysOf: ({ id, before, after }) =>
    (before as ContainerInstanceRow | undefined)?.status !==
    (after as ContainerInstanceRow | undefined)?.status
      ? [id]
      : [],
  reconcile: (view, key): Plan => {
    const instance = view.get(containerInstances, key)
    if (instance === undefined) return { expects: [], steps: [] }
    const draining = instance.status === 'DRAINING' ? true : undefined
    const expects: Expectation[] = [unchanged(view, containerInstances, key)]
    const steps: Step[] = []
    const index = draining ? 'byInstance' : 'onDrainingByInstance'
    for (const task of view.where(tasks, index, key)) {
      if (task.serviceArn === undefined || task.onDrainingInstance === draining) continue
      if (steps.length === markedAtOnce) return { expects, steps, unfinished: true }
      expects.push(unchanged(view, tasks, task.id))
      steps.push(put(tasks, { ...task, onDrainingInstance: draining }))
    }
    return { expects, steps }
  },
}
