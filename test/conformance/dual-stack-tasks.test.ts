import type { EC2 } from '@aws-sdk/client-ec2'
import type { SettingName, Task } from '@aws-sdk/client-ecs'
import { beforeEach, expect, test } from 'vitest'
import { refusal, useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth()
const { connect, register, report, described } = taskCalls(berth)

let ec2: EC2
let subnet: string
/** `fd…:1`: what its addresses begin with. */
let prefix: string

const attributes = [
  { name: 'ecs.availability-zone', value: 'us-east-1a' },
  { name: 'ecs.capability.task-eni' },
  { name: 'ecs.capability.task-cpu-mem-limit' },
  { name: 'berth.task-enis', value: '8' },
  { name: 'berth.fargate', value: 'true' },
]
const ofIpv6 = { name: 'ecs.capability.task-eni.ipv6' }

beforeEach(async () => {
  await berth.ecs.createCluster({ clusterName: 'default' })
  await register({
    ...{ networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE', 'EC2'], cpu: '256', memory: '512' },
  })
  ec2 = await berth.ec2()
  const { Vpc } = await ec2.createVpc({ CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true })
  const block = Vpc?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock ?? ''
  const Ipv6CidrBlock = block.replace('::/56', ':1::/64')
  const { Subnet } = await ec2.createSubnet({
    ...{ VpcId: Vpc?.VpcId, CidrBlock: '10.0.1.0/24', Ipv6CidrBlock, AvailabilityZone: 'us-east-1a' },
  })
  subnet = Subnet?.SubnetId ?? ''
  prefix = Ipv6CidrBlock.replace('::/64', '')
})

const run = async (more: object = {}): Promise<Task> => {
  const { tasks = [] } = await berth.ecs.runTask({
    taskDefinition: 'web',
    networkConfiguration: { awsvpcConfiguration: { subnets: [subnet] } },
    ...more,
  })
  berth.settle()
  return described(tasks[0]!)
}
const ipv6Of = ({ containers }: Task) => containers?.[0]?.networkInterfaces?.[0]?.ipv6Address
const interfaces = async () => (await ec2.describeNetworkInterfaces({})).NetworkInterfaces ?? []
const set = (value: string, principalArn?: string) =>
  berth.ecs.putAccountSetting({ name: 'dualStackIPv6' as SettingName, value, principalArn })

test('a task in a subnet with IPv6 has an IPv6 address, too, which goes with it', async () => {
  await connect({ attributes: [...attributes, ofIpv6] })
  const task = await run()
  expect(task.containers?.[0]?.networkInterfaces).toEqual([
    {
      attachmentId: task.attachments?.[0]?.id,
      privateIpv4Address: '10.0.1.4',
      ipv6Address: `${prefix}::4`,
    },
  ])
  const [row] = await interfaces()
  expect(row?.Ipv6Addresses).toEqual([{ Ipv6Address: `${prefix}::4`, IsPrimaryIpv6: false }])
  const NetworkInterfaceId = row?.NetworkInterfaceId
  for (const call of [
    ec2.assignIpv6Addresses({ NetworkInterfaceId, Ipv6AddressCount: 1 }),
    ec2.unassignIpv6Addresses({ NetworkInterfaceId, Ipv6Addresses: [`${prefix}::4`] }),
  ])
    expect((await refusal(call))[0]).toBe('AuthFailure')
  const { Subnets } = await ec2.describeSubnets({ SubnetIds: [subnet] })
  const AssociationId = Subnets?.[0]?.Ipv6CidrBlockAssociationSet?.[0]?.AssociationId
  expect((await refusal(ec2.disassociateSubnetCidrBlock({ AssociationId })))[0]).toBe(
    'InvalidCidrBlock.InUse',
  )
  expect(ipv6Of(await run({ launchType: 'FARGATE' }))).toBe(`${prefix}::5`)
  const shown = [await berth.ecs.stopTask({ task: task.taskArn, cluster: 'default' })]
  expect(ipv6Of(shown[0]?.task ?? {})).toBe(`${prefix}::4`)
  await report(task, 'STOPPED')
  berth.settle()
  expect((await interfaces()).flatMap(each => each.Ipv6Addresses?.map(one => one.Ipv6Address))).toEqual([
    `${prefix}::5`,
  ])
  expect(ipv6Of(await run())).toBe(`${prefix}::6`)
})

test('a call that is sent again with its token shows what its task has by now', async () => {
  await connect({ attributes: [...attributes, ofIpv6] })
  const call = {
    ...{ taskDefinition: 'web', clientToken: 'once' },
    networkConfiguration: { awsvpcConfiguration: { subnets: [subnet] } },
  }
  await berth.ecs.runTask(call)
  berth.settle()
  const { tasks = [] } = await berth.ecs.runTask(call)
  expect(tasks[0]?.containers?.[0]?.networkInterfaces).toEqual([
    {
      attachmentId: tasks[0]?.attachments?.[0]?.id,
      privateIpv4Address: '10.0.1.4',
      ipv6Address: `${prefix}::4`,
    },
  ])
})

test('there is none for who has turned dualStackIPv6 off, nor on platform 1.3.0, nor on a host without IPv6', async () => {
  await connect({ attributes: [...attributes, ofIpv6] })
  expect(ipv6Of(await run({ launchType: 'FARGATE', platformVersion: '1.3.0' }))).toBeUndefined()
  await set('disabled')
  expect(ipv6Of(await run())).toBeUndefined()
  await set('enabled')
  expect(ipv6Of(await run())).toBe(`${prefix}::4`)
})

test('a host that does not say that it has IPv6 gives tasks IPv4 alone', async () => {
  await connect({ attributes })
  expect(ipv6Of(await run())).toBeUndefined()
})

test('tasks of a service have IPv6 by the setting of who made it', async () => {
  await connect({ attributes: [...attributes, ofIpv6] })
  const made = async (serviceName: string) => {
    await berth.ecs.createService({
      ...{ serviceName, taskDefinition: 'web', desiredCount: 1 },
      networkConfiguration: { awsvpcConfiguration: { subnets: [subnet] } },
    })
    berth.settle()
    const { taskArns = [] } = await berth.ecs.listTasks({ serviceName })
    return described({ taskArn: taskArns[0] })
  }
  expect(ipv6Of(await made('with'))).toBe(`${prefix}::4`)
  await set('disabled')
  expect(ipv6Of(await made('without'))).toBeUndefined()
})
