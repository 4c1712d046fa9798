import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sized } from '../fixtures/placements.ts'
import { given, instanceArn, placementRequest, storeWith } from '../fixtures/rows.ts'
import type { ContainerInstanceRow } from '../tables/index.ts'
import { place } from './place.ts'

const small = placementRequest().requirements

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
