import type { Task } from '@aws-sdk/client-ecs'
import type { Checker } from './checker.ts'

/** What servers' clocks may differ by, and what happens between a commit and its reading. */
const TOLERANCE_MS = 2_000

/** What happens to a task is told by the servers' time, whatever its host takes for the time. */
export const serverTimes = (): Checker => ({
  name: 'server-times',
  judge: ({ tasks, at, trueTime }) => {
    for (const [arn, task] of tasks) {
      const wrong = judgeTask(task, at, trueTime)
      if (wrong) return `${arn} ${wrong}`
    }
    return undefined
  },
})

const judgeTask = (
  task: Task,
  at: number,
  trueTime: (time: Date | undefined) => number,
): string | undefined => {
  const { createdAt = new Date(0), startedAt, stoppingAt, stoppedAt } = task
  for (const [name, time] of Object.entries({ startedAt, stoppingAt, stoppedAt })) {
    if (time === undefined) continue
    if (time < createdAt) return `has ${name} ${Number(createdAt) - Number(time)} ms before its createdAt`
    if (trueTime(time) > at + TOLERANCE_MS) return `has ${name} ${trueTime(time) - at} ms in the future`
  }
  return undefined
}
