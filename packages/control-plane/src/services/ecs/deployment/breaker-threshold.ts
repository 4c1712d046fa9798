import type { ServiceRow } from '../tables/index.ts'

export type Breaker = NonNullable<ServiceRow['deploymentConfiguration']['deploymentCircuitBreaker']>

const least = 3
const most = 200

/** How many failed tasks are too many. A part of a task is rounded up. (AWS: ThresholdConfiguration) */
export const thresholdOf = ({ thresholdConfiguration }: Breaker, desiredCount: number): number => {
  const { type, value } = { type: 'BOUNDED_PERCENT', value: 50, ...thresholdConfiguration }
  if (type === 'COUNT') return value ?? 50
  const part = Math.ceil((desiredCount * (value ?? 50)) / 100)
  return type === 'UNBOUNDED_PERCENT' ? Math.max(1, part) : Math.min(most, Math.max(least, part))
}
