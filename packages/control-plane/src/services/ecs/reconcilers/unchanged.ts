import type { Expectation } from '../../../control-loop/plan.ts'
import type { Row, Table } from '../../../store/table.ts'
import type { View } from '../../../store/view.ts'

/** A plan that holds only while this row is as the plan found it. */
export const unchanged = <R extends Row>(view: View, table: Table<R>, id: string): Expectation => ({
  table: table as unknown as Table,
  id,
  version: view.versionOf(table, id),
})
