import { describe, expect, it } from 'vitest'
import { changeInstance, daemonWorld, instance, placesOf, taskOn } from '../../fixtures/daemon-world.ts'
import { given, instanceArn } from '../../fixtures/rows.ts'
import { taskDefinitions } from '../../tables/index.ts'

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
    const task = taskOn(world, 2)
    world.report(task, { status: 'STOPPED' })
    world.run()
    expect(placesOf(world)).toEqual([1, 2])
    expect(taskOn(world, 2)).toMatchObject({ lastStatus: 'PENDING' })
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
    changeInstance(world, 3, { attributes: instance(3).attributes })
    expect(placesOf(world)).toEqual([2])
    expect(taskOn(world, 3)).toMatchObject({ stopCode: 'ServiceSchedulerInitiated' })
    expect(world.service()).toMatchObject({ desiredCount: 1, steadyAt: undefined })
    world.settle(3)
    expect(world.service()?.steadyAt).toBeDefined()
    changeInstance(world, 1, { attributes: edge })
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
    const world = await daemonWorld(
      0,
      {},
      { instances: [instance(1), instance(2, { agentConnected: false })] },
    )
    world.settle(3)
    expect(placesOf(world)).toEqual([1])
    expect(world.service()).toMatchObject({ desiredCount: 1, steadyAt: expect.any(Number) })
    changeInstance(world, 1, { agentConnected: false })
    changeInstance(world, 2, { agentConnected: true })
    expect(placesOf(world)).toEqual([1, 2])
    expect(world.service()?.desiredCount).toBe(2)
  })

  it('starts no second task beside one that may still run on a lost instance', async () => {
    const world = await daemonWorld(1)
    world.settle(3)
    const task = taskOn(world, 1)
    world.putRows({
      tasks: [{ ...task, desiredStatus: 'STOPPED', lastStatus: 'STOPPED', stopUnconfirmed: true }],
    })
    world.run()
    expect(placesOf(world)).toEqual([])
    world.putRows({ tasks: [{ ...task, desiredStatus: 'STOPPED', lastStatus: 'STOPPED' }] })
    world.run()
    expect(placesOf(world)).toEqual([1])
  })

  it('waits before it starts a task again that never reached RUNNING', async () => {
    const world = await daemonWorld(2)
    world.run()
    world.fail([taskOn(world, 1)])
    expect(placesOf(world)).toEqual([2])
    world.pass(1_000)
    expect(placesOf(world)).toEqual([1, 2])
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
    const world = await daemonWorld(
      3,
      {},
      {
        taskDefinitions: [
          given.taskDefinition({
            containerDefinitions: [given.container({ versionConsistency: 'enabled' })],
          }),
        ],
      },
    )
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
  const full = (number: number) =>
    instance(number, { registered: { cpu: 0, memoryMiB: 0, ports: [], gpuIds: [] } })

  it('is waited for, and named once; the others get their tasks', async () => {
    const world = await daemonWorld(0, {}, { instances: [instance(1), full(2), instance(3)] })
    world.settle(3)
    expect(placesOf(world)).toEqual([1, 3])
    expect(world.service()).toMatchObject({ desiredCount: 3, placementFailure: expect.anything() })
    expect(world.service()?.steadyAt).toBeUndefined()
    world.pass(600_000)
    const complaints = (await world.events()).filter(text => text.includes('unable to place'))
    expect(complaints).toEqual([expect.stringContaining('has insufficient CPU units available')])
    changeInstance(world, 2, { registered: instance(1).registered })
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
