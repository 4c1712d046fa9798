/** What a task with an address of its own takes to come and to go, beside a container on Docker's bridge. */

import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { RunTaskCommand, StopTaskCommand } from '@aws-sdk/client-ecs'
import type { Berth } from '../../test/e2e/berth.ts'
import { busybox, makeBusyboxImage } from '../../test/e2e/busybox.ts'
import { allReach, define } from '../berth-tasks.ts'
import { DockerApi } from '../docker-api.ts'
import { median, timed } from '../measure.ts'

const rounds = 11
const lookEveryMs = 10
const label = 'berth.bench.bridge'
const family = 'addressed'
/** Ends at SIGTERM. */
const command = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 3600 & wait; done']

interface Round {
  readonly up: number
  readonly down: number
}

const task = async (berth: Berth, subnets: string[]): Promise<Round> => {
  let arns: string[] = []
  const up = await timed(async () => {
    const { tasks = [], failures } = await berth.ecs.send(
      new RunTaskCommand({
        taskDefinition: family,
        networkConfiguration: { awsvpcConfiguration: { subnets } },
      }),
    )
    if (tasks.length === 0) throw new Error(`no task was placed: ${JSON.stringify(failures)}`)
    arns = tasks.map(({ taskArn = '' }) => taskArn)
    await allReach(berth, arns, 'RUNNING', lookEveryMs)
  })
  const down = await timed(async () => {
    await berth.ecs.send(new StopTaskCommand({ task: arns[0] }))
    await allReach(berth, arns, 'STOPPED', lookEveryMs)
  })
  return { up, down }
}

const container = async (docker: DockerApi): Promise<Round> => {
  let id = ''
  const up = await timed(async () => {
    id = await docker.run(busybox, label, command)
  })
  const down = await timed(async () => {
    await docker.call('POST', `/containers/${id}/stop?t=10`)
    await docker.call('DELETE', `/containers/${id}`)
  })
  return { up, down }
}

export const taskNetworks = async (berth: Berth): Promise<void> => {
  makeBusyboxImage()
  const { Subnets = [] } = await new EC2Client(berth.clientSettings).send(new DescribeSubnetsCommand({}))
  const subnets = Subnets.map(({ SubnetId = '' }) => SubnetId)
  await define(berth, {
    family,
    networkMode: 'awsvpc',
    containerDefinitions: [{ name: 'main', image: busybox, memory: 16, cpu: 10, command, stopTimeout: 10 }],
  })
  const docker = new DockerApi()
  try {
    const figures = { awsvpc: [] as Round[], bridge: [] as Round[] }
    // The first one makes the pause container's image and the VPC's router.
    await task(berth, subnets)
    for (let round = 0; round < rounds; round++) {
      figures.awsvpc.push(await task(berth, subnets))
      figures.bridge.push(await container(docker))
    }
    for (const [name, taken] of Object.entries(figures))
      console.log(
        `${name}: up after ${median(taken.map(({ up }) => up)).toFixed(0)} ms, gone after ${median(taken.map(({ down }) => down)).toFixed(0)} ms`,
      )
  } finally {
    await docker.removeLabelled(label)
    docker.close()
  }
}
