import type { Task } from '@aws-sdk/client-ecs'
import type { SimContainer } from '../hosts/engine.ts'
import type { SimHost } from '../hosts/host.ts'
import type { Checker } from './checker.ts'

/** What the API says of a task is what an engine did. */
export const engineTruth = (hosts: readonly SimHost[]): Checker => {
  const containersOf = (arn: string): readonly SimContainer[] =>
    hosts.flatMap(({ engine }) => engine.ever.get(arn) ?? [])
  return {
    name: 'engine-truth',
    judge: ({ tasks, instances }) => {
      const known = new Set(instances.map(({ containerInstanceArn }) => containerInstanceArn))
      for (const [arn, task] of tasks) {
        const isWatched = known.has(task.containerInstanceArn) && !wasGivenUp(task)
        const wrong = judgeTask(task, containersOf(arn), isWatched)
        if (wrong) return `${arn}: ${wrong}`
      }
      return undefined
    },
  }
}

const judgeTask = (
  task: Task,
  containers: readonly SimContainer[],
  isWatched: boolean,
): string | undefined => {
  if (
    task.lastStatus === 'RUNNING' &&
    !containers.some(container => container.essential && hasRun(container))
  )
    return `is shown RUNNING, and no engine has run it`
  if (task.lastStatus === 'STOPPED') {
    const runs = containers.find(({ status }) => status === 'running')
    if (runs !== undefined && isWatched)
      return `is shown STOPPED (${task.stoppedReason}), and ${runs.name} runs`
  }
  for (const { name, exitCode, runtimeId } of task.containers ?? []) {
    if (exitCode === undefined) continue
    const truth = containers.find(container => container.name === name && container.id === runtimeId)
    if (truth?.exitCode !== exitCode)
      return `container ${name} is shown with exit code ${exitCode}, and it was ${truth?.exitCode}`
  }
  return undefined
}

const hasRun = ({ status }: SimContainer): boolean => status === 'running' || status === 'exited'

/** Its host was lost, or its instance deregistered by force: nobody could see it stop. */
export const wasGivenUp = ({ stoppedReason, connectivity }: Task): boolean =>
  stoppedReason?.includes('terminated.') === true ||
  stoppedReason?.includes('deregistration forced') === true ||
  connectivity === 'DISCONNECTED'
