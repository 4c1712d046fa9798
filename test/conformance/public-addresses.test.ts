import type { EC2 } from '@aws-sdk/client-ec2'
import { beforeEach, expect, test } from 'vitest'
import { useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth({ publicAddresses: '203.0.113.6/31' })
const { connect, register, report, described } = taskCalls(berth)

let ec2: EC2
let subnets: string[]
beforeEach(async () => {
  await berth.ecs.createCluster({ clusterName: 'default' })
  await register({
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
  })
  await connect({
    attributes: [
      { name: 'ecs.availability-zone', value: 'us-east-1a' },
      { name: 'ecs.capability.task-eni' },
      { name: 'ecs.capability.task-cpu-mem-limit' },
      { name: 'berth.task-enis', value: '8' },
      { name: 'berth.fargate', value: 'true' },
    ],
  })
  ec2 = await berth.ec2()
  const { Subnets = [] } = await ec2.describeSubnets({
    Filters: [{ Name: 'availability-zone', Values: ['us-east-1a'] }],
  })
  subnets = Subnets.map(({ SubnetId = '' }) => SubnetId)
})

const run = async () => {
  const { tasks = [] } = await berth.ecs.runTask({
    taskDefinition: 'web',
    launchType: 'FARGATE',
    networkConfiguration: { awsvpcConfiguration: { subnets, assignPublicIp: 'ENABLED' } },
  })
  berth.settle()
  return described(tasks[0]!)
}
const publicAddresses = async () =>
  ((await ec2.describeNetworkInterfaces({})).NetworkInterfaces ?? []).map(row => row.Association)

test('tasks that ask for it have public addresses of the operator’s block, as long as they run', async () => {
  const first = await run()
  await run()
  expect(await publicAddresses()).toEqual([
    { IpOwnerId: 'amazon', PublicIp: '203.0.113.6' },
    { IpOwnerId: 'amazon', PublicIp: '203.0.113.7' },
  ])
  expect((await ec2.describeAddresses({})).Addresses).toEqual([])
  expect(await run()).toMatchObject({
    lastStatus: 'STOPPED',
    stopCode: 'TaskFailedToStart',
    stoppedReason: `Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet '${subnets[0]}': AddressLimitExceeded`,
  })
  await report(first, 'STOPPED')
  berth.settle()
  expect(await publicAddresses()).toHaveLength(1)
  expect((await run()).lastStatus).toBe('PROVISIONING')
  expect(await publicAddresses()).toContainEqual({ IpOwnerId: 'amazon', PublicIp: '203.0.113.6' })
})

test('tasks that do not ask for it have none', async () => {
  await berth.ecs.runTask({
    taskDefinition: 'web',
    launchType: 'FARGATE',
    networkConfiguration: { awsvpcConfiguration: { subnets } },
  })
  berth.settle()
  expect(await publicAddresses()).toEqual([undefined])
})
