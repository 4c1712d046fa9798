import {
  type Expectation,
  type Plan,
  put,
  type Reconciler,
  type Step,
  unchanged,
} from '../../../control-loop/plan.ts'
import type { View } from '../../../store/view.ts'
import { type ContainerInstanceRow, containerInstances, type TaskRow, tasks } from '../tables/index.ts'

const markedAtOnce = 25

/**
 * Marks the tasks of services on DRAINING instances, for their services to replace, and takes the mark off when the
 * instance is ACTIVE again. Standalone tasks are left alone. A daemon's task is marked when no other tasks are left: it is
 * the last to stop. A key is an instance's ARN.
 * (AWS: "Draining Amazon ECS container instances"; "Amazon ECS service deployment controllers and strategies")
 */
export const drainingTasksReconciler: Reconciler = {
  name: 'ecs.draining-tasks',
  keys: function* (view) {
    for (const { id } of view.all(containerInstances)) yield id
  },
  tables: [containerInstances, tasks],
  keysOf: ({ table, id, before, after }, view) => {
    if (table.name === tasks.name) return drainedBy(view, before as TaskRow | undefined, after as TaskRow)
    const statuses = [before, after].map(row => (row as ContainerInstanceRow | undefined)?.status)
    return statuses[0] === statuses[1] ? [] : [id]
  },
  reconcile: (view, key): Plan => {
    const instance = view.get(containerInstances, key)
    if (instance === undefined) return { expects: [], steps: [] }
    const draining = instance.status === 'DRAINING' ? true : undefined
    const expects: Expectation[] = [unchanged(view, containerInstances, key)]
    const steps: Step[] = []
    const index = draining ? 'byInstance' : 'onDrainingByInstance'
    const daemonsStay = draining !== undefined && hasOthersThanDaemons(view, key)
    for (const task of view.where(tasks, index, key)) {
      if (task.serviceArn === undefined || task.onDrainingInstance === draining) continue
      if (daemonsStay && task.isDaemon && task.lastStatus === 'RUNNING') continue
      if (steps.length === markedAtOnce) return { expects, steps, unfinished: true }
      expects.push(unchanged(view, tasks, task.id))
      steps.push(put(tasks, { ...task, onDrainingInstance: draining }))
    }
    return { expects, steps }
  },
}

/** The instance that a task has left, if it drains: a daemon may be all that is left there. */
const drainedBy = (view: View, before: TaskRow | undefined, after: TaskRow | undefined): string[] => {
  if (after?.lastStatus !== 'STOPPED' || before?.lastStatus === 'STOPPED') return []
  const instance = view.get(containerInstances, after.containerInstanceArn ?? '')
  return instance?.status === 'DRAINING' ? [instance.id] : []
}

const hasOthersThanDaemons = (view: View, containerInstanceArn: string): boolean => {
  for (const task of view.where(tasks, 'byInstance', containerInstanceArn)) if (!task.isDaemon) return true
  return false
}
