import { StaleRead } from '../store/stale-read.ts'
import type { Store, Transaction } from '../store/view.ts'
import type { Plan, Step } from './plan.ts'

/** Applies a plan as one commit. False when a row that it was made from has changed: nothing was written. */
export const applyPlan = (store: Store, { expects, steps }: Plan): boolean => {
  if (steps.length === 0) return true
  try {
    store.update(tx => {
      for (const { table, id, version } of expects) tx.expect(table, id, version)
      for (const step of steps) applyStep(tx, step)
    })
    return true
  } catch (error) {
    if (error instanceof StaleRead) return false
    throw error
  }
}

const applyStep = (tx: Transaction, step: Step): void => {
  if (step.kind === 'put') tx.put(step.table, step.row)
  else if (step.kind === 'delete') tx.delete(step.table, step.id)
  else tx.append(step.table, step.record)
}
