import type { Task } from '@aws-sdk/client-ecs'
import { ecsClient, talking } from '../clients.ts'
import type { Command, Invocation } from '../command.ts'
import { text } from '../flags.ts'
import { hostNames } from '../listing/host-names.ts'
import { type PullsByTask, pullWords, readPulls } from '../listing/pulls.ts'
import { listTasks } from '../listing/tasks.ts'
import { age, ownerOf, shortName } from '../listing/words.ts'
import type { Output } from '../output.ts'

const portsOf = (task: Task): string =>
  (task.containers ?? [])
    .flatMap(({ networkBindings }) => networkBindings ?? [])
    .map(({ hostPort, containerPort, protocol }) => `${hostPort}->${containerPort}/${protocol}`)
    .join(', ') || '-'

const statusOf = (task: Task, output: Output): string => {
  const status = task.lastStatus ?? '-'
  if (status === 'RUNNING') return output.colour(task.healthStatus === 'UNHEALTHY' ? 'red' : 'green', status)
  return output.colour(status === 'STOPPED' ? 'dim' : 'yellow', status)
}

interface Surroundings {
  readonly pulls: PullsByTask
  /** By the container instance's ARN. */
  readonly hosts: ReadonlyMap<string, string>
  readonly output: Output
  readonly now: number
}

const row = (task: Task, { pulls, hosts, output, now }: Surroundings): string[] => [
  shortName(task.taskArn),
  ownerOf(task.group),
  shortName(task.taskDefinitionArn),
  statusOf(task, output),
  task.healthStatus ?? '-',
  hosts.get(task.containerInstanceArn ?? '') ?? '-',
  portsOf(task),
  age(task.createdAt, now),
  task.stoppedReason ?? pullWords(pulls, task.taskArn),
]

const run = async ({ configuration, flags, output }: Invocation): Promise<number> => {
  const client = ecsClient(configuration)
  const filter = {
    cluster: text(flags, 'cluster') ?? 'default',
    ...(text(flags, 'service') === undefined ? {} : { serviceName: text(flags, 'service') as string }),
  }
  const tasks = await talking(configuration, async () => [
    ...(await listTasks(client, filter)),
    ...(flags['all'] === true ? await listTasks(client, { ...filter, stopped: true }) : []),
  ])
  const isPending = tasks.some(task => task.lastStatus === 'PENDING')
  const pulls = isPending ? await readPulls(configuration) : new Map()
  const hosts = output.json
    ? new Map<string, string>()
    : await talking(configuration, () => hostNames(client, filter.cluster, tasks))
  const surroundings = { pulls, hosts, output, now: Date.now() }
  output.show(tasks, () =>
    output.table(
      ['TASK', 'SERVICE', 'DEFINITION', 'STATUS', 'HEALTH', 'HOST', 'PORTS', 'AGE', ''],
      tasks.map(task => row(task, surroundings)),
    ),
  )
  return 0
}

export const ps: Command = {
  name: 'ps',
  summary: 'List tasks; --all adds those that stopped within the hour',
  usage: '[--cluster default] [--service NAME] [--all]',
  options: { cluster: { type: 'string' }, service: { type: 'string' }, all: { type: 'boolean', short: 'a' } },
  positionals: [0, 0],
  run,
}
