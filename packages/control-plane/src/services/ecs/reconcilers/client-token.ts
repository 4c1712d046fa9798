import {
  type Expectation,
  type Reconciler,
  remove,
  type Step,
  unchanged,
} from '../../../control-loop/plan.ts'
import { type ClientTokenRow, clientTokens, endOfExpiryHour, expiryHour } from '../tables/index.ts'

/** How many tokens go in one plan: a slice of a millisecond. */
const sliceSize = 500

/** Deletes expired client tokens, hour by hour. A key is an `expiryHour`. */
export const clientTokenReconciler: Reconciler = {
  name: 'ecs.client-token',
  keys: function* (view) {
    for (const token of view.all(clientTokens)) yield expiryHour(token)
  },
  tables: [clientTokens],
  keysOf: ({ after }) => (after ? [expiryHour(after as ClientTokenRow)] : []),
  reconcile: (view, hour, { now }) => {
    const end = endOfExpiryHour(hour)
    if (now < end) return { expects: [], steps: [], wakeAt: end }
    const expects: Expectation[] = []
    const steps: Step[] = []
    for (const token of view.where(clientTokens, 'byExpiryHour', hour)) {
      if (steps.length === sliceSize) return { expects, steps, unfinished: true }
      expects.push(unchanged(view, clientTokens, token.id))
      steps.push(remove(clientTokens, token.id))
    }
    return { expects, steps }
  },
}
