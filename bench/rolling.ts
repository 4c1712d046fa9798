import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2'
import {
  CreateServiceCommand,
  DeleteServiceCommand,
  ListTasksCommand,
  type Service,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { Berth } from '../test/e2e/berth.ts'
import { busybox, makeBusyboxImage } from '../test/e2e/busybox.ts'
import { type Ask, askedUntil } from './asking.ts'
import { define } from './berth-tasks.ts'
import { median, polled, timed } from './measure.ts'
import { Swarm, type SwarmUpdate } from './swarm.ts'

const tasks = 50
const parallelism = 10
const rounds = 3
const lookEveryMs = 50
const service = 'rolling'
const overlay = 'rolling'
/** Ends at SIGTERM, which a shell without a trap would not hear as the first process of a container. */
const command = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 3600 & wait; done']

const part = (100 * parallelism) / tasks

interface Contest {
  readonly name: string
  readonly minimum: number
  readonly maximum: number
  /** Swarm's. */
  readonly order: SwarmUpdate['order']
}

/** Ten tasks at a time in each of them. Swarm starts or stops first; percentages can also let both happen at once. */
const contests: readonly Contest[] = [
  { name: 'start first', minimum: 100, maximum: 100 + part, order: 'start-first' },
  { name: 'stop first', minimum: 100 - part, maximum: 100, order: 'stop-first' },
  {
    name: 'stop and start together, Swarm stops first',
    minimum: 100 - part,
    maximum: 100 + part,
    order: 'stop-first',
  },
]

/** Whether all tasks of the service are of one deployment, and run. */
const isRolled = async (ask: Ask): Promise<boolean> => {
  const { services } = await ask<{ readonly services: readonly Service[] }>('DescribeServices', {
    services: [service],
  })
  const { deployments = [], runningCount } = services[0] ?? {}
  return deployments.length === 1 && deployments[0]?.runningCount === tasks && runningCount === tasks
}

const subnetsOf = async (berth: Berth): Promise<string[]> => {
  const { Subnets = [] } = await new EC2Client(berth.clientSettings).send(new DescribeSubnetsCommand({}))
  return Subnets.map(({ SubnetId = '' }) => SubnetId)
}

const createService = async (berth: Berth, hasAddresses: boolean): Promise<void> => {
  await define(berth, {
    family: service,
    networkMode: hasAddresses ? 'awsvpc' : 'bridge',
    containerDefinitions: [{ name: 'main', image: busybox, memory: 16, cpu: 10, command, stopTimeout: 10 }],
  })
  await berth.ecs.send(
    new CreateServiceCommand({
      serviceName: service,
      taskDefinition: service,
      desiredCount: tasks,
      ...(hasAddresses && {
        networkConfiguration: { awsvpcConfiguration: { subnets: await subnetsOf(berth) } },
      }),
    }),
  )
  await askedUntil(berth, isRolled, lookEveryMs)
}

const roll = async (berth: Berth, { minimum, maximum }: Contest): Promise<void> => {
  await berth.ecs.send(
    new UpdateServiceCommand({
      service,
      forceNewDeployment: true,
      // It needs more than 100 %.
      availabilityZoneRebalancing: 'DISABLED',
      deploymentConfiguration: { minimumHealthyPercent: minimum, maximumPercent: maximum },
    }),
  )
  await askedUntil(berth, isRolled, lookEveryMs)
}

const removeService = async (berth: Berth): Promise<void> => {
  await berth.ecs.send(new DeleteServiceCommand({ service, force: true }))
  await polled(async () => {
    const { taskArns = [] } = await berth.ecs.send(new ListTasksCommand({ serviceName: service }))
    return taskArns.length === 0
  })
}

/**
 * A rolling deployment of fifty tasks, ten at a time, beside Docker Swarm: from the update until only new tasks run.
 * A task counts for both as soon as it runs: Berth's settle time, which Swarm does not have, is set to nothing.
 */
const rollAll = async ({ hasAddresses }: { readonly hasAddresses: boolean }): Promise<void> => {
  makeBusyboxImage()
  const swarm = new Swarm()
  const berth = await Berth.start({ server: { BERTH_TASK_SETTLE_MS: '0' } })
  try {
    await swarm.start(busybox)
    await swarm.createOverlay(overlay)
    for (const contest of contests) {
      const { name, order } = contest
      const [ours, theirs]: [number[], number[]] = [[], []]
      for (let round = 0; round < rounds; round++) {
        await createService(berth, hasAddresses)
        ours.push(await timed(() => roll(berth, contest)))
        await removeService(berth)
        await swarm.runService(service, tasks, lookEveryMs, {
          command,
          ...(hasAddresses && { network: overlay }),
        })
        theirs.push(await timed(() => swarm.rollService(service, { parallelism, order }, lookEveryMs)))
        await swarm.removeService(service)
      }
      console.log(
        `${name}: ${tasks} tasks, ${parallelism} at a time: Berth ${median(ours).toFixed(0)} ms, Swarm ${median(theirs).toFixed(0)} ms (${(median(ours) / median(theirs)).toFixed(2)} ×)`,
      )
    }
  } finally {
    await berth.stop()
    await swarm.stop()
  }
}

/** Tasks on Docker's own bridges. */
export const rolling = (): Promise<void> => rollAll({ hasAddresses: false })
/** Tasks with an address that other hosts reach: of the mode awsvpc, and on one of Swarm's overlay networks. */
export const rollingWithAddresses = (): Promise<void> => rollAll({ hasAddresses: true })
