import type { PayloadMessage } from '@berth/model'
import type { Checker } from './checker.ts'

/** A task runs once, on one host, and nobody is told to run what was shown STOPPED. */
export const oneRun = (now: () => number): Checker => {
  /** `task container` → host */
  const ran = new Map<string, string>()
  const hostOf = new Map<string, string>()
  /** By task: in which epoch and when it was first shown STOPPED. */
  const stopped = new Map<string, { readonly epoch: number; readonly at: number }>()
  const started = new Set<string>()
  return {
    name: 'one-run',
    started: (host, { taskArn, name }) => {
      started.add(taskArn)
      const other = hostOf.get(taskArn)
      if (other !== undefined && other !== host) return `${taskArn} runs on ${host}, and ran on ${other}`
      hostOf.set(taskArn, host)
      const key = `${taskArn} ${name}`
      if (ran.has(key)) return `container ${name} of ${taskArn} was started twice on ${host}`
      ran.set(key, host)
      return undefined
    },
    learn: ({ tasks, epoch }) => {
      for (const [arn, { lastStatus }] of tasks)
        if (lastStatus === 'STOPPED' && !stopped.has(arn)) stopped.set(arn, { epoch, at: now() })
      return undefined
    },
    // A server that was deposed without knowing it yet may still say what was true in its time; and what waited for the
    // commit that shows a task STOPPED goes out at the same moment.
    sent: ({ name, epoch }, { type, message }) => {
      if (type !== 'PayloadMessage') return undefined
      const again = (message as PayloadMessage).tasks.find(({ arn, desiredStatus }) => {
        const shown = stopped.get(arn)
        return desiredStatus === 'RUNNING' && shown !== undefined && epoch >= shown.epoch && now() > shown.at
      })
      return again && `${name} tells an agent to run ${again.arn}, which was shown STOPPED`
    },
    missing: ({ tasks, isComplete }) => {
      if (!isComplete) return undefined
      for (const arn of started) if (!tasks.has(arn)) return `${arn} was run, and the API does not know it`
      return undefined
    },
  }
}
