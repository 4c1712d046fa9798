/**
 * How production traffic moves to the new revision. (AWS: "Amazon ECS linear deployments", "Amazon ECS canary
 * deployments", LinearConfiguration, CanaryConfiguration.) A share is in tenths of a per cent, so that steps add up.
 */
import type { Millis } from '../../../../store/table.ts'
import type { ServiceRow } from '../../tables/index.ts'

type Configuration = ServiceRow['deploymentConfiguration']

/** Of the traffic: all of it. */
export const everything = 1000

export interface TrafficSteps {
  /** What the new revision gets after each step, rising; the last is everything. */
  readonly shares: readonly number[]
  /** How long each step but the last is watched before the next. */
  readonly bakeMs: Millis
}

const minuteMs = 60_000
const atOnce: TrafficSteps = { shares: [everything], bakeMs: 0 }

/** Without a revision to take traffic from, it moves at once. */
export const trafficStepsOf = (
  { strategy, linearConfiguration, canaryConfiguration }: Configuration,
  hasSource: boolean,
): TrafficSteps => {
  if (!hasSource) return atOnce
  if (strategy === 'LINEAR') {
    const { stepPercent = 10, stepBakeTimeInMinutes = 6 } = linearConfiguration ?? {}
    const step = Math.round(stepPercent * 10)
    const count = Math.ceil(everything / step)
    const shares = Array.from({ length: count }, (_, index) => Math.min(everything, step * (index + 1)))
    return { shares, bakeMs: stepBakeTimeInMinutes * minuteMs }
  }
  if (strategy === 'CANARY') {
    const { canaryPercent = 5, canaryBakeTimeInMinutes = 10 } = canaryConfiguration ?? {}
    const first = Math.round(canaryPercent * 10)
    const shares = first === everything ? [everything] : [first, everything]
    return { shares, bakeMs: canaryBakeTimeInMinutes * minuteMs }
  }
  return atOnce
}
