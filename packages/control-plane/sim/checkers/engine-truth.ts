import type { Task } from '@aws-sdk/client-ecs'
import type { SimContainer } from '../hosts/engine.ts'
import type { SimHost } from '../hosts/host.ts'
import type { Checker } from './checker.ts'

/** What the API says of a task is what an engine did. */
export const engineTruth = (hosts: readonly SimHost[]): Checker => {
  const containersOf = (arn: string): readonly SimContainer[] => hosts.flatMap(({ engine }) => engine.of(arn))
  return {
    name: 'engine-truth',
    judge: ({ tasks }) => {
      for (const [arn, task] of tasks) {
        const wrong = judgeTask(task, containersOf(arn))
        if (wrong) return `${arn}: ${wrong}`
      }
      return undefined
    },
  }
}

const judgeTask = (task: Task, containers: readonly SimContainer[]): string | undefined => {
  if (task.lastStatus === 'RUNNING' && !containers.some(container => container.essential && hasRun(container)))
    return `is shown RUNNING, and no engine has run it`
  if (task.lastStatus === 'STOPPED') {
    const runs = containers.find(({ status }) => status === 'running')
    if (runs !== undefined && !wasGivenUp(task)) return `is shown STOPPED, and ${runs.name} runs`
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
export const wasGivenUp = (task: Task): boolean =>
  task.executionStoppedAt === undefined &&
  (task.stoppedReason?.includes('terminated.') === true ||
    task.stoppedReason?.includes('deregistration forced') === true ||
    task.connectivity === 'DISCONNECTED')
