import type { CreateServiceRequest, LoadBalancer, UpdateServiceRequest } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { blueGreen, directsTraffic, loadBalancers as withTwoGroups } from './deployment-samples.ts'
import { arn, refusal, startedAt, useBerth } from './harness.ts'
import { named, percent, taskSetCalls } from './task-set-calls.ts'

const berth = useBerth(directsTraffic)
const { ready, register, create, describeSets, described, runAll, stopAll } = taskSetCalls(berth)

const targetGroup = (name: string): LoadBalancer => ({
  targetGroupArn: `arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/${name}/1`,
  containerName: 'web',
  containerPort: 80,
})
const [blue, green] = [targetGroup('blue'), targetGroup('green')]

const createService = async (change: Partial<CreateServiceRequest> = {}) => {
  await ready()
  const { service } = await berth.ecs.createService({
    serviceName: 'web',
    taskDefinition: 'web',
    desiredCount: 2,
    deploymentController: { type: 'CODE_DEPLOY' },
    loadBalancers: [blue],
    ...change,
  })
  return service!
}
const primaryOf = async (): Promise<string> => (await described()).taskSets?.[0]?.id ?? ''

describe('a service with the CODE_DEPLOY deployment controller', () => {
  it('begins with a primary task set of its task definition, and has no deployments', async () => {
    const created = await createService()
    const [taskSet] = created.taskSets ?? []
    expect(created).toMatchObject({
      desiredCount: 2,
      deployments: [],
      deploymentController: { type: 'CODE_DEPLOY' },
      deploymentConfiguration: { maximumPercent: 200, minimumHealthyPercent: 100 },
      taskDefinition: arn('task-definition/web:1'),
      loadBalancers: [blue],
      availabilityZoneRebalancing: 'DISABLED',
      launchType: 'EC2',
    })
    expect(created.currentServiceDeployment).toBeUndefined()
    expect(taskSet).toEqual({
      id: expect.stringMatching(/^ecs-svc\/\d{19}$/),
      taskSetArn: arn(`task-set/default/web/${taskSet?.id}`),
      serviceArn: arn('service/default/web'),
      clusterArn: arn('cluster/default'),
      status: 'PRIMARY',
      taskDefinition: arn('task-definition/web:1'),
      computedDesiredCount: 2,
      pendingCount: 0,
      runningCount: 0,
      createdAt: startedAt,
      updatedAt: startedAt,
      launchType: 'EC2',
      loadBalancers: [blue],
      serviceRegistries: [],
      scale: percent(100),
      stabilityStatus: 'STABILIZING',
      stabilityStatusAt: startedAt,
      tags: [],
    })
    berth.settle()
    await runAll()
    expect(await described()).toMatchObject({
      runningCount: 2,
      deployments: [],
      taskSets: [{ id: taskSet?.id, runningCount: 2, stabilityStatus: 'STEADY_STATE' }],
    })
  })

  it('is brought from blue to green by the calls that CodeDeploy makes', async () => {
    await createService()
    berth.settle()
    await runAll()
    await register()
    const original = await primaryOf()
    const replacement = await create({
      taskDefinition: 'web:2',
      externalId: 'd-ABCDEF123',
      loadBalancers: [green],
      scale: percent(100),
    })
    expect(replacement).toMatchObject({
      startedBy: 'CODE_DEPLOY',
      externalId: 'd-ABCDEF123',
      status: 'ACTIVE',
      loadBalancers: [green],
      computedDesiredCount: 2,
    })
    await runAll()
    expect(await described()).toMatchObject({
      runningCount: 4,
      taskDefinition: arn('task-definition/web:1'),
      loadBalancers: [blue],
      taskSets: [
        { id: original, status: 'PRIMARY' },
        { id: replacement.id, status: 'ACTIVE', stabilityStatus: 'STEADY_STATE', startedBy: 'CODE_DEPLOY' },
      ],
    })
    await berth.ecs.updateServicePrimaryTaskSet({ ...named, primaryTaskSet: replacement.taskSetArn })
    expect(await described()).toMatchObject({
      taskDefinition: arn('task-definition/web:2'),
      loadBalancers: [green],
      taskSets: [
        { id: replacement.id, status: 'PRIMARY', loadBalancers: [green] },
        { id: original, status: 'ACTIVE', loadBalancers: [blue] },
      ],
    })
    const { taskSet: draining } = await berth.ecs.deleteTaskSet({ ...named, taskSet: original, force: true })
    expect(draining).toMatchObject({ status: 'DRAINING', loadBalancers: [blue] })
    berth.settle()
    await stopAll()
    expect(await described()).toMatchObject({
      runningCount: 2,
      deployments: [],
      taskSets: [{ id: replacement.id, status: 'PRIMARY', runningCount: 2 }],
    })
    expect((await describeSets(replacement.id!))[0]?.loadBalancers).toEqual([green])
  })

  it('is answered with who made its task sets by every operation on them and on it', async () => {
    await createService()
    const { id } = await create({ externalId: 'd-1', loadBalancers: [green] })
    const made = { id, startedBy: 'CODE_DEPLOY', externalId: 'd-1', loadBalancers: [green] }
    const { taskSet: updated } = await berth.ecs.updateTaskSet({ ...named, taskSet: id, scale: percent(50) })
    const { taskSet: primary } = await berth.ecs.updateServicePrimaryTaskSet({ ...named, primaryTaskSet: id })
    const { taskSet: deleted } = await berth.ecs.deleteTaskSet({ ...named, taskSet: id, force: true })
    for (const taskSet of [updated, primary, deleted, ...(await describeSets(id!))])
      expect(taskSet).toMatchObject(made)
    const { service: changed } = await berth.ecs.updateService({ ...named, propagateTags: 'NONE' })
    const { service: ended } = await berth.ecs.deleteService({ ...named, force: true })
    for (const service of [changed, ended, await described()])
      expect(service?.taskSets).toEqual(expect.arrayContaining([expect.objectContaining(made)]))
  })

  it('is rolled back by deleting the replacement', async () => {
    await createService()
    berth.settle()
    const original = await primaryOf()
    const { id } = await create({ loadBalancers: [green], scale: percent(100) })
    await runAll()
    await berth.ecs.deleteTaskSet({ ...named, taskSet: id, force: true })
    berth.settle()
    await stopAll()
    expect(await described()).toMatchObject({
      runningCount: 2,
      loadBalancers: [blue],
      taskSets: [{ id: original }],
    })
  })

  it.each<[string, Partial<CreateServiceRequest>]>([
    [
      'Services that use the CODE_DEPLOY deployment controller must use an Application Load Balancer or a Network Load Balancer.',
      { loadBalancers: [] },
    ],
    [
      'Multiple target groups are only supported with ECS deployment controller.',
      { loadBalancers: [blue, green] },
    ],
    [
      'advancedConfiguration is only supported with ECS deployment controller.',
      { loadBalancers: withTwoGroups },
    ],
    [
      'Task sets need the target group of an Application Load Balancer or a Network Load Balancer.',
      { loadBalancers: [{ loadBalancerName: 'classic', containerName: 'web', containerPort: 80 }] },
    ],
    [
      'Volume configurations are only supported with ECS deployment controller.',
      { volumeConfigurations: [{ name: 'data' }] },
    ],
    ['TaskDefinition can not be blank.', { taskDefinition: undefined }],
    ['desiredCount is required for REPLICA services.', { desiredCount: undefined }],
    [
      'Deployment circuit breaker feature is only supported with ECS deployment controller. Update to ECS deployment controller and try again.',
      { deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } } },
    ],
    [
      'BLUE_GREEN deployment strategy feature is only supported with ECS deployment controller. Update to ECS deployment controller and try again.',
      { deploymentConfiguration: { strategy: 'BLUE_GREEN' } },
    ],
    [
      'Availability Zone rebalancing feature is only supported with ECS deployment controller. Update to ECS deployment controller and try again.',
      { availabilityZoneRebalancing: 'ENABLED' },
    ],
  ])('is refused at its creation: %s', async (message, change) => {
    expect(await refusal(createService(change))).toEqual(['InvalidParameterException', message])
    expect((await berth.ecs.listServices({})).serviceArns).toEqual([])
  })

  it('takes of UpdateService what is not CodeDeploy’s', async () => {
    await createService()
    berth.settle()
    const { service } = await berth.ecs.updateService({
      ...named,
      desiredCount: 3,
      deploymentConfiguration: { maximumPercent: 150, minimumHealthyPercent: 50 },
      healthCheckGracePeriodSeconds: 9,
      placementStrategy: [{ type: 'binpack', field: 'memory' }],
      placementConstraints: [{ type: 'memberOf', expression: 'attribute:ecs.cpu-architecture == x86_64' }],
      enableECSManagedTags: true,
      propagateTags: 'SERVICE',
      deploymentController: { type: 'CODE_DEPLOY' },
    })
    expect(service).toMatchObject({
      desiredCount: 3,
      deploymentConfiguration: { maximumPercent: 150, minimumHealthyPercent: 50 },
      healthCheckGracePeriodSeconds: 9,
      placementStrategy: [{ type: 'binpack', field: 'memory' }],
      enableECSManagedTags: true,
      propagateTags: 'SERVICE',
      taskSets: [{ computedDesiredCount: 3 }],
    })
  })

  it.each<[string, Partial<UpdateServiceRequest>]>([
    ['Unable to update task definition', { taskDefinition: 'web' }],
    [
      'Unable to update network parameters',
      { networkConfiguration: { awsvpcConfiguration: { subnets: ['a'] } } },
    ],
    ['Unable to update platform version', { platformVersion: 'LATEST' }],
    ['Unable to update load balancers', { loadBalancers: [blue] }],
    ['Cannot force a new deployment', { forceNewDeployment: true }],
  ])('is told to use CodeDeploy instead of UpdateService: %s', async (words, change) => {
    await createService()
    expect(await refusal(berth.ecs.updateService({ ...named, desiredCount: 5, ...change }))).toEqual([
      'InvalidParameterException',
      `${words} on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.`,
    ])
    expect(await described()).toMatchObject({ desiredCount: 2 })
  })

  it('has no task set without a target group, or with several', async () => {
    await createService()
    const make = (loadBalancers: LoadBalancer[]) =>
      refusal(berth.ecs.createTaskSet({ ...named, taskDefinition: 'web', loadBalancers }))
    expect(await make([])).toEqual([
      'InvalidParameterException',
      'The task sets of services that use the CODE_DEPLOY deployment controller must name a target group.',
    ])
    expect((await make([blue, green]))[1]).toContain('Multiple target groups')
    expect((await described()).taskSets).toHaveLength(1)
  })
})

describe('the migration from CodeDeploy to blue/green deployments of ECS', () => {
  const toEcs = (change: Partial<UpdateServiceRequest> = {}) =>
    berth.ecs.updateService({
      ...named,
      deploymentController: { type: 'ECS' },
      deploymentConfiguration: blueGreen(),
      loadBalancers: withTwoGroups,
      ...change,
    })

  it('is one call, after which ECS deploys blue/green beside the tasks that run', async () => {
    await createService()
    berth.settle()
    await runAll()
    const original = await primaryOf()
    await register()
    const { service } = await toEcs({ taskDefinition: 'web:2' })
    expect(service).not.toHaveProperty('taskSets')
    expect(service).toMatchObject({
      deploymentController: { type: 'ECS' },
      deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5 },
      loadBalancers: withTwoGroups,
      deployments: [
        { status: 'PRIMARY', taskDefinition: arn('task-definition/web:2') },
        { id: original, status: 'ACTIVE', taskDefinition: arn('task-definition/web:1'), runningCount: 2 },
      ],
    })
    berth.settle()
    await runAll()
    const serviceDeploymentArns = [service?.currentServiceDeployment ?? '']
    const { serviceDeployments } = await berth.ecs.describeServiceDeployments({ serviceDeploymentArns })
    expect(serviceDeployments).toMatchObject([
      {
        status: 'IN_PROGRESS',
        deploymentConfiguration: { strategy: 'BLUE_GREEN' },
        sourceServiceRevisions: [
          { arn: arn(`service-revision/default/web/${original.slice('ecs-svc/'.length)}`) },
        ],
      },
    ])
    expect(await described()).toMatchObject({ runningCount: 4 })
  })

  it('goes back to what CodeDeploy had deployed', async () => {
    await createService()
    berth.settle()
    await runAll()
    await register()
    const { service } = await toEcs({
      taskDefinition: 'web:2',
      deploymentConfiguration: { strategy: 'ROLLING' },
      loadBalancers: undefined,
    })
    berth.settle()
    const serviceDeploymentArn = service?.currentServiceDeployment
    await berth.ecs.stopServiceDeployment({ serviceDeploymentArn, stopType: 'ROLLBACK' })
    berth.settle()
    expect(await described()).toMatchObject({ taskDefinition: arn('task-definition/web:1') })
  })

  it('is refused while CodeDeploy deploys', async () => {
    await createService()
    await create({ loadBalancers: [green] })
    expect(await refusal(toEcs())).toEqual([
      'InvalidParameterException',
      'Updating the deployment controller is not supported when there are multiple tasksets in the service. Please ensure your service has only one taskset and try again.',
    ])
    expect(await described()).toMatchObject({ deploymentController: { type: 'CODE_DEPLOY' } })
  })

  it('has no way back by UpdateService', async () => {
    await ready()
    await berth.ecs.createService({ serviceName: 'web', taskDefinition: 'web', desiredCount: 0 })
    const change = berth.ecs.updateService({ ...named, deploymentController: { type: 'CODE_DEPLOY' } })
    expect(await refusal(change)).toEqual([
      'UnsupportedFeatureException',
      expect.stringContaining('deploymentController'),
    ])
  })
})

describe('an EXTERNAL service', () => {
  it('shows the load balancers of its primary task set', async () => {
    await ready()
    await berth.ecs.createService({ serviceName: 'web', deploymentController: { type: 'EXTERNAL' } })
    const { id, startedBy } = await create({ loadBalancers: [blue] })
    expect(startedBy).toBeUndefined()
    expect((await described()).loadBalancers).toEqual([])
    await berth.ecs.updateServicePrimaryTaskSet({ ...named, primaryTaskSet: id })
    expect((await described()).loadBalancers).toEqual([blue])
  })
})
