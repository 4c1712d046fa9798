import { describe, expect, it } from 'vitest'
import { given, instanceArn } from '../../fixtures/rows.ts'
import { type Scene, type World, worldOf } from '../../fixtures/service-world.ts'
import { type ContainerInstanceRow, containerInstances, type TaskRow, tasks } from '../../tables/index.ts'

const host = (
  number: number,
  zone: string,
  change: Partial<ContainerInstanceRow> = {},
): ContainerInstanceRow => given.instance(number, change, zone)

/** Hosts in the zones a, b and c, of which some are not there yet. */
const hosts = { a: host(1, 'a'), b: host(2, 'b'), c: host(3, 'c') }

const rebalanced = (scene: Scene = {}): Promise<World> =>
  worldOf({
    instances: [hosts.a, hosts.b],
    ...scene,
    service: { desiredCount: 6, availabilityZoneRebalancing: 'ENABLED', ...scene.service },
  })

const live = (world: World): TaskRow[] => world.tasks().filter(task => task.desiredStatus !== 'STOPPED')

/** How many tasks that are to run are in each zone. */
const spread = (world: World): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { availabilityZone = '' } of live(world))
    counts[availabilityZone] = (counts[availabilityZone] ?? 0) + 1
  return counts
}

/** What the service says of it, without the ids of tasks. */
const said = async (world: World): Promise<string[]> =>
  (await world.events()).filter(message => /AZ|Availability|unable to place/.test(message))

const protect = (world: World, rows: readonly TaskRow[], forMs: number): void =>
  world.putRows({ tasks: rows.map(row => ({ ...row, protectedUntil: world.clock.now() + forMs })) })

describe('a steady service', () => {
  it('moves tasks to the zone of a host that joins, new ones first, and says so in the words of ECS', async () => {
    const world = await rebalanced()
    world.settle(3)
    expect(spread(world)).toEqual({ a: 3, b: 3 })
    world.watch()
    world.join(hosts.c)
    world.settle(12)
    expect(spread(world)).toEqual({ a: 2, b: 2, c: 2 })
    expect(world.extremes).toEqual({ most: 8, fewestRunning: 6 })
    expect(await said(world)).toEqual([
      'is not AZ balanced with 3 tasks in a, 3 tasks in b, 0 tasks in c. AZ Rebalancing in progress.',
      'has started 2 tasks in c to AZ Rebalance: (task) (task).',
      'has stopped 1 running tasks in a due to AZ rebalancing: (task).',
      'has stopped 1 running tasks in b due to AZ rebalancing: (task).',
      'is AZ balanced with 2 tasks in a, 2 tasks in b, 2 tasks in c.',
    ])
    expect(world.service()?.rebalancing).toBeUndefined()
  })

  it('stops what it moves away with the reason of ECS', async () => {
    const world = await rebalanced({ service: { desiredCount: 2 }, instances: [hosts.a] })
    world.settle(3)
    world.join(hosts.b)
    world.pass(10_000)
    world.obey()
    world.pass(2_000)
    expect(world.tasks().find(task => task.desiredStatus === 'STOPPED')).toMatchObject({
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: 'Availability-zone rebalancing initiated by (deployment ecs-svc/1)',
    })
  })

  it('waits for new tasks to be healthy before it stops any', async () => {
    const world = await rebalanced({ service: { desiredCount: 2 }, instances: [hosts.a] })
    world.settle(3)
    world.join(hosts.b)
    world.pass(10_000)
    expect(spread(world)).toEqual({ a: 2, b: 1 })
    world.pass(600_000)
    expect(spread(world)).toEqual({ a: 2, b: 1 })
    world.obey()
    expect(spread(world)).toEqual({ a: 2, b: 1 })
    world.pass(2_000)
    expect(spread(world)).toEqual({ a: 1, b: 1 })
  })

  it.each([
    [3, { a: 2, b: 1 }],
    [5, { a: 3, b: 2 }],
  ])('is left as it is where %i tasks differ by one', async (desiredCount, expected) => {
    const world = await rebalanced({ service: { desiredCount } })
    world.settle(3)
    expect(Object.values(spread(world)).sort()).toEqual(Object.values(expected).sort())
    const before = live(world)
    world.settle(20)
    expect(live(world)).toEqual(before)
    expect(await said(world)).toEqual([])
  })

  it('stays where it is while rebalancing is DISABLED', async () => {
    const world = await rebalanced({
      instances: [hosts.a],
      service: { availabilityZoneRebalancing: 'DISABLED' },
    })
    world.settle(3)
    world.join(hosts.b)
    world.settle(10)
    expect(spread(world)).toEqual({ a: 6 })
    world.change({ availabilityZoneRebalancing: 'ENABLED' })
    world.settle(10)
    expect(spread(world)).toEqual({ a: 3, b: 3 })
  })

  it('comes back to a zone whose hosts were lost', async () => {
    const world = await rebalanced({ instances: [hosts.a, hosts.b, hosts.c] })
    world.settle(3)
    world.join({ ...hosts.c, status: 'DRAINING' })
    world.settle(8)
    expect(spread(world)).toEqual({ a: 3, b: 3 })
    world.join(hosts.c)
    world.settle(12)
    expect(spread(world)).toEqual({ a: 2, b: 2, c: 2 })
  })

  it('never passes maximumPercent, and moves nothing where that leaves no room', async () => {
    const world = await rebalanced({
      instances: [hosts.a],
      service: { deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 117 } },
    })
    world.settle(3)
    world.join(hosts.b)
    world.watch()
    world.settle(60)
    expect(spread(world)).toEqual({ a: 3, b: 3 })
    expect(world.extremes).toEqual({ most: 7, fewestRunning: 6 })
    world.change({
      desiredCount: 2,
      deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 120 },
    })
    world.settle(5)
    world.join({ ...hosts.b, status: 'DRAINING' })
    world.settle(10)
    expect(spread(world)).toEqual({ a: 2 })
    world.join(hosts.b)
    world.settle(60)
    expect(spread(world)).toEqual({ a: 2 })
  })
})

describe('zones', () => {
  it('count only where a host could take the tasks', async () => {
    const constraints = [{ type: 'memberOf', expression: 'ec2InstanceId != i-3' } as const]
    const world = await rebalanced({
      instances: [hosts.a, hosts.b, hosts.c],
      service: { placementConstraints: constraints },
    })
    world.settle(20)
    expect(spread(world)).toEqual({ a: 3, b: 3 })
    expect(await said(world)).toEqual([])
  })

  it('that are full are named, once in six hours, and tried again', async () => {
    const full = host(3, 'c', { registered: { cpu: 128, memoryMiB: 8192, ports: [], gpuIds: [] } })
    const world = await rebalanced({ instances: [hosts.a, hosts.b, full] })
    world.settle(150)
    expect(spread(world)).toEqual({ a: 3, b: 3 })
    expect(await said(world)).toEqual([
      'is not AZ balanced with 3 tasks in a, 3 tasks in b, 0 tasks in c. AZ Rebalancing in progress.',
      'is unable to place a task in c because no container instance met all of its requirements.',
      'stopped AZ Rebalancing.',
    ])
    world.join(hosts.c)
    world.settle(60)
    expect(spread(world)).toEqual({ a: 2, b: 2, c: 2 })
  })

  it('that have no room left pass the tasks on to the next', async () => {
    const full = host(3, 'c', { registered: { cpu: 128, memoryMiB: 8192, ports: [], gpuIds: [] } })
    const world = await rebalanced({ instances: [hosts.a] })
    world.settle(3)
    world.join(full)
    world.join(hosts.b)
    world.settle(40)
    expect(spread(world)).toEqual({ a: 3, b: 3 })
  })
})

describe('what is in the way', () => {
  it('of a protected task is its protection, after whose end it moves', async () => {
    const world = await rebalanced({ service: { desiredCount: 2 }, instances: [hosts.a] })
    world.settle(3)
    protect(world, live(world), 3_600_000)
    world.join(hosts.b)
    world.settle(20)
    expect(spread(world)).toEqual({ a: 2 })
    expect(await said(world)).toEqual([
      'is not AZ balanced with 2 tasks in a, 0 tasks in b. AZ Rebalancing in progress.',
      'was unable to AZ Rebalance because (taskSet ecs-svc/1) was unable to scale in due to (reason 2 tasks under protection).',
      'stopped AZ Rebalancing.',
    ])
    world.pass(3_600_000)
    world.settle(10)
    expect(spread(world)).toEqual({ a: 1, b: 1 })
  })

  it('is not looked for again and again: a service that is balanced wakes when a host joins in a new zone', async () => {
    const world = await rebalanced({ instances: [hosts.a] })
    world.settle(3)
    expect((world.nextWakeAt ?? 0) - world.clock.now()).toBeGreaterThan(3_600_000)
    world.join(hosts.b)
    world.run()
    expect(spread(world)).toEqual({ a: 6, b: 3 })
  })

  it('may come up while tasks move: then what was started goes again', async () => {
    const world = await rebalanced({ service: { desiredCount: 2 }, instances: [hosts.a] })
    world.settle(3)
    world.join(hosts.b)
    world.pass(10_000)
    protect(
      world,
      live(world).filter(task => task.availabilityZone === 'a'),
      3_600_000,
    )
    world.settle(10)
    expect(spread(world)).toEqual({ a: 2 })
    expect((await said(world)).slice(-2)).toEqual([
      'was unable to AZ Rebalance because (taskSet ecs-svc/1) was unable to scale in due to (reason 2 tasks under protection).',
      'stopped AZ Rebalancing.',
    ])
  })

  it('of a deployment is rebalancing, which stops and begins again when the deployment is complete', async () => {
    const world = await rebalanced({ instances: [hosts.a] })
    world.settle(3)
    world.join(hosts.b)
    world.pass(10_000)
    expect(spread(world)).toEqual({ a: 6, b: 3 })
    world.deploy(2, { desiredCount: 6 })
    expect((await said(world)).at(-1)).toBe('stopped AZ Rebalancing.')
    world.settle(60)
    expect(spread(world)).toEqual({ a: 3, b: 3 })
    expect(live(world).every(task => task.deploymentId === 'ecs-svc/2')).toBe(true)
    expect(world.service()?.rebalancing).toBeUndefined()
  })

  it('of tasks that fail to start is the launch back-off', async () => {
    const world = await rebalanced({ service: { desiredCount: 2 }, instances: [hosts.a] })
    world.settle(3)
    world.join(hosts.b)
    world.pass(10_000)
    for (let round = 0; round < 4; round++) {
      world.fail(live(world).filter(task => task.lastStatus === 'PENDING'))
      expect(spread(world)).toEqual({ a: 2 })
      world.pass(2 ** round * 1_000)
      expect(spread(world)).toEqual({ a: 2, b: 1 })
    }
    const starts = (await said(world)).filter(message => message.startsWith('has started'))
    expect(starts).toHaveLength(5)
    expect((await said(world)).filter(message => message.startsWith('is not AZ'))).toHaveLength(1)
  })

  it('a changed desired count ends it', async () => {
    const world = await rebalanced({ instances: [hosts.a] })
    world.settle(3)
    world.join(hosts.b)
    world.pass(10_000)
    world.change({ desiredCount: 3 })
    expect((await said(world)).at(-1)).toBe('stopped AZ Rebalancing.')
    world.settle(60)
    expect(Object.values(spread(world)).sort()).toEqual([1, 2])
  })
})

it('a task that is told to stop counts in no zone', async () => {
  const world = await rebalanced({ service: { desiredCount: 2 } })
  world.settle(3)
  const total = () => world.store.total(tasks, 'zonesByDeployment', 'ecs-svc/1')
  expect([...(total() ?? [])].sort()).toEqual([
    ['a', 1],
    ['b', 1],
  ])
  const [first] = live(world)
  if (first) world.putRows({ tasks: [{ ...first, desiredStatus: 'STOPPED' }] })
  expect([...(total() ?? [])]).toEqual([[live(world)[0]?.availabilityZone, 1]])
  expect(world.store.get(containerInstances, instanceArn(1))).toBeDefined()
})
