/** How long the tasks of a host that loses its power are missing, once the host counts as lost. */
import {
  CreateServiceCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs'
import { Berth } from '../test/e2e/berth.ts'
import { busybox, makeBusyboxImage } from '../test/e2e/busybox.ts'
import { LocalHosts } from '../test/e2e/local-hosts.ts'
import { define } from './berth-tasks.ts'
import { median, polled } from './measure.ts'

const rounds = 7
const tasksOfService = 12
const service = 'bench'

const running = async (berth: Berth): Promise<Task[]> => {
  const { taskArns = [] } = await berth.ecs.send(new ListTasksCommand({ serviceName: service }))
  if (taskArns.length === 0) return []
  const { tasks = [] } = await berth.ecs.send(new DescribeTasksCommand({ tasks: taskArns }))
  return tasks.filter(task => task.lastStatus === 'RUNNING')
}

/** Milliseconds. */
interface Round {
  readonly lost: number
  /** From the command to the loss of the host. */
  readonly detected: number
  /** From the loss of the host to the first, and to the last of its tasks that run elsewhere. */
  readonly first: number
  readonly last: number
}

const describe = async (berth: Berth, tasks: readonly Task[]): Promise<Task[]> => {
  const arns = tasks.map(task => task.taskArn ?? '')
  return (await berth.ecs.send(new DescribeTasksCommand({ tasks: arns }))).tasks ?? []
}

/** The server dates all of it: when it gave the host up, and when it heard of each new task that it runs. */
const killOne = async (berth: Berth, hosts: LocalHosts, name: string): Promise<Round> => {
  const { containerInstanceArn } = await hosts.host(name)
  const before = await running(berth)
  const known = new Set(before.map(task => task.taskArn))
  const killed = before.filter(task => task.containerInstanceArn === containerInstanceArn)
  const commandAt = Date.now()
  await hosts.run('kill', name)
  let replacements: Task[] = []
  await polled(async () => {
    replacements = (await running(berth)).filter(task => !known.has(task.taskArn))
    return replacements.length === killed.length
  }, 50)
  const lostAt = Math.min(...(await describe(berth, killed)).map(task => Number(task.stoppedAt)))
  const started = replacements.map(task => Number(task.startedAt))
  return {
    lost: killed.length,
    detected: lostAt - commandAt,
    first: Math.min(...started) - lostAt,
    last: Math.max(...started) - lostAt,
  }
}

const restored = async (berth: Berth, hosts: LocalHosts, name: string): Promise<void> => {
  await hosts.run('restart', name)
  await hosts.connected(name)
  // The tasks are spread anew, so that the next round loses as many.
  const { ecs } = berth
  const { taskArns = [] } = await ecs.send(new ListTasksCommand({ serviceName: service }))
  for (const task of taskArns) await ecs.send(new StopTaskCommand({ task }))
  await polled(async () => {
    const tasks = await running(berth)
    return tasks.length === tasksOfService && tasks.every(task => !taskArns.includes(task.taskArn ?? ''))
  }, 100)
}

export const killHost = async (): Promise<void> => {
  makeBusyboxImage()
  const berth = await Berth.startAlone({ server: { BERTH_AGENT_START_GRACE_MS: '0' } })
  const hosts = new LocalHosts(berth)
  try {
    await hosts.run('add', '3', '--local', '--zone', 'a', '--zone', 'b', '--zone', 'c', '--image', busybox)
    await define(berth, {
      family: service,
      containerDefinitions: [
        { name: 'main', image: busybox, memory: 16, cpu: 10, command: ['sleep', '3600'], stopTimeout: 1 },
      ],
    })
    const desired = { serviceName: service, taskDefinition: service, desiredCount: tasksOfService }
    await berth.ecs.send(new CreateServiceCommand(desired))
    await polled(async () => (await running(berth)).length === tasksOfService, 100)
    const measured: Round[] = []
    for (let round = 0; round < rounds; round++) {
      measured.push(await killOne(berth, hosts, 'host-1'))
      await restored(berth, hosts, 'host-1')
    }
    const middle = (of: keyof Round): string => median(measured.map(round => round[of])).toFixed(0)
    console.log(
      `${middle('lost')} of ${tasksOfService} tasks lost with their host, which counted as lost ${middle('detected')} ms after the command that cut its power; after that the first of them was RUNNING elsewhere in ${middle('first')} ms, all in ${middle('last')} ms (medians of ${rounds})`,
    )
  } finally {
    await hosts.removeAll()
    await berth.stop()
  }
}
