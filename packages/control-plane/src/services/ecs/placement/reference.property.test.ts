/** The scheduler against one that looks at every instance for every task, and keeps nothing. */
import type { PlacementStrategy } from '@aws-sdk/client-ecs'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { given, instanceArn, placementRequest, storeWith } from '../fixtures/rows.ts'
import { type PlacementRequest, place } from './place.ts'

interface Host {
  readonly id: string
  readonly labels: Readonly<Record<string, string>>
  cpu: number
  memoryMiB: number
  gpus: number
  readonly ports: Set<string>
  tasks: number
  ofGroup: number
}

type Compare = (a: Host, b: Host) => number

const labelOf = ({ type, field = '' }: PlacementStrategy): string | undefined =>
  type === 'spread' && field.startsWith('attribute:') ? field.slice('attribute:'.length) : undefined

const leafCompare =
  (strategy: readonly PlacementStrategy[], all: readonly Host[]): Compare =>
  (a, b) => {
    for (const item of strategy) {
      const label = labelOf(item)
      const sum = (host: Host) =>
        all
          .filter(other => label && other.labels[label] === host.labels[label])
          .reduce((total, other) => total + other.ofGroup, 0)
      const order =
        item.type === 'binpack'
          ? item.field === 'cpu'
            ? a.cpu - b.cpu
            : a.memoryMiB - b.memoryMiB
          : label
            ? sum(a) - sum(b)
            : a.ofGroup - b.ofGroup
      if (order !== 0) return order
    }
    return a.tasks - b.tasks || (a.id < b.id ? -1 : 1)
  }

/** The best open host: of the group with the fewest tasks, and between equal groups of the one with the best host. */
const bestOf = (
  hosts: readonly Host[],
  strategy: readonly PlacementStrategy[],
  all: readonly Host[],
  isOpen: (host: Host) => boolean,
): Host | undefined => {
  const [first, ...rest] = strategy
  const label = first && labelOf(first)
  if (label === undefined) return hosts.filter(isOpen).sort(leafCompare(strategy, all))[0]
  const leaves = strategy.slice(strategy.findIndex(item => labelOf(item) === undefined))
  const compare = leafCompare(strategy.every(item => labelOf(item)) ? [] : leaves, all)
  return [...Map.groupBy(hosts, host => host.labels[label]).values()]
    .map(members => ({
      tasks: members.reduce((sum, host) => sum + host.ofGroup, 0),
      best: bestOf(members, rest, all, isOpen),
    }))
    .flatMap(({ tasks, best }) => (best ? [{ tasks, best }] : []))
    .sort((a, b) => a.tasks - b.tasks || compare(a.best, b.best))[0]?.best
}

const naive = (hosts: Host[], { requirements, constraints, strategy }: PlacementRequest, count: number) => {
  const { cpu, memoryMiB, gpus, ports } = requirements
  const chosenStrategy: readonly PlacementStrategy[] =
    strategy.length > 0
      ? strategy
      : [
          { type: 'spread', field: 'attribute:ecs.availability-zone' },
          { type: 'spread', field: 'instanceId' },
        ]
  const isOpen = (host: Host): boolean =>
    host.cpu >= cpu &&
    host.memoryMiB >= memoryMiB &&
    host.gpus >= gpus &&
    ports.every(port => !host.ports.has(port)) &&
    !(constraints.some(({ type }) => type === 'distinctInstance') && host.ofGroup > 0) &&
    (!constraints.some(({ type }) => type === 'memberOf') || host.labels['rack'] === 'r1')
  const chosen: string[] = []
  while (chosen.length < count) {
    const host = bestOf(hosts, chosenStrategy, hosts, isOpen)
    if (!host) break
    chosen.push(host.id)
    host.cpu -= cpu
    host.memoryMiB -= memoryMiB
    host.gpus -= gpus
    for (const port of ports) host.ports.add(port)
    host.tasks += 1
    host.ofGroup += 1
  }
  return chosen
}

const hostShape = fc.record({
  cpu: fc.constantFrom(0, 512, 1024, 1024, 2048),
  memoryMiB: fc.constantFrom(512, 1024, 2048, 4096),
  gpus: fc.nat(2),
  zone: fc.constantFrom('a', 'b', 'c'),
  rack: fc.constantFrom('r1', 'r2'),
  tasks: fc.array(
    fc.record({
      cpu: fc.constantFrom(0, 128, 256),
      isOfGroup: fc.boolean(),
      port: fc.constantFrom('80/tcp', '90/tcp'),
      takesGpu: fc.boolean(),
    }),
    { maxLength: 2 },
  ),
})

const zones: PlacementStrategy = { type: 'spread', field: 'attribute:ecs.availability-zone' }
const racks: PlacementStrategy = { type: 'spread', field: 'attribute:rack' }
const instances: PlacementStrategy = { type: 'spread', field: 'host' }
const byCpu: PlacementStrategy = { type: 'binpack', field: 'cpu' }
const byMemory: PlacementStrategy = { type: 'binpack', field: 'memory' }

const requestShape = fc.record({
  cpu: fc.constantFrom(0, 128, 256, 600),
  memoryMiB: fc.constantFrom(64, 256, 600),
  gpus: fc.constantFrom(0, 0, 1),
  ports: fc.constantFrom<readonly string[]>([], [], ['80/tcp']),
  isDistinct: fc.boolean(),
  isBound: fc.boolean(),
  strategy: fc.constantFrom<readonly PlacementStrategy[]>(
    [],
    [zones],
    [instances],
    [byCpu],
    [byMemory, byCpu],
    [zones, byMemory],
    [zones, racks],
    [racks, zones, instances],
    [zones, racks, byCpu, instances],
    [byCpu, zones],
    [instances, byMemory, racks],
  ),
})

it('places as a scheduler would that looks at everything for each task', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(hostShape, { maxLength: 8 }),
      requestShape,
      fc.integer({ min: 1, max: 10 }),
      async (shapes, { isDistinct, isBound, strategy, ...needs }, count) => {
        const rows = shapes.map(({ cpu, memoryMiB, gpus, zone, rack }, index) =>
          given.instance(index + 1, {
            registered: {
              cpu,
              memoryMiB,
              ports: [],
              gpuIds: Array.from({ length: gpus }, (_, number) => `gpu-${number}`),
            },
            attributes: [
              { name: 'ecs.availability-zone', value: zone },
              { name: 'rack', value: rack },
            ],
          }),
        )
        const tasks = shapes.flatMap((shape, index) =>
          shape.tasks.map(({ cpu, isOfGroup, port, takesGpu }, number) =>
            given.task(`${index}${number}`, {
              group: isOfGroup ? 'family:web' : 'other',
              containerInstanceArn: instanceArn(index + 1),
              reserved: {
                cpu,
                memoryMiB: cpu,
                ports: [port],
                gpuIds: takesGpu && number < shape.gpus ? [`gpu-${number}`] : [],
              },
            }),
          ),
        )
        const request = placementRequest({
          requirements: { ...placementRequest().requirements, ...needs },
          constraints: [
            ...(isDistinct ? [{ type: 'distinctInstance' } as const] : []),
            ...(isBound ? [{ type: 'memberOf', expression: 'attribute:rack == r1' } as const] : []),
          ],
          strategy,
        })
        const hosts = shapes.map(({ zone, rack, ...shape }, index): Host => {
          const there = tasks.filter(task => task.containerInstanceArn === instanceArn(index + 1))
          const taken = there.reduce((sum, task) => sum + task.reserved.cpu, 0)
          return {
            id: instanceArn(index + 1),
            labels: { 'ecs.availability-zone': zone, rack },
            cpu: shape.cpu - taken,
            memoryMiB: shape.memoryMiB - taken,
            gpus: shape.gpus - there.reduce((sum, task) => sum + task.reserved.gpuIds.length, 0),
            ports: new Set(there.flatMap(task => task.reserved.ports)),
            tasks: there.length,
            ofGroup: there.filter(({ group }) => group === 'family:web').length,
          }
        })
        const { choices } = place(await storeWith({ instances: rows, tasks }), request, count)
        expect(choices.map(({ instance }) => instance.id)).toEqual(naive(hosts, request, count))
        for (const [id, ofHost] of Map.groupBy(choices, ({ instance }) => instance.id)) {
          const held = tasks.filter(task => task.containerInstanceArn === id)
          const gpus = [
            ...held.flatMap(task => task.reserved.gpuIds),
            ...ofHost.flatMap(({ gpuIds }) => gpuIds),
          ]
          expect(new Set(gpus).size).toBe(gpus.length)
          expect(ofHost.every(({ gpuIds }) => gpuIds.length === needs.gpus)).toBe(true)
        }
      },
    ),
    { numRuns: 400 },
  )
})
