/** DAEMON services, over the SDK's client: what they are shown as, and what ECS refuses them. */
import {
  type CreateServiceRequest,
  type Service,
  type UpdateServiceRequest,
  waitUntilServicesInactive,
  waitUntilServicesStable,
} from '@aws-sdk/client-ecs'
import { expect, it, test } from 'vitest'
import { clusters } from '../../packages/control-plane/src/services/ecs/tables/index.ts'
import { arn, refusal, useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth()
const { connect, ready, register, report } = taskCalls(berth)

const create = async (change: Partial<CreateServiceRequest> = {}): Promise<Service> => {
  const { service } = await berth.ecs.createService({
    serviceName: 'logs',
    taskDefinition: 'web',
    schedulingStrategy: 'DAEMON',
    ...change,
  })
  berth.settle()
  return service ?? {}
}

const update = async (change: Omit<UpdateServiceRequest, 'service'>): Promise<Service> => {
  const { service } = await berth.ecs.updateService({ service: 'logs', ...change })
  berth.settle()
  return service ?? {}
}

const described = async (): Promise<Service> =>
  (await berth.ecs.describeServices({ services: ['logs'] })).services?.[0] ?? {}

const tasksOf = async (desiredStatus: 'RUNNING' | 'STOPPED' = 'RUNNING') => {
  const { taskArns = [] } = await berth.ecs.listTasks({ serviceName: 'logs', desiredStatus })
  return taskArns.length === 0 ? [] : ((await berth.ecs.describeTasks({ tasks: taskArns })).tasks ?? [])
}

/** The hosts do what they were told. */
const settle = async (rounds = 3): Promise<void> => {
  for (let round = 0; round < rounds; round++) {
    for (const task of await tasksOf('STOPPED'))
      if (task.lastStatus !== 'STOPPED') await report(task, 'STOPPED', { exitCode: 0 })
    for (const task of await tasksOf()) if (task.lastStatus === 'PENDING') await report(task, 'RUNNING')
    berth.advance(2_000)
  }
}

it('runs a task on each instance, with the percentages and the desired count that ECS shows', async () => {
  const first = await ready()
  const created = await create({
    deploymentController: { type: 'ECS' },
    placementStrategy: [],
    launchType: 'EC2',
  })
  expect(created).toMatchObject({
    schedulingStrategy: 'DAEMON',
    desiredCount: 0,
    deploymentConfiguration: { maximumPercent: 100, minimumHealthyPercent: 0, strategy: 'ROLLING' },
    availabilityZoneRebalancing: 'DISABLED',
    placementStrategy: [],
  })
  const second = await connect()
  berth.settle()
  expect(await described()).toMatchObject({
    desiredCount: 2,
    pendingCount: 2,
    runningCount: 0,
    deployments: [{ status: 'PRIMARY', desiredCount: 2, pendingCount: 2 }],
  })
  await settle()
  expect((await tasksOf()).map(task => task.containerInstanceArn).sort()).toEqual([first, second].sort())
  const options = { client: berth.ecs, maxWaitTime: 20 }
  expect((await waitUntilServicesStable(options, { services: ['logs'] })).state).toBe('SUCCESS')
  expect((await described()).events?.map(({ message }) => message)).toContain(
    '(service logs) has reached a steady state.',
  )
})

it('is brought to a new revision by stopping each task before its successor starts', async () => {
  await ready()
  await create()
  await settle()
  await register()
  await update({ taskDefinition: 'web:2' })
  expect(await tasksOf()).toEqual([])
  await settle()
  expect(await tasksOf()).toMatchObject([{ taskDefinitionArn: arn('task-definition/web:2') }])
  expect(await described()).toMatchObject({ desiredCount: 1, deployments: [{ rolloutState: 'COMPLETED' }] })
})

it('moves with its constraints, and leaves an instance that drains', async () => {
  const first = await ready()
  const second = await connect({ attributes: [{ name: 'disk', value: 'fast' }] })
  await create()
  await settle()
  const constraint = { type: 'memberOf' as const, expression: 'attribute:disk == fast' }
  expect(await update({ placementConstraints: [constraint] })).toMatchObject({
    placementConstraints: [constraint],
  })
  await settle()
  expect(await tasksOf()).toMatchObject([{ containerInstanceArn: second }])
  expect((await described()).desiredCount).toBe(1)
  await update({ placementConstraints: [] })
  await settle()
  await berth.ecs.updateContainerInstancesState({ containerInstances: [first], status: 'DRAINING' })
  berth.settle()
  await settle()
  expect(await tasksOf()).toMatchObject([{ containerInstanceArn: second }])
})

it('is deleted without force, although its desired count is above zero', async () => {
  await ready()
  await create()
  await settle()
  const { service } = await berth.ecs.deleteService({ service: 'logs' })
  expect(service).toMatchObject({ status: 'DRAINING', desiredCount: 0 })
  berth.settle()
  await settle()
  const options = { client: berth.ecs, maxWaitTime: 20 }
  expect((await waitUntilServicesInactive(options, { services: ['logs'] })).state).toBe('SUCCESS')
})

const noStrategy =
  'Specifying a capacity provider strategy is not supported when you create a service using the DAEMON scheduling strategy.'
const unlike = (text: string) => `The daemon scheduling strategy does not support ${text} and try again`

const inBoth: readonly [string, Partial<CreateServiceRequest & UpdateServiceRequest>][] = [
  [unlike('a desired count for services. Remove the desired count value'), { desiredCount: 1 }],
  [unlike('a desired count for services. Remove the desired count value'), { desiredCount: 0 }],
  [
    unlike(
      'values above 100 for maximumPercent on a deployment configuration. Change the maximumPercent value to 100,',
    ),
    { deploymentConfiguration: { maximumPercent: 200 } },
  ],
  [
    unlike('placement strategies. Remove the placement strategy'),
    { placementStrategy: [{ type: 'spread', field: 'instanceId' }] },
  ],
  [
    'Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.',
    { deploymentConfiguration: { minimumHealthyPercent: 100 } },
  ],
]

const ofNewOnes: readonly [string, Partial<CreateServiceRequest>][] = [
  [unlike('the FARGATE launch type. Change the launch type'), { launchType: 'FARGATE' }],
  [noStrategy, { capacityProviderStrategy: [{ capacityProvider: 'spot' }] }],
  [
    'The CODE_DEPLOY deployment controller type is not supported for services using the DAEMON scheduling strategy.',
    { deploymentController: { type: 'CODE_DEPLOY' } },
  ],
  [
    'The EXTERNAL deployment controller type is not supported for services using the DAEMON scheduling strategy.',
    { deploymentController: { type: 'EXTERNAL' } },
  ],
  [
    unlike('the BLUE_GREEN deployment strategy. Change the deployment strategy to ROLLING'),
    { deploymentConfiguration: { strategy: 'BLUE_GREEN' } },
  ],
  [
    'Availability Zone Rebalancing does not support DAEMON services.',
    { availabilityZoneRebalancing: 'ENABLED' },
  ],
  [
    unlike('volume configurations. Remove the volume configurations'),
    { volumeConfigurations: [{ name: 'v' }] },
  ],
]

test.each([...inBoth, ...ofNewOnes])('CreateService refuses: %s', async (message, change) => {
  await ready()
  expect(await refusal(create(change))).toEqual(['InvalidParameterException', message])
  expect((await berth.ecs.listServices({})).serviceArns).toEqual([])
})

const ofChanges: readonly [string, Omit<UpdateServiceRequest, 'service'>][] = [
  ...inBoth,
  [unlike('placement strategies. Remove the placement strategy'), { placementStrategy: [] }],
  // Before what no service can have yet.
  [
    unlike('a desired count for services. Remove the desired count value'),
    { desiredCount: 1, serviceRegistries: [{ registryArn: 'registry' }] },
  ],
]

test.each(ofChanges)('UpdateService refuses: %s', async (message, change) => {
  await ready()
  await create()
  const before = await described()
  expect(await refusal(update(change))).toEqual(['InvalidParameterException', message])
  expect(await described()).toEqual(before)
})

test("CreateService refuses what would take its cluster's default strategy", async () => {
  await ready()
  const [cluster] = [...berth.store.all(clusters)]
  if (!cluster) throw new Error('There is no cluster')
  const defaultCapacityProviderStrategy = [{ capacityProvider: 'spot' }]
  berth.store.update(tx => tx.put(clusters, { ...cluster, defaultCapacityProviderStrategy }))
  expect(await refusal(create())).toEqual(['InvalidParameterException', noStrategy])
  expect(await create({ launchType: 'EC2' })).toMatchObject({ schedulingStrategy: 'DAEMON' })
})
