/** Tasks of a whole Berth with real containers, for benchmarks that start some and wait for them. */
import {
  DescribeTasksCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs'
import type { Berth } from '../test/e2e/berth.ts'
import { type Ask, askedUntil } from './asking.ts'
import { inParallel } from './measure.ts'

const runAtMost = 10
const describedAtMost = 100

const inGroups = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )

export const define = async (berth: Berth, input: RegisterTaskDefinitionCommandInput): Promise<void> => {
  await berth.ecs.send(new RegisterTaskDefinitionCommand(input))
}

/** The ARNs of so many new tasks, asked for all at once. */
export const runTasks = async (berth: Berth, taskDefinition: string, count: number): Promise<string[]> => {
  const calls = inGroups(Array.from({ length: count }), runAtMost)
  const answers = await Promise.all(
    calls.map(({ length }) => berth.ecs.send(new RunTaskCommand({ taskDefinition, count: length }))),
  )
  const tasks = answers.flatMap(answer => answer.tasks ?? [])
  if (tasks.length !== count)
    throw new Error(`${tasks.length} of ${count} tasks were placed: ${JSON.stringify(answers[0]?.failures)}`)
  return tasks.map(task => task.taskArn ?? '')
}

export const describe = async (berth: Berth, arns: readonly string[]): Promise<Task[]> => {
  const answers = await Promise.all(
    inGroups(arns, describedAtMost).map(tasks => berth.ecs.send(new DescribeTasksCommand({ tasks }))),
  )
  return answers.flatMap(answer => answer.tasks ?? [])
}

const haveReached =
  (arns: readonly string[], status: 'RUNNING' | 'STOPPED') =>
  async (ask: Ask): Promise<boolean> => {
    const answers = await Promise.all(
      inGroups(arns, describedAtMost).map(tasks =>
        ask<{ readonly tasks: readonly Task[] }>('DescribeTasks', { tasks }),
      ),
    )
    const described = answers.flatMap(({ tasks }) => tasks)
    return described.length === arns.length && described.every(({ lastStatus }) => lastStatus === status)
  }

export const allReach = (
  berth: Berth,
  arns: readonly string[],
  status: 'RUNNING' | 'STOPPED',
  everyMs: number,
): Promise<void> => askedUntil(berth, haveReached(arns, status), everyMs)

export const stopTasks = async (berth: Berth, arns: readonly string[]): Promise<void> => {
  await inParallel(arns, 32, task => berth.ecs.send(new StopTaskCommand({ task })))
  await allReach(berth, arns, 'STOPPED', 50)
}
