import type { Task } from '@aws-sdk/client-ecs'
import { isLaterStatus, type TaskStatus } from '@berth/model'
import type { Checker } from './checker.ts'

/** What was said of a task once, and never changes. */
const fixed = [
  'taskDefinitionArn',
  'containerInstanceArn',
  'group',
  'startedBy',
  'launchType',
  'cpu',
  'memory',
] as const
/** Said at some time, and never changes then. */
const onceSaid = ['startedAt', 'stoppingAt', 'stoppedAt', 'stopCode', 'stoppedReason'] as const

/** A task's status moves forward, STOPPED is final, versions grow, and nothing is forgotten. */
export const taskHistory = (): Checker => {
  const known = new Map<string, Task>()
  return {
    name: 'task-history',
    learn: ({ tasks, isComplete }) => {
      for (const [arn, task] of tasks) {
        const before = known.get(arn)
        // What was STOPPED is seldom read anew.
        if (before === task) continue
        const wrong = before && compare(before, task)
        if (wrong) return `${arn}: ${wrong}`
        known.set(arn, task)
      }
      if (!isComplete) return undefined
      for (const arn of known.keys()) if (!tasks.has(arn)) return `${arn} is gone, and was shown before`
      return undefined
    },
  }
}

const compare = (before: Task, after: Task): string | undefined => {
  if (isLaterStatus(after.lastStatus as TaskStatus, before.lastStatus as TaskStatus))
    return `lastStatus went back from ${before.lastStatus} to ${after.lastStatus}`
  if (before.desiredStatus === 'STOPPED' && after.desiredStatus !== 'STOPPED')
    return `desiredStatus went back from STOPPED to ${after.desiredStatus}`
  for (const member of fixed)
    if (before[member] !== after[member])
      return `${member} changed from ${before[member]} to ${after[member]}`
  for (const member of onceSaid)
    if (before[member] !== undefined && String(before[member]) !== String(after[member]))
      return `${member} changed from ${before[member]} to ${after[member]}`
  return compareContainers(before, after) ?? compareVersions(before, after)
}

const compareContainers = (before: Task, after: Task): string | undefined => {
  for (const [index, container] of (before.containers ?? []).entries()) {
    const later = after.containers?.[index]
    if (later?.containerArn !== container.containerArn) return `container ${container.name} is another one`
    if (container.exitCode !== undefined && later?.exitCode !== container.exitCode)
      return `the exit code of ${container.name} changed from ${container.exitCode} to ${later?.exitCode}`
    if (container.lastStatus === 'STOPPED' && later?.lastStatus !== 'STOPPED')
      return `container ${container.name} came back from STOPPED`
  }
  return undefined
}

const compareVersions = (before: Task, after: Task): string | undefined => {
  const [older = 0, newer = 0] = [before.version, after.version]
  if (newer < older) return `version went back from ${older} to ${newer}`
  const isChanged = before.lastStatus !== after.lastStatus || before.desiredStatus !== after.desiredStatus
  return isChanged && newer === older ? `version ${newer} did not grow with a change` : undefined
}
