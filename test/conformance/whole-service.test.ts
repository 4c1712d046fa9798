import type { CreateServiceRequest, DeploymentConfiguration, Service } from '@aws-sdk/client-ecs'
import { expect, it } from 'vitest'
import { arn, rootArn, startedAt, useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth()
const { ready, register, report } = taskCalls(berth)

const wanted = {
  launchType: 'EC2',
  schedulingStrategy: 'REPLICA',
  deploymentController: { type: 'ECS' },
  deploymentConfiguration: {
    maximumPercent: 150,
    minimumHealthyPercent: 50,
    strategy: 'ROLLING',
    bakeTimeInMinutes: 0,
    deploymentCircuitBreaker: {
      enable: true,
      rollback: true,
      resetOnHealthyTask: false,
      thresholdConfiguration: { type: 'COUNT', value: 5 },
    },
    alarms: { alarmNames: [], enable: false, rollback: false },
  },
  placementConstraints: [{ type: 'memberOf', expression: 'attribute:ecs.cpu-architecture == x86_64' }],
  placementStrategy: [{ type: 'spread', field: 'instanceId' }],
  healthCheckGracePeriodSeconds: 7,
  tags: [{ key: 'team', value: 'ships' }],
  enableECSManagedTags: true,
  propagateTags: 'SERVICE',
  enableExecuteCommand: true,
  availabilityZoneRebalancing: 'DISABLED',
} satisfies Partial<CreateServiceRequest>

const later = new Date(startedAt.getTime() + 60_000)

const deployment = (id: string | undefined, change: object = {}) => ({
  id,
  status: 'PRIMARY',
  taskDefinition: arn('task-definition/web:1'),
  desiredCount: 2,
  pendingCount: 0,
  runningCount: 0,
  failedTasks: 0,
  createdAt: startedAt,
  updatedAt: startedAt,
  launchType: 'EC2',
  rolloutState: 'IN_PROGRESS',
  rolloutStateReason: `ECS deployment ${id} in progress.`,
  ...change,
})

type ShownDeployment = ReturnType<typeof deployment>

const service = (change: { deployments?: readonly ShownDeployment[]; [member: string]: unknown }) => ({
  ...wanted,
  serviceArn: arn('service/default/web'),
  serviceName: 'web',
  clusterArn: arn('cluster/default'),
  loadBalancers: [],
  serviceRegistries: [],
  status: 'ACTIVE',
  desiredCount: 2,
  runningCount: 0,
  pendingCount: 0,
  taskDefinition: arn('task-definition/web:1'),
  events: [],
  createdAt: startedAt,
  createdBy: rootArn,
  resourceManagementType: 'CUSTOMER',
  currentServiceDeployment: expect.stringMatching(/:service-deployment\/default\/web\/[\w-]{21}$/),
  currentServiceRevisions: (change.deployments ?? []).map(revisionOf),
  ...change,
})

/** It has the number of its deployment. */
const revisionOf = ({ id, desiredCount, runningCount, pendingCount }: ShownDeployment) => ({
  arn: arn(id?.replace('ecs-svc', 'service-revision/default/web') ?? ''),
  requestedTaskCount: desiredCount,
  runningTaskCount: runningCount,
  pendingTaskCount: pendingCount,
})

const someEvents = (...messages: (string | RegExp)[]) =>
  messages.map(message => ({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    createdAt: startedAt,
    message: typeof message === 'string' ? `(service web) ${message}` : expect.stringMatching(message),
  }))

const create = async (): Promise<Service> => {
  const created = await berth.ecs.createService({
    ...wanted,
    cluster: 'default',
    serviceName: 'web',
    taskDefinition: 'web',
    desiredCount: 2,
    loadBalancers: [],
    serviceRegistries: [],
  })
  berth.settle()
  return created.service!
}

const described = async (reference: string) => {
  const { services, failures } = await berth.ecs.describeServices({
    services: [reference],
    include: ['TAGS'],
  })
  expect(failures).toEqual([])
  return services?.[0]
}

const runTasks = async () => {
  const { taskArns = [] } = await berth.ecs.listTasks({ serviceName: 'web' })
  for (const taskArn of taskArns) await report({ taskArn }, 'RUNNING')
  berth.settle()
  const { tasks = [] } = await berth.ecs.describeTasks({ tasks: taskArns, include: ['TAGS'] })
  return tasks
}

it('shows the same service from its creation to its end', async () => {
  await ready()
  const created = await create()
  const id = created.deployments?.[0]?.id
  expect(id).toMatch(/^ecs-svc\/\d{19}$/)
  expect(created).toEqual(service({ deployments: [deployment(id)] }))
  const started = /^\(service web\) has started 2 tasks: /
  const placed = service({
    pendingCount: 2,
    deployments: [deployment(id, { pendingCount: 2 })],
    events: someEvents(started),
  })
  expect(await described('web')).toEqual(placed)
  expect(await described(arn('service/web'))).toEqual(placed)
  expect(await described(arn('service/default/web'))).toEqual(placed)

  const tasks = await runTasks()
  expect(tasks).toHaveLength(2)
  for (const task of tasks)
    expect(task).toMatchObject({
      group: 'service:web',
      startedBy: id,
      enableExecuteCommand: true,
      launchType: 'EC2',
      tags: [
        ...wanted.tags,
        { key: 'aws:ecs:clusterName', value: 'default' },
        { key: 'aws:ecs:serviceName', value: 'web' },
      ],
    })
  const completed = deployment(id, {
    runningCount: 2,
    rolloutState: 'COMPLETED',
    rolloutStateReason: `ECS deployment ${id} completed.`,
  })
  const events = someEvents(
    'has reached a steady state.',
    `(deployment ${id}) deployment completed.`,
    started,
  )
  const steady = service({ runningCount: 2, deployments: [completed], events })
  expect(await described('web')).toEqual(steady)

  berth.clock.advance(60_000)
  await register()
  const changes = {
    desiredCount: 3,
    taskDefinition: 'web:2',
    deploymentController: { type: 'ECS' },
    deploymentConfiguration: {
      maximumPercent: 300,
      minimumHealthyPercent: 0,
      strategy: 'ROLLING',
      bakeTimeInMinutes: 0,
    } satisfies DeploymentConfiguration,
    placementConstraints: [{ type: 'memberOf', expression: 'agentConnected == true' }],
    placementStrategy: [{ type: 'binpack', field: 'cpu' }],
    healthCheckGracePeriodSeconds: 3,
    enableExecuteCommand: false,
    enableECSManagedTags: false,
    propagateTags: 'TASK_DEFINITION',
    availabilityZoneRebalancing: 'DISABLED',
  } as const
  const updated = (
    await berth.ecs.updateService({
      ...changes,
      service: arn('service/default/web'),
      placementConstraints: [...changes.placementConstraints],
      placementStrategy: [...changes.placementStrategy],
    })
  ).service
  const nextId = updated?.deployments?.[0]?.id
  const next = deployment(nextId, {
    desiredCount: 3,
    taskDefinition: arn('task-definition/web:2'),
    createdAt: later,
    updatedAt: later,
  })
  const changed = {
    ...changes,
    deploymentConfiguration: { ...wanted.deploymentConfiguration, ...changes.deploymentConfiguration },
    taskDefinition: arn('task-definition/web:2'),
    runningCount: 2,
    events,
  }
  const old = { ...completed, status: 'ACTIVE', updatedAt: later }
  expect(updated).toEqual(service({ ...changed, deployments: [next, old] }))

  const { service: deleted } = await berth.ecs.deleteService({
    cluster: 'default',
    service: arn('service/web'),
    force: true,
  })
  expect(deleted).toEqual(
    service({
      ...changed,
      status: 'DRAINING',
      desiredCount: 0,
      deployments: [{ ...next, desiredCount: 0 }, old],
    }),
  )
})
