import {
  CreateServiceCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  type Task,
} from '@aws-sdk/client-ecs'
import { Berth } from '../test/e2e/berth.ts'
import { busybox, makeBusyboxImage } from '../test/e2e/busybox.ts'
import { DockerApi } from './docker-api.ts'
import { median, polled, timed } from './measure.ts'
import { Swarm } from './swarm.ts'

const rounds = 7
const service = 'bench'

const runningTasks = async (berth: Berth): Promise<Task[]> => {
  const { taskArns = [] } = await berth.ecs.send(new ListTasksCommand({ serviceName: service }))
  if (taskArns.length === 0) return []
  const { tasks = [] } = await berth.ecs.send(new DescribeTasksCommand({ tasks: taskArns }))
  return tasks.filter(task => task.lastStatus === 'RUNNING')
}

const replaceOne = async (berth: Berth, docker: DockerApi): Promise<void> => {
  const [victim] = await runningTasks(berth)
  await docker.call('POST', `/containers/${victim?.containers?.[0]?.runtimeId}/kill`)
  await polled(async () => {
    const running = await runningTasks(berth)
    return running.length > 0 && running.every(task => task.taskArn !== victim?.taskArn)
  })
}

/** A killed container of a service of one: how long until another one is RUNNING, beside Docker Swarm. */
export const replaceTask = async (): Promise<void> => {
  makeBusyboxImage()
  const docker = new DockerApi()
  const swarm = new Swarm()
  const berth = await Berth.start()
  try {
    await swarm.start(busybox)
    await swarm.runService(service, 1)
    await berth.ecs.send(
      new RegisterTaskDefinitionCommand({
        family: service,
        containerDefinitions: [
          { name: 'main', image: busybox, memory: 16, cpu: 10, command: ['sleep', '3600'], stopTimeout: 2 },
        ],
      }),
    )
    await berth.ecs.send(
      new CreateServiceCommand({ serviceName: service, taskDefinition: service, desiredCount: 1 }),
    )
    await polled(async () => (await runningTasks(berth)).length === 1)
    const ours: number[] = []
    const theirs: number[] = []
    for (let round = 0; round < rounds; round++) {
      ours.push(await timed(() => replaceOne(berth, docker)))
      theirs.push(await timed(() => swarm.replaceOne(service)))
    }
    console.log(
      `killed to replaced: Berth ${median(ours).toFixed(0)} ms, Swarm ${median(theirs).toFixed(0)} ms (${(median(ours) / median(theirs)).toFixed(2)} ×)`,
    )
  } finally {
    docker.close()
    await berth.stop()
    await swarm.stop()
  }
}
