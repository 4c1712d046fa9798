import type { CreateServiceRequest } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { arn, refusal, useBerth } from './harness.ts'
import { external, named, percent, taskSetCalls } from './task-set-calls.ts'

const berth = useBerth()
const { ready, register, createService, create, describeSets, described, runAll } = taskSetCalls(berth)

describe('a service with the EXTERNAL deployment controller', () => {
  it('needs a name alone, has no deployments, and shows what its primary task set is made of', async () => {
    await ready()
    const { service: created } = await berth.ecs.createService({ serviceName: 'web', ...external })
    expect(created).toMatchObject({
      desiredCount: 0,
      deployments: [],
      taskSets: [],
      deploymentController: { type: 'EXTERNAL' },
      deploymentConfiguration: { maximumPercent: 200, minimumHealthyPercent: 100 },
      schedulingStrategy: 'REPLICA',
      availabilityZoneRebalancing: 'DISABLED',
    })
    expect(created).not.toHaveProperty('taskDefinition')
    expect(created).not.toHaveProperty('launchType')
    expect(created?.deploymentConfiguration).not.toHaveProperty('strategy')
    await register()
    const [blue, green] = [
      await create({ taskDefinition: 'web:1' }),
      await create({ taskDefinition: 'web:2' }),
    ]
    expect(await described()).not.toHaveProperty('taskDefinition')
    await berth.ecs.updateServicePrimaryTaskSet({ ...named, primaryTaskSet: blue.taskSetArn })
    expect(await described()).toMatchObject({
      taskDefinition: blue.taskDefinition,
      launchType: 'EC2',
      taskSets: [
        { id: blue.id, status: 'PRIMARY' },
        { id: green.id, status: 'ACTIVE', tags: [] },
      ],
      deployments: [],
    })
    await berth.ecs.updateServicePrimaryTaskSet({ ...named, primaryTaskSet: green.id })
    expect(await described()).toMatchObject({
      taskDefinition: green.taskDefinition,
      taskSets: [
        { id: green.id, status: 'PRIMARY' },
        { id: blue.id, status: 'ACTIVE' },
      ],
    })
    await berth.ecs.deleteTaskSet({ ...named, taskSet: green.id, force: true })
    expect(await described()).not.toHaveProperty('taskDefinition')
  })

  it('is answered with its task sets whole, but for their tags, by every operation on it', async () => {
    await createService()
    const { id } = await create({ externalId: 'a', scale: percent(50), tags: [{ key: 'team', value: 'a' }] })
    const [set] = await describeSets(id!)
    const taskSets = [{ ...set, tags: [] }]
    expect((await described()).taskSets).toEqual(taskSets)
    const { service: updated } = await berth.ecs.updateService({ ...named, propagateTags: 'NONE' })
    expect(updated?.taskSets).toEqual(taskSets)
    const { service: deleted } = await berth.ecs.deleteService({ ...named, force: true })
    const draining = { status: 'DRAINING', scale: percent(0), computedDesiredCount: 0 }
    expect(deleted?.taskSets).toEqual([{ ...taskSets[0], ...draining }])
  })

  it.each<[string, Partial<CreateServiceRequest>]>([
    ['TaskDefinition must be blank.', { taskDefinition: 'web' }],
    ['PlatformVersion must be blank.', { platformVersion: 'LATEST' }],
    [
      'LoadBalancers must be empty or null.',
      { loadBalancers: [{ targetGroupArn: 'arn', containerName: 'web', containerPort: 80 }] },
    ],
    ['ServiceRegistries must be empty or null.', { serviceRegistries: [{ registryArn: 'arn' }] }],
    [
      'CapacityProviderStrategy must be empty or null.',
      { capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] },
    ],
    ['VolumeConfigurations must be empty or null.', { volumeConfigurations: [{ name: 'data' }] }],
    [
      'NetworkConfiguration must be null.',
      { networkConfiguration: { awsvpcConfiguration: { subnets: ['a'] } } },
    ],
    ['LaunchType must be null.', { launchType: 'EC2' }],
    [
      'The EXTERNAL deployment controller type is not supported for services using the DAEMON scheduling strategy.',
      { schedulingStrategy: 'DAEMON' },
    ],
    [
      'The EXTERNAL deployment controller type is not supported for services using Service Connect.',
      { serviceConnectConfiguration: { enabled: true } },
    ],
    [
      'Deployment circuit breaker feature is only supported with ECS deployment controller. Update to ECS deployment controller and try again.',
      { deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } } },
    ],
    [
      'Alarm based rollback feature is only supported with ECS deployment controller. Update to ECS deployment controller and try again.',
      { deploymentConfiguration: { alarms: { enable: true, rollback: true, alarmNames: ['a'] } } },
    ],
    [
      'BLUE_GREEN deployment strategy feature is only supported with ECS deployment controller. Update to ECS deployment controller and try again.',
      { deploymentConfiguration: { strategy: 'BLUE_GREEN' } },
    ],
    ['desiredCount must be 0 or more.', { desiredCount: -1 }],
  ])('is refused at its creation: %s', async (message, change) => {
    expect(await refusal(createService(change))).toEqual(['InvalidParameterException', message])
    expect((await berth.ecs.listServices({})).serviceArns).toEqual([])
  })

  it('takes of UpdateService what is no task set’s', async () => {
    await createService()
    await create({ scale: percent(100) })
    const { service } = await berth.ecs.updateService({
      ...named,
      desiredCount: 5,
      healthCheckGracePeriodSeconds: 9,
      placementStrategy: [{ type: 'binpack', field: 'memory' }],
      placementConstraints: [{ type: 'memberOf', expression: 'attribute:ecs.cpu-architecture == x86_64' }],
      enableECSManagedTags: true,
      enableExecuteCommand: true,
      propagateTags: 'SERVICE',
      deploymentConfiguration: { maximumPercent: 150 },
      deploymentController: { type: 'EXTERNAL' },
    })
    berth.settle()
    expect(service).toMatchObject({
      desiredCount: 5,
      healthCheckGracePeriodSeconds: 9,
      placementStrategy: [{ type: 'binpack', field: 'memory' }],
      enableECSManagedTags: true,
      enableExecuteCommand: true,
      propagateTags: 'SERVICE',
      deploymentConfiguration: { maximumPercent: 150, minimumHealthyPercent: 100 },
    })
    expect(await described()).toMatchObject({ taskSets: [{ computedDesiredCount: 5, pendingCount: 5 }] })
  })

  it.each([
    ['desiredCount must be 0 or more.', { desiredCount: -1 }],
    [
      'Unable to update task definition on services with a EXTERNAL deployment controller.',
      { taskDefinition: 'web' },
    ],
    [
      'Unable to update network parameters on services with a EXTERNAL deployment controller.',
      { networkConfiguration: { awsvpcConfiguration: { subnets: ['a'] } } },
    ],
    [
      'Unable to update platform version on services with a EXTERNAL deployment controller.',
      { platformVersion: 'LATEST' },
    ],
    [
      'Cannot force a new deployment on services with a EXTERNAL deployment controller.',
      { forceNewDeployment: true },
    ],
    [
      'Unable to update volume configurations on services with a EXTERNAL deployment controller.',
      { volumeConfigurations: [{ name: 'data' }] },
    ],
    [
      'Deployment circuit breaker feature is only supported with ECS deployment controller. Update to ECS deployment controller and try again.',
      { deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } } },
    ],
  ])('is refused of UpdateService: %s', async (message, change) => {
    await createService()
    const update = berth.ecs.updateService({ ...named, desiredCount: 1, ...change })
    expect(await refusal(update)).toEqual(['InvalidParameterException', message])
    expect(await described()).toMatchObject({ desiredCount: 3 })
  })
})

describe('another deployment controller', () => {
  const change = (type: 'ECS' | 'EXTERNAL' | 'CODE_DEPLOY', more: object = {}) =>
    berth.ecs.updateService({ ...named, deploymentController: { type }, ...more })

  const steadyEcsService = async (more: Partial<CreateServiceRequest> = {}) => {
    await ready()
    await berth.ecs.createService({ serviceName: 'web', taskDefinition: 'web', desiredCount: 2, ...more })
    berth.settle()
    await runAll()
    return (await described()).deployments![0]!
  }

  it('takes over the tasks that run, and gives them back', async () => {
    const { id } = await steadyEcsService()
    const { service } = await change('EXTERNAL')
    berth.settle()
    const shown = {
      deploymentController: { type: 'EXTERNAL' },
      runningCount: 2,
      taskDefinition: arn('task-definition/web:1'),
      // As AWS documents it: what was a deployment is shown as one.
      deployments: [{ id, status: 'PRIMARY', desiredCount: 2, runningCount: 2, rolloutState: 'COMPLETED' }],
      taskSets: [],
    }
    expect(service).toMatchObject(shown)
    expect(await described()).toMatchObject(shown)
    expect(await describeSets(id!)).toMatchObject([
      { status: 'PRIMARY', scale: { value: 100 }, computedDesiredCount: 2, stabilityStatus: 'STEADY_STATE' },
    ])
    await berth.ecs.updateService({ ...named, desiredCount: 3 })
    berth.settle()
    await runAll()
    expect(await described()).toMatchObject({ runningCount: 3, deployments: [{ desiredCount: 3 }] })

    await change('ECS')
    berth.settle()
    const back = await described()
    expect(back).toMatchObject({
      deploymentController: { type: 'ECS' },
      runningCount: 3,
      deploymentConfiguration: { strategy: 'ROLLING' },
      deployments: [{ id, status: 'PRIMARY', runningCount: 3, rolloutState: 'COMPLETED' }],
    })
    expect(back).not.toHaveProperty('taskSets')
    await register()
    const { service: updated } = await berth.ecs.updateService({ ...named, taskDefinition: 'web:2' })
    expect(updated?.deployments).toHaveLength(2)
  })

  it('takes a new task definition in the same call when ECS takes over', async () => {
    await createService()
    const { id } = await create({ scale: percent(100) })
    await berth.ecs.updateServicePrimaryTaskSet({ ...named, primaryTaskSet: id })
    await runAll()
    await register()
    const { service } = await change('ECS', { taskDefinition: 'web:2' })
    expect(service?.deployments).toMatchObject([
      { status: 'PRIMARY', taskDefinition: arn('task-definition/web:2') },
      { id, status: 'ACTIVE', taskDefinition: arn('task-definition/web:1') },
    ])
  })

  it('is refused during a deployment, and with features that only ECS has', async () => {
    await ready()
    await berth.ecs.createService({ serviceName: 'web', taskDefinition: 'web', desiredCount: 2 })
    berth.settle()
    expect((await refusal(change('EXTERNAL')))[1]).toContain('ongoing service deployment')
    await runAll()
    const deploymentConfiguration = { deploymentCircuitBreaker: { enable: true, rollback: false } }
    await berth.ecs.updateService({ ...named, deploymentConfiguration })
    expect(await refusal(change('EXTERNAL'))).toEqual([
      'InvalidParameterException',
      'Deployment circuit breaker feature is only supported with ECS deployment controller. Update to ECS deployment controller and try again.',
    ])
    const off = { deploymentCircuitBreaker: { enable: false, rollback: false } }
    expect(
      (await refusal(change('EXTERNAL', { deploymentConfiguration: off, taskDefinition: 'web' })))[1],
    ).toContain('Unable to update task definition')
    await expect(change('EXTERNAL', { deploymentConfiguration: off })).resolves.toBeDefined()
  })

  it('is refused while several deployments or task sets are there, or none is primary', async () => {
    const several =
      'Updating the deployment controller is not supported when there are multiple tasksets in the service. Please ensure your service has only one taskset and try again.'
    await steadyEcsService()
    await register()
    await berth.ecs.updateService({ ...named, taskDefinition: 'web:2' })
    berth.settle()
    expect(await refusal(change('EXTERNAL'))).toEqual(['InvalidParameterException', several])

    await berth.ecs.createService({ serviceName: 'other', ...external })
    const other = (type: 'ECS') =>
      berth.ecs.updateService({ service: 'other', deploymentController: { type } })
    const noPrimary =
      'Updating the deployment controller requires a primary taskset in the service. Please ensure your service has a primary taskset and try again.'
    expect(await refusal(other('ECS'))).toEqual(['InvalidParameterException', noPrimary])
    const inOther = { cluster: 'default', service: 'other', taskDefinition: 'web' }
    await berth.ecs.createTaskSet(inOther)
    expect(await refusal(other('ECS'))).toEqual(['InvalidParameterException', noPrimary])
    await berth.ecs.createTaskSet(inOther)
    expect(await refusal(other('ECS'))).toEqual(['InvalidParameterException', several])
  })
})
