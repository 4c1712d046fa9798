import type { CreateServiceRequest, UpdateServiceRequest } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { given, scope, start } from '../../fixtures/rows.ts'
import { emptyWorld, type World } from '../../fixtures/service-world.ts'
import { clientTokens, taskDefinitions } from '../../tables/index.ts'
import { createService } from './create-service.ts'
import { deleteService } from './delete-service.ts'
import { describeServices } from './describe-services.ts'
import { listServices } from './list-services.ts'
import { updateService } from './update-service.ts'

const secondRevision = given.taskDefinition(
  {},
  { id: `arn:aws:ecs:${scope.region}:${scope.accountId}:task-definition/web:2`, revision: 2 },
)

const world = () => emptyWorld({ taskDefinitions: [given.taskDefinition(), secondRevision] })

const web: CreateServiceRequest = { serviceName: 'web', taskDefinition: 'web:1', desiredCount: 2 }

const create = async (on: World, change: Partial<CreateServiceRequest> = {}) => {
  const { service } = await createService.handle({ ...web, ...change }, on.call())
  on.run()
  return service
}

const update = async (on: World, change: Omit<UpdateServiceRequest, 'service'>) => {
  const { service } = await updateService.handle({ service: 'web', ...change }, on.call())
  on.run()
  return service
}

const remove = async (on: World, force = false) => {
  const { service } = await deleteService.handle({ service: 'web', force }, on.call())
  on.run()
  return service
}

const described = async (on: World, name = 'web') =>
  (await describeServices.handle({ services: [name] }, on.call())).services?.[0]

const refusal = (code: string, message: RegExp | string) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) })

describe('CreateService', () => {
  it('answers with every member and ECS’s defaults', async () => {
    const on = await world()
    const arn = `arn:aws:ecs:${scope.region}:${scope.accountId}:service/default/web`
    const service = await create(on, { tags: [{ key: 'team', value: 'a' }] })
    const [deployment] = service?.deployments ?? []
    expect(deployment?.id).toMatch(/^ecs-svc\/\d{19}$/)
    expect(JSON.parse(JSON.stringify(service))).toEqual({
      serviceArn: arn,
      serviceName: 'web',
      currentServiceDeployment: expect.stringMatching(/:service-deployment\/default\/web\/[\w-]{21}$/),
      currentServiceRevisions: [
        {
          arn: arn
            .replace(':service/', ':service-revision/')
            .concat(deployment?.id?.replace('ecs-svc', '') ?? ''),
          requestedTaskCount: 2,
          runningTaskCount: 0,
          pendingTaskCount: 0,
        },
      ],
      clusterArn: given.cluster.id,
      loadBalancers: [],
      serviceRegistries: [],
      status: 'ACTIVE',
      desiredCount: 2,
      runningCount: 0,
      pendingCount: 0,
      launchType: 'EC2',
      taskDefinition: given.taskDefinition().id,
      deploymentConfiguration: {
        deploymentCircuitBreaker: { enable: false, rollback: false },
        maximumPercent: 200,
        minimumHealthyPercent: 100,
        strategy: 'ROLLING',
        bakeTimeInMinutes: 0,
      },
      deploymentController: { type: 'ECS' },
      deployments: [
        {
          id: deployment?.id,
          status: 'PRIMARY',
          taskDefinition: given.taskDefinition().id,
          desiredCount: 2,
          pendingCount: 0,
          runningCount: 0,
          failedTasks: 0,
          createdAt: deployment?.createdAt?.toJSON(),
          updatedAt: deployment?.updatedAt?.toJSON(),
          launchType: 'EC2',
          rolloutState: 'IN_PROGRESS',
          rolloutStateReason: `ECS deployment ${deployment?.id} in progress.`,
        },
      ],
      events: [],
      createdAt: service?.createdAt?.toJSON(),
      placementConstraints: [],
      placementStrategy: [],
      schedulingStrategy: 'REPLICA',
      tags: [{ key: 'team', value: 'a' }],
      createdBy: `arn:aws:iam::${scope.accountId}:root`,
      enableECSManagedTags: false,
      propagateTags: 'NONE',
      enableExecuteCommand: false,
      availabilityZoneRebalancing: 'ENABLED',
      resourceManagementType: 'CUSTOMER',
    })
    expect(service?.createdAt?.getTime()).toBe(start)
  })

  it('refuses a name that is taken, and the same call with the same token gets the same service', async () => {
    const on = await world()
    const first = await create(on, { clientToken: 'token' })
    expect((await create(on, { clientToken: 'token' }))?.serviceArn).toBe(first?.serviceArn)
    expect(on.store.get(clientTokens, on.service()?.clientTokenId ?? '')?.resourceArns).toEqual([
      first?.serviceArn,
    ])
    await expect(create(on)).rejects.toEqual(
      refusal('InvalidParameterException', 'Creation of service was not idempotent.'),
    )
    await expect(create(on, { clientToken: 'token', desiredCount: 9 })).rejects.toEqual(
      refusal('InvalidParameterException', 'Creation of service was not idempotent.'),
    )
  })

  it('puts the tags that it is told to on the tasks', async () => {
    const on = await world()
    await create(on, {
      tags: [{ key: 'team', value: 'a' }],
      propagateTags: 'SERVICE',
      enableECSManagedTags: true,
    })
    expect(on.tasks()[0]?.tags).toEqual([
      { key: 'team', value: 'a' },
      { key: 'aws:ecs:clusterName', value: 'default' },
      { key: 'aws:ecs:serviceName', value: 'web' },
    ])
  })
})

describe('UpdateService', () => {
  it('changes the desired count without a deployment', async () => {
    const on = await world()
    const before = await create(on)
    const after = await update(on, { desiredCount: 5 })
    expect(after?.deployments).toHaveLength(1)
    expect(after?.deployments?.[0]).toMatchObject({ id: before?.deployments?.[0]?.id, desiredCount: 5 })
    expect(on.tasks()).toHaveLength(5)
  })

  it('makes a deployment of a new task definition, which is PRIMARY and shown first', async () => {
    const on = await world()
    await create(on)
    on.settle(3)
    const after = await update(on, { taskDefinition: 'web:2' })
    expect(after?.taskDefinition).toBe(secondRevision.id)
    expect(after?.deployments).toMatchObject([
      { status: 'PRIMARY', taskDefinition: secondRevision.id, desiredCount: 2, runningCount: 0 },
      { status: 'ACTIVE', taskDefinition: given.taskDefinition().id, desiredCount: 2, runningCount: 2 },
    ])
    on.settle(5)
    const settled = await described(on)
    expect(settled).toMatchObject({ desiredCount: 2, runningCount: 2, pendingCount: 0 })
    expect(settled?.deployments).toMatchObject([
      { status: 'PRIMARY', rolloutState: 'COMPLETED', runningCount: 2 },
    ])
    expect(on.tasks().map(task => task.taskDefinitionArn)).toEqual([secondRevision.id, secondRevision.id])
  })

  it('makes one of the same task definition only when it is forced to', async () => {
    const on = await world()
    await create(on)
    expect((await update(on, { taskDefinition: 'web:1' }))?.deployments).toHaveLength(1)
    expect((await update(on, { forceNewDeployment: true }))?.deployments).toHaveLength(2)
  })

  it('makes none for the deployment configuration, of which it changes what it is given', async () => {
    const on = await world()
    await create(on)
    const after = await update(on, { deploymentConfiguration: { minimumHealthyPercent: 50 } })
    expect(after?.deployments).toHaveLength(1)
    expect(after?.deploymentConfiguration).toMatchObject({ minimumHealthyPercent: 50, maximumPercent: 200 })
  })

  it('makes none for tags, placement and the grace period', async () => {
    const on = await world()
    await create(on)
    const after = await update(on, {
      propagateTags: 'SERVICE',
      enableECSManagedTags: true,
      enableExecuteCommand: true,
      healthCheckGracePeriodSeconds: 30,
      placementStrategy: [{ type: 'spread', field: 'instanceId' }],
      placementConstraints: [{ type: 'distinctInstance' }],
      availabilityZoneRebalancing: 'DISABLED',
    })
    expect(after).toMatchObject({
      propagateTags: 'SERVICE',
      enableECSManagedTags: true,
      enableExecuteCommand: true,
      healthCheckGracePeriodSeconds: 30,
      placementStrategy: [{ type: 'spread', field: 'instanceId' }],
      placementConstraints: [{ type: 'distinctInstance' }],
    })
    expect(after?.deployments).toHaveLength(1)
  })

  it('works on while the task definition is INACTIVE', async () => {
    const on = await world()
    await create(on)
    on.store.update(tx => tx.put(taskDefinitions, { ...given.taskDefinition(), status: 'INACTIVE' }))
    expect(await update(on, { desiredCount: 3 })).toMatchObject({ desiredCount: 3 })
    expect(on.tasks()).toHaveLength(3)
    await expect(update(on, { taskDefinition: 'web:1' })).rejects.toEqual(
      refusal('InvalidParameterException', 'TaskDefinition is inactive'),
    )
  })

  it('is refused for services that are not there, not ACTIVE, or not supported so', async () => {
    const on = await world()
    await expect(update(on, {})).rejects.toEqual(refusal('ServiceNotFoundException', 'Service not found.'))
    await create(on)
    await expect(update(on, { deploymentController: { type: 'CODE_DEPLOY' } })).rejects.toEqual(
      refusal('UnsupportedFeatureException', 'deploymentController'),
    )
    await remove(on, true)
    await expect(update(on, {})).rejects.toEqual(
      refusal('ServiceNotActiveException', 'Service was not ACTIVE.'),
    )
  })
})

describe('DeleteService', () => {
  it('needs a desired count of 0, or force', async () => {
    const on = await world()
    await create(on)
    await expect(remove(on)).rejects.toEqual(
      refusal('InvalidParameterException', 'The service cannot be stopped while it is scaled above 0.'),
    )
    await update(on, { desiredCount: 0 })
    expect(await remove(on)).toMatchObject({ status: 'DRAINING' })
  })

  it('drains the service, which ends INACTIVE, describable, and with its name free', async () => {
    const on = await world()
    await create(on)
    on.settle(3)
    expect(await remove(on, true)).toMatchObject({ status: 'DRAINING', desiredCount: 0, runningCount: 2 })
    await expect(create(on)).rejects.toEqual(
      refusal('InvalidParameterException', 'Unable to Start a service that is still Draining.'),
    )
    expect((await listServices.handle({}, on.call())).serviceArns).toEqual([])
    on.obey()
    expect(await described(on)).toMatchObject({ status: 'INACTIVE', runningCount: 0, deployments: [] })
    await expect(remove(on)).rejects.toEqual(refusal('ServiceNotFoundException', 'Service not found.'))
    on.pass(1_000)
    await create(on)
    expect(await described(on)).toMatchObject({ status: 'ACTIVE' })
    expect((await described(on))?.events).toHaveLength(1)
  })

  it('of a service without tasks makes it INACTIVE at once', async () => {
    const on = await world()
    await create(on, { desiredCount: 0 })
    await remove(on)
    expect(await described(on)).toMatchObject({ status: 'INACTIVE' })
  })
})

describe('DescribeServices', () => {
  it('shows the newest hundred events, newest first', async () => {
    const on = await world()
    await create(on, { desiredCount: 1 })
    for (let round = 0; round < 110; round++) {
      on.settle(2)
      await update(on, { desiredCount: round % 2 === 0 ? 2 : 1 })
    }
    const events = (await described(on))?.events ?? []
    expect(events).toHaveLength(100)
    expect(events[0]?.createdAt?.getTime()).toBeGreaterThan(events[99]?.createdAt?.getTime() ?? 0)
    expect(events[0]?.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  })

  it('takes names and ARNs, reports MISSING ones, and shows tags when it is asked to', async () => {
    const on = await world()
    const service = await create(on, { tags: [{ key: 'a', value: 'b' }] })
    const arn = service?.serviceArn ?? ''
    const { services, failures } = await describeServices.handle(
      { services: [arn, 'web', 'gone'] },
      on.call(),
    )
    expect(services?.map(found => found.serviceArn)).toEqual([arn])
    expect(services?.[0]).not.toHaveProperty('tags')
    expect(failures).toEqual([{ arn: arn.replace('/web', '/gone'), reason: 'MISSING' }])
    const tagged = await describeServices.handle({ services: ['web'], include: ['TAGS'] }, on.call())
    expect(tagged.services?.[0]?.tags).toEqual([{ key: 'a', value: 'b' }])
  })

  it('takes one to ten services', async () => {
    const on = await world()
    await expect(describeServices.handle({ services: [] }, on.call())).rejects.toEqual(
      refusal('InvalidParameterException', 'Services cannot be empty.'),
    )
    const eleven = Array.from({ length: 11 }, (_, index) => `s${index}`)
    await expect(describeServices.handle({ services: eleven }, on.call())).rejects.toEqual(
      refusal('InvalidParameterException', 'at most 10'),
    )
  })
})

describe('ListServices', () => {
  it('shows ten a page in the order of names, and filters', async () => {
    const on = await world()
    for (let number = 10; number < 22; number++)
      await create(on, {
        serviceName: `s${number}`,
        desiredCount: 0,
        launchType: number === 21 ? 'EXTERNAL' : 'EC2',
      })
    const first = await listServices.handle({}, on.call())
    expect(first.serviceArns).toHaveLength(10)
    const { nextToken } = first
    if (nextToken === undefined) throw new Error('There is no next page')
    const second = await listServices.handle({ nextToken }, on.call())
    expect(second.serviceArns?.map(arn => arn.slice(-3))).toEqual(['s20', 's21'])
    expect(second.nextToken).toBeUndefined()
    const external = await listServices.handle({ launchType: 'EXTERNAL' }, on.call())
    expect(external.serviceArns?.map(arn => arn.slice(-3))).toEqual(['s21'])
    expect((await listServices.handle({ schedulingStrategy: 'DAEMON' }, on.call())).serviceArns).toEqual([])
    expect((await listServices.handle({ resourceManagementType: 'ECS' }, on.call())).serviceArns).toEqual([])
    expect((await listServices.handle({ maxResults: 100 }, on.call())).serviceArns).toHaveLength(12)
    await expect(async () => listServices.handle({ maxResults: 101 }, on.call())).rejects.toEqual(
      refusal('InvalidParameterException', 'maxResults'),
    )
  })
})

it('a service of other controllers shows no service deployment of an earlier service of its name', async () => {
  const on = await world()
  await create(on)
  await remove(on, true)
  on.settle(3)
  on.pass(60_000)
  const { service } = await createService.handle(
    { serviceName: 'web', desiredCount: 1, deploymentController: { type: 'EXTERNAL' } },
    on.call(),
  )
  expect(service?.status).toBe('ACTIVE')
  expect((await described(on))?.currentServiceDeployment).toBeUndefined()
})

it('a service with a pre-deployment task keeps the ECS controller', async () => {
  const on = await world()
  await create(on)
  on.settle(5)
  on.change({ preDeploymentTask: { timeoutInMinutes: 60 } })
  const external = { deploymentController: { type: 'EXTERNAL' as const } }
  await expect(update(on, external)).rejects.toThrow('Delete the pre-deployment task')
  on.change({ preDeploymentTask: undefined })
  expect((await update(on, external))?.deploymentController).toEqual({ type: 'EXTERNAL' })
})
