import { type Acknowledged, clusterOf, serviceKey } from '../clients/acknowledged.ts'
import type { Checker } from './checker.ts'

const BLUR_MS = 5_000

/** Nothing of a paused service is started. */
export const pauses = (known: Acknowledged): Checker => {
  const seen = new Set<string>()
  return {
    name: 'pauses',
    learn: ({ tasks, trueTime }) => {
      for (const [arn, { group, clusterArn, createdAt }] of tasks) {
        if (seen.has(arn)) continue
        seen.add(arn)
        if (!group?.startsWith('service:')) continue
        const when = trueTime(createdAt)
        const wishes = known.paused.within(
          serviceKey(clusterOf(clusterArn), group),
          when - BLUR_MS,
          when,
          BLUR_MS,
        )
        if (wishes.length > 0 && wishes.every(isPaused => isPaused))
          return `${arn} of ${group}, which is paused, was started`
      }
      return undefined
    },
  }
}
