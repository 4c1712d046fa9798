import type { EC2 } from '@aws-sdk/client-ec2'
import type {
  CreateServiceRequest,
  RegisterTaskDefinitionRequest,
  RunTaskRequest,
  Task,
} from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { networkInterfaces } from '../../packages/control-plane/src/services/ec2/index.ts'
import { refusal, useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth()
const { connect, register, report, described } = taskCalls(berth)

let ec2: EC2
let subnets: string[]

const connectHost = (attributes: readonly { name: string; value?: string }[]) =>
  connect({
    cpu: 4096,
    memory: 8192,
    attributes: [
      { name: 'ecs.availability-zone', value: 'us-east-1a' },
      { name: 'ecs.capability.task-eni' },
      { name: 'ecs.capability.task-cpu-mem-limit' },
      { name: 'berth.task-enis', value: '8' },
      ...attributes,
    ],
  })
const offered = [{ name: 'berth.fargate', value: 'true' }]

const fargateDefinition: Partial<RegisterTaskDefinitionRequest> = {
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  cpu: '512',
  memory: '1024',
}

beforeEach(async () => {
  await berth.ecs.createCluster({ clusterName: 'default' })
  await register(fargateDefinition)
  ec2 = await berth.ec2()
  const { Subnets = [] } = await ec2.describeSubnets({
    Filters: [{ Name: 'availability-zone', Values: ['us-east-1a'] }],
  })
  subnets = Subnets.map(({ SubnetId = '' }) => SubnetId)
})

const request = (change: Partial<RunTaskRequest> = {}) => ({
  taskDefinition: 'web',
  launchType: 'FARGATE' as const,
  networkConfiguration: { awsvpcConfiguration: { subnets } },
  ...change,
})
const noCapacity =
  'Capacity is unavailable at this time. Please try again later or in a different availability zone'

describe('a task of launch type FARGATE', () => {
  const run = async (change: Partial<RunTaskRequest> = {}): Promise<Task> => {
    const { tasks = [], failures } = await berth.ecs.runTask(request(change))
    expect(failures).toEqual([])
    return tasks[0]!
  }

  it('shows its platform, size and storage, and nothing of its host', async () => {
    const host = await connectHost(offered)
    const task = await run()
    expect(task).toMatchObject({
      launchType: 'FARGATE',
      platformVersion: '1.4.0',
      platformFamily: 'Linux',
      cpu: '512',
      memory: '1024',
      ephemeralStorage: { sizeInGiB: 20 },
      fargateEphemeralStorage: { sizeInGiB: 20 },
      lastStatus: 'PROVISIONING',
    })
    expect(task.containerInstanceArn).toBeUndefined()
    berth.settle()
    await report(task, 'RUNNING')
    expect((await described(task)).containerInstanceArn).toBeUndefined()
    const { taskArns } = await berth.ecs.listTasks({ containerInstance: host })
    expect(taskArns).toEqual([])
    expect((await berth.ecs.listTasks({ launchType: 'FARGATE' })).taskArns).toEqual([task.taskArn])
    const { clusters } = await berth.ecs.describeClusters({ include: ['STATISTICS'] })
    expect(clusters?.[0]?.statistics).toContainEqual({ name: 'runningFargateTasksCount', value: '1' })
    const { Attachment } = (await ec2.describeNetworkInterfaces({})).NetworkInterfaces?.[0] ?? {}
    expect(Attachment?.InstanceId).toBeUndefined()
  })

  it('has the platform version and the storage that were asked for', async () => {
    await connectHost(offered)
    const overrides = { ephemeralStorage: { sizeInGiB: 50 }, cpu: '1024', memory: '2048' }
    const task = await run({ platformVersion: '1.3.0', overrides })
    expect(task).toMatchObject({
      platformVersion: '1.3.0',
      cpu: '1024',
      memory: '2048',
      ephemeralStorage: { sizeInGiB: 50 },
      overrides,
    })
  })

  it('that asks for a public address speaks as its host where the operator has none', async () => {
    await connectHost(offered)
    const task = await run({
      networkConfiguration: { awsvpcConfiguration: { subnets, assignPublicIp: 'ENABLED' } },
    })
    berth.settle()
    expect((await described(task)).attachments).toMatchObject([{ status: 'CREATED' }])
    const [shown] = (await ec2.describeNetworkInterfaces({})).NetworkInterfaces ?? []
    expect(shown?.Association).toBeUndefined()
    expect([...berth.store.all(networkInterfaces)]).toMatchObject([{ sharesHostAddress: true }])
  })

  it('has no capacity where no host is offered, or none has room', async () => {
    const { tasks, failures } = await berth.ecs.runTask(request())
    expect([tasks, failures?.map(({ reason }) => reason)]).toEqual([[], [noCapacity]])
    const plain = await connectHost([])
    const refused = await berth.ecs.runTask(request({ count: 2 }))
    expect(refused.failures).toEqual(
      Array(2).fill({
        reason: noCapacity,
        detail:
          'The closest matching container instance is missing an attribute required by your task (berth.fargate).',
      }),
    )
    await berth.ecs.updateContainerInstancesState({ containerInstances: [plain], status: 'DRAINING' })
    await connectHost(offered)
    const full = await berth.ecs.runTask(request({ count: 10 }))
    expect([full.tasks?.length, full.failures?.length]).toEqual([8, 2])
    expect(JSON.stringify(full.failures)).not.toContain('arn:')
  })
})

test.each<[string, Partial<RunTaskRequest & CreateServiceRequest>, string]>([
  ['PlatformUnknownException', { platformVersion: '9.9.9' }, "The specified platform version doesn't exist."],
  [
    'InvalidParameterException',
    { placementConstraints: [{ type: 'distinctInstance' }] },
    'Placement constraints are not supported with FARGATE launch type.',
  ],
  [
    'InvalidParameterException',
    { placementStrategy: [{ type: 'random' }] },
    'Placement strategies are not supported with FARGATE launch type.',
  ],
  [
    'InvalidParameterException',
    { networkConfiguration: {} },
    "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
  ],
  [
    'InvalidParameterException',
    { taskDefinition: 'plain' },
    'Task definition does not support launch_type FARGATE.',
  ],
  [
    'PlatformTaskDefinitionIncompatibilityException',
    { taskDefinition: 'files', platformVersion: '1.3.0' },
    "The specified platform version doesn't satisfy the required capabilities of the task definition.",
  ],
])('%s: %o is refused to tasks and to services', async (name, change, message) => {
  await connectHost(offered)
  await register({ family: 'plain', networkMode: 'awsvpc', requiresCompatibilities: ['EC2'] })
  const volumes = [{ name: 'files', efsVolumeConfiguration: { fileSystemId: 'fs-1' } }]
  await register({ ...fargateDefinition, family: 'files', volumes })
  const asked = { ...request(), ...change }
  expect(await refusal(berth.ecs.runTask(asked))).toEqual([name, message])
  expect(await refusal(berth.ecs.createService({ serviceName: 'web', desiredCount: 1, ...asked }))).toEqual([
    name,
    message,
  ])
  expect((await berth.ecs.listServices({})).serviceArns).toEqual([])
})

test('sizes that Fargate does not have are refused', async () => {
  await connectHost(offered)
  expect(await refusal(berth.ecs.runTask(request({ overrides: { cpu: '300' } })))).toEqual([
    'InvalidParameterException',
    'No Fargate configuration exists for given values.',
  ])
  const tooLarge = request({ overrides: { ephemeralStorage: { sizeInGiB: 201 } } })
  expect((await refusal(berth.ecs.runTask(tooLarge)))[0]).toBe('InvalidParameterException')
})

describe('a service of launch type FARGATE', () => {
  const service = async () => (await berth.ecs.describeServices({ services: ['web'] })).services?.[0]
  const create = () => berth.ecs.createService({ serviceName: 'web', desiredCount: 1, ...request() })

  it('shows LATEST, and its deployments what that stands for; another version is another deployment', async () => {
    await connectHost(offered)
    await create()
    berth.settle()
    const used = { platformVersion: '1.4.0', platformFamily: 'Linux' }
    expect(await service()).toMatchObject({
      launchType: 'FARGATE',
      platformVersion: 'LATEST',
      platformFamily: 'Linux',
      deployments: [{ launchType: 'FARGATE', ...used }],
    })
    const { taskArns = [] } = await berth.ecs.listTasks({ serviceName: 'web' })
    const { tasks } = await berth.ecs.describeTasks({ tasks: taskArns })
    expect(tasks).toMatchObject([{ launchType: 'FARGATE', ...used }])
    await berth.ecs.updateService({ service: 'web', platformVersion: '1.3.0' })
    const after = await service()
    expect(after).toMatchObject({
      platformVersion: '1.3.0',
      deployments: [{ platformVersion: '1.3.0' }, used],
    })
    const { serviceRevisions } = await berth.ecs.describeServiceRevisions({
      serviceRevisionArns: after?.currentServiceRevisions?.map(({ arn = '' }) => arn),
    })
    expect(serviceRevisions).toMatchObject([{ platformVersion: '1.3.0' }, used])
  })

  it('says that there is no capacity', async () => {
    await connectHost([])
    await create()
    berth.settle()
    expect((await service())?.events?.[0]?.message).toBe(
      `(service web) was unable to place a task. Reason: ${noCapacity}. The closest matching container instance is missing an attribute required by your task (berth.fargate).`,
    )
  })

  it('of task sets shows the platform of each', async () => {
    await connectHost(offered)
    await berth.ecs.createService({ serviceName: 'sets', deploymentController: { type: 'EXTERNAL' } })
    const { taskSet } = await berth.ecs.createTaskSet({ cluster: 'default', service: 'sets', ...request() })
    expect(taskSet).toMatchObject({
      launchType: 'FARGATE',
      platformVersion: '1.4.0',
      platformFamily: 'Linux',
    })
  })
})
