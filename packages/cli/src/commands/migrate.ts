import {
  DeletePreDeploymentTaskCommand,
  DescribePreDeploymentTaskCommand,
  type PreDeploymentTaskResponse,
  PutPreDeploymentTaskCommand,
} from '@berth/client'
import { berthClient, talking } from '../clients.ts'
import type { Command, Invocation } from '../command.ts'
import { UsageError } from '../failures.ts'
import { text } from '../flags.ts'

const minutesOf = (given: string | undefined): number | undefined => {
  if (given === undefined) return undefined
  if (!/^\d{1,9}$/.test(given)) throw new UsageError(`The time-out is in minutes, not ${given}.`)
  return Number(given)
}

/** What is asked for, by what is given: a command or a definition sets, --remove takes away, nothing shows. */
const ask = ({ configuration, flags, positionals }: Invocation): Promise<PreDeploymentTaskResponse> => {
  const client = berthClient(configuration)
  const [service, ...command] = positionals
  const named = { cluster: text(flags, 'cluster') ?? 'default', service }
  const taskDefinition = text(flags, 'task-definition')
  if (flags['remove'] === true) {
    if (command.length > 0 || taskDefinition !== undefined) throw new UsageError('--remove goes alone.')
    return client.send(new DeletePreDeploymentTaskCommand(named))
  }
  if (command.length === 0 && taskDefinition === undefined)
    return client.send(new DescribePreDeploymentTaskCommand(named))
  return client.send(
    new PutPreDeploymentTaskCommand({
      ...named,
      taskDefinition,
      container: text(flags, 'container'),
      timeoutInMinutes: minutesOf(text(flags, 'timeout')),
      ...(command.length > 0 && { command }),
    }),
  )
}

const wordsOf = (service: string, { preDeploymentTask }: PreDeploymentTaskResponse): string => {
  if (preDeploymentTask === undefined) return `${service} runs nothing before it is deployed.`
  const { taskDefinition, command, timeoutInMinutes } = preDeploymentTask
  const what = taskDefinition ?? 'the revision to be deployed'
  const how = command === undefined ? '' : ` with \`${command.join(' ')}\``
  return `Before ${service} is deployed, ${what} runs${how}, and must end with exit code 0 within ${timeoutInMinutes} minutes.`
}

const run = async (invocation: Invocation): Promise<number> => {
  const { configuration, positionals, output } = invocation
  const answer = await talking(configuration, () => ask(invocation))
  output.show(answer, () => output.line(wordsOf(positionals[0] ?? '', answer)))
  return 0
}

export const migrate: Command = {
  name: 'migrate',
  summary: 'Set, show or remove the task that a service runs before each of its deployments',
  usage:
    'SERVICE [--task-definition FAMILY[:REVISION]] [--container NAME] [--timeout 60] [-- COMMAND …] | SERVICE --remove   [--cluster default]',
  options: {
    'task-definition': { type: 'string' },
    container: { type: 'string' },
    timeout: { type: 'string' },
    remove: { type: 'boolean' },
    cluster: { type: 'string' },
  },
  positionals: [1, 100],
  run,
}
