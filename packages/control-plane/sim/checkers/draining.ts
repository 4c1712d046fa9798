import { type Acknowledged, clusterOf } from '../clients/acknowledged.ts'
import type { Checker } from './checker.ts'

/** Nothing is placed on an instance that is DRAINING, and nothing on an instance of another cluster. */
export const draining = (known: Acknowledged): Checker => {
  const seen = new Set<string>()
  let learnedAt = 0
  return {
    name: 'draining',
    // At the moment of the reading, since nobody knows yet what callers will ask for next.
    judge: ({ tasks }) => {
      for (const [arn, { containerInstanceArn: instance = '' }] of tasks) {
        if (seen.has(arn)) continue
        if (clusterOf(instance) !== clusterOf(arn)) return `${arn} was placed on ${instance}`
        const isDraining =
          known.instances.isSurely(instance, 'DRAINING') && known.instances.changedAt(instance) < learnedAt
        if (isDraining) return `${arn} was placed on ${instance}, which is DRAINING`
      }
      return undefined
    },
    learn: ({ tasks, at }) => {
      for (const arn of tasks.keys()) seen.add(arn)
      learnedAt = at
      return undefined
    },
  }
}
