import { type Reconciler, remove, unchanged } from '../../../control-loop/plan.ts'
import type { Change, View } from '../../../store/view.ts'
import {
  deployments,
  type ServiceRow,
  services,
  type TaskDefinitionRow,
  type TaskRow,
  taskDefinitions,
  taskSets,
  tasks,
} from '../tables/index.ts'

/**
 * Deletes revisions that are DELETE_IN_PROGRESS once nothing needs them: no service, and no task that can still be
 * described, for a task's row does not repeat what its definition says. A key is a revision's ARN.
 */
export const taskDefinitionReconciler: Reconciler = {
  name: 'ecs.task-definition',
  keys: deletingIds,
  tables: [taskDefinitions, tasks, services, deployments, taskSets],
  keysOf: change => keyOf(change),
  reconcile: (view, id) => {
    const row = view.get(taskDefinitions, id)
    if (row?.status !== 'DELETE_IN_PROGRESS' || isUsed(view, id)) return { expects: [], steps: [] }
    return {
      expects: [unchanged(view, taskDefinitions, id)],
      steps: [remove(taskDefinitions, id)],
    }
  },
}

function* deletingIds(view: View): Iterable<string> {
  for (const row of view.all(taskDefinitions)) if (row.status === 'DELETE_IN_PROGRESS') yield row.id
}

const keyOf = ({ table, id, before, after }: Change): readonly string[] => {
  if (table.name === taskDefinitions.name)
    return (after as TaskDefinitionRow | undefined)?.status === 'DELETE_IN_PROGRESS' ? [id] : []
  if (table.name === tasks.name) return before && !after ? [(before as TaskRow).taskDefinitionArn] : []
  return before ? [(before as ServiceRow).taskDefinitionArn] : []
}

const isUsed = (view: View, id: string): boolean =>
  view.total(tasks, 'byTaskDefinition', id) !== undefined ||
  view.count(services, 'byTaskDefinition', id) > 0 ||
  view.count(deployments, 'byTaskDefinition', id) > 0 ||
  view.count(taskSets, 'byTaskDefinition', id) > 0
