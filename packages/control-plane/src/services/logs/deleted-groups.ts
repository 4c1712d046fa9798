import { type Reconciler, remove, type Step } from '../../control-loop/plan.ts'
import { logGroups, logStreams } from './tables/index.ts'

const sliceRows = 500

/** Deletes the rows of streams whose group is gone. A key is the group's id in the log store. */
export const deletedGroups: Reconciler = {
  name: 'logs.deleted-groups',
  keys: view => {
    const groups = new Set<string>()
    for (const stream of view.all(logStreams)) groups.add(stream.groupStoreId)
    return [...groups].filter(storeId => view.count(logGroups, 'byStoreId', storeId) === 0)
  },
  tables: [logGroups],
  keysOf: ({ before, after }) => {
    if (!before || after) return []
    return [(before as typeof logGroups.row & object).storeId]
  },
  reconcile: (view, storeId) => {
    const steps: Step[] = []
    if (view.count(logGroups, 'byStoreId', storeId) > 0) return { expects: [], steps }
    for (const stream of view.where(logStreams, 'byGroup', storeId)) {
      steps.push(remove(logStreams, stream.id))
      if (steps.length >= sliceRows) break
    }
    return { expects: [], steps, unfinished: view.count(logStreams, 'byGroup', storeId) > steps.length }
  },
}
