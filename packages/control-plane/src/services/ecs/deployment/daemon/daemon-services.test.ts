import { describe, expect, it } from 'vitest'
import { taskDefinitionArn } from '@berth/model'
import { given, instanceArn, scope } from '../../fixtures/rows.ts'
import { type Scene, type World, worldOf } from '../../fixtures/service-world.ts'
import { containerInstances, type ServiceRow, type TaskRow, taskDefinitions } from '../../tables/index.ts'

const instance = (number: number, change: Parameters<typeof given.instance>[1] = {}) =>
  given.instance(number, { agentConnected: true, ...change })

const daemon = (change: Partial<ServiceRow> = {}): Partial<ServiceRow> => ({
  schedulingStrategy: 'DAEMON',
  desiredCount: 0,
  deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100 },
  ...change,
})

const daemonWorld = (instances = 3, change: Partial<ServiceRow> = {}, scene: Scene = {}): Promise<World> =>
  worldOf({
    instances: Array.from({ length: instances }, (_, n) => instance(n + 1)),
    ...scene,
    service: daemon(change),
  })

/** The number of the instance that each task is on, of those that are wanted running. */
const placesOf = (world: World): number[] =>
  world
    .tasks()
    .filter(task => task.desiredStatus === 'RUNNING')
    .map(task => Number(task.containerInstanceArn?.split('/').at(-1)))
    .sort((a, b) => a - b)

const on = (world: World, number: number): TaskRow | undefined =>
  world.tasks().find(task => task.containerInstanceArn === instanceArn(number))

const setInstance = (world: World, number: number, change: Parameters<typeof given.instance>[1]): void => {
  const row = world.store.get(containerInstances, instanceArn(number))
  if (row) world.join({ ...row, ...change })
}

describe('a DAEMON service', () => {
  it('runs one task on each ACTIVE instance, and wants as many as there are', async () => {
    const world = await daemonWorld(3)
    world.settle(3)
    expect(placesOf(world)).toEqual([1, 2, 3])
    expect(world.service()).toMatchObject({ desiredCount: 3, steadyAt: expect.any(Number) })
    expect(world.deployments()).toMatchObject([{ desiredCount: 3, rolloutState: 'COMPLETED' }])
    expect(world.tasks()[0]).toMatchObject({ group: 'service:web', startedBy: 'ecs-svc/1', isDaemon: true })
    expect(await world.events()).toEqual([
      'has started 3 tasks: (task) (task) (task).',
      '(deployment ecs-svc/1) deployment completed.',
      'has reached a steady state.',
    ])
  })

  it('without an instance is steady with no task', async () => {
    const world = await daemonWorld(0)
    world.settle(1)
    expect(world.service()).toMatchObject({ desiredCount: 0, steadyAt: expect.any(Number) })
    expect(await world.events()).not.toContainEqual(expect.stringContaining('unable'))
  })

  it('starts its task on an instance that joins, and on no other one', async () => {
    const world = await daemonWorld(2)
    world.settle(3)
    world.join(instance(3))
    expect(placesOf(world)).toEqual([1, 2, 3])
    expect(world.service()?.desiredCount).toBe(3)
    world.settle(3)
    expect(world.deployments()).toHaveLength(1)
  })

  it('replaces a task that ends on the same instance, once it is STOPPED', async () => {
    const world = await daemonWorld(2)
    world.settle(3)
    const task = on(world, 2)
    if (!task) throw new Error('nothing runs')
    world.report(task, { status: 'STOPPED' })
    world.run()
    expect(placesOf(world)).toEqual([1, 2])
    expect(on(world, 2)).toMatchObject({ lastStatus: 'PENDING' })
  })

  it('takes only instances that satisfy the constraints, and stops its task where they are not satisfied any more', async () => {
    const edge = [...instance(2).attributes, { name: 'edge', value: 'yes' }]
    const world = await daemonWorld(
      2,
      { placementConstraints: [{ type: 'memberOf', expression: 'attribute:edge == yes' }] },
      { instances: [instance(1), instance(2, { attributes: edge }), instance(3, { attributes: edge })] },
    )
    world.settle(3)
    expect(placesOf(world)).toEqual([2, 3])
    setInstance(world, 3, { attributes: instance(3).attributes })
    expect(placesOf(world)).toEqual([2])
    expect(on(world, 3)).toMatchObject({ stopCode: 'ServiceSchedulerInitiated' })
    expect(world.service()?.desiredCount).toBe(1)
    world.settle(3)
    expect(world.service()?.steadyAt).toBeDefined()
    setInstance(world, 1, { attributes: edge })
    expect(placesOf(world)).toEqual([1, 2])
  })

  it('takes new constraints over without a deployment', async () => {
    const world = await daemonWorld(2)
    world.settle(3)
    const constraint = { type: 'memberOf' as const, expression: 'ec2InstanceId == i-2' }
    world.change({ placementConstraints: [constraint] })
    world.settle(3)
    expect(placesOf(world)).toEqual([2])
    expect(world.deployments()).toHaveLength(1)
  })

  it('looks again once a minute where other tasks decide which instances fit', async () => {
    const world = await daemonWorld(2, {
      placementConstraints: [{ type: 'memberOf', expression: 'task:group == family:db' }],
    })
    world.settle(1)
    expect(placesOf(world)).toEqual([])
    world.putRows({ tasks: [given.task(9, { group: 'family:db', lastStatus: 'RUNNING' })] })
    world.pass(60_000)
    expect(world.tasks().filter(({ isDaemon }) => isDaemon)).toMatchObject([
      { containerInstanceArn: instanceArn(1) },
    ])
  })

  it('does not count an instance whose agent is away, unless its task is there', async () => {
    const world = await daemonWorld(0, {}, { instances: [instance(1), instance(2, { agentConnected: false })] })
    world.settle(3)
    expect(placesOf(world)).toEqual([1])
    expect(world.service()).toMatchObject({ desiredCount: 1, steadyAt: expect.any(Number) })
    setInstance(world, 1, { agentConnected: false })
    setInstance(world, 2, { agentConnected: true })
    expect(placesOf(world)).toEqual([1, 2])
    expect(world.service()?.desiredCount).toBe(2)
  })

  it('starts no second task beside one that may still run on a lost instance', async () => {
    const world = await daemonWorld(1)
    world.settle(3)
    const task = on(world, 1)
    if (!task) throw new Error('nothing runs')
    world.putRows({
      tasks: [{ ...task, desiredStatus: 'STOPPED', lastStatus: 'STOPPED', stopUnconfirmed: true }],
    })
    world.run()
    expect(placesOf(world)).toEqual([])
    world.putRows({ tasks: [{ ...task, desiredStatus: 'STOPPED', lastStatus: 'STOPPED' }] })
    world.run()
    expect(placesOf(world)).toEqual([1])
  })

  it('of many instances is brought up in bounded slices', async () => {
    const world = await daemonWorld(60)
    world.run()
    expect(placesOf(world)).toHaveLength(60)
    expect((await world.events()).map(text => text.slice(0, 21))).toEqual([
      'has started 25 tasks:',
      'has started 25 tasks:',
      'has started 10 tasks:',
    ])
  })

  it('lets the first task establish what the images are', async () => {
    const world = await daemonWorld(3, {}, {
      taskDefinitions: [
        given.taskDefinition({
          containerDefinitions: [given.container({ versionConsistency: 'enabled' })],
        }),
      ],
    })
    world.run()
    expect(placesOf(world)).toHaveLength(1)
    world.obey()
    expect(placesOf(world)).toHaveLength(3)
  })

  it('that is deleted stops its tasks and becomes INACTIVE', async () => {
    const world = await daemonWorld(30)
    world.settle(3)
    world.change({ status: 'DRAINING', desiredCount: 0 })
    expect(placesOf(world)).toEqual([])
    world.settle(2)
    expect(world.service()).toMatchObject({ status: 'INACTIVE', desiredCount: 0 })
  })

  it('says so when its task definition is gone', async () => {
    const world = await daemonWorld(1, {}, { taskDefinitions: [] })
    world.run()
    expect(await world.events()).toEqual([
      'was unable to place a task. Reason: The task definition of the service was deleted.',
    ])
    world.store.update(tx => tx.put(taskDefinitions, given.taskDefinition()))
    world.pass(60_000)
    expect(placesOf(world)).toEqual([1])
  })
})

describe('an instance without room', () => {
  const full = (number: number) => instance(number, { registered: { cpu: 0, memoryMiB: 0, ports: [], gpuIds: [] } })

  it('is waited for, and named once; the others get their tasks', async () => {
    const world = await daemonWorld(0, {}, { instances: [instance(1), full(2), instance(3)] })
    world.settle(3)
    expect(placesOf(world)).toEqual([1, 3])
    expect(world.service()).toMatchObject({ desiredCount: 3, placementFailure: expect.anything() })
    expect(world.service()?.steadyAt).toBeUndefined()
    world.pass(600_000)
    const complaints = (await world.events()).filter(text => text.includes('unable to place'))
    expect(complaints).toEqual([expect.stringContaining('has insufficient CPU units available')])
    setInstance(world, 2, { registered: instance(1).registered })
    world.pass(500)
    expect(placesOf(world)).toEqual([1, 2, 3])
    expect(world.service()?.placementFailure).toBeUndefined()
  })

  it('gets its task as soon as another task there has stopped', async () => {
    const other = given.task(9, { reserved: { cpu: 4096, memoryMiB: 0, ports: [], gpuIds: [] } })
    const world = await daemonWorld(1)
    world.putRows({ tasks: [other] })
    world.settle(2)
    expect(placesOf(world)).toEqual([1])
    world.putRows({ tasks: [{ ...other, desiredStatus: 'STOPPED', lastStatus: 'STOPPED' }] })
    world.pass(500)
    expect(world.tasks()).toMatchObject([{ isDaemon: true }])
  })
})

describe('a deployment of a daemon', () => {
  const second = taskDefinitionArn(scope, 'web', 2)
  const twoRevisions = {
    taskDefinitions: [given.taskDefinition(), given.taskDefinition({}, { id: second, revision: 2 })],
  }
  const deployTo = (world: World): void => {
    const row = world.service()
    if (!row) throw new Error('There is no service')
    world.change({ taskDefinitionArn: second })
    world.deploy(2, { taskDefinitionArn: second, desiredCount: row.desiredCount })
  }

  it('stops each task before it starts the new one there', async () => {
    const world = await daemonWorld(4, {}, twoRevisions)
    world.settle(3)
    world.watch()
    deployTo(world)
    world.settle(10)
    expect(world.extremes.most).toBe(4)
    expect(placesOf(world)).toEqual([1, 2, 3, 4])
    expect(world.tasks().map(task => task.deploymentId)).toEqual(Array(4).fill('ecs-svc/2'))
    expect(world.deployments()).toMatchObject([{ id: 'ecs-svc/2', rolloutState: 'COMPLETED' }])
  })

  it('keeps the minimum of healthy ones', async () => {
    const half = { deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 100 } }
    const world = await daemonWorld(4, half, twoRevisions)
    world.settle(3)
    world.watch()
    deployTo(world)
    expect(placesOf(world)).toHaveLength(2)
    world.settle(10)
    expect(world.extremes).toEqual({ most: 4, fewestRunning: 2 })
    expect(world.deployments()).toMatchObject([{ id: 'ecs-svc/2', rolloutState: 'COMPLETED' }])
  })

  it('says so when the minimum never lets it begin', async () => {
    const world = await daemonWorld(
      1,
      { deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 100 } },
      twoRevisions,
    )
    world.settle(3)
    deployTo(world)
    world.settle(3)
    expect(world.tasks()).toMatchObject([{ deploymentId: 'ecs-svc/1' }])
    expect(await world.events()).toContainEqual(
      expect.stringContaining('was unable to stop or start tasks during a deployment'),
    )
  })

  it('leaves a protected task where it is until its protection ends', async () => {
    const world = await daemonWorld(2, {}, twoRevisions)
    world.settle(3)
    const task = on(world, 1)
    if (!task) throw new Error('nothing runs')
    world.putRows({ tasks: [{ ...task, protectedUntil: world.clock.now() + 600_000 }] })
    deployTo(world)
    world.settle(10)
    expect(world.tasks().map(task => task.deploymentId).sort()).toEqual(['ecs-svc/1', 'ecs-svc/2'])
    world.pass(600_000)
    world.settle(5)
    expect(world.tasks().map(task => task.deploymentId)).toEqual(['ecs-svc/2', 'ecs-svc/2'])
  })

  it('lets tasks of the earlier one run on where the circuit breaker has given it up', async () => {
    const configuration = {
      minimumHealthyPercent: 50,
      maximumPercent: 100,
      deploymentCircuitBreaker: { enable: true, rollback: false },
    }
    const world = await daemonWorld(4, { deploymentConfiguration: configuration }, twoRevisions)
    world.settle(3)
    deployTo(world)
    world.obey()
    for (let round = 0; round < 5; round++) {
      world.fail(world.tasks().filter(({ deploymentId, lastStatus }) => deploymentId === 'ecs-svc/2' && lastStatus === 'PENDING'))
      world.pass(20_000)
    }
    world.settle(5)
    expect(world.deployments()).toContainEqual(expect.objectContaining({ id: 'ecs-svc/2', rolloutState: 'FAILED' }))
    expect(world.tasks().map(task => task.deploymentId)).toEqual(['ecs-svc/1', 'ecs-svc/1'])
  })
})

describe('an unhealthy daemon', () => {
  it('is stopped first, and replaced on its instance', async () => {
    const world = await daemonWorld(3)
    world.settle(3)
    const task = on(world, 2)
    if (!task) throw new Error('nothing runs')
    world.putRows({ tasks: [{ ...task, healthStatus: 'UNHEALTHY' }] })
    world.run()
    expect(on(world, 2)).toMatchObject({
      desiredStatus: 'STOPPED',
      stoppedReason: 'Task failed container health checks',
    })
    expect(placesOf(world)).toEqual([1, 3])
    world.settle(3)
    expect(placesOf(world)).toEqual([1, 2, 3])
  })
})

describe('a DRAINING instance', () => {
  const standalone = given.task(9, { lastStatus: 'RUNNING', startedAt: 1 })

  it('keeps its daemon until every other task there is STOPPED', async () => {
    const world = await daemonWorld(2)
    world.settle(3)
    world.putRows({ tasks: [standalone] })
    setInstance(world, 1, { status: 'DRAINING' })
    world.settle(3)
    expect(world.service()?.desiredCount).toBe(1)
    expect(placesOf(world)).toEqual([1, 1, 2])
    world.putRows({ tasks: [{ ...standalone, desiredStatus: 'STOPPED' }] })
    world.run()
    expect(placesOf(world)).toEqual([1, 2])
    world.putRows({ tasks: [{ ...standalone, desiredStatus: 'STOPPED', lastStatus: 'STOPPED' }] })
    world.run()
    expect(placesOf(world)).toEqual([2])
    world.settle(3)
    expect(world.service()).toMatchObject({ desiredCount: 1, steadyAt: expect.any(Number) })
  })

  it('loses at once a daemon that has not started, and one that is alone', async () => {
    const world = await daemonWorld(2)
    world.run()
    world.putRows({ tasks: [standalone] })
    setInstance(world, 1, { status: 'DRAINING' })
    expect(placesOf(world)).toEqual([1, 2])
    world.settle(3)
    setInstance(world, 2, { status: 'DRAINING' })
    expect(placesOf(world)).toEqual([1])
  })

  it('that is ACTIVE again keeps its daemon, or gets one', async () => {
    const world = await daemonWorld(2)
    world.settle(3)
    setInstance(world, 1, { status: 'DRAINING' })
    world.settle(3)
    expect(placesOf(world)).toEqual([2])
    setInstance(world, 1, { status: 'ACTIVE' })
    expect(placesOf(world)).toEqual([1, 2])
  })

  it('keeps a daemon of an earlier deployment until it is the last task there', async () => {
    const world = await daemonWorld(2)
    world.settle(3)
    world.putRows({ tasks: [standalone] })
    setInstance(world, 1, { status: 'DRAINING' })
    world.deploy(2, { desiredCount: 1 })
    world.settle(5)
    expect(on(world, 2)).toMatchObject({ deploymentId: 'ecs-svc/2' })
    expect(placesOf(world)).toEqual([1, 1, 2])
    world.putRows({ tasks: [{ ...standalone, desiredStatus: 'STOPPED', lastStatus: 'STOPPED' }] })
    world.settle(3)
    expect(placesOf(world)).toEqual([2])
    expect(world.deployments()).toMatchObject([{ id: 'ecs-svc/2', rolloutState: 'COMPLETED' }])
  })
})
