/** Parts of the product that see rows otherwise than they are. */
import { isDeepStrictEqual } from 'node:util'
import type { Plan, Reconciler } from '../../src/control-loop/plan.ts'
import type { Operation, Service } from '../../src/services/service.ts'
import type { Row, Table } from '../../src/store/table.ts'
import type { View } from '../../src/store/view.ts'
import type { Planted, Seams } from '../seams.ts'
import { wrap } from '../wrap.ts'

/** Changes the plans of one reconciler, or of all. */
export const plansOf = (
  name: string | undefined,
  change: (plan: Plan, view: View, key: string, planted: Planted) => Plan,
): Seams => ({
  reconcilers: (reconcilers, planted) =>
    reconcilers.map(
      (reconciler): Reconciler =>
        name !== undefined && reconciler.name !== name
          ? reconciler
          : {
              ...reconciler,
              reconcile: (view, key, surroundings) =>
                change(reconciler.reconcile(view, key, surroundings), view, key, planted),
            },
    ),
})

/** The view, whose rows of one table look as `look` says. */
export const lookingAt = <R extends Row>(view: View, table: Table<R>, look: (row: R) => R): View => {
  const isIt = (other: { readonly name: string }): boolean => other.name === table.name
  return wrap(view, {
    get: (asked: Table<R>, id: string) => {
      const row = view.get(asked, id)
      return row !== undefined && isIt(asked) ? look(row) : row
    },
    where: function* (asked: Table<R>, index: never, key: string) {
      for (const row of view.where(asked, index, key) as Iterable<R>) yield isIt(asked) ? look(row) : row
    },
  } as unknown as Partial<View>)
}

/** One reconciler reads a table's rows as `look` says; what it writes is of the rows as they are. */
export const blurred = <R extends Row>(
  reconcilerName: string,
  table: Table<R>,
  look: (row: R, planted: Planted) => R,
): Seams => ({
  reconcilers: (reconcilers, planted) =>
    reconcilers.map(reconciler => {
      if (reconciler.name !== reconcilerName) return reconciler
      const seen = (row: R): R => look(row, planted)
      return {
        ...reconciler,
        reconcile: (view, key, surroundings) => {
          const plan = reconciler.reconcile(lookingAt(view, table, seen), key, surroundings)
          const steps = plan.steps.map(step => {
            const before =
              step.kind === 'put' && step.table.name === table.name && view.get(table, step.row.id)
            return before ? { ...step, row: restored(before, seen(before), step.row as R) } : step
          })
          return { ...plan, steps }
        },
      }
    }),
})

/** Members that look otherwise, and were left as they looked, are again what they are. */
const restored = <R extends Row>(real: R, seen: R, written: R): R => {
  const row = { ...written } as Record<string, unknown>
  for (const member of Object.keys({ ...real, ...seen }) as (keyof R & string)[])
    if (!isDeepStrictEqual(real[member], seen[member]) && isDeepStrictEqual(row[member], seen[member]))
      row[member] = real[member]
  return row as unknown as R
}

export const withOperation = (
  service: Service,
  name: string,
  handle: (honest: Operation) => Operation['handle'],
): Service => ({
  ...service,
  operations: service.operations.map(operation =>
    operation.name === name ? { ...operation, handle: handle(operation) } : operation,
  ),
})
