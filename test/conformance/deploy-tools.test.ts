/**
 * The calls of published deploy tools, in their order and with what they read of the answers: as their sources have them.
 * Their pauses between calls are left out.
 */
import {
  type RegisterTaskDefinitionRequest,
  type Service,
  type ServiceDeployment,
  type TaskDefinition,
  type UpdateServiceRequest,
  waitUntilServicesInactive,
  waitUntilServicesStable,
  waitUntilTasksStopped,
} from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, it } from 'vitest'
import { useBerth } from './harness.ts'
import { serviceDeploymentCalls } from './service-deployment-calls.ts'

const berth = useBerth()
const { ready, register, report, create, hostDoes } = serviceDeploymentCalls(berth)

const named = { cluster: 'default', service: 'web' }
const described = async (include?: 'TAGS'): Promise<Service> => {
  const { services, failures } = await berth.ecs.describeServices({
    cluster: 'default',
    services: ['web'],
    ...(include && { include: [include] }),
  })
  expect(failures).toEqual([])
  return services![0]!
}

/** The SDK's waiters ask at once, and again after a second. */
const atOnce = () => ({ client: berth.ecs, minDelay: 1, maxDelay: 1, maxWaitTime: 2 })

beforeEach(async () => {
  await ready()
  await create()
  await hostDoes('RUNNING')
})

describe("GitHub's amazon-ecs-deploy-task-definition", () => {
  /** What people keep in their repository is often what DescribeTaskDefinition has told, less what is empty. */
  const fromFile = async (): Promise<RegisterTaskDefinitionRequest> => {
    const { taskDefinition } = await berth.ecs.describeTaskDefinition({ taskDefinition: 'web' })
    const isEmpty = (value: unknown): boolean =>
      value === null ||
      value === undefined ||
      value === '' ||
      (typeof value === 'object' && !(value instanceof Date) && Object.values(value).every(isEmpty))
    const clean = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null) return value
      if (Array.isArray(value)) return value.filter(each => !isEmpty(each)).map(clean)
      return Object.fromEntries(
        Object.entries(value).flatMap(([key, each]) => (isEmpty(each) ? [] : [[key, clean(each)]])),
      )
    }
    const ignored = [
      'compatibilities',
      'taskDefinitionArn',
      'requiresAttributes',
      'revision',
      'status',
      'registeredAt',
      'deregisteredAt',
      'registeredBy',
    ]
    const members = Object.entries(clean(taskDefinition) as object)
    return Object.fromEntries(members.filter(([key]) => !ignored.includes(key))) as never
  }

  const registered = async (): Promise<string> => {
    const { taskDefinition } = await berth.ecs.registerTaskDefinition(await fromFile())
    return taskDefinition!.taskDefinitionArn!
  }

  it('registers what DescribeTaskDefinition told, updates the service, and waits until it is stable', async () => {
    const taskDefinition = await registered()
    const { status, deploymentController } = await described()
    expect(status).toBe('ACTIVE')
    expect(deploymentController).toEqual({ type: 'ECS' })
    // What its inputs do not say is null.
    const nothing = { enableECSManagedTags: null, propagateTags: null } as unknown as UpdateServiceRequest
    await berth.ecs.updateService({
      ...nothing,
      ...named,
      taskDefinition,
      forceNewDeployment: false,
      volumeConfigurations: [],
    })
    await expect(waitUntilServicesStable(atOnce(), { services: ['web'] })).rejects.toThrow('TIMEOUT')
    await hostDoes('RUNNING')
    await waitUntilServicesStable(atOnce(), { cluster: 'default', services: ['web'] })
    expect(await described()).toMatchObject({ taskDefinition, runningCount: 1 })
  })

  it('runs a task of it, waits for its end, and reads its exit code', async () => {
    const taskDefinition = await registered()
    const nothing = { capacityProviderStrategy: null, networkConfiguration: null } as object
    const { tasks, failures } = await berth.ecs.runTask({
      ...nothing,
      startedBy: 'GitHub-Actions',
      cluster: 'default',
      taskDefinition,
      overrides: { containerOverrides: [] },
      launchType: 'EC2',
      enableECSManagedTags: null as never,
      tags: [],
      volumeConfigurations: [],
    })
    expect(failures).toEqual([])
    await report(tasks![0]!, 'STOPPED', { exitCode: 3 })
    const ran = { cluster: 'default', tasks: [tasks![0]!.taskArn!] }
    await waitUntilTasksStopped(atOnce(), ran)
    const ended = await berth.ecs.describeTasks(ran)
    expect(ended.tasks?.flatMap(task => task.containers?.map(({ exitCode }) => exitCode))).toEqual([3])
  })

  it('learns from `failures` that a service is not there', async () => {
    const { failures } = await berth.ecs.describeServices({ cluster: 'default', services: ['gone'] })
    expect(failures).toMatchObject([
      { reason: 'MISSING', arn: expect.stringMatching(/service\/default\/gone$/) },
    ])
  })
})

describe('ecspresso', () => {
  /** Its `init` writes what DescribeServices tells to a file, and its `deploy` sends that file. */
  const updateOf = (service: Service): UpdateServiceRequest => ({
    ...named,
    availabilityZoneRebalancing: service.availabilityZoneRebalancing,
    capacityProviderStrategy: service.capacityProviderStrategy,
    deploymentConfiguration: service.deploymentConfiguration,
    desiredCount: service.desiredCount,
    enableECSManagedTags: service.enableECSManagedTags,
    enableExecuteCommand: service.enableExecuteCommand,
    healthCheckGracePeriodSeconds: service.healthCheckGracePeriodSeconds,
    loadBalancers: service.loadBalancers,
    networkConfiguration: service.networkConfiguration,
    placementConstraints: service.placementConstraints,
    placementStrategy: service.placementStrategy,
    platformVersion: service.platformVersion,
    propagateTags: service.propagateTags,
    serviceConnectConfiguration: { enabled: false },
    serviceRegistries: service.serviceRegistries,
    volumeConfigurations: [],
    vpcLatticeConfigurations: [],
    forceNewDeployment: false,
  })

  const inProgress = async () => {
    const { serviceDeployments } = await berth.ecs.listServiceDeployments({
      ...named,
      status: ['IN_PROGRESS'],
    })
    return serviceDeployments!
  }

  const deployment = async (arn: string): Promise<ServiceDeployment> => {
    const answer = await berth.ecs.describeServiceDeployments({ serviceDeploymentArns: [arn] })
    return answer.serviceDeployments![0]!
  }

  /** Returns the service deployment that it waits for. */
  const deploy = async (change: Partial<UpdateServiceRequest> = {}): Promise<string> => {
    berth.clock.advance(1_000)
    const startedAt = new Date(berth.clock.now())
    berth.clock.advance(1_000)
    const service = await described('TAGS')
    const { taskDefinition } = await register()
    await berth.ecs.updateService({
      ...updateOf(service),
      ...change,
      taskDefinition: taskDefinition?.taskDefinitionArn,
    })
    berth.settle()
    const [found] = (await inProgress()).filter(({ createdAt }) => createdAt! > startedAt)
    return found?.serviceDeploymentArn ?? ''
  }

  it('sends back what it was told of a service, and follows the deployment to its end', async () => {
    const before = await described()
    const arn = await deploy()
    const { sourceServiceRevisions, targetServiceRevision, ...running } = await deployment(arn)
    expect(running.status).toBe('IN_PROGRESS')
    for (const revision of [targetServiceRevision, ...sourceServiceRevisions!]) {
      // It reads the counts of a revision without asking whether they are there, and no weights where no traffic is moved.
      expect(revision).toMatchObject({ arn: expect.any(String), pendingTaskCount: expect.any(Number) })
      expect(revision).not.toHaveProperty('requestedProductionTrafficWeight')
      expect(revision).not.toHaveProperty('requestedTestTrafficWeight')
    }
    await hostDoes('RUNNING')
    expect((await deployment(arn)).status).toBe('SUCCESSFUL')
    expect(await inProgress()).toEqual([])
    const after = await described()
    expect(after.deployments?.map(({ status, taskDefinition }) => [status, taskDefinition])).toEqual([
      ['PRIMARY', after.taskDefinition],
    ])
    const { deploymentConfiguration, placementStrategy, propagateTags, desiredCount } = after
    expect({ deploymentConfiguration, placementStrategy, propagateTags, desiredCount }).toEqual({
      deploymentConfiguration: before.deploymentConfiguration,
      placementStrategy: before.placementStrategy,
      propagateTags: before.propagateTags,
      desiredCount: before.desiredCount,
    })
  })

  it('waits for a stage of a blue/green deployment', async () => {
    const blueGreen = { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5 } as const
    const arn = await deploy({ deploymentConfiguration: blueGreen })
    expect((await deployment(arn)).lifecycleStage).toBe('SCALE_UP')
    await hostDoes('RUNNING')
    expect(await deployment(arn)).toMatchObject({ status: 'IN_PROGRESS', lifecycleStage: 'BAKE_TIME' })
    // The next one sends back what it is told of blue/green, too.
    berth.advance(5 * 60_000)
    await hostDoes('RUNNING')
    expect((await deployment(arn)).status).toBe('SUCCESSFUL')
    expect((await deployment(await deploy())).deploymentConfiguration).toMatchObject(blueGreen)
  })

  it('rolls a deployment back that is under way', async () => {
    const { taskDefinition, deploymentController } = await described()
    expect(deploymentController?.type).toBe('ECS')
    const arn = await deploy()
    await berth.ecs.stopServiceDeployment({ serviceDeploymentArn: arn, stopType: 'ROLLBACK' })
    berth.settle()
    await hostDoes('RUNNING')
    expect((await deployment(arn)).status).toBe('ROLLBACK_SUCCESSFUL')
    await waitUntilServicesStable(atOnce(), { cluster: 'default', services: ['web'] })
    expect((await described()).deployments?.[0]?.taskDefinition).toBe(taskDefinition)
  })

  it('rolls back to the revision before, and deregisters the one that it left', async () => {
    await deploy()
    await hostDoes('RUNNING')
    const { taskDefinition: current = '' } = await described()
    const { taskDefinitionArns = [] } = await berth.ecs.listTaskDefinitions({
      familyPrefix: 'web',
      maxResults: 100,
      sort: 'DESC',
    })
    const target = taskDefinitionArns[taskDefinitionArns.indexOf(current) + 1]!
    await berth.ecs.updateService({ ...named, taskDefinition: target, forceNewDeployment: false })
    berth.settle()
    await hostDoes('RUNNING')
    expect((await described()).deployments).toMatchObject([{ status: 'PRIMARY', taskDefinition: target }])
    const { taskDefinition } = await berth.ecs.deregisterTaskDefinition({ taskDefinition: current })
    expect(taskDefinition?.status).toBe('INACTIVE')
  })

  it('deletes a service with its tasks', async () => {
    await berth.ecs.deleteService({ ...named, force: true })
    berth.settle()
    await hostDoes('STOPPED')
    await waitUntilServicesInactive(atOnce(), { cluster: 'default', services: ['web'] })
  })
})

describe('ecs-deploy of Silinternational', () => {
  /** `jq` puts null where the definition has nothing. */
  const copied = ({ family, volumes, containerDefinitions, placementConstraints }: TaskDefinition) => ({
    family: family!,
    volumes,
    containerDefinitions: containerDefinitions!.map(container => ({ ...container, image: 'web:2' })),
    placementConstraints,
  })

  it('copies the definition with another image, and waits until a task of it runs and one deployment is left', async () => {
    const { taskDefinition: current } = await described()
    const { taskDefinition } = await berth.ecs.describeTaskDefinition({ taskDefinition: current })
    const next = await berth.ecs.registerTaskDefinition(copied(taskDefinition!))
    const arn = next.taskDefinition!.taskDefinitionArn!
    const deploymentConfiguration = { maximumPercent: 200, minimumHealthyPercent: 50 }
    await berth.ecs.updateService({ ...named, desiredCount: 2, taskDefinition: arn, deploymentConfiguration })
    berth.settle()
    await hostDoes('RUNNING')

    const { taskArns } = await berth.ecs.listTasks({
      cluster: 'default',
      serviceName: 'web',
      desiredStatus: 'RUNNING',
    })
    const { tasks } = await berth.ecs.describeTasks({ cluster: 'default', tasks: taskArns })
    expect(tasks?.map(({ taskDefinitionArn, lastStatus }) => [taskDefinitionArn, lastStatus])).toEqual([
      [arn, 'RUNNING'],
      [arn, 'RUNNING'],
    ])
    expect((await described()).deployments).toHaveLength(1)

    const listed = await berth.ecs.listTaskDefinitions({ familyPrefix: 'web', status: 'ACTIVE', sort: 'ASC' })
    expect(listed.taskDefinitionArns).toEqual([current, arn])
    await berth.ecs.deregisterTaskDefinition({ taskDefinition: current })
  })

  it('deploys the same definition again by force', async () => {
    await berth.ecs.updateService({ ...named, forceNewDeployment: true })
    berth.settle()
    expect((await described()).deployments).toHaveLength(2)
    await hostDoes('RUNNING')
    expect((await described()).deployments).toHaveLength(1)
  })
})
