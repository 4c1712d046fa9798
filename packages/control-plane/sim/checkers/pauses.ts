import type { Task } from '@aws-sdk/client-ecs'
import { type Acknowledged, clusterOf, serviceKey } from '../clients/acknowledged.ts'
import type { Checker, Observation } from './checker.ts'

const BLUR_MS = 5_000
/** So long after a pause, or a change of the leader, its tasks have been told to stop. Servers may stand still meanwhile. */
const STOPPED_WITHIN_MS = 25_000

/** Nothing of a paused service is started, and nothing of it goes on. */
export const pauses = (known: Acknowledged): Checker => {
  const seen = new Set<string>()
  return {
    name: 'pauses',
    learn: observation => {
      for (const task of observation.tasks.values()) {
        if (!task.group?.startsWith('service:')) continue
        const wrong = judgeGoingOn(known, task, observation) ?? judgeStart(known, seen, task, observation)
        if (wrong) return `${task.taskArn} of ${task.group}, which is paused, ${wrong}`
      }
      return undefined
    },
  }
}

const keyOf = ({ clusterArn, group }: Task): string => serviceKey(clusterOf(clusterArn), group)

const judgeStart = (
  known: Acknowledged,
  seen: Set<string>,
  task: Task,
  { trueTime, at }: Observation,
): string | undefined => {
  const { taskArn = '' } = task
  if (seen.has(taskArn)) return undefined
  seen.add(taskArn)
  const when = trueTime(task.createdAt)
  // Until now: a leader whose clock is ahead of the others' dates what it starts later than it was.
  const wishes = known.paused.within(keyOf(task), when - BLUR_MS, Math.max(when, at), BLUR_MS)
  return wishes.length > 0 && wishes.every(isPaused => isPaused) ? 'was started' : undefined
}

/** But for tasks that are protected. */
const judgeGoingOn = (known: Acknowledged, task: Task, observation: Observation): string | undefined => {
  const { taskArn = '', desiredStatus } = task
  const key = keyOf(task)
  if (desiredStatus === 'STOPPED' || known.protections.has(taskArn) || !known.paused.isSurely(key, true))
    return undefined
  const since = Math.max(known.paused.changedAt(key), observation.leadingSince)
  return observation.at - since > STOPPED_WITHIN_MS ? 'goes on' : undefined
}
