import { expect, it } from 'vitest'
import { given, instanceArn, numbersOf } from '../fixtures/rows.ts'
import { worldOf } from '../fixtures/service-world.ts'
import type { ContainerInstanceRow } from '../tables/index.ts'

const sized = (number: number, cpu: number): ContainerInstanceRow =>
  given.instance(number, { registered: { cpu, memoryMiB: 8192, ports: [], gpuIds: [] } })

it('what is in the way is said once, though another instance has become the closest', async () => {
  const world = await worldOf({ instances: [sized(1, 128), sized(2, 128)], service: { desiredCount: 1 } })
  world.run()
  for (const agentConnected of [false, true]) {
    world.join({ ...sized(1, 128), agentConnected })
    world.pass(1_000)
  }
  const failures = async () => (await world.events()).filter(message => message.includes('unable to place'))
  expect(await failures()).toHaveLength(1)
  world.join({ ...sized(1, 4096), registered: { cpu: 4096, memoryMiB: 64, ports: [], gpuIds: [] } })
  world.pass(1_000)
  expect(await failures()).toHaveLength(2)
  expect((await failures())[1]).toContain(
    `(container-instance ${instanceArn(1).slice(-32)}) has insufficient memory available.`,
  )
})

it('a service that packs gives up the tasks on the emptiest instance', async () => {
  const world = await worldOf({
    instances: [sized(1, 768), sized(2, 4096)],
    service: { desiredCount: 5, placementStrategy: [{ type: 'binpack', field: 'cpu' }] },
  })
  world.settle(3)
  world.change({ desiredCount: 3 })
  world.settle(3)
  expect(numbersOf(world.tasks().map(task => task.containerInstanceArn ?? ''))).toEqual([1, 1, 1])
})
