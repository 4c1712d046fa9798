import type { PlacementConstraint, PlacementStrategy, Task } from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth()
const { connect, ready, register, run } = taskCalls(berth)

interface Placing {
  readonly placementConstraints?: PlacementConstraint[]
  readonly placementStrategy?: PlacementStrategy[]
}

/** A small host and two large ones, in racks r1, r2 and r2; the first runs a task already. */
let hosts: readonly string[] = []

beforeEach(async () => {
  await ready()
  const { containerInstanceArns = [] } = await berth.ecs.listContainerInstances({})
  await berth.ecs.deregisterContainerInstance({ containerInstance: containerInstanceArns[0] })
  const rack = (value: string) => [{ name: 'rack', value }]
  hosts = [
    await connect({ cpu: 1024, memory: 2048, attributes: rack('r1') }),
    await connect({ attributes: rack('r2') }),
    await connect({ attributes: rack('r2') }),
  ]
  await run({ placementConstraints: [{ type: 'memberOf', expression: 'attribute:rack == r1' }] })
})

const hostsOf = (tasks: readonly Task[] | undefined) =>
  tasks?.map(({ containerInstanceArn = '' }) => hosts.indexOf(containerInstanceArn)).sort()

const ways: readonly [string, (placing: Placing) => Promise<(number | undefined)[] | undefined>][] = [
  [
    'RunTask',
    async placing =>
      hostsOf((await berth.ecs.runTask({ taskDefinition: 'web', count: 3, ...placing })).tasks),
  ],
  [
    'a service',
    async placing => {
      await berth.ecs.createService({ serviceName: 'x', taskDefinition: 'web', desiredCount: 3, ...placing })
      return ofService()
    },
  ],
  [
    'a service that is updated',
    async placing => {
      const request = { serviceName: 'x', taskDefinition: 'web', desiredCount: 0 }
      await berth.ecs.createService(request)
      const availabilityZoneRebalancing = 'DISABLED'
      await berth.ecs.updateService({
        service: 'x',
        desiredCount: 3,
        availabilityZoneRebalancing,
        ...placing,
      })
      return ofService()
    },
  ],
]

const ofService = async () => {
  berth.settle()
  const { taskArns = [] } = await berth.ecs.listTasks({ serviceName: 'x' })
  return hostsOf((await berth.ecs.describeTasks({ tasks: taskArns })).tasks)
}

describe.each(ways)('%s', (_, place) => {
  it('places where the expression says', async () => {
    const placementConstraints = [{ type: 'memberOf', expression: 'attribute:rack == r1' } as const]
    expect(await place({ placementConstraints })).toEqual([0, 0, 0])
  })

  it('places each task on an instance of its own', async () => {
    const placementConstraints: PlacementConstraint[] = [
      { type: 'distinctInstance' },
      { type: 'memberOf', expression: 'attribute:rack == r2' },
    ]
    expect(await place({ placementConstraints })).toEqual([1, 2])
  })

  it('fills one instance first', async () => {
    expect(await place({ placementStrategy: [{ type: 'binpack', field: 'memory' }] })).toEqual([0, 0, 0])
  })

  it('spreads over an attribute', async () => {
    const placementStrategy: PlacementStrategy[] = [
      { type: 'spread', field: 'attribute:rack' },
      { type: 'binpack', field: 'cpu' },
    ]
    const placed = await place({ placementStrategy })
    expect(placed?.filter(host => host === 0).length).toBeOneOf([1, 2])
  })

  it('draws at random', async () => {
    expect(await place({ placementStrategy: [{ type: 'random' }] })).toHaveLength(3)
  })
})

test('a definition brings constraints of its own', async () => {
  const placementConstraints = [{ type: 'memberOf', expression: 'attribute:rack == r1' } as const]
  await register({ family: 'bound', placementConstraints })
  const { tasks } = await berth.ecs.runTask({ taskDefinition: 'bound', count: 2 })
  expect(hostsOf(tasks)).toEqual([0, 0])
})

test('an attribute that people put on an instance counts at once', async () => {
  const on = (host: number) => [{ name: 'disk', value: 'ssd', targetId: hosts[host] }]
  const placementConstraints = [{ type: 'memberOf', expression: 'attribute:disk == ssd' } as const]
  const place = async () =>
    hostsOf((await berth.ecs.runTask({ taskDefinition: 'web', placementConstraints })).tasks)
  expect(await place()).toEqual([])
  await berth.ecs.putAttributes({ attributes: on(2) })
  expect(await place()).toEqual([2])
  await berth.ecs.deleteAttributes({ attributes: on(2) })
  expect(await place()).toEqual([])
})

test('an official agent has no say in what the control plane cannot give it', async () => {
  const name = 'com.amazonaws.ecs.capability.ecr-auth'
  const image = '111122223333.dkr.ecr.us-east-1.amazonaws.com/web:1'
  await register({ family: 'ecr', containerDefinitions: [{ name: 'web', image, memory: 64 }] })
  const able = await connect({ attributes: [{ name }] })
  const { failures } = await berth.ecs.runTask({ taskDefinition: 'ecr' })
  expect(failures?.find(failure => failure.arn === able)).toEqual({
    arn: able,
    reason: 'ATTRIBUTE',
    detail: `Missing attributes: ${name}.`,
  })
})
