/** Tasks of launch type FARGATE on this machine, defined as they are for AWS. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { DescribeNetworkInterfacesCommand, DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2'
import type { AssignPublicIp, RunTaskRequest } from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker, eventually } from './berth.ts'
import { makeBusyboxImage } from './busybox.ts'
import { runtimeIdOf, Tasks, untilStopped } from './tasks.ts'

/** Where this machine is reached from outside of it. */
const ownAddress = (): string => {
  const [first] = Object.values(networkInterfaces())
    .flatMap(addresses => addresses ?? [])
    .filter(
      ({ family, internal, address }) => family === 'IPv4' && !internal && !address.startsWith('172.17.'),
    )
  if (first === undefined) throw new Error('This machine has no address besides its loopback')
  return first.address
}

type Launch = Pick<RunTaskRequest, 'launchType' | 'networkConfiguration'>

describe('tasks of launch type FARGATE', () => {
  let berth: Berth
  let tasks: Tasks
  let ec2: EC2Client
  let subnet: string
  let outside: Server
  let port: number

  beforeAll(async () => {
    makeBusyboxImage()
    outside = createServer(socket => socket.end('outside\n')).listen(0, '0.0.0.0')
    await once(outside, 'listening')
    port = (outside.address() as { port: number }).port
    berth = await Berth.start({ agent: { BERTH_FARGATE: 'true' } })
    tasks = new Tasks(berth)
    ec2 = new EC2Client(berth.clientSettings)
    const filter = { Name: 'availability-zone', Values: ['us-east-1a'] }
    const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ Filters: [filter] }))
    subnet = Subnets[0]?.SubnetId ?? ''
  })
  afterAll(async () => {
    ec2?.destroy()
    outside?.close()
    await berth?.stop()
  })

  const define = (script: string) =>
    tasks.define([{ script, stopTimeout: 2 }], {
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
    })
  const launch = (assignPublicIp: AssignPublicIp): Launch => ({
    launchType: 'FARGATE',
    networkConfiguration: { awsvpcConfiguration: { subnets: [subnet], assignPublicIp } },
  })

  it('run as they are defined for AWS, and those that ask for a public address reach the outside', async () => {
    const definition = await define(untilStopped)
    const arns = [
      await tasks.run(definition, launch('ENABLED')),
      await tasks.run(definition, launch('DISABLED')),
    ]
    const [open, closed] = [await tasks.running(arns[0]!), await tasks.running(arns[1]!)]
    expect(open).toMatchObject({
      launchType: 'FARGATE',
      platformVersion: '1.4.0',
      attachments: [{ type: 'ElasticNetworkInterface', status: 'ATTACHED' }],
      containers: [{ networkInterfaces: [{ privateIpv4Address: expect.stringMatching(/^172\.31\./) }] }],
    })
    expect(open.containerInstanceArn).toBeUndefined()
    const ask = (task: typeof open): Promise<string> =>
      docker(
        'exec',
        runtimeIdOf(task),
        'sh',
        '-c',
        `timeout 2 nc -w 2 ${ownAddress()} ${port} </dev/null || :`,
      )
    await eventually('the first reaches the outside', async () => (await ask(open)).trim() === 'outside')
    expect((await ask(closed)).trim()).toBe('')
    for (const arn of arns) await tasks.stop(arn)
    for (const arn of arns) {
      const stopped = await tasks.reached(arn, 'STOPPED')
      await eventually('the interface is deleted', async () => {
        const [attachment] = (await tasks.describe(arn)).attachments ?? []
        return attachment?.status === 'DELETED'
      })
      expect(stopped.stopCode).toBe('UserInitiated')
    }
    const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand({}))
    expect(NetworkInterfaces).toEqual([])
  })

  it('are kept by services as others are', async () => {
    const definition = await define(untilStopped)
    await tasks.createService('fargate', definition, 2, launch('ENABLED'))
    const before = await tasks.serviceRuns('fargate', 2)
    await docker('kill', runtimeIdOf(before[0]))
    await tasks.serviceRuns('fargate', 2, task => task.taskArn !== before[0]?.taskArn)
    await tasks.deleteService('fargate')
  })
})
