import type {
  CreateServiceRequest,
  PlacementConstraint,
  PlacementStrategy,
  Service,
  UpdateServiceRequest,
} from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { refusal, useBerth } from './harness.ts'
import { taskCalls } from './task-calls.ts'

const berth = useBerth()
const { connect, ready, register, report } = taskCalls(berth)

const zone = 'attribute:ecs.availability-zone'
const inZone = (value: string) => connect({ attributes: [{ name: 'ecs.availability-zone', value }] })

beforeEach(async () => {
  await ready()
  const { containerInstanceArns = [] } = await berth.ecs.listContainerInstances({})
  await berth.ecs.deregisterContainerInstance({ containerInstance: containerInstanceArns[0] })
  await inZone('a')
})

const create = async (change: Partial<CreateServiceRequest> = {}): Promise<Service | undefined> => {
  const request = { serviceName: 'web', taskDefinition: 'web', desiredCount: 2, ...change }
  return (await berth.ecs.createService(request)).service
}
const update = async (change: Partial<UpdateServiceRequest>): Promise<Service | undefined> =>
  (await berth.ecs.updateService({ service: 'web', ...change })).service

const described = async (): Promise<Service | undefined> =>
  (await berth.ecs.describeServices({ services: ['web'] })).services?.[0]

const packing: PlacementStrategy[] = [{ type: 'binpack', field: 'memory' }]
const packingInZones: PlacementStrategy[] = [{ type: 'spread', field: zone }, ...packing]
const onlyA: PlacementConstraint[] = [{ type: 'memberOf', expression: `${zone} == a` }]

const incompatible: readonly [string, Partial<CreateServiceRequest>][] = [
  [
    'maximumPercent <= 100 % as deployment configuration',
    { deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 100 } },
  ],
  ['EXTERNAL launch type', { launchType: 'EXTERNAL' }],
  [`placement strategies that do not begin with spread over ${zone}`, { placementStrategy: packing }],
  [
    `placement strategies that do not begin with spread over ${zone}`,
    { placementStrategy: packingInZones.toReversed() },
  ],
  [`${zone} as placement constraint`, { placementConstraints: onlyA }],
]

describe('CreateService', () => {
  it.each<Partial<CreateServiceRequest>>([
    {},
    { placementStrategy: packingInZones },
    { placementConstraints: [{ type: 'distinctInstance' }] },
  ])('enables rebalancing by itself: %j', async change => {
    expect((await create(change))?.availabilityZoneRebalancing).toBe('ENABLED')
    expect((await described())?.availabilityZoneRebalancing).toBe('ENABLED')
  })

  it('takes either value', async () => {
    expect((await create({ availabilityZoneRebalancing: 'DISABLED' }))?.availabilityZoneRebalancing).toBe(
      'DISABLED',
    )
    const other = await create({ serviceName: 'other', availabilityZoneRebalancing: 'ENABLED' })
    expect(other?.availabilityZoneRebalancing).toBe('ENABLED')
  })

  it.each(incompatible)('disables it, and refuses to enable it, with %s', async (what, change) => {
    expect(await refusal(create({ ...change, availabilityZoneRebalancing: 'ENABLED' }))).toEqual([
      'InvalidParameterException',
      `Availability Zone Rebalancing does not support ${what}.`,
    ])
    expect((await berth.ecs.listServices({})).serviceArns).toEqual([])
    expect((await create(change))?.availabilityZoneRebalancing).toBe('DISABLED')
  })

  it('disables it, and refuses to enable it, for DAEMON services and other controllers', async () => {
    const daemon = { schedulingStrategy: 'DAEMON', desiredCount: undefined } as const
    expect(await refusal(create({ ...daemon, availabilityZoneRebalancing: 'ENABLED' }))).toEqual([
      'InvalidParameterException',
      'Availability Zone Rebalancing does not support DAEMON services.',
    ])
    expect((await create(daemon))?.availabilityZoneRebalancing).toBe('DISABLED')
    const external = {
      serviceName: 'external',
      taskDefinition: undefined,
      deploymentController: { type: 'EXTERNAL' },
    } as const
    expect(await refusal(create({ ...external, availabilityZoneRebalancing: 'ENABLED' }))).toEqual([
      'InvalidParameterException',
      'Availability Zone rebalancing feature is only supported with ECS deployment controller. Update to ECS deployment controller and try again.',
    ])
    expect((await create(external))?.availabilityZoneRebalancing).toBe('DISABLED')
  })

  it('looks at the constraints of the definition, too', async () => {
    await register({
      family: 'bound',
      placementConstraints: [{ type: 'memberOf', expression: `${zone} == a` }],
    })
    expect((await create({ taskDefinition: 'bound' }))?.availabilityZoneRebalancing).toBe('DISABLED')
  })
})

describe('UpdateService', () => {
  it('keeps what is there, and changes it without a deployment', async () => {
    await create()
    expect((await update({ desiredCount: 3 }))?.availabilityZoneRebalancing).toBe('ENABLED')
    const disabled = await update({ availabilityZoneRebalancing: 'DISABLED' })
    expect(disabled?.availabilityZoneRebalancing).toBe('DISABLED')
    expect(disabled?.deployments).toHaveLength(1)
    expect((await update({ desiredCount: 2 }))?.availabilityZoneRebalancing).toBe('DISABLED')
    expect((await update({ availabilityZoneRebalancing: 'ENABLED' }))?.availabilityZoneRebalancing).toBe(
      'ENABLED',
    )
  })

  it.each(incompatible.filter(([, { launchType }]) => launchType === undefined))(
    'refuses what it cannot be enabled with, unless it is disabled: %s',
    async (what, change) => {
      await create()
      const { deploymentConfiguration, placementConstraints, placementStrategy } = change
      const request = { deploymentConfiguration, placementConstraints, placementStrategy }
      const before = await described()
      expect(await refusal(update(request))).toEqual([
        'InvalidParameterException',
        `Availability Zone Rebalancing does not support ${what}.`,
      ])
      expect(await described()).toEqual(before)
      const updated = await update({ ...request, availabilityZoneRebalancing: 'DISABLED' })
      expect(updated?.availabilityZoneRebalancing).toBe('DISABLED')
    },
  )
})

/** The hosts do what they were told, and time passes. */
const obey = async (rounds: number): Promise<void> => {
  for (let round = 0; round < rounds; round++) {
    berth.advance(3_000)
    const arns = await Promise.all(
      (['RUNNING', 'STOPPED'] as const).map(desiredStatus =>
        berth.ecs.listTasks({ serviceName: 'web', desiredStatus }),
      ),
    )
    const tasks = arns.flatMap(({ taskArns = [] }) => taskArns)
    for (const task of (await berth.ecs.describeTasks({ tasks })).tasks ?? [])
      if (task.desiredStatus === 'STOPPED') await report(task, 'STOPPED', { exitCode: 0 })
      else if (task.lastStatus === 'PENDING') await report(task, 'RUNNING')
    berth.settle()
  }
}

test('tasks move to the zone of a host that registers', async () => {
  await create()
  await obey(3)
  await inZone('b')
  await obey(8)
  const { taskArns = [] } = await berth.ecs.listTasks({ serviceName: 'web' })
  const { tasks } = await berth.ecs.describeTasks({ tasks: taskArns })
  expect(tasks?.map(({ availabilityZone }) => availabilityZone).sort()).toEqual(['a', 'b'])
  const messages = (await described())?.events?.map(({ message }) => message)
  expect(messages).toContain('(service web) is AZ balanced with 1 tasks in a, 1 tasks in b.')
})
