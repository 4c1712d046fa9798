import {
  DescribeTaskDefinitionCommand,
  type ECSClient,
  RunTaskCommand,
  type RunTaskCommandInput,
  type Task,
  waitUntilTasksStopped,
} from '@aws-sdk/client-ecs'
import { ecsClient, talking } from '../clients.ts'
import type { Command, Invocation } from '../command.ts'
import { CommandFailure, UsageError } from '../failures.ts'
import { type Flags, text } from '../flags.ts'
import { describeTasks } from '../listing/tasks.ts'
import { shortName } from '../listing/words.ts'
import type { Output } from '../output.ts'

const countOf = (flags: Flags): number => {
  const count = Number(text(flags, 'count') ?? 1)
  if (!Number.isInteger(count) || count < 1 || count > 10)
    throw new UsageError('The count must be a number from 1 to 10.')
  return count
}

/** Words after the definition replace the command of its first container (or of the one that --container names). */
const overridesOf = async (
  client: ECSClient,
  invocation: Invocation,
): Promise<RunTaskCommandInput['overrides']> => {
  const [definition, ...command] = invocation.positionals
  if (command.length === 0) return undefined
  const { taskDefinition } = await client.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: definition }),
  )
  const name = text(invocation.flags, 'container') ?? taskDefinition?.containerDefinitions?.[0]?.name
  return { containerOverrides: [{ name, command }] }
}

/** The exit code for a script: that of the first container that did not exit with 0, or 1 when one has none. */
export const exitCodeOf = (tasks: readonly Task[]): number =>
  tasks
    .flatMap(task => task.containers ?? [])
    .map(({ exitCode }) => exitCode ?? 1)
    .find(code => code !== 0) ?? 0

const showStopped = (tasks: readonly Task[], output: Output): void => {
  for (const task of tasks) {
    const codes = (task.containers ?? []).map(
      ({ name, exitCode, reason }) => `${name} ${exitCode ?? reason ?? '-'}`,
    )
    output.line(`${shortName(task.taskArn)} stopped: ${task.stoppedReason ?? ''} (${codes.join(', ')})`)
  }
}

const start = async (client: ECSClient, invocation: Invocation, cluster: string): Promise<Task[]> => {
  const overrides = await overridesOf(client, invocation)
  const { tasks = [], failures = [] } = await client.send(
    new RunTaskCommand({
      cluster,
      taskDefinition: invocation.positionals[0],
      count: countOf(invocation.flags),
      startedBy: 'berth-run',
      ...(overrides === undefined ? {} : { overrides }),
    }),
  )
  if (failures.length > 0) {
    const reasons = failures.map(({ arn, reason }) => `${shortName(arn)}: ${reason}`).join('; ')
    throw new CommandFailure(`${tasks.length} tasks started; the others could not be placed: ${reasons}`)
  }
  return tasks
}

const run = async (invocation: Invocation): Promise<number> => {
  const { configuration, flags, output } = invocation
  const client = ecsClient(configuration)
  const cluster = text(flags, 'cluster') ?? 'default'
  const started = await talking(configuration, () => start(client, invocation, cluster))
  if (flags['wait'] !== true) {
    output.show(started, () => {
      for (const task of started) output.line(shortName(task.taskArn))
    })
    return 0
  }
  const arns = started.flatMap(({ taskArn }) => taskArn ?? [])
  await waitUntilTasksStopped(
    { client, maxWaitTime: 86_400, minDelay: 1, maxDelay: 1 },
    { cluster, tasks: arns },
  )
  const stopped = await describeTasks(client, cluster, arns)
  output.show(stopped, () => showStopped(stopped, output))
  return exitCodeOf(stopped)
}

export const runTask: Command = {
  name: 'run',
  summary: 'Run tasks of a definition; --wait gives the exit code of their containers',
  usage: 'DEFINITION [--count 1] [--container NAME] [--cluster default] [--wait] [-- COMMAND …]',
  options: {
    cluster: { type: 'string' },
    count: { type: 'string' },
    container: { type: 'string' },
    wait: { type: 'boolean' },
  },
  positionals: [1, 1_000],
  run,
}
