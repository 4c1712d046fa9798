import type { Checker } from './checker.ts'

/** What the clocks of servers may be off, and what an observation may come late. */
const TOLERANCE_MS = 1_500
const LOST_AFTER_MS = 10_000
const GRACE_MS = 30_000

/** A host is given up only after it was silent for ten seconds, and nobody within thirty seconds of a server's start. */
export const lostHosts = (now: () => number): Checker => {
  const heardAt = new Map<string, number[]>()
  const judged = new Set<string>()
  return {
    name: 'lost-hosts',
    heard: arn => {
      const times = heardAt.get(arn) ?? []
      heardAt.set(arn, times)
      times.push(now())
      return undefined
    },
    judge: ({ tasks, leadingSince, trueTime }) => {
      for (const [arn, task] of tasks) {
        if (!task.stoppedReason?.includes('terminated.') || task.lastStatus !== 'STOPPED' || judged.has(arn))
          continue
        judged.add(arn)
        const stoppedAt = trueTime(task.stoppedAt)
        if (stoppedAt < leadingSince + GRACE_MS - TOLERANCE_MS && stoppedAt > leadingSince + TOLERANCE_MS)
          return `${arn} was given up ${stoppedAt - leadingSince} ms after the server began to lead`
        const from = stoppedAt - LOST_AFTER_MS + TOLERANCE_MS
        const heard = heardAt.get(task.containerInstanceArn ?? '') ?? []
        const late = heard.find(time => time > from && time < stoppedAt - TOLERANCE_MS)
        if (late !== undefined) return `${arn} was given up ${stoppedAt - late} ms after its agent was heard`
      }
      return undefined
    },
  }
}
