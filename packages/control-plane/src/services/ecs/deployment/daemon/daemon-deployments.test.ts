import { taskDefinitionArn } from '@berth/model'
import { describe, expect, it } from 'vitest'
import { changeInstance, daemonWorld, placesOf, taskOn } from '../../fixtures/daemon-world.ts'
import { given, scope } from '../../fixtures/rows.ts'
import type { World } from '../../fixtures/service-world.ts'

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
    const task = taskOn(world, 1)
    world.putRows({ tasks: [{ ...task, protectedUntil: world.clock.now() + 600_000 }] })
    deployTo(world)
    world.settle(10)
    expect(
      world
        .tasks()
        .map(task => task.deploymentId)
        .sort(),
    ).toEqual(['ecs-svc/1', 'ecs-svc/2'])
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
      world.fail(
        world
          .tasks()
          .filter(({ deploymentId, lastStatus }) => deploymentId === 'ecs-svc/2' && lastStatus === 'PENDING'),
      )
      world.pass(20_000)
    }
    world.settle(5)
    expect(world.deployments()).toContainEqual(
      expect.objectContaining({ id: 'ecs-svc/2', rolloutState: 'FAILED' }),
    )
    expect(world.tasks().map(task => task.deploymentId)).toEqual(['ecs-svc/1', 'ecs-svc/1'])
  })
})

describe('an unhealthy daemon', () => {
  it('is stopped first, and replaced on its instance', async () => {
    const world = await daemonWorld(3)
    world.settle(3)
    const task = taskOn(world, 2)
    world.putRows({ tasks: [{ ...task, healthStatus: 'UNHEALTHY' }] })
    world.run()
    expect(taskOn(world, 2)).toMatchObject({
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
    changeInstance(world, 1, { status: 'DRAINING' })
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
    changeInstance(world, 1, { status: 'DRAINING' })
    expect(placesOf(world)).toEqual([1, 2])
    world.settle(3)
    changeInstance(world, 2, { status: 'DRAINING' })
    expect(placesOf(world)).toEqual([1])
  })

  it('that is ACTIVE again keeps its daemon, or gets one', async () => {
    const world = await daemonWorld(2)
    world.settle(3)
    changeInstance(world, 1, { status: 'DRAINING' })
    world.settle(3)
    expect(placesOf(world)).toEqual([2])
    changeInstance(world, 1, { status: 'ACTIVE' })
    expect(placesOf(world)).toEqual([1, 2])
  })

  it('keeps a daemon of an earlier deployment until it is the last task there', async () => {
    const world = await daemonWorld(2)
    world.settle(3)
    world.putRows({ tasks: [standalone] })
    changeInstance(world, 1, { status: 'DRAINING' })
    world.deploy(2, { desiredCount: 1 })
    world.settle(5)
    expect(taskOn(world, 2)).toMatchObject({ deploymentId: 'ecs-svc/2' })
    expect(placesOf(world)).toEqual([1, 1, 2])
    world.putRows({ tasks: [{ ...standalone, desiredStatus: 'STOPPED', lastStatus: 'STOPPED' }] })
    world.settle(3)
    expect(placesOf(world)).toEqual([2])
    expect(world.deployments()).toMatchObject([{ id: 'ecs-svc/2', rolloutState: 'COMPLETED' }])
  })
})
