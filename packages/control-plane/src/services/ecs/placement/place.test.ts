import { describe, expect, it } from 'vitest'
import { chosen, placed, sized } from '../fixtures/placements.ts'
import { given, instanceArn, placementRequest, storeWith } from '../fixtures/rows.ts'
import type { ContainerInstanceRow, TaskRow } from '../tables/index.ts'
import { failuresOf, unableToPlace } from './explanation.ts'
import { type PlacementRequest, placeOn } from './place.ts'
import { requirementsOf } from './task-requirements.ts'

const small = placementRequest().requirements

describe('a filter', () => {
  const reasonFor = async (
    instance: Partial<ContainerInstanceRow>,
    change: Partial<PlacementRequest> = {},
    tasks: readonly TaskRow[] = [],
  ) => {
    const placement = await placed([given.instance(1, instance)], 1, change, tasks)
    return placement.refusals[0]?.reason
  }

  it('refuses an instance whose agent is not connected', async () => {
    expect(await reasonFor({ agentConnected: false })).toBe('AGENT')
  })

  it('lets a task be only where what it needs is, and says what that is', async () => {
    const host = { containerInstanceArn: instanceArn(2), because: 'The snapshot snap-1 is elsewhere.' }
    const instances = [1, 2, 3].map(number => given.instance(number))
    expect(chosen(await placed(instances, 2, { host }))).toEqual([2, 2])
    const refused = await placed([given.instance(1)], 1, { host })
    expect(failuresOf(refused)).toEqual([
      { arn: instanceArn(1), reason: 'LOCATION', detail: 'The snapshot snap-1 is elsewhere.' },
    ])
    expect(unableToPlace(refused)).toContain(
      'encountered error "LOCATION" (The snapshot snap-1 is elsewhere.)',
    )
  })

  it('refuses an instance without a required attribute, or with another value of it', async () => {
    const requiring = (name: string, value?: string) => ({
      requirements: { ...small, attributes: [value === undefined ? { name } : { name, value }] },
    })
    expect(await reasonFor({}, requiring('gpu'))).toBe('ATTRIBUTE')
    expect(await reasonFor({}, requiring('ecs.cpu-architecture', 'arm64'))).toBe('ATTRIBUTE')
    expect(await reasonFor({}, requiring('ecs.cpu-architecture', 'x86_64'))).toBeUndefined()
    expect(await reasonFor({}, requiring('ecs.cpu-architecture'))).toBeUndefined()
  })

  it('keeps tasks of Windows and Windows hosts together, and each to its own version', async () => {
    const host = (type: string, family: string) => ({
      attributes: [
        { name: 'ecs.os-type', value: type },
        { name: 'ecs.os-family', value: family },
      ],
    })
    const task = (operatingSystemFamily?: 'LINUX' | 'WINDOWS_SERVER_2022_CORE') => ({
      requirements: requirementsOf(
        given.taskDefinition(operatingSystemFamily ? { runtimePlatform: { operatingSystemFamily } } : {}),
      ),
    })
    const windows = host('windows', 'WINDOWS_SERVER_2022_CORE')
    expect(await reasonFor(windows, task('WINDOWS_SERVER_2022_CORE'))).toBeUndefined()
    expect(await reasonFor(windows, task('LINUX'))).toBe('ATTRIBUTE')
    expect(await reasonFor(windows, task())).toBe('ATTRIBUTE')
    expect(
      await reasonFor(host('windows', 'WINDOWS_SERVER_2019_CORE'), task('WINDOWS_SERVER_2022_CORE')),
    ).toBe('ATTRIBUTE')
    expect(await reasonFor(host('linux', 'LINUX'), task('LINUX'))).toBeUndefined()
    expect(await reasonFor(host('linux', 'LINUX'), task())).toBeUndefined()
    expect(await reasonFor(host('linux', 'LINUX'), task('WINDOWS_SERVER_2022_CORE'))).toBe('ATTRIBUTE')
  })

  it.each(['storage.ebs-task-volume-attach', 'env-files.s3', 'firelens.options.config.s3', 'efsAuth'])(
    "refuses hosts of the official agent what takes services of Amazon's own: %s",
    async capability => {
      const attribute = { name: `ecs.capability.${capability}` }
      const requirements = { ...small, attributes: [attribute] }
      const host = (agentKind: 'berth' | 'ecs') => ({ agentKind, attributes: [attribute] })
      expect(await reasonFor(host('ecs'), { requirements })).toBe('ATTRIBUTE')
      expect(await reasonFor(host('berth'), { requirements })).toBeUndefined()
    },
  )

  it('keeps EXTERNAL tasks and external instances of the official agent together, and lets ours take both', async () => {
    const external = { agentKind: 'ecs', attributes: [{ name: 'ecs.capability.external' }] } as const
    expect(await reasonFor({ agentKind: 'ecs' }, { launchType: 'EXTERNAL' })).toBe('ATTRIBUTE')
    expect(await reasonFor(external, { launchType: 'EC2' })).toBe('ATTRIBUTE')
    expect(await reasonFor(external, { launchType: 'EXTERNAL' })).toBeUndefined()
    expect(await reasonFor({}, { launchType: 'EXTERNAL' })).toBeUndefined()
  })

  it('refuses an instance without the CPU, the memory, the GPU or the port', async () => {
    const none = { cpu: 0, memoryMiB: 0, ports: [], gpuIds: [] }
    expect(await reasonFor({ registered: { ...none, memoryMiB: 512 } })).toBe('RESOURCE:CPU')
    expect(await reasonFor({ registered: { ...none, cpu: 256 } })).toBe('RESOURCE:MEMORY')
    expect(await reasonFor({}, { requirements: { ...small, gpus: 1 } })).toBe('RESOURCE:GPU')
    const port = (name: string) => ({ requirements: { ...small, ports: [name] } })
    expect(await reasonFor({}, port('22/tcp'))).toBe('RESOURCE:PORTS')
    expect(await reasonFor({}, port('22/udp'))).toBeUndefined()
    const holder = given.task(1, { reserved: { cpu: 0, memoryMiB: 0, ports: ['80/tcp'], gpuIds: [] } })
    expect(await reasonFor({}, port('80/tcp'), [holder])).toBe('RESOURCE:PORTS')
  })

  it('refuses an instance that an expression does not select', async () => {
    const only = (expression: string) => ({ constraints: [{ type: 'memberOf', expression } as const] })
    const inOther = only('attribute:ecs.availability-zone == b')
    expect(await reasonFor({}, inOther)).toBe('MemberOf placement constraint unsatisfied.')
    expect(await reasonFor({}, only('attribute:ecs.availability-zone == a'))).toBeUndefined()
  })

  it('does not look at instances that are DRAINING or INACTIVE', async () => {
    const placement = await placed([given.instance(1, { status: 'DRAINING' })], 1)
    expect(placement).toEqual({ choices: [], refusals: [], instances: 0 })
  })
})

describe('a placement', () => {
  it('spreads over zones, then over instances, unless told otherwise', async () => {
    const instances = [1, 2, 3, 4].map(number => given.instance(number, {}, number < 4 ? 'a' : 'b'))
    expect(chosen(await placed(instances, 4)).sort()).toEqual([1, 2, 4, 4])
  })

  it('counts the tasks of the group that are there already, also on instances that take no more', async () => {
    const full = sized(1, 256, 8192, 'a')
    const instances = [full, sized(2, 4096, 8192, 'a'), sized(3, 4096, 8192, 'b')]
    const there = [given.task(1)]
    expect(chosen(await placed(instances, 3, {}, there))).toEqual([3, 2, 3])
  })

  it('does not count tasks of the group that were told to stop', async () => {
    const instances = [given.instance(1, {}, 'a'), given.instance(2, {}, 'b')]
    const stopping = [given.task(1, { desiredStatus: 'STOPPED', lastStatus: 'RUNNING' })]
    const distinct = { constraints: [{ type: 'distinctInstance' } as const] }
    expect(chosen(await placed(instances, 2, distinct, stopping)).sort()).toEqual([1, 2])
  })

  it('packs where least is left of what it packs by', async () => {
    const instances = [sized(1, 2048), sized(2, 1024, 4096), sized(3, 512, 16384)]
    const packing = (field: string) => ({ strategy: [{ type: 'binpack', field } as const] })
    expect(chosen(await placed(instances, 3, packing('cpu')))).toEqual([3, 3, 2])
    expect(chosen(await placed(instances, 3, packing('MEMORY')))).toEqual([2, 2, 2])
  })

  it('packs inside the zone that the spread before it names', async () => {
    const instances = [sized(1, 4096), sized(2, 1024), sized(3, 4096, 8192, 'b'), sized(4, 512, 8192, 'b')]
    const strategy = [
      { type: 'spread', field: 'attribute:ecs.availability-zone' },
      { type: 'binpack', field: 'cpu' },
    ] as const
    expect(chosen(await placed(instances, 6, { strategy })).sort()).toEqual([2, 2, 2, 3, 4, 4])
  })

  it('lets a spread after packing decide between equals', async () => {
    const instances = [sized(1, 256), sized(2, 256), sized(3, 256, 8192, 'b')]
    const strategy = [
      { type: 'binpack', field: 'cpu' },
      { type: 'spread', field: 'attribute:ecs.availability-zone' },
    ] as const
    expect(chosen(await placed(instances, 2, { strategy })).sort()).toEqual([1, 3])
  })

  it('draws at random from the seed alone', async () => {
    const instances = [1, 2, 3, 4, 5, 6, 7, 8].map(number => given.instance(number))
    const drawn = async (seed: string) =>
      chosen(await placed(instances, 5, { strategy: [{ type: 'random' }], seed }))
    expect(await drawn('x')).toEqual(await drawn('x'))
    expect(await drawn('x')).not.toEqual(await drawn('y'))
  })

  it('draws again for each task', async () => {
    const instances = [given.instance(1), given.instance(2)]
    const drawn = chosen(await placed(instances, 10, { strategy: [{ type: 'random' }] }))
    expect(new Set(drawn)).toEqual(new Set([1, 2]))
  })

  it('spreads over instances by the tasks of the group, not by all tasks', async () => {
    const others = [1, 2, 3].map(number => given.task(number, { group: 'other' }))
    const own = given.task(4, { containerInstanceArn: instanceArn(2) })
    const strategy = [{ type: 'spread', field: 'instanceId' } as const]
    const instances = [given.instance(1), given.instance(2)]
    expect(chosen(await placed(instances, 1, { strategy }, [...others, own]))).toEqual([1])
  })

  it('sees its own tasks in an expression about groups', async () => {
    const constraints = [{ type: 'memberOf', expression: 'not(task:group == family:web)' } as const]
    const placement = await placed([given.instance(1), given.instance(2)], 3, { constraints })
    expect(chosen(placement)).toEqual([1, 2])
    expect(placement.refusals.map(({ reason }) => reason)).toEqual([
      'MemberOf placement constraint unsatisfied.',
      'MemberOf placement constraint unsatisfied.',
    ])
  })

  it('gives each task GPUs of its own', async () => {
    const registered = { cpu: 4096, memoryMiB: 8192, ports: [], gpuIds: ['a', 'b', 'c'] }
    const holder = given.task(1, { reserved: { cpu: 0, memoryMiB: 0, ports: [], gpuIds: ['b'] } })
    const requirements = { ...small, gpus: 1 }
    const placement = await placed([given.instance(1, { registered })], 3, { requirements }, [holder])
    expect(placement.choices.map(({ gpuIds }) => gpuIds)).toEqual([['a'], ['c']])
    expect(placement.refusals.map(({ reason }) => reason)).toEqual(['RESOURCE:GPU'])
  })

  it('puts one task on each instance that StartTask names, twice where it is named twice', async () => {
    const instances = [sized(1, 512), sized(2, 128)]
    const one = instances[0]!
    const view = await storeWith({ instances })
    const placement = placeOn(view, placementRequest(), [one, one, one, instances[1]!])
    expect(chosen(placement)).toEqual([1, 1])
    expect(failuresOf(placement)).toEqual([
      { arn: instanceArn(1), reason: 'RESOURCE:CPU' },
      { arn: instanceArn(2), reason: 'RESOURCE:CPU' },
    ])
  })
})
