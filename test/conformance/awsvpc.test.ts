import type { EC2 } from '@aws-sdk/client-ec2'
import type { AwsVpcConfiguration, NetworkConfiguration, Task } from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { arn, refusal, useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth()
const { connect, register, run, report, described } = taskCalls(berth)

let ec2: EC2
let vpcId: string
let subnetId: string
let groupId: string
let host: string

const newVpc = async (): Promise<string> =>
  (await ec2.createVpc({ CidrBlock: '10.0.0.0/16' })).Vpc?.VpcId ?? ''
const newSubnet = async (VpcId: string, CidrBlock: string, zone = 'a'): Promise<string> =>
  (await ec2.createSubnet({ VpcId, CidrBlock, AvailabilityZone: `us-east-1${zone}` })).Subnet?.SubnetId ?? ''
const newGroup = async (VpcId: string): Promise<string> =>
  (await ec2.createSecurityGroup({ VpcId, GroupName: 'web', Description: 'web' })).GroupId ?? ''

const connectHost = (zone = 'a', enis = '8') =>
  connect({
    attributes: [
      { name: 'ecs.availability-zone', value: `us-east-1${zone}` },
      { name: 'ecs.capability.task-eni' },
      { name: 'berth.task-enis', value: enis },
    ],
  })

beforeEach(async () => {
  await berth.ecs.createCluster({ clusterName: 'default' })
  await register({ networkMode: 'awsvpc' })
  ec2 = await berth.ec2()
  vpcId = await newVpc()
  subnetId = await newSubnet(vpcId, '10.0.1.0/28')
  groupId = await newGroup(vpcId)
  host = await connectHost()
})

const network = (...subnets: string[]): { networkConfiguration: NetworkConfiguration } => ({
  networkConfiguration: {
    awsvpcConfiguration: {
      subnets: subnets.length > 0 ? subnets : [subnetId],
      securityGroups: [groupId],
      assignPublicIp: 'DISABLED',
    },
  },
})

const attachmentOf = (task: Task) => task.attachments?.find(({ type }) => type === 'ElasticNetworkInterface')
const detail = (task: Task, name: string) =>
  attachmentOf(task)?.details?.find(entry => entry.name === name)?.value
const interfaces = async () => (await ec2.describeNetworkInterfaces({})).NetworkInterfaces ?? []

const attachment = (task: Task, status: string) => ({
  attachments: [{ attachmentArn: arn(`attachment/${attachmentOf(task)?.id}`), status }],
})

/** What the task's host says of its interface. */
const tell = async (task: Task, status: string): Promise<Task> => {
  await berth.ecs.submitTaskStateChange({
    cluster: 'default',
    task: task.taskArn!,
    ...attachment(task, status),
  })
  berth.settle()
  return described(task)
}

const started = async (change: object = {}): Promise<Task> => {
  const task = await run({ ...network(), ...change })
  berth.settle()
  return described(task)
}

describe('a task of the network mode awsvpc', () => {
  it('keeps its address when its instance is deregistered by force, since it may run on there', async () => {
    const task = await started()
    await tell(task, 'ATTACHED')
    await report(task, 'RUNNING')
    await berth.ecs.deregisterContainerInstance({ containerInstance: host, force: true })
    berth.settle()
    expect(await described(task)).toMatchObject({ lastStatus: 'STOPPED' })
    expect(await interfaces()).toMatchObject([{ PrivateIpAddress: detail(task, 'privateIPv4Address') }])
    await connectHost()
    const next = await started()
    expect(detail(next, 'privateIPv4Address')).not.toBe(detail(task, 'privateIPv4Address'))
    berth.advance(3_700_000)
    expect(await interfaces()).toHaveLength(1)
  })

  it('is PROVISIONING with the subnet of its interface, until it has an address', async () => {
    const task = await run(network())
    expect(task).toMatchObject({ lastStatus: 'PROVISIONING', containers: [{ networkInterfaces: [] }] })
    expect(attachmentOf(task)).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      type: 'ElasticNetworkInterface',
      status: 'PRECREATED',
      details: [{ name: 'subnetId', value: subnetId }],
    })
    berth.settle()
    const provisioned = await described(task)
    expect(provisioned.lastStatus).toBe('PROVISIONING')
    expect(attachmentOf(provisioned)).toMatchObject({
      status: 'CREATED',
      details: [
        { name: 'subnetId', value: subnetId },
        { name: 'networkInterfaceId', value: expect.stringMatching(/^eni-[0-9a-f]{17}$/) },
        { name: 'macAddress', value: expect.stringMatching(/^02(:[0-9a-f]{2}){5}$/) },
        { name: 'privateDnsName', value: 'ip-10-0-1-4.ec2.internal' },
        { name: 'privateIPv4Address', value: '10.0.1.4' },
      ],
    })
    expect(provisioned.containers?.[0]?.networkInterfaces).toEqual([
      { attachmentId: attachmentOf(task)?.id, privateIpv4Address: '10.0.1.4' },
    ])
  })

  it('has its interface in EC2, which nobody else may change or delete', async () => {
    const task = await started()
    const NetworkInterfaceId = detail(task, 'networkInterfaceId')
    expect(await interfaces()).toMatchObject([
      {
        NetworkInterfaceId,
        Description: arn(`attachment/${attachmentOf(task)?.id}`),
        InterfaceType: 'interface',
        RequesterManaged: true,
        Status: 'in-use',
        SubnetId: subnetId,
        VpcId: vpcId,
        PrivateIpAddress: '10.0.1.4',
        MacAddress: detail(task, 'macAddress'),
        Groups: [{ GroupId: groupId, GroupName: 'web' }],
        Attachment: { Status: 'attached', DeviceIndex: 1, InstanceId: expect.stringMatching(/^mi-/) },
      },
    ])
    const inUse = /^(DependencyViolation|InvalidNetworkInterface.InUse)$/
    expect(await refusal(ec2.deleteNetworkInterface({ NetworkInterfaceId }))).toEqual([
      expect.stringMatching(inUse),
      expect.any(String),
    ])
    for (const call of [
      ec2.modifyNetworkInterfaceAttribute({ NetworkInterfaceId, Groups: [groupId] }),
      ec2.associateAddress({
        NetworkInterfaceId,
        AllocationId: (await ec2.allocateAddress({})).AllocationId,
      }),
    ])
      expect((await refusal(call))[0]).toBe('AuthFailure')
    expect((await refusal(ec2.deleteSubnet({ SubnetId: subnetId })))[0]).toBe('DependencyViolation')
    expect((await refusal(ec2.deleteSecurityGroup({ GroupId: groupId })))[0]).toBe('DependencyViolation')
  })

  it('is PENDING once its host has attached the interface, and DEPROVISIONING until it is detached', async () => {
    const task = await started()
    expect((await tell(task, 'ATTACHING')).lastStatus).toBe('PROVISIONING')
    const attached = await tell(task, 'ATTACHED')
    expect([attached.lastStatus, attachmentOf(attached)?.status]).toEqual(['PENDING', 'ATTACHED'])
    await report(task, 'RUNNING')
    await report(task, 'STOPPED', { exitCode: 0 }, attachment(task, 'DETACHING'))
    berth.settle()
    const ending = await described(task)
    expect(ending).toMatchObject({
      lastStatus: 'DEPROVISIONING',
      desiredStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      containers: [{ lastStatus: 'STOPPED', exitCode: 0 }],
    })
    expect(ending.stoppedAt).toBeUndefined()
    expect(await interfaces()).toHaveLength(1)
    const stopped = await tell(task, 'DETACHED')
    expect(stopped).toMatchObject({ lastStatus: 'STOPPED', stoppedAt: expect.any(Date) })
    expect(attachmentOf(stopped)).toMatchObject({ status: 'DELETED' })
    expect(detail(stopped, 'privateIPv4Address')).toBe('10.0.1.4')
    expect(await interfaces()).toEqual([])
  })

  it('that never began on its host is STOPPED at once, and its address is free', async () => {
    const task = await started()
    await report(task, 'STOPPED')
    berth.settle()
    expect((await described(task)).lastStatus).toBe('STOPPED')
    expect(await interfaces()).toEqual([])
  })

  it('that is stopped before it has an interface gets none', async () => {
    const task = await run(network())
    await berth.ecs.stopTask({ task: task.taskArn!, reason: 'enough' })
    berth.settle()
    const stopped = await described(task)
    expect(stopped).toMatchObject({ lastStatus: 'STOPPED', stopCode: 'UserInitiated' })
    expect(attachmentOf(stopped)?.status).toBe('DELETED')
    expect(await interfaces()).toEqual([])
  })

  it('has the default security group of the VPC when none is named', async () => {
    const { subnets } = network().networkConfiguration.awsvpcConfiguration!
    await started({ networkConfiguration: { awsvpcConfiguration: { subnets } } })
    expect(await interfaces()).toMatchObject([{ Groups: [{ GroupName: 'default' }] }])
  })

  it('stops with the error of EC2 when its subnet is full', async () => {
    for (let n = 0; n < 11; n++) await ec2.createNetworkInterface({ SubnetId: subnetId })
    const task = await started()
    expect(task).toMatchObject({
      lastStatus: 'STOPPED',
      stopCode: 'TaskFailedToStart',
      stoppedReason: `Unexpected EC2 error while attempting to Create Network Interface in subnet '${subnetId}': InsufficientFreeAddressesInSubnet`,
    })
  })
})

describe('the host of such a task', () => {
  const failures = async (change: object) =>
    (await berth.ecs.runTask({ taskDefinition: 'web', ...network(), ...change })).failures

  it('is in the zone of one of the subnets', async () => {
    const other = await newSubnet(vpcId, '10.0.2.0/28', 'b')
    expect(await failures(network(other))).toEqual([
      { arn: host, reason: 'LOCATION', detail: 'The subnets are in us-east-1b.' },
    ])
    const inB = await connectHost('b')
    const task = await run(network(other))
    expect([task.containerInstanceArn, detail(task, 'subnetId')]).toEqual([inB, other])
  })

  it('has an attachment point free', async () => {
    for (let n = 0; n < 8; n++) await started()
    expect(await failures({})).toEqual([{ arn: host, reason: 'RESOURCE:ENI' }])
  })

  it('says that it can have interfaces of tasks', async () => {
    await berth.ecs.updateContainerInstancesState({ containerInstances: [host], status: 'DRAINING' })
    const plain = await connect()
    expect(await failures({})).toEqual([
      { arn: plain, reason: 'ATTRIBUTE', detail: 'Missing attributes: ecs.capability.task-eni.' },
    ])
  })

  it('is chosen by StartTask alike', async () => {
    const other = await newSubnet(vpcId, '10.0.2.0/28', 'b')
    const start = (subnet: string) =>
      berth.ecs.startTask({ taskDefinition: 'web', containerInstances: [host], ...network(subnet) })
    expect((await start(other)).failures).toMatchObject([{ reason: 'LOCATION' }])
    expect((await start(subnetId)).tasks).toMatchObject([{ lastStatus: 'PROVISIONING' }])
  })
})

const withNetwork = (
  change: Partial<AwsVpcConfiguration>,
): { networkConfiguration?: NetworkConfiguration } => ({
  networkConfiguration: {
    awsvpcConfiguration: { subnets: [subnetId], securityGroups: [groupId], ...change },
  },
})
const many = (count: number, prefix: string) => Array.from({ length: count }, (_, n) => `${prefix}-${n}`)

/** What is wrong, the request, and what it is refused with. */
type Requested = { networkConfiguration?: NetworkConfiguration }
const refusals: readonly [string, () => Promise<Requested> | Requested, string][] = [
  ['no configuration', () => ({}), "Network Configuration must be provided when networkMode 'awsvpc'"],
  ['no subnets', () => withNetwork({ subnets: [] }), 'subnets can not be empty.'],
  ['17 subnets', () => withNetwork({ subnets: many(17, 'subnet') }), 'subnets can have at most 16 items.'],
  ['six groups', () => withNetwork({ securityGroups: many(6, 'sg') }), 'securityGroups can have at most 5'],
  [
    'an unknown subnet',
    () => withNetwork({ subnets: ['subnet-1'] }),
    "Error retrieving subnet information for [subnet-1]: The subnet ID 'subnet-1' does not exist (ErrorCode: InvalidSubnetID.NotFound)",
  ],
  [
    'an unknown group',
    () => withNetwork({ securityGroups: ['sg-1'] }),
    "Error retrieving security group information for [sg-1]: The security group 'sg-1' does not exist (ErrorCode: InvalidGroup.NotFound)",
  ],
  [
    'subnets of two VPCs',
    async () => withNetwork({ subnets: [subnetId, await newSubnet(await newVpc(), '10.0.0.0/24')] }),
    'The subnets [',
  ],
  [
    'a group of another VPC',
    async () => withNetwork({ securityGroups: [await newGroup(await newVpc())] }),
    'Security group sg-',
  ],
  [
    'a public address',
    () => withNetwork({ assignPublicIp: 'ENABLED' }),
    'Assign public IP is not supported for this launch type.',
  ],
]

test.each(refusals)('%s is refused to tasks, services and task sets', async (_, requested, message) => {
  const request = { taskDefinition: 'web', ...(await requested()) }
  await berth.ecs.createService({ serviceName: 'ours', taskDefinition: 'web', desiredCount: 1, ...network() })
  await berth.ecs.createService({ serviceName: 'sets', deploymentController: { type: 'EXTERNAL' } })
  const before = (await berth.ecs.describeServices({ services: ['ours'] })).services
  const calls = [
    berth.ecs.runTask(request),
    berth.ecs.startTask({ ...request, containerInstances: [host] }),
    berth.ecs.createService({ serviceName: 'new', desiredCount: 1, ...request }),
    berth.ecs.createTaskSet({ cluster: 'default', service: 'sets', ...request }),
    ...(request.networkConfiguration ? [berth.ecs.updateService({ service: 'ours', ...request })] : []),
  ]
  for (const call of calls)
    expect(await refusal(call)).toEqual(['InvalidParameterException', expect.stringContaining(message)])
  expect((await berth.ecs.describeServices({ services: ['ours'] })).services).toEqual(before)
  expect((await berth.ecs.listTasks({})).taskArns).toEqual([])
})

describe('a service', () => {
  const shown = (...subnets: string[]) => ({
    awsvpcConfiguration: {
      subnets: subnets.length > 0 ? subnets : [subnetId],
      securityGroups: [groupId],
      assignPublicIp: 'DISABLED',
    },
  })
  const service = async () => (await berth.ecs.describeServices({ services: ['web'] })).services?.[0]
  const create = (change: object = {}) =>
    berth.ecs.createService({
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 2,
      ...network(),
      ...change,
    })
  const arnsOfTasks = async () => (await berth.ecs.listTasks({ serviceName: 'web' })).taskArns
  const tasksOf = async () => (await berth.ecs.describeTasks({ tasks: await arnsOfTasks() })).tasks ?? []

  it('shows its network, gives each task an address of its own, and deploys anew with another network', async () => {
    await create()
    berth.settle()
    expect(await service()).toMatchObject({
      networkConfiguration: shown(),
      deployments: [{ networkConfiguration: shown() }],
    })
    const addresses = (await tasksOf()).map(task => detail(task, 'privateIPv4Address'))
    expect(addresses.toSorted()).toEqual(['10.0.1.4', '10.0.1.5'])
    const other = await newSubnet(vpcId, '10.0.3.0/28')
    await berth.ecs.updateService({ service: 'web', ...network(other) })
    expect(await service()).toMatchObject({
      networkConfiguration: shown(other),
      deployments: [{ networkConfiguration: shown(other) }, { networkConfiguration: shown() }],
    })
    const { serviceRevisions } = await berth.ecs.describeServiceRevisions({
      serviceRevisionArns: (await service())?.currentServiceRevisions?.map(({ arn = '' }) => arn),
    })
    expect(serviceRevisions?.map(({ networkConfiguration }) => networkConfiguration)).toEqual([
      shown(other),
      shown(),
    ])
  })

  it('fills in what its network leaves out', async () => {
    const { service: made } = await create({
      networkConfiguration: { awsvpcConfiguration: { subnets: [subnetId] } },
    })
    expect(made?.networkConfiguration).toEqual({
      awsvpcConfiguration: { subnets: [subnetId], securityGroups: [], assignPublicIp: 'DISABLED' },
    })
  })

  it('says that its subnet is gone, and starts nothing', async () => {
    await create({ desiredCount: 0 })
    await ec2.deleteSubnet({ SubnetId: subnetId })
    await berth.ecs.updateService({ service: 'web', desiredCount: 1 })
    berth.settle()
    expect((await service())?.events?.[0]?.message).toBe(
      `(service web) was unable to place a task. Reason: Error retrieving subnet information for [${subnetId}]: The subnet ID '${subnetId}' does not exist (ErrorCode: InvalidSubnetID.NotFound).`,
    )
    expect(await arnsOfTasks()).toEqual([])
  })

  it('of the scheduling strategy DAEMON runs where its subnets are', async () => {
    await connectHost('b')
    await create({ schedulingStrategy: 'DAEMON', desiredCount: undefined })
    berth.settle()
    expect(await tasksOf()).toMatchObject([{ containerInstanceArn: host }])
  })

  it('of task sets shows the network of each', async () => {
    await berth.ecs.createService({
      serviceName: 'sets',
      desiredCount: 1,
      deploymentController: { type: 'EXTERNAL' },
    })
    const { taskSet } = await berth.ecs.createTaskSet({
      cluster: 'default',
      service: 'sets',
      taskDefinition: 'web',
      scale: { value: 100, unit: 'PERCENT' },
      ...network(),
    })
    berth.settle()
    expect(taskSet?.networkConfiguration).toEqual(shown())
    expect(await interfaces()).toHaveLength(1)
  })
})
