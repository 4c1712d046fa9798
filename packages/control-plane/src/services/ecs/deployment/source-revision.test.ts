import type { UpdateServiceRequest } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { type Scene, type World, webArn, worldOf } from '../fixtures/service-world.ts'
import { updateService } from '../operations/services/update-service.ts'
import type { TaskRow } from '../tables/index.ts'

const isNew = (task: TaskRow): boolean => task.deploymentId === 'ecs-svc/2'
const isOld = (task: TaskRow): boolean => task.deploymentId === 'ecs-svc/1'
const counts = (world: World): readonly number[] => {
  const wanted = world.tasks().filter(({ desiredStatus }) => desiredStatus === 'RUNNING')
  return [wanted.filter(isOld).length, wanted.filter(isNew).length]
}
const end = (world: World, task: TaskRow | undefined): void => {
  if (task) world.report(task, { status: 'STOPPED' })
  world.run()
}

const update = (world: World, change: Partial<UpdateServiceRequest>): void => {
  void updateService.handle({ cluster: 'default', service: webArn, ...change }, world.call())
  world.run()
}

/** Three tasks run; a second deployment has begun, and none of its tasks is up. */
const rolling = async (scene: Scene['service'] = {}): Promise<World> => {
  const world = await worldOf({ service: scene })
  world.settle(5)
  world.deploy(2)
  return world
}

describe('what a rolling update replaces', () => {
  it('has its tasks that end replaced by its own, whatever becomes of the new ones', async () => {
    const world = await rolling()
    expect(counts(world)).toEqual([3, 3])
    for (let round = 0; round < 4; round++) {
      end(world, world.tasks().find(isOld))
      world.fail(world.tasks().filter(isNew))
      world.pass(100)
      world.obey(isOld)
    }
    expect(counts(world)[0]).toBe(3)
    world.settle(60)
    expect(counts(world)).toEqual([0, 3])
    expect(world.service()?.lastCompleted?.deploymentId).toBe('ecs-svc/2')
  })

  it('gets its only task back', async () => {
    const world = await rolling({ desiredCount: 1 })
    end(world, world.tasks().find(isOld))
    expect(counts(world)).toEqual([1, 1])
    world.settle()
    expect(counts(world)).toEqual([0, 1])
    expect(world.deployments().map(({ id }) => id)).toEqual(['ecs-svc/2'])
  })

  it('has unhealthy tasks replaced by its own', async () => {
    const world = await rolling({
      deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 300 },
    })
    const [sick] = world.tasks().filter(isOld)
    world.putRows({ tasks: sick ? [{ ...sick, healthStatus: 'UNHEALTHY' }] : [] })
    world.run()
    expect(counts(world)[0]).toBe(4)
    world.obey(isOld)
    world.pass(2_100)
    expect(counts(world)[0]).toBe(3)
  })

  it('gets no tasks any more once it was rolled back to, and given up itself', async () => {
    const world = await rolling()
    const before = world.tasks().filter(isOld)
    world.putRows({
      deployments: world
        .deployments()
        .map(row => (row.id === 'ecs-svc/1' ? { ...row, rolloutState: 'FAILED' as const } : row)),
    })
    end(world, before[0])
    world.pass(60_000)
    expect(world.tasks().filter(isOld)).toHaveLength(2)
  })

  it('scales out with its service, and in', async () => {
    const world = await rolling()
    update(world, { desiredCount: 5 })
    expect(counts(world)).toEqual([5, 5])
    update(world, { desiredCount: 2 })
    expect(counts(world)[0]).toBe(2)
  })

  it('keeps to the maximum', async () => {
    const world = await rolling({
      desiredCount: 4,
      deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 100 },
    })
    world.watch()
    for (let round = 0; round < 8; round++) {
      end(world, world.tasks().find(isOld))
      world.obey()
      world.pass(500)
    }
    expect(world.extremes.most).toBeLessThanOrEqual(4)
    world.settle()
    expect(counts(world)).toEqual([0, 4])
  })

  it('starts nothing that its service did not want when it was replaced', async () => {
    const world = await worldOf({ service: { desiredCount: 0 } })
    world.settle(3)
    expect(world.service()?.lastCompleted?.deploymentId).toBe('ecs-svc/1')
    update(world, { desiredCount: 3, forceNewDeployment: true })
    expect(world.tasks()).toHaveLength(3)
    expect(world.tasks().filter(isOld)).toEqual([])
  })

  it('serves on in full number when the new deployment has been given up', async () => {
    const world = await rolling({
      deploymentConfiguration: {
        minimumHealthyPercent: 100,
        maximumPercent: 200,
        deploymentCircuitBreaker: { enable: true, rollback: false },
      },
    })
    for (let round = 0; round < 4; round++) {
      world.fail(world.tasks().filter(isNew))
      world.pass(30_000)
    }
    expect(world.serviceDeployment()?.status).toBe('STOPPED')
    end(world, world.tasks().find(isOld))
    expect(counts(world)).toEqual([3, 0])
  })
})
