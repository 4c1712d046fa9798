import { type ECSClient, ExecuteCommandCommand, type Session, type Task } from '@aws-sdk/client-ecs'
import { ecsClient, talking } from '../clients.ts'
import type { Command, Invocation } from '../command.ts'
import { attach } from '../exec/attach.ts'
import { quoteCommand } from '../exec/quote.ts'
import { CommandFailure, UsageError } from '../failures.ts'
import { text } from '../flags.ts'
import { describeTasks, listTasks } from '../listing/tasks.ts'

/** The task of that id or ARN, else the newest running one of the service of that name. */
const findTask = async (client: ECSClient, cluster: string, name: string): Promise<Task> => {
  const found = /^([0-9a-f]{32}|arn:.*:task\/.*)$/.test(name)
    ? await describeTasks(client, cluster, [name])
    : await listTasks(client, { cluster, serviceName: name })
  const task = found.find(({ lastStatus }) => lastStatus === 'RUNNING')
  if (!task) throw new CommandFailure(`No task of ${name} is running.`)
  return task
}

const openSession = async (
  client: ECSClient,
  cluster: string,
  { positionals, flags }: Invocation,
): Promise<Session> => {
  const [name = '', ...words] = positionals
  const task = await findTask(client, cluster, name)
  const { session } = await client.send(
    new ExecuteCommandCommand({
      cluster,
      task: task.taskArn,
      container: text(flags, 'container') ?? task.containers?.[0]?.name,
      command: words.length === 0 ? '/bin/sh' : quoteCommand(words),
      interactive: true,
    }),
  )
  if (!session) throw new CommandFailure('Berth opened no session.')
  return session
}

const run = async (invocation: Invocation): Promise<number> => {
  const { configuration, flags, output } = invocation
  if (output.json) throw new UsageError('The output is that of the command: --json has nothing to say of it.')
  const { stdin: input, stdout, stderr: error } = process
  const client = ecsClient(configuration)
  const cluster = text(flags, 'cluster') ?? 'default'
  const session = await talking(configuration, () => openSession(client, cluster, invocation))
  const isTerminal = flags['no-terminal'] !== true && input.isTTY === true && stdout.isTTY === true
  return attach(session, isTerminal, { input, output: stdout, error })
}

export const exec: Command = {
  name: 'exec',
  summary: 'Execute a command in a container of a running task, with a terminal where there is one',
  usage: 'TASK|SERVICE [--container NAME] [--cluster default] [--no-terminal] [-- COMMAND …]',
  options: {
    cluster: { type: 'string' },
    container: { type: 'string' },
    'no-terminal': { type: 'boolean' },
  },
  positionals: [1, 1_000],
  run,
}
