import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { given, instanceArn, numbersOf, placementRequest, storeWith } from '../fixtures/rows.ts'
import type { ContainerInstanceRow, TaskRow } from '../tables/index.ts'
import { causeOfRefusal, failuresOf, unableToPlace } from './explanation.ts'
import { type Placement, type PlacementRequest, place, placeOn } from './place.ts'
import { requirementsOf } from './task-requirements.ts'

const small = placementRequest().requirements

const chosen = (placement: Placement): number[] =>
  numbersOf(placement.choices.map(({ instance }) => instance.id))

const placed = async (
  instances: readonly ContainerInstanceRow[],
  count: number,
  change: Partial<PlacementRequest> = {},
  tasks: readonly TaskRow[] = [],
): Promise<Placement> => place(await storeWith({ instances, tasks }), placementRequest(change), count)

const sized = (number: number, cpu: number, memoryMiB = 8192, zone = 'a'): ContainerInstanceRow =>
  given.instance(number, { registered: { cpu, memoryMiB, ports: [], gpuIds: [] } }, zone)

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

describe('an explanation', () => {
  const text = 'was unable to place a task because no container instance met all of its requirements.'
  const more = 'For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.'

  it('says that there are no instances', async () => {
    expect(unableToPlace(await placed([], 1))).toBe(
      `${text} Reason: No Container Instances were found in your cluster. ${more}`,
    )
  })

  it('names the instance that got past most filters', async () => {
    const instances = [given.instance(1, { agentConnected: false }), sized(2, 4096, 256), sized(3, 128)]
    expect(unableToPlace(await placed(instances, 1))).toMatch(
      `${text} The closest matching (container-instance ${instanceArn(2).slice(-32)}) has insufficient memory available. ${more}`,
    )
    expect(unableToPlace(await placed([sized(3, 128)], 1))).toBe(
      `${text} The closest matching (container-instance ${instanceArn(3).slice(-32)}) has insufficient CPU units available. ${more}`,
    )
  })

  it('says how many instances each requirement has excluded', async () => {
    const rack = [{ name: 'ecs.availability-zone', value: 'b' }]
    const instances = [
      given.instance(1, { agentConnected: false }),
      sized(2, 128),
      sized(3, 128),
      given.instance(4, { attributes: rack }),
    ]
    const constraints = [
      { type: 'memberOf', expression: 'attribute:ecs.availability-zone == a' } as const,
      { type: 'distinctInstance' } as const,
    ]
    const placement = await placed([...instances, given.instance(5)], 2, { constraints })
    expect(chosen(placement)).toEqual([5])
    expect(unableToPlace(placement)).toMatch(
      `${more} Refused of 5 container instances: 2 for RESOURCE:CPU, 1 for AGENT, 1 for DistinctInstance placement constraint unsatisfied, 1 for MemberOf placement constraint unsatisfied.`,
    )
  })

  it('names GPUs as ECS does', async () => {
    const placement = await placed([given.instance(1)], 1, { requirements: { ...small, gpus: 1 } })
    expect(unableToPlace(placement)).toContain('has insufficient GPU resource available. For more')
  })

  it('has the same cause while the same is in the way, whichever instance is the closest', async () => {
    const cause = async (...instances: ContainerInstanceRow[]) => causeOfRefusal(await placed(instances, 1))
    expect(await cause(sized(1, 128))).toBe(await cause(sized(2, 128), sized(3, 64)))
    expect(await cause(sized(1, 128))).not.toBe(await cause(sized(1, 4096, 64)))
  })

  it('names the attributes that an instance lacks', async () => {
    const attributes = [{ name: 'com.amazonaws.ecs.capability.task-iam-role' }, { name: 'rack', value: 'r1' }]
    const placement = await placed([given.instance(1)], 1, { requirements: { ...small, attributes } })
    const lacks = 'com.amazonaws.ecs.capability.task-iam-role, rack=r1'
    expect(unableToPlace(placement)).toContain(`is missing an attribute required by your task (${lacks}). `)
    expect(failuresOf(placement)).toEqual([
      { arn: instanceArn(1), reason: 'ATTRIBUTE', detail: `Missing attributes: ${lacks}.` },
    ])
  })

  it('counts nobody as able to do what the control plane cannot give them yet', async () => {
    const attributes = [{ name: 'com.amazonaws.ecs.capability.ecr-auth' }]
    const placement = await placed([given.instance(1, { attributes })], 1, {
      requirements: { ...small, attributes },
    })
    expect(placement.refusals).toMatchObject([{ reason: 'ATTRIBUTE', lacks: [attributes[0]?.name] }])
  })

  it('quotes the reasons that ECS has no words for', async () => {
    const placement = await placed([given.instance(1, { agentConnected: false })], 1)
    expect(unableToPlace(placement)).toContain('encountered error "AGENT". ')
  })
})

describe('whatever the cluster and the request', () => {
  const cluster = fc.array(
    fc.record({
      cpu: fc.integer({ min: 0, max: 2048 }),
      memoryMiB: fc.integer({ min: 0, max: 2048 }),
      zone: fc.constantFrom('a', 'b', 'c'),
      tasks: fc.array(
        fc.record({ cpu: fc.integer({ min: 0, max: 300 }), port: fc.constantFrom('80/tcp', '81/tcp') }),
        {
          maxLength: 2,
        },
      ),
    }),
    { maxLength: 8 },
  )
  const request = fc.record({
    cpu: fc.integer({ min: 0, max: 600 }),
    memoryMiB: fc.integer({ min: 0, max: 600 }),
    ports: fc.subarray(['80/tcp', '90/tcp']),
    distinct: fc.boolean(),
    strategy: fc.subarray(
      [
        { type: 'spread', field: 'attribute:ecs.availability-zone' },
        { type: 'spread', field: 'instanceId' },
        { type: 'binpack', field: 'cpu' },
        { type: 'random' },
      ] as const,
      { minLength: 0 },
    ),
  })

  const build = async (hosts: typeof cluster extends fc.Arbitrary<infer T> ? T : never) => {
    const instances = hosts.map(({ cpu, memoryMiB, zone }, index) => sized(index + 1, cpu, memoryMiB, zone))
    const tasks = hosts.flatMap((host, index) =>
      host.tasks.map((task, n) =>
        given.task(`${index}${n}`, {
          group: 'other',
          containerInstanceArn: instanceArn(index + 1),
          reserved: { cpu: task.cpu, memoryMiB: task.cpu, ports: [task.port], gpuIds: [] },
        }),
      ),
    )
    return { instances, tasks, view: await storeWith({ instances, tasks }) }
  }

  it('no instance gets more than it has, no port goes twice, and no task is left that would fit', async () => {
    await fc.assert(
      fc.asyncProperty(cluster, request, fc.integer({ min: 1, max: 12 }), async (hosts, wanted, count) => {
        const { instances, tasks, view } = await build(hosts)
        const requirements = { ...small, cpu: wanted.cpu, memoryMiB: wanted.memoryMiB, ports: wanted.ports }
        const constraints = wanted.distinct ? [{ type: 'distinctInstance' } as const] : []
        const placement = place(
          view,
          placementRequest({ requirements, constraints, strategy: wanted.strategy }),
          count,
        )
        let room = 0
        for (const { id, registered } of instances) {
          const there = tasks.filter(task => task.containerInstanceArn === id)
          const given = placement.choices.filter(({ instance }) => instance.id === id).length
          const used = there.reduce((sum, task) => sum + task.reserved.cpu, 0)
          if (given > 0) {
            expect(used + given * wanted.cpu).toBeLessThanOrEqual(registered.cpu)
            expect(used + given * wanted.memoryMiB).toBeLessThanOrEqual(registered.memoryMiB)
            for (const port of wanted.ports) {
              expect(given).toBe(1)
              expect(there.some(task => task.reserved.ports.includes(port))).toBe(false)
            }
            if (wanted.distinct) expect(given).toBe(1)
          }
          const fits =
            used + (given + 1) * wanted.cpu <= registered.cpu &&
            used + (given + 1) * wanted.memoryMiB <= registered.memoryMiB &&
            !(given > 0 && (wanted.distinct || wanted.ports.length > 0)) &&
            !there.some(task => task.reserved.ports.some(port => wanted.ports.includes(port)))
          if (fits) room += 1
        }
        expect(placement.choices.length).toBeLessThanOrEqual(count)
        if (placement.choices.length < count) {
          expect(room).toBe(0)
          expect(placement.refusals.length).toBe(instances.length)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('a spread is balanced within one where every zone and instance has room', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 1, max: 20 }),
        async (zones, count) => {
          const instances = zones.map((zone, index) => sized(index + 1, 1e6, 1e6, zone))
          const { choices } = place(await storeWith({ instances }), placementRequest(), count)
          const tally = (keyOf: (instance: ContainerInstanceRow) => string, keys: readonly string[]) =>
            [...new Set(keys)].map(key => choices.filter(({ instance }) => keyOf(instance) === key).length)
          const spread = (counts: readonly number[]) => Math.max(...counts) - Math.min(...counts)
          expect(spread(tally(instance => instance.attributes[0]?.value ?? '', zones))).toBeLessThanOrEqual(1)
          for (const zone of new Set(zones)) {
            const inZone = instances.filter(instance => instance.attributes[0]?.value === zone)
            expect(
              spread(
                tally(
                  ({ id }) => id,
                  inZone.map(({ id }) => id),
                ),
              ),
            ).toBeLessThanOrEqual(1)
          }
        },
      ),
      { numRuns: 100 },
    )
  })
})
