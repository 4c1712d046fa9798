import { describe, expect, it } from 'vitest'
import { worldOf } from '../fixtures/service-world.ts'
import { serviceDeployments } from '../tables/index.ts'
import { pausedService, resumedService } from './pause.ts'

const pause = (world: Awaited<ReturnType<typeof worldOf>>): void =>
  world.change(pausedService(world.service() ?? fail(), 'arn:aws:iam::123456789012:root', world.clock.now()))
const fail = (): never => {
  throw new Error('There is no service')
}

describe('a paused service', () => {
  it('stops its tasks in bounded slices, and says nothing more once they are stopped', async () => {
    const world = await worldOf({ service: { desiredCount: 60 } })
    world.settle(3)
    pause(world)
    expect(world.tasks().every(task => task.desiredStatus === 'STOPPED')).toBe(true)
    const said = (await world.events()).filter(text => text.startsWith('has stopped'))
    expect(said.map(text => text.slice(0, 28))).toEqual([
      'has stopped 25 running tasks',
      'has stopped 25 running tasks',
      'has stopped 10 running tasks',
    ])
    world.settle(3)
    expect(world.tasks()).toEqual([])
    const events = await world.events()
    world.pass(7 * 3_600_000)
    expect(await world.events()).toEqual(events)
    expect(world.service()?.steadyAt).toBeUndefined()
  })

  it('keeps its primary deployment, forgets the others with their last task, and goes on with the primary one', async () => {
    const world = await worldOf()
    world.settle(3)
    world.deploy(2)
    pause(world)
    world.settle(2)
    expect(world.deployments()).toMatchObject([{ id: 'ecs-svc/2', rolloutState: 'IN_PROGRESS' }])
    world.change(resumedService(world.service() ?? fail()))
    world.settle(4)
    expect(world.tasks().map(task => task.deploymentId)).toEqual(['ecs-svc/2', 'ecs-svc/2', 'ecs-svc/2'])
    expect(world.deployments()).toMatchObject([{ id: 'ecs-svc/2', rolloutState: 'COMPLETED' }])
  })

  it('takes back what it waits for: room, and percentages', async () => {
    const world = await worldOf({ instances: [] })
    world.run()
    expect(world.service()?.placementFailure).toBeDefined()
    pause(world)
    expect(world.service()?.placementFailure).toBeUndefined()
    world.pass(120_000)
    expect(world.tasks()).toEqual([])
  })

  it('heeds a stop of its deployment, and goes on with what is rolled back to', async () => {
    const world = await worldOf()
    world.settle(3)
    world.deploy(2)
    pause(world)
    const row = world.serviceDeployment() ?? fail()
    world.store.update(tx => tx.put(serviceDeployments, { ...row, status: 'ROLLBACK_REQUESTED' }))
    world.run()
    expect(world.serviceDeployment()?.status).toBe('ROLLBACK_IN_PROGRESS')
    world.settle(2)
    expect(world.tasks()).toEqual([])
    world.change(resumedService(world.service() ?? fail()))
    world.settle(4)
    expect(world.serviceDeployment()?.status).toBe('ROLLBACK_SUCCESSFUL')
    expect(world.tasks().map(task => task.deploymentId)).toEqual(['ecs-svc/1', 'ecs-svc/1', 'ecs-svc/1'])
  })
})
