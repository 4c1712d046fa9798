import type { ServiceRow, TaskSetRow } from '../../tables/index.ts'

/** What binary fractions add to a product: 64.4 % of 250 would be 162 tasks. */
const rounding = 1 - 1e-12

/** The service's desired count by the set's scale, always rounded up; none while it drains. (AWS: TaskSet) */
export const computedDesiredCountOf = (
  { status, desiredCount }: Pick<ServiceRow, 'status' | 'desiredCount'>,
  taskSet: Pick<TaskSetRow, 'status' | 'scale'>,
): number =>
  status === 'ACTIVE' && taskSet.status !== 'DRAINING'
    ? Math.ceil(((desiredCount * taskSet.scale.value) / 100) * rounding)
    : 0
