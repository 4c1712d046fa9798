import {
  type CreateServiceRequest,
  type Service,
  type UpdateServiceRequest,
  waitUntilServicesInactive,
  waitUntilServicesStable,
} from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { arn, refusal, startedAt, useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth()
const { connect, register, ready, report } = taskCalls(berth)

const create = async (change: Partial<CreateServiceRequest> = {}): Promise<Service> => {
  const { service } = await berth.ecs.createService({
    serviceName: 'web',
    taskDefinition: 'web',
    desiredCount: 3,
    ...change,
  })
  berth.settle()
  return service ?? {}
}

const update = async (change: Omit<UpdateServiceRequest, 'service'>): Promise<Service> => {
  const { service } = await berth.ecs.updateService({ service: 'web', ...change })
  berth.settle()
  return service ?? {}
}

const remove = async (change: { force?: boolean } = {}): Promise<Service> => {
  const { service } = await berth.ecs.deleteService({ service: 'web', ...change })
  berth.settle()
  return service ?? {}
}

const described = async (include?: 'TAGS'): Promise<Service> => {
  const { services } = await berth.ecs.describeServices({
    services: ['web'],
    ...(include && { include: [include] }),
  })
  return services?.[0] ?? {}
}

const tasksOf = async (desiredStatus: 'RUNNING' | 'STOPPED' = 'RUNNING') => {
  const { taskArns = [] } = await berth.ecs.listTasks({ serviceName: 'web', desiredStatus })
  if (taskArns.length === 0) return []
  return (await berth.ecs.describeTasks({ tasks: taskArns })).tasks ?? []
}

/** The host does what it was told, as far as its tasks let it. */
const obey = async (): Promise<void> => {
  for (const task of await tasksOf('STOPPED'))
    if (task.lastStatus !== 'STOPPED') await report(task, 'STOPPED', { exitCode: 0 })
  for (const task of await tasksOf()) if (task.lastStatus === 'PENDING') await report(task, 'RUNNING')
  berth.settle()
}

const settle = async (): Promise<void> => {
  for (let round = 0; round < 6; round++) await obey()
}

const wait = { client: undefined as never, maxWaitTime: 10, minDelay: 1, maxDelay: 1 }
const stable = () => waitUntilServicesStable({ ...wait, client: berth.ecs }, { services: ['web'] })
const inactive = () => waitUntilServicesInactive({ ...wait, client: berth.ecs }, { services: ['web'] })

describe('a service', () => {
  it('is stable once its tasks run, and says so', async () => {
    await ready()
    const { deployments } = await create()
    const id = deployments?.[0]?.id
    const isStable = stable()
    await settle()
    await expect(isStable).resolves.toMatchObject({ state: 'SUCCESS' })
    const service = await described()
    expect(service).toMatchObject({
      runningCount: 3,
      pendingCount: 0,
      deployments: [
        {
          id,
          runningCount: 3,
          pendingCount: 0,
          rolloutState: 'COMPLETED',
          rolloutStateReason: `ECS deployment ${id} completed.`,
        },
      ],
    })
    const started = (await tasksOf()).map(task => `(task ${task.taskArn?.split('/').at(-1)})`)
    expect(service.events?.map(event => event.message)).toEqual([
      '(service web) has reached a steady state.',
      `(service web) (deployment ${id}) deployment completed.`,
      expect.stringMatching(/^\(service web\) has started 3 tasks: (\(task [0-9a-f]{32}\) ?){3}\.$/),
    ])
    for (const name of started) expect(service.events?.[2]?.message).toContain(name)
    expect(service.events?.[0]).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      createdAt: startedAt,
    })
  })

  it('replaces a task that ends, and one that is stopped by hand', async () => {
    await ready()
    await create()
    await settle()
    const [first, second] = await tasksOf()
    if (!first || !second) throw new Error('nothing runs')
    await report(first, 'STOPPED', { exitCode: 137 })
    await berth.ecs.stopTask({ task: second.taskArn })
    berth.settle()
    expect(await described()).toMatchObject({ runningCount: 1, pendingCount: 2 })
    await settle()
    expect(await described()).toMatchObject({ runningCount: 3, pendingCount: 0 })
  })

  it('is the same when it is created again with its clientToken, and refused without', async () => {
    await ready()
    const first = await create({ clientToken: 'once' })
    expect((await create({ clientToken: 'once' })).deployments?.[0]?.id).toBe(first.deployments?.[0]?.id)
    expect(await refusal(create())).toEqual([
      'InvalidParameterException',
      'Creation of service was not idempotent.',
    ])
  })

  it('is refused what it needs and what is not there', async () => {
    await ready()
    const refused = async (change: Partial<CreateServiceRequest>) => (await refusal(create(change)))[0]
    expect(await refused({ taskDefinition: 'gone' })).toBe('ClientException')
    expect(await refused({ cluster: 'gone' })).toBe('ClusterNotFoundException')
    expect(await refused({ desiredCount: -1 })).toBe('InvalidParameterException')
    expect(
      await refused({
        loadBalancers: [{ loadBalancerName: 'old', containerName: 'web', containerPort: 80 }],
      }),
    ).toBe('UnsupportedFeatureException')
    const nobody = berth.nobody.createService({ serviceName: 'web', taskDefinition: 'web', desiredCount: 1 })
    expect((await refusal(nobody))[0]).toBe('AccessDeniedException')
  })
})

describe('UpdateService', () => {
  it('rolls a new revision within the percentages', async () => {
    await ready()
    await create()
    await settle()
    await register()
    const updated = await update({ cluster: 'default', taskDefinition: 'web:2' })
    expect(updated).toMatchObject({
      taskDefinition: arn('task-definition/web:2'),
      deployments: [
        { status: 'PRIMARY', taskDefinition: arn('task-definition/web:2'), desiredCount: 3, runningCount: 0 },
        { status: 'ACTIVE', taskDefinition: arn('task-definition/web:1'), desiredCount: 3, runningCount: 3 },
      ],
    })
    expect(await described()).toMatchObject({ runningCount: 3, pendingCount: 3 })
    await settle()
    await stable()
    const definitions = (await tasksOf()).map(task => task.taskDefinitionArn)
    expect(definitions).toEqual(Array(3).fill(arn('task-definition/web:2')))
    const stopped = (await tasksOf('STOPPED'))[0]
    expect(stopped).toMatchObject({
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: `Scaling activity initiated by (deployment ${updated.deployments?.[1]?.id})`,
    })
  })

  it('changes the desired count alone, and every other member that it names', async () => {
    await ready()
    const { deployments } = await create()
    await settle()
    const changes = {
      desiredCount: 1,
      deploymentConfiguration: { maximumPercent: 300, minimumHealthyPercent: 0 },
      deploymentController: { type: 'ECS' },
      placementConstraints: [{ type: 'distinctInstance' }],
      placementStrategy: [{ type: 'binpack', field: 'cpu' }],
      healthCheckGracePeriodSeconds: 3,
      enableExecuteCommand: true,
      enableECSManagedTags: true,
      propagateTags: 'TASK_DEFINITION',
      availabilityZoneRebalancing: 'DISABLED',
    } satisfies Partial<UpdateServiceRequest>
    const { deploymentConfiguration, ...others } = changes
    const updated = await update(changes)
    expect(updated).toMatchObject(others)
    expect(updated.deploymentConfiguration).toMatchObject(deploymentConfiguration)
    expect(updated.deployments).toMatchObject([{ id: deployments?.[0]?.id, desiredCount: 1 }])
    expect(updated.events?.[0]?.message).toBe('(service web) has reached a steady state.')
    await settle()
    expect(await described()).toMatchObject({ desiredCount: 1, runningCount: 1 })
  })

  it('forces a deployment of what is there', async () => {
    await ready()
    await create()
    await settle()
    expect((await update({ forceNewDeployment: true })).deployments).toHaveLength(2)
    await settle()
    expect((await described()).deployments).toHaveLength(1)
  })

  it('is refused for what is not there, not ACTIVE, or not supported', async () => {
    await ready()
    expect(await refusal(update({}))).toEqual(['ServiceNotFoundException', 'Service not found.'])
    expect((await refusal(update({ cluster: 'gone' })))[0]).toBe('ClusterNotFoundException')
    await create()
    expect((await refusal(update({ taskDefinition: 'gone' })))[0]).toBe('ClientException')
    expect((await refusal(update({ desiredCount: -1 })))[0]).toBe('InvalidParameterException')
    expect((await refusal(update({ deploymentConfiguration: { strategy: 'CANARY' } })))[0]).toBe(
      'InvalidParameterException',
    )
    const thresholdConfiguration = { type: 'COUNT', value: 0 } as const
    const breaker = {
      deploymentCircuitBreaker: { enable: true, rollback: true, thresholdConfiguration },
    }
    expect((await refusal(update({ deploymentConfiguration: breaker })))[0]).toBe('InvalidParameterException')
    expect((await refusal(berth.nobody.updateService({ service: 'web' })))[0]).toBe('AccessDeniedException')
    await remove({ force: true })
    expect(await refusal(update({}))).toEqual(['ServiceNotActiveException', 'Service was not ACTIVE.'])
  })
})

it('gives a deployment up whose tasks keep failing, and rolls the service back', async () => {
  await ready()
  const deploymentCircuitBreaker = {
    enable: true,
    rollback: true,
    resetOnHealthyTask: true,
    thresholdConfiguration: { type: 'COUNT', value: 1 } as const,
  }
  const deploymentConfiguration = { deploymentCircuitBreaker }
  const { taskDefinition: first, ...made } = await create({ deploymentConfiguration })
  expect(made.deploymentConfiguration).toMatchObject({ deploymentCircuitBreaker })
  await settle()
  await register({ family: 'web' })
  await update({
    taskDefinition: 'web',
    deploymentConfiguration: { ...deploymentConfiguration, minimumHealthyPercent: 0, maximumPercent: 100 },
    availabilityZoneRebalancing: 'DISABLED',
  })
  await obey()
  for (const task of await tasksOf()) if (task.lastStatus === 'PENDING') await report(task, 'STOPPED')
  berth.settle()
  const service = await described()
  expect(service.taskDefinition).toBe(first)
  const id = made.deployments?.[0]?.id
  expect(service.deployments).toMatchObject([
    {
      id,
      status: 'PRIMARY',
      rolloutState: 'IN_PROGRESS',
      rolloutStateReason: `ECS deployment circuit breaker: rolling back to deploymentId ${id}.`,
    },
  ])
  expect(service.events?.map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/deployment failed: tasks failed to start\.$/),
  )
})

describe('DeleteService', () => {
  it('drains a service, which is INACTIVE with its last task, and describable still', async () => {
    await ready()
    await create()
    await settle()
    expect(await refusal(remove())).toEqual([
      'InvalidParameterException',
      'The service cannot be stopped while it is scaled above 0.',
    ])
    expect(await remove({ force: true })).toMatchObject({ status: 'DRAINING', desiredCount: 0 })
    expect(await refusal(create())).toEqual([
      'InvalidParameterException',
      'Unable to Start a service that is still Draining.',
    ])
    await settle()
    await inactive()
    expect(await described()).toMatchObject({ status: 'INACTIVE', deployments: [], runningCount: 0 })
    expect(await refusal(remove())).toEqual(['ServiceNotFoundException', 'Service not found.'])
    expect(await create()).toMatchObject({ status: 'ACTIVE' })
  })

  it('is refused where there is no such cluster, and to those who may not', async () => {
    await ready()
    const elsewhere = berth.ecs.deleteService({ cluster: 'gone', service: 'web' })
    expect((await refusal(elsewhere))[0]).toBe('ClusterNotFoundException')
    expect((await refusal(berth.nobody.deleteService({ service: 'web' })))[0]).toBe('AccessDeniedException')
  })
})

describe('a service without room', () => {
  it('says why, and starts its tasks when there is some', async () => {
    await berth.ecs.createCluster({ clusterName: 'default' })
    await register()
    await create()
    expect((await described()).events?.map(event => event.message)).toEqual([
      '(service web) was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your cluster. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.',
    ])
    await connect()
    berth.advance(500)
    expect(await described()).toMatchObject({ pendingCount: 3 })
  })
})

describe('DescribeServices and ListServices', () => {
  it('find services by name and ARN, and say what is missing', async () => {
    await ready()
    await create()
    const { services, failures } = await berth.ecs.describeServices({
      cluster: 'default',
      services: [arn('service/default/web'), 'gone'],
      include: ['TAGS'],
    })
    expect(services).toMatchObject([{ serviceName: 'web', tags: [] }])
    expect(failures).toEqual([{ arn: arn('service/default/gone'), reason: 'MISSING' }])
    const elsewhere = berth.ecs.describeServices({ cluster: 'gone', services: ['web'] })
    expect((await refusal(elsewhere))[0]).toBe('ClusterNotFoundException')
    expect(await refusal(berth.ecs.describeServices({ services: [] }))).toEqual([
      'InvalidParameterException',
      'Services cannot be empty.',
    ])
    const nobody = berth.nobody.describeServices({ services: ['web'] })
    expect((await refusal(nobody))[0]).toBe('AccessDeniedException')
  })

  it('list ACTIVE services in pages, by launch type, strategy and management', async () => {
    await ready()
    for (const serviceName of ['c', 'a', 'b']) await create({ serviceName, desiredCount: 0 })
    await create({ serviceName: 'd', desiredCount: 0, launchType: 'EXTERNAL' })
    const first = await berth.ecs.listServices({ cluster: 'default', maxResults: 2 })
    expect(first.serviceArns).toEqual([arn('service/default/a'), arn('service/default/b')])
    const second = await berth.ecs.listServices({ nextToken: first.nextToken })
    expect(second).toMatchObject({ serviceArns: [arn('service/default/c'), arn('service/default/d')] })
    expect(second.nextToken).toBeUndefined()
    const listed = async (filter: object) => (await berth.ecs.listServices(filter)).serviceArns?.length
    expect(await listed({ launchType: 'EXTERNAL' })).toBe(1)
    await berth.ecs.createService({ serviceName: 'e', taskDefinition: 'web', schedulingStrategy: 'DAEMON' })
    expect(await listed({ schedulingStrategy: 'REPLICA' })).toBe(4)
    expect(await listed({ schedulingStrategy: 'DAEMON' })).toBe(1)
    expect(await listed({ resourceManagementType: 'ECS' })).toBe(0)
    expect((await refusal(berth.ecs.listServices({ maxResults: 0 })))[0]).toBe('InvalidParameterException')
    expect((await refusal(berth.ecs.listServices({ cluster: 'gone' })))[0]).toBe('ClusterNotFoundException')
    expect((await refusal(berth.nobody.listServices({})))[0]).toBe('AccessDeniedException')
  })
})
