import type { Millis } from '../../../../store/table.ts'
import type { TaskSetRow } from '../../tables/index.ts'

/** To be removed with its last task. */
export const drainingTaskSet = (taskSet: TaskSetRow, now: Millis): TaskSetRow => ({
  ...taskSet,
  status: 'DRAINING',
  scale: { ...taskSet.scale, value: 0 },
  updatedAt: now,
  stabilityStatus: 'STABILIZING',
  stabilityStatusAt: now,
  placementFailure: undefined,
})
