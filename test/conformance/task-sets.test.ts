import type { CreateTaskSetRequest } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { arn, refusal, startedAt, useBerth } from './harness.ts'
import { named, percent, taskSetCalls } from './task-set-calls.ts'

const berth = useBerth()
const { createService, create, describeSets, described, runAll, stopAll } = taskSetCalls(berth)

const whole = (id: string, change: object = {}) => ({
  id,
  taskSetArn: arn(`task-set/default/web/${id}`),
  serviceArn: arn('service/default/web'),
  clusterArn: arn('cluster/default'),
  externalId: 'deploy-7',
  status: 'ACTIVE',
  taskDefinition: arn('task-definition/web:1'),
  computedDesiredCount: 2,
  pendingCount: 0,
  runningCount: 0,
  createdAt: startedAt,
  updatedAt: startedAt,
  launchType: 'EC2',
  loadBalancers: [],
  serviceRegistries: [],
  scale: { value: 50, unit: 'PERCENT' },
  stabilityStatus: 'STABILIZING',
  stabilityStatusAt: startedAt,
  tags: [{ key: 'colour', value: 'blue' }],
  ...change,
})

const wanted: Partial<CreateTaskSetRequest> = {
  externalId: 'deploy-7',
  launchType: 'EC2',
  scale: percent(50),
  loadBalancers: [],
  serviceRegistries: [],
  capacityProviderStrategy: [],
  tags: [{ key: 'colour', value: 'blue' }],
}

describe('the life of a task set', () => {
  it('is shown whole from its creation to its end', async () => {
    await createService()
    const created = await create({ ...wanted, clientToken: 'once' })
    const id = created.id!
    expect(id).toMatch(/^ecs-svc\/\d{19}$/)
    expect(created).toEqual(whole(id))
    expect(await describeSets(id)).toEqual([whole(id, { pendingCount: 2 })])
    await runAll()
    const steady = { runningCount: 2, stabilityStatus: 'STEADY_STATE' }
    expect(await describeSets(created.taskSetArn!)).toEqual([whole(id, steady)])

    berth.advance(60_000)
    const later = new Date(startedAt.getTime() + 60_000)
    const { taskSet: primary } = await berth.ecs.updateServicePrimaryTaskSet({
      ...named,
      primaryTaskSet: id,
    })
    expect(primary).toEqual(whole(id, { ...steady, status: 'PRIMARY', updatedAt: later }))
    const rescaled = {
      status: 'PRIMARY',
      updatedAt: later,
      stabilityStatusAt: later,
      scale: percent(100),
      computedDesiredCount: 3,
    }
    const { taskSet: updated } = await berth.ecs.updateTaskSet({
      ...named,
      taskSet: id,
      scale: percent(100),
    })
    expect(updated).toEqual(whole(id, { ...rescaled, runningCount: 2 }))
    berth.settle()
    await runAll()
    expect(await describeSets(id)).toEqual([
      whole(id, { ...rescaled, runningCount: 3, stabilityStatus: 'STEADY_STATE' }),
    ])

    const { taskSet: deleted } = await berth.ecs.deleteTaskSet({ ...named, taskSet: id, force: true })
    const draining = {
      status: 'DRAINING',
      updatedAt: later,
      stabilityStatusAt: later,
      scale: percent(0),
      computedDesiredCount: 0,
    }
    expect(deleted).toEqual(whole(id, { ...draining, runningCount: 3 }))
    berth.settle()
    expect(await describeSets(id)).toEqual([whole(id, draining)])
    await stopAll()
    expect(await berth.ecs.describeTaskSets({ ...named, taskSets: [id] })).toMatchObject({
      taskSets: [],
      failures: [{ arn: created.taskSetArn, reason: 'MISSING' }],
    })
  })

  it('begins with the scale 0, so that its controller says when its tasks start', async () => {
    await createService()
    expect(await create()).toMatchObject({ scale: { value: 0, unit: 'PERCENT' }, computedDesiredCount: 0 })
    expect((await berth.ecs.listTasks({ serviceName: 'web' })).taskArns).toEqual([])
  })

  it('may run on hosts of the launch type EXTERNAL', async () => {
    await createService()
    expect(await create({ launchType: 'EXTERNAL' })).toMatchObject({ launchType: 'EXTERNAL' })
  })

  it('is made once by calls with the same clientToken', async () => {
    await createService()
    const first = await create({ ...wanted, clientToken: 'once' })
    expect(await create({ ...wanted, clientToken: 'once' })).toMatchObject({ id: first.id, pendingCount: 2 })
    expect((await refusal(create({ ...wanted, clientToken: 'once', scale: percent(60) })))[0]).toBe(
      'InvalidParameterException',
    )
    await berth.ecs.deleteTaskSet({ ...named, taskSet: first.id, force: true })
    berth.settle()
    await stopAll()
    const second = await create({ ...wanted, clientToken: 'once' })
    expect(second.id).not.toBe(first.id)
  })

  it('is tagged like other resources', async () => {
    await createService()
    const { taskSetArn: resourceArn, id } = await create({ tags: [{ key: 'colour', value: 'blue' }] })
    await berth.ecs.tagResource({ resourceArn, tags: [{ key: 'team', value: 'ships' }] })
    await berth.ecs.untagResource({ resourceArn, tagKeys: ['colour'] })
    const tags = [{ key: 'team', value: 'ships' }]
    expect((await berth.ecs.listTagsForResource({ resourceArn })).tags).toEqual(tags)
    expect(await describeSets(id!)).toMatchObject([{ tags }])
    const { taskSets } = await berth.ecs.describeTaskSets({ ...named, taskSets: [id!] })
    expect(taskSets?.[0]).not.toHaveProperty('tags')
    expect((await refusal(berth.ecs.listTagsForResource({ resourceArn: `${resourceArn}0` })))[0]).toBe(
      'ResourceNotFoundException',
    )
  })
})

describe('task sets are refused', () => {
  const operations = {
    CreateTaskSet: (request: object) =>
      berth.ecs.createTaskSet({ ...named, taskDefinition: 'web', ...request }),
    UpdateTaskSet: (request: object) =>
      berth.ecs.updateTaskSet({ ...named, taskSet: 'ecs-svc/1', scale: percent(1), ...request }),
    DeleteTaskSet: (request: object) =>
      berth.ecs.deleteTaskSet({ ...named, taskSet: 'ecs-svc/1', ...request }),
    DescribeTaskSets: (request: object) =>
      berth.ecs.describeTaskSets({ ...named, taskSets: ['ecs-svc/1'], ...request }),
    UpdateServicePrimaryTaskSet: (request: object) =>
      berth.ecs.updateServicePrimaryTaskSet({ ...named, primaryTaskSet: 'ecs-svc/1', ...request }),
  }

  it.each(Object.entries(operations))(
    'by %s where the service or the cluster is not there, or not its own',
    async (_, call) => {
      await createService()
      const codes = async (request: object) => (await refusal(call(request)))[0]
      expect(await codes({ cluster: 'gone' })).toBe('ClusterNotFoundException')
      expect(await codes({ service: 'gone' })).toBe('ServiceNotFoundException')
      expect(await codes({ cluster: '' })).toBe('InvalidParameterException')
      expect(await codes({ service: '' })).toBe('InvalidParameterException')
      await berth.ecs.createService({ serviceName: 'ecs', taskDefinition: 'web', desiredCount: 0 })
      expect(await refusal(call({ service: 'ecs' }))).toEqual([
        'InvalidParameterException',
        'Amazon ECS only supports task set management on services configured to use external deployment controllers.',
      ])
      await berth.ecs.deleteService({ service: 'web', force: true })
      berth.settle()
      expect(await codes({})).toBe('ServiceNotActiveException')
    },
  )

  it.each(['UpdateTaskSet', 'DeleteTaskSet', 'UpdateServicePrimaryTaskSet'] as const)(
    'by %s where there is no such set',
    async name => {
      await createService()
      expect((await refusal(operations[name]({})))[0]).toBe('TaskSetNotFoundException')
      const broken = { taskSet: 'nonsense', primaryTaskSet: 'nonsense' }
      expect(await refusal(operations[name](broken))).toEqual([
        'InvalidParameterException',
        'Task Set Identifier is invalid',
      ])
    },
  )

  it('to nobody', async () => {
    await createService()
    const { taskSetArn: taskSet } = await create()
    const { nobody } = berth
    const calls = [
      nobody.createTaskSet({ ...named, taskDefinition: 'web' }),
      nobody.updateTaskSet({ ...named, taskSet, scale: percent(1) }),
      nobody.deleteTaskSet({ ...named, taskSet }),
      nobody.describeTaskSets({ ...named, taskSets: [taskSet!] }),
      nobody.updateServicePrimaryTaskSet({ ...named, primaryTaskSet: taskSet }),
    ]
    for (const call of calls) expect((await refusal(call))[0]).toBe('AccessDeniedException')
  })

  it.each<[string, Partial<CreateTaskSetRequest>]>([
    ['InvalidParameterException', { taskDefinition: '' }],
    ['ClientException', { taskDefinition: 'gone' }],
    ['InvalidParameterException', { scale: percent(101) }],
    ['InvalidParameterException', { scale: percent(-1) }],
    ['InvalidParameterException', { scale: { unit: 'PERCENT' } }],
    ['InvalidParameterException', { platformVersion: 'LATEST' }],
    ['InvalidParameterException', { networkConfiguration: { awsvpcConfiguration: { subnets: ['a'] } } }],
    ['InvalidParameterException', { tags: [{ key: 'aws:x', value: '' }] }],
    ['InvalidParameterException', { clientToken: 'x'.repeat(37) }],
    ['InvalidParameterException', { launchType: 'FARGATE' }],
    [
      'InvalidParameterException',
      { loadBalancers: [{ targetGroupArn: 'arn', containerName: 'web', containerPort: 80 }] },
    ],
    ['UnsupportedFeatureException', { serviceRegistries: [{ registryArn: 'arn' }] }],
    ['UnsupportedFeatureException', { capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] }],
  ])('with %s for %o', async (code, change) => {
    await createService()
    expect((await refusal(create(change)))[0]).toBe(code)
    expect(await described()).toMatchObject({ taskSets: [] })
  })

  it('where there are five, draining ones among them', async () => {
    await createService()
    for (let count = 1; count <= 5; count++) await create()
    expect(await refusal(create())).toEqual([
      'InvalidParameterException',
      '5 deployments exist on the service. Unable to create new TaskSet since this exceeds the maximum limit.',
    ])
  })

  it('what would take from a set that is in use, but for force', async () => {
    await createService()
    const primary = await create()
    const active = await create({ scale: percent(50) })
    await berth.ecs.updateServicePrimaryTaskSet({ ...named, primaryTaskSet: primary.id })
    expect(await refusal(berth.ecs.deleteTaskSet({ ...named, taskSet: primary.id }))).toEqual([
      'InvalidParameterException',
      'Primary TaskSet cannot be deleted',
    ])
    expect((await refusal(berth.ecs.deleteTaskSet({ ...named, taskSet: active.id })))[0]).toBe(
      'InvalidParameterException',
    )
    await berth.ecs.updateTaskSet({ ...named, taskSet: active.id, scale: percent(0) })
    await expect(berth.ecs.deleteTaskSet({ ...named, taskSet: active.id })).resolves.toMatchObject({
      taskSet: { status: 'DRAINING' },
    })
    for (const call of [
      berth.ecs.updateTaskSet({ ...named, taskSet: active.id, scale: percent(1) }),
      berth.ecs.updateServicePrimaryTaskSet({ ...named, primaryTaskSet: active.id }),
    ])
      expect((await refusal(call))[0]).toBe('InvalidParameterException')
    expect(
      (await refusal(berth.ecs.updateTaskSet({ ...named, taskSet: primary.id, scale: percent(101) })))[0],
    ).toBe('InvalidParameterException')
  })

  it('by DescribeTaskSets without any', async () => {
    await createService()
    for (const taskSets of [undefined, []])
      expect(await refusal(berth.ecs.describeTaskSets({ ...named, taskSets }))).toEqual([
        'InvalidParameterException',
        'TaskSets cannot be empty.',
      ])
  })
})
