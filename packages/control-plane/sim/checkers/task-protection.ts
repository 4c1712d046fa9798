import type { Task } from '@aws-sdk/client-ecs'
import { type Acknowledged, clusterOf, serviceKey } from '../clients/acknowledged.ts'
import type { Checker } from './checker.ts'

/** Of what a service or an instance was asked to be, this much before and after a stop may be its cause. */
const BLUR_MS = 10_000

/** A protected task is stopped neither for scale-in nor for a deployment, until its protection ends. */
export const taskProtection = (known: Acknowledged): Checker => {
  const judged = new Set<string>()
  return {
    name: 'task-protection',
    learn: ({ tasks, trueTime }) => {
      for (const [arn, task] of tasks) {
        if (task.stoppingAt === undefined || judged.has(arn)) continue
        judged.add(arn)
        const until = known.protections.get(arn)
        const at = task.stoppingAt.getTime()
        // Both times are the servers': a task that was told to stop earlier would not have been protected.
        if (until === undefined || until === 'unknown' || at >= until) continue
        if (
          task.stoppedReason?.startsWith('Scaling activity') &&
          !isExcused(known, task, trueTime(task.stoppingAt))
        )
          return `${arn} was stopped by "${task.stoppedReason}" ${until - at} ms before its protection ends`
      }
      return undefined
    },
  }
}

/** Its service was deleted, or its instance was drained: neither is scale-in or a deployment. */
const isExcused = (known: Acknowledged, task: Task, at: number): boolean => {
  const key = serviceKey(clusterOf(task.clusterArn), task.group)
  const wishes = known.services.within(key, at - BLUR_MS, at + BLUR_MS, BLUR_MS)
  const states = known.instances.within(
    task.containerInstanceArn ?? '',
    at - BLUR_MS,
    at + BLUR_MS,
    2 * BLUR_MS,
  )
  return wishes.includes('gone') || states.includes('DRAINING')
}
