import type { PlacementStrategy } from '@aws-sdk/client-ecs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { given, instanceArn, numbersOf, storeWith } from '../fixtures/rows.ts'
import { service } from '../fixtures/service-world.ts'
import type { ContainerInstanceRow, TaskRow } from '../tables/index.ts'
import { Balance } from './balance.ts'
import type { ServiceTask } from './rolling-update.ts'
import { scaleInOrderOf } from './scale-in-order.ts'
import { serviceTaskOf } from './task-condition.ts'

const host = (number: number, zone: string, cpu = 4096, rack = 'r1'): ContainerInstanceRow =>
  given.instance(number, {
    registered: { cpu, memoryMiB: 2 * cpu, ports: [], gpuIds: [] },
    attributes: [
      { name: 'ecs.availability-zone', value: zone },
      { name: 'rack', value: rack },
    ],
  })

const zonesOf = new Map([
  [1, 'a'],
  [2, 'a'],
  [3, 'b'],
  [4, 'b'],
])

let made = 0
const on = (instance: number, cpu = 256): TaskRow => {
  made += 1
  return given.task(made, {
    containerInstanceArn: instanceArn(instance),
    availabilityZone: zonesOf.get(instance),
    lastStatus: 'RUNNING',
    createdAt: made,
    reserved: { cpu, memoryMiB: 2 * cpu, ports: [], gpuIds: [] },
  })
}

/** The instances that give a task, one after the other. */
const givers = async (
  instances: readonly ContainerInstanceRow[],
  rows: readonly TaskRow[],
  count: number,
  placementStrategy: PlacementStrategy[] = [],
): Promise<number[]> => {
  const view = await storeWith({ instances, tasks: rows })
  const all = rows.map(row => serviceTaskOf(row, 'healthy', false))
  const picked = new Balance(all, scaleInOrderOf(view, service({ placementStrategy }))).pick(all, count)
  return numbersOf(picked.map(({ instance }) => instance))
}

const zones: PlacementStrategy = { type: 'spread', field: 'attribute:ecs.availability-zone' }
const packing: PlacementStrategy = { type: 'binpack', field: 'cpu' }

describe('scale-in', () => {
  it('takes from the zone with the most tasks, there from the instance with the most', async () => {
    const instances = [host(1, 'a'), host(2, 'a'), host(3, 'b'), host(4, 'b')]
    const rows = [on(1), on(1), on(2), on(3), on(4)]
    expect(await givers(instances, rows, 3)).toEqual([1, 1, 3])
    expect(await givers(instances, rows, 1, [{ type: 'random' }])).toEqual([1])
  })

  it('takes the youngest of an instance', async () => {
    const rows = [on(1), on(1), on(1)]
    const all = rows.toReversed().map(row => serviceTaskOf(row, 'healthy', false))
    expect(new Balance(all).pick(all, 2).map(({ id }) => id)).toEqual([rows[2]?.id, rows[1]?.id])
  })

  it('takes, where the strategy packs, from the instance that has the most left afterwards', async () => {
    const instances = [host(1, 'a', 2048), host(2, 'a', 1024), host(3, 'b', 1024)]
    const rows = [on(1), on(2), on(2), on(2), on(3), on(3)]
    expect(await givers(instances, rows, 4, [packing])).toEqual([1, 3, 3, 2])
  })

  it('counts what the other tasks of an instance take, and the size of the task that would go', async () => {
    const instances = [host(1, 'a', 1024), host(2, 'a', 1024)]
    const other = given.task('9', {
      containerInstanceArn: instanceArn(1),
      reserved: { cpu: 512, memoryMiB: 0, ports: [], gpuIds: [] },
    })
    const rows = [on(1, 256), on(2, 512)]
    const view = await storeWith({ instances, tasks: [...rows, other] })
    const all = rows.map(row => serviceTaskOf(row, 'healthy', false))
    const order = scaleInOrderOf(view, service({ placementStrategy: [packing] }))
    expect(numbersOf(new Balance(all, order).pick(all, 1).map(({ instance }) => instance))).toEqual([2])
  })

  it('keeps zones balanced first where the strategy spreads over them before it packs', async () => {
    const instances = [host(1, 'a', 4096), host(3, 'b', 1024), host(4, 'b', 2048)]
    const rows = [on(1), on(3), on(4), on(4)]
    expect(await givers(instances, rows, 2, [zones, packing])).toEqual([4, 4])
  })

  it('keeps the values of another attribute balanced inside a zone', async () => {
    const instances = [host(1, 'a', 4096, 'r1'), host(2, 'a', 4096, 'r2'), host(3, 'b')]
    const rows = [on(1), on(1), on(2), on(3)]
    const racks: PlacementStrategy = { type: 'spread', field: 'attribute:rack' }
    expect(await givers(instances, rows, 1, [racks])).toEqual([1])
    const bigger = [host(1, 'a', 4096, 'r1'), host(2, 'a', 4096, 'r1'), host(5, 'a', 4096, 'r2')]
    zonesOf.set(5, 'a')
    expect(await givers(bigger, [on(1), on(2), on(5), on(5)], 2, [racks])).toEqual([5, 1])
  })

  it('looks at the instances before it packs where the strategy names them first', async () => {
    const instances = [host(1, 'a', 4096), host(2, 'a', 1024)]
    const strategy: PlacementStrategy[] = [{ type: 'spread', field: 'instanceId' }, packing]
    expect(await givers(instances, [on(1), on(2), on(2)], 2, strategy)).toEqual([2, 1])
  })

  it('chooses as somebody would who looks at every task each time', async () => {
    const shape = fc.record({
      instance: fc.integer({ min: 1, max: 6 }),
      cpu: fc.constantFrom(128, 256, 512),
    })
    const strategies = fc.constantFrom<PlacementStrategy[]>([], [packing], [zones, packing], [zones])
    await fc.assert(
      fc.asyncProperty(
        fc.array(shape, { minLength: 1, maxLength: 14 }),
        strategies,
        fc.nat(14),
        async (shapes, strategy, count) => {
          const sizes = [512, 1024, 2048, 2048, 4096, 8192]
          const zone = (number: number) => 'aabbbc'[number - 1] ?? ''
          const instances = sizes.map((cpu, index) => host(index + 1, zone(index + 1), cpu))
          const rows = shapes.map(({ instance, cpu }) => ({
            ...on(instance, cpu),
            availabilityZone: zone(instance),
          }))
          const view = await storeWith({ instances, tasks: rows })
          const all = rows.map(row => serviceTaskOf(row, 'healthy', false))
          const order = scaleInOrderOf(view, service({ placementStrategy: strategy }))
          const picked = new Balance(all, order).pick(all, count).map(({ id }) => id)
          const expected = naivePicks(rows, instances, strategy, Math.min(count, rows.length))
          if (count >= rows.length) expect(new Set(picked)).toEqual(new Set(expected))
          else expect(picked).toEqual(expected)
        },
      ),
      { numRuns: 200 },
    )
  })
})

/** The rules once more, without anything that makes them fast. */
const naivePicks = (
  rows: readonly TaskRow[],
  instances: readonly ContainerInstanceRow[],
  strategy: readonly PlacementStrategy[],
  count: number,
): string[] => {
  let left = [...rows]
  const picked: string[] = []
  while (picked.length < count) {
    const inZone = (row: TaskRow) => left.filter(other => other.availabilityZone === row.availabilityZone)
    const beside = (row: TaskRow) =>
      left.filter(other => other.containerInstanceArn === row.containerInstanceArn)
    const freed = (row: TaskRow) => {
      const cpu = instances.find(({ id }) => id === row.containerInstanceArn)?.registered.cpu ?? 0
      return cpu - beside(row).reduce((sum, other) => sum + other.reserved.cpu, 0) + row.reserved.cpu
    }
    const youngest = left.filter(row => beside(row).every(other => other.createdAt <= row.createdAt))
    const ranks = youngest.map(row => [
      ...(strategy[0]?.type === 'binpack' ? [] : [inZone(row).length]),
      ...(strategy.some(({ type }) => type === 'binpack') ? [freed(row)] : []),
      beside(row).length,
    ])
    let best = 0
    for (let index = 1; index < youngest.length; index++) {
      const order = ranks[index]?.map((rank, level) => rank - (ranks[best]?.[level] ?? 0)).find(Boolean) ?? 0
      const isLower =
        (youngest[index]?.containerInstanceArn ?? '') < (youngest[best]?.containerInstanceArn ?? '')
      if (order > 0 || (order === 0 && isLower)) best = index
    }
    const chosen: ServiceTask['id'] = youngest[best]?.id ?? ''
    picked.push(chosen)
    left = left.filter(({ id }) => id !== chosen)
  }
  return picked
}
