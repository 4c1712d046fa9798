import {
  type Expectation,
  type Plan,
  put,
  type Reconciler,
  type Step,
  unchanged,
} from '../../../control-loop/plan.ts'
import {
  type ContainerInstanceRow,
  clusters,
  containerInstances,
  services,
  type TaskRow,
  tasks,
} from '../tables/index.ts'

/** A service whose tasks find no place tries again this often at most, whatever happens in its cluster. */
const shortestRetryMs = 500
const wokenAtOnce = 50

const holdsNothing = (task: TaskRow | undefined): boolean =>
  task?.lastStatus === 'STOPPED' && !task.stopUnconfirmed

/**
 * Lets services whose tasks found no place try again when room may have come free: an instance has joined or changed,
 * or a task has stopped. A key is a cluster's ARN.
 */
export const servicePlacementReconciler: Reconciler = {
  name: 'ecs.service-placement',
  keys: function* (view) {
    for (const { id } of view.all(clusters)) yield id
  },
  tables: [containerInstances, tasks],
  keysOf: ({ table, before, after }) => {
    if (table.name === containerInstances.name) {
      const instance = (after ?? before) as ContainerInstanceRow
      return instance.status === 'ACTIVE' ? [instance.clusterArn] : []
    }
    const task = after as TaskRow | undefined
    const isFree = task !== undefined && holdsNothing(task) && !holdsNothing(before as TaskRow | undefined)
    return isFree ? [task.clusterArn] : []
  },
  reconcile: (view, clusterArn, { now }): Plan => {
    const expects: Expectation[] = []
    const steps: Step[] = []
    let wakeAt: number | undefined
    for (const service of view.where(services, 'unplaced', clusterArn)) {
      const { placementFailure } = service
      if (placementFailure === undefined) continue
      if (steps.length === wokenAtOnce) return { expects, steps, unfinished: true }
      const retryAt = placementFailure.triedAt + shortestRetryMs
      if (now < retryAt) wakeAt = Math.min(wakeAt ?? retryAt, retryAt)
      else {
        expects.push(unchanged(view, services, service.id))
        steps.push(put(services, { ...service, placementFailure: { ...placementFailure, retry: true } }))
      }
    }
    return wakeAt === undefined ? { expects, steps } : { expects, steps, wakeAt }
  },
}
