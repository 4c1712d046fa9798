import { describe, expect, it } from 'vitest'
import { given } from '../fixtures/rows.ts'
import { webArn, worldOf } from '../fixtures/service-world.ts'
import { clientTokens, tasks } from '../tables/index.ts'

const running = (world: Awaited<ReturnType<typeof worldOf>>) =>
  world.tasks().filter(task => task.lastStatus === 'RUNNING' && task.desiredStatus === 'RUNNING')

describe('a new service', () => {
  it('starts its tasks at once, and is steady when they have settled', async () => {
    const world = await worldOf()
    world.run()
    expect(world.tasks()).toHaveLength(3)
    expect(world.tasks()[0]).toMatchObject({
      group: 'service:web',
      startedBy: 'ecs-svc/1',
      serviceArn: 'arn:aws:ecs:eu-central-1:123456789012:service/default/web',
      deploymentId: 'ecs-svc/1',
    })
    world.obey()
    expect(world.service()?.steadyAt).toBeUndefined()
    world.pass(2_000)
    expect(world.service()?.steadyAt).toBe(world.clock.now())
    expect(world.deployments()).toMatchObject([
      { rolloutState: 'COMPLETED', rolloutStateReason: 'ECS deployment ecs-svc/1 completed.' },
    ])
    expect(await world.events()).toEqual([
      'has started 3 tasks: (task) (task) (task).',
      '(deployment ecs-svc/1) deployment completed.',
      'has reached a steady state.',
    ])
  })

  it('of no tasks is steady at once', async () => {
    const world = await worldOf({ service: { desiredCount: 0 } })
    world.run()
    expect(world.deployments()).toMatchObject([{ rolloutState: 'COMPLETED' }])
  })

  it('of many tasks is brought up in bounded slices', async () => {
    const world = await worldOf({ service: { desiredCount: 120 } })
    world.run()
    expect(world.tasks()).toHaveLength(120)
    expect((await world.events()).map(text => text.slice(0, 21))).toEqual([
      'has started 25 tasks:',
      'has started 25 tasks:',
      'has started 25 tasks:',
      'has started 25 tasks:',
      'has started 20 tasks:',
    ])
  })

  it('says every six hours that it is steady', async () => {
    const world = await worldOf()
    world.settle(3)
    world.pass(6 * 3_600_000)
    expect((await world.events()).filter(text => text === 'has reached a steady state.')).toHaveLength(2)
  })
})

describe('a task that ends', () => {
  it('is replaced in the same moment, however often', async () => {
    const world = await worldOf()
    world.settle(3)
    for (let round = 0; round < 5; round++) {
      const [victim] = running(world)
      if (!victim) throw new Error('nothing runs')
      world.report(victim, {
        status: 'STOPPED',
        containers: [{ containerName: 'web', status: 'STOPPED', exitCode: 137 }],
      })
      world.run()
      expect(world.tasks().filter(task => task.lastStatus === 'PENDING')).toHaveLength(1)
      world.settle(2)
    }
    expect(running(world)).toHaveLength(3)
    expect(world.deployments()).toMatchObject([{ failedLaunches: 0 }])
  })

  it('is replaced while it still stops', async () => {
    const world = await worldOf()
    world.settle(3)
    const [victim] = running(world)
    if (!victim) throw new Error('nothing runs')
    world.store.update(tx => tx.put(tasks, { ...victim, desiredStatus: 'STOPPED' }))
    world.run()
    expect(world.tasks()).toHaveLength(4)
  })
})

describe('the desired count', () => {
  it('grows and shrinks without a deployment', async () => {
    const world = await worldOf()
    world.settle(3)
    world.change({ desiredCount: 5 })
    world.settle(3)
    expect(running(world)).toHaveLength(5)
    world.change({ desiredCount: 1 })
    const stopping = world.tasks().filter(task => task.desiredStatus === 'STOPPED')
    expect(stopping).toHaveLength(4)
    expect(stopping[0]).toMatchObject({
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: 'Scaling activity initiated by (deployment ecs-svc/1)',
    })
    world.settle(3)
    expect(world.deployments()).toHaveLength(1)
    expect((await world.events()).slice(3)).toEqual([
      'has started 2 tasks: (task) (task).',
      'has reached a steady state.',
      'has stopped 4 running tasks: (task) (task) (task) (task).',
      'has reached a steady state.',
    ])
  })
})

describe('a deployment', () => {
  it('starts all new tasks before it stops an old one at 100/200, and the old deployment leaves with its last task', async () => {
    const world = await worldOf()
    world.settle(3)
    world.watch()
    world.deploy(2)
    expect(world.tasks()).toHaveLength(6)
    world.obey()
    world.pass(2_100)
    expect(world.deployments().map(({ id }) => id)).toEqual(['ecs-svc/1', 'ecs-svc/2'])
    world.settle(3)
    expect(world.deployments().map(({ id }) => id)).toEqual(['ecs-svc/2'])
    expect(world.tasks().map(task => task.deploymentId)).toEqual(['ecs-svc/2', 'ecs-svc/2', 'ecs-svc/2'])
    expect(world.extremes).toEqual({ most: 6, fewestRunning: 3 })
    expect((await world.events()).slice(3)).toEqual([
      'has started 3 tasks: (task) (task) (task).',
      'has stopped 3 running tasks: (task) (task) (task).',
      '(deployment ecs-svc/2) deployment completed.',
      'has reached a steady state.',
    ])
  })

  it.each([
    { percents: [50, 100], most: 10, fewest: 5 },
    { percents: [75, 125], most: 12, fewest: 8 },
    { percents: [0, 100], most: 10, fewest: 0 },
    { percents: [100, 110], most: 11, fewest: 10 },
  ])('of ten tasks keeps within $percents', async ({ percents, most, fewest }) => {
    const [minimumHealthyPercent = 0, maximumPercent = 0] = percents
    const deploymentConfiguration = { minimumHealthyPercent, maximumPercent }
    const world = await worldOf({ service: { desiredCount: 10, deploymentConfiguration } })
    world.settle(3)
    world.watch()
    world.deploy(2)
    world.settle(60)
    expect(world.extremes).toEqual({ most, fewestRunning: fewest })
    expect(world.deployments()).toMatchObject([{ id: 'ecs-svc/2', rolloutState: 'COMPLETED' }])
  })

  it('that overtakes another one drains both, the older first, and can go back to the first definition', async () => {
    const world = await worldOf()
    world.settle(3)
    world.deploy(2)
    world.obey()
    world.deploy(3)
    expect(world.deployments().map(({ id }) => id)).toEqual(['ecs-svc/1', 'ecs-svc/2', 'ecs-svc/3'])
    world.settle(8)
    expect(world.deployments().map(({ id }) => id)).toEqual(['ecs-svc/3'])
    expect(running(world)).toHaveLength(3)
  })

  it('that its percentages block says so, once', async () => {
    const deploymentConfiguration = { minimumHealthyPercent: 50, maximumPercent: 150 }
    const world = await worldOf({ service: { desiredCount: 1, deploymentConfiguration } })
    world.settle(3)
    world.deploy(2)
    world.settle(10)
    const texts = (await world.events()).filter(text => text.startsWith('was unable to stop or start tasks'))
    expect(texts).toHaveLength(1)
    expect(running(world)).toHaveLength(1)
    world.change({ deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 150 } })
    world.settle(5)
    expect(world.deployments()).toMatchObject([{ id: 'ecs-svc/2', rolloutState: 'COMPLETED' }])
  })
})

describe('tasks that never reach RUNNING', () => {
  it('are launched again after 1 s, 2 s, 4 s … and the service says once that it cannot start them', async () => {
    const world = await worldOf()
    world.run()
    const waits: number[] = []
    for (let round = 0; round < 13; round++) {
      world.fail(world.tasks())
      expect(world.tasks()).toHaveLength(0)
      const from = world.clock.now()
      const until = world.deployments()[0]?.launchAfter ?? 0
      world.pass(until - from - 1)
      expect(world.tasks()).toHaveLength(0)
      world.pass(1)
      expect(world.tasks()).toHaveLength(3)
      waits.push((world.clock.now() - from) / 1000)
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1620, 1620])
    expect((await world.events()).filter(text => text.startsWith('is unable to consistently'))).toEqual([
      'is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.',
    ])
    expect(world.deployments()).toMatchObject([{ failedLaunches: 13, failedTasks: 39 }])
  })

  it('are forgotten when one reaches RUNNING, and by a new deployment', async () => {
    const world = await worldOf()
    world.run()
    world.fail(world.tasks())
    world.pass(1_000)
    world.fail(world.tasks())
    world.deploy(2)
    expect(world.tasks()).toHaveLength(3)
    world.fail(world.tasks())
    world.pass(1_000)
    world.obey()
    expect(world.deployments()).toMatchObject([{ id: 'ecs-svc/2', failedLaunches: 0, failedTasks: 0 }])
  })

  it('do not stop old tasks, which go on serving', async () => {
    const world = await worldOf()
    world.settle(3)
    world.deploy(2)
    for (let round = 0; round < 4; round++) {
      world.fail(world.tasks().filter(task => task.deploymentId === 'ecs-svc/2'))
      world.pass(10_000)
    }
    expect(running(world).map(task => task.deploymentId)).toEqual(['ecs-svc/1', 'ecs-svc/1', 'ecs-svc/1'])
  })
})

describe('tasks that find no place', () => {
  it('wait with one event until an instance joins', async () => {
    const world = await worldOf({ instances: [] })
    world.run()
    world.pass(120_000)
    expect(await world.events()).toEqual([
      'was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your cluster. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.',
    ])
    world.join(given.instance(1))
    world.pass(500)
    expect(world.tasks()).toHaveLength(3)
    expect(world.service()?.placementFailure).toBeUndefined()
  })

  it('take the room that other tasks leave', async () => {
    const small = given.instance(1, { registered: { cpu: 512, memoryMiB: 4096, ports: [], gpuIds: [] } })
    const world = await worldOf({ instances: [small] })
    world.store.update(tx => tx.put(tasks, given.task(1, { lastStatus: 'RUNNING' })))
    world.run()
    expect(world.tasks()).toHaveLength(2)
    expect((await world.events()).at(-1)).toContain('has insufficient CPU units available')
    world.store.update(tx =>
      tx.put(tasks, given.task(1, { desiredStatus: 'STOPPED', lastStatus: 'STOPPED' })),
    )
    world.pass(500)
    expect(world.tasks()).toHaveLength(2)
    expect(world.tasks().every(task => task.serviceArn !== undefined)).toBe(true)
  })
})

describe('health', () => {
  const withCheck = given.taskDefinition({
    containerDefinitions: [given.container({ healthCheck: { command: ['CMD-SHELL', 'true'] } })],
  })
  const health = (
    world: Awaited<ReturnType<typeof worldOf>>,
    healthStatus: 'HEALTHY' | 'UNHEALTHY',
    count = 9,
  ) => {
    for (const task of running(world).slice(0, count))
      world.report(task, { containers: [{ containerName: 'web', healthStatus }] })
    world.run()
  }

  it('checks decide when a task counts', async () => {
    const world = await worldOf({ taskDefinitions: [withCheck] })
    world.settle(3)
    expect(world.service()?.steadyAt).toBeUndefined()
    health(world, 'HEALTHY')
    expect(world.service()?.steadyAt).toBe(world.clock.now())
  })

  it('checks that fail have the task replaced, the replacement first', async () => {
    const world = await worldOf({ taskDefinitions: [withCheck] })
    world.settle(3)
    health(world, 'HEALTHY')
    health(world, 'UNHEALTHY', 1)
    expect(world.tasks()).toHaveLength(4)
    world.obey()
    expect(world.tasks().every(task => task.desiredStatus === 'RUNNING')).toBe(true)
    for (const task of running(world).filter(task => task.healthStatus === 'UNKNOWN'))
      world.report(task, { containers: [{ containerName: 'web', healthStatus: 'HEALTHY' }] })
    world.run()
    expect(world.tasks().filter(task => task.desiredStatus === 'STOPPED')).toMatchObject([
      { stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'Task failed container health checks' },
    ])
    expect((await world.events()).slice(-2)).toEqual([
      '(task) failed container health checks.',
      'has stopped 1 running tasks: (task).',
    ])
  })

  it('checks are not held against a task during the grace period', async () => {
    const world = await worldOf({
      taskDefinitions: [withCheck],
      service: { healthCheckGracePeriodSeconds: 60 },
    })
    world.run()
    world.obey()
    health(world, 'UNHEALTHY')
    expect(world.tasks()).toHaveLength(3)
    world.pass(60_100)
    expect(world.tasks()).toHaveLength(6)
  })
})

describe('a draining instance', () => {
  it('has its tasks of services replaced elsewhere, and keeps the others', async () => {
    const world = await worldOf({ instances: [given.instance(1)] })
    world.store.update(tx => tx.put(tasks, given.task(7, { lastStatus: 'RUNNING' })))
    world.settle(3)
    world.join(given.instance(2))
    world.watch()
    world.join(given.instance(1, { status: 'DRAINING' }))
    expect(world.tasks()).toHaveLength(7)
    world.settle(4)
    const places = world
      .tasks()
      .map(task => [task.serviceArn !== undefined, task.containerInstanceArn?.slice(-1)])
    expect(places.sort()).toEqual([
      [false, '1'],
      [true, '2'],
      [true, '2'],
      [true, '2'],
    ])
    expect(world.extremes.fewestRunning).toBe(4)
    expect((await world.events()).at(-1)).toBe('has reached a steady state.')
  })

  it('that is ACTIVE again in time keeps its tasks', async () => {
    const world = await worldOf({ instances: [given.instance(1)] })
    world.settle(3)
    world.join(given.instance(1, { status: 'DRAINING' }))
    world.join(given.instance(1))
    world.settle(3)
    expect(running(world)).toHaveLength(3)
    expect(world.tasks()).toHaveLength(3)
  })
})

describe('a service that is deleted', () => {
  it('is INACTIVE with its last task, and forgotten an hour later', async () => {
    const world = await worldOf()
    world.settle(3)
    world.change({ status: 'DRAINING', desiredCount: 0 })
    expect(world.tasks().every(task => task.desiredStatus === 'STOPPED')).toBe(true)
    expect(world.service()?.status).toBe('DRAINING')
    world.obey()
    expect(world.service()).toMatchObject({ status: 'INACTIVE', inactiveAt: world.clock.now() })
    expect(world.deployments()).toEqual([])
    world.pass(3_600_000)
    expect(world.service()).toBeUndefined()
  })

  it('is forgotten with its clientToken', async () => {
    const world = await worldOf()
    const token = { id: 'token', requestHash: '', resourceArns: [webArn], expiresAt: Number.MAX_SAFE_INTEGER }
    world.store.update(tx => tx.put(clientTokens, token))
    world.change({ clientTokenId: token.id, status: 'DRAINING', desiredCount: 0 })
    world.settle(3)
    expect([...world.store.all(clientTokens)]).toHaveLength(1)
    world.pass(3_600_000)
    expect(world.service()).toBeUndefined()
    expect([...world.store.all(clientTokens)]).toHaveLength(0)
  })
})
