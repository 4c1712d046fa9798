import { describe, expect, it } from 'vitest'
import { changeInstance, daemonWorld, instance, placesOf, taskOn } from '../fixtures/daemon-world.ts'
import { given, instanceArn, placementRequest, start } from '../fixtures/rows.ts'
import { deployment, service, type World } from '../fixtures/service-world.ts'
import { runTask } from '../operations/tasks/run-task.ts'
import { startTask } from '../operations/tasks/start-task.ts'
import { deployments, services, taskDefinitions } from '../tables/index.ts'
import { place } from './place.ts'
import { requirementsOf } from './task-requirements.ts'

const size = (cpu: number, memory: number, hostPort?: number) => [
  given.container({ cpu, memory, portMappings: hostPort ? [{ containerPort: 80, hostPort }] : [] }),
]

/** An instance with room for 1000 CPU units, of which the daemon takes 300; `big` takes 800, `small` 700. */
const crowded = async (): Promise<World> => {
  const room = { cpu: 1000, memoryMiB: 1000, ports: [], gpuIds: [] }
  const world = await daemonWorld(
    0,
    {},
    {
      instances: [instance(1, { registered: room, agentConnected: false })],
      taskDefinitions: [given.taskDefinition({ containerDefinitions: size(300, 100, 8125) })],
    },
  )
  const families = { big: size(800, 100), small: size(700, 100), twin: size(10, 10, 8125) }
  world.store.update(tx => {
    for (const [family, containerDefinitions] of Object.entries(families)) {
      const id = given.taskDefinition().id.replace('/web:', `/${family}:`)
      tx.put(taskDefinitions, given.taskDefinition({ containerDefinitions }, { id, family }))
    }
  })
  return world
}

const run = async (world: World, family: string) => {
  const { tasks = [], failures = [] } = await runTask.handle({ taskDefinition: `${family}:1` }, world.call())
  return tasks.length > 0 ? 'placed' : failures[0]?.reason
}

describe('room for a daemon that is missing on an instance', () => {
  it('is given to no other task, before the daemon starts and while it is replaced', async () => {
    const world = await crowded()
    changeInstance(world, 1, { agentConnected: true })
    expect(placesOf(world)).toEqual([1])
    world.settle(2)
    expect(await run(world, 'big')).toBe('RESOURCE:CPU')
    world.report(taskOn(world, 1), { status: 'STOPPED' })
    expect(await run(world, 'big')).toBe('RESOURCE:CPU')
    expect(await run(world, 'twin')).toBe('RESOURCE:PORTS')
    const request = { taskDefinition: 'big:1', containerInstances: [instanceArn(1)] }
    expect((await startTask.handle(request, world.call())).failures).toMatchObject([
      { reason: 'RESOURCE:CPU' },
    ])
    expect(await run(world, 'small')).toBe('placed')
    world.settle(2)
    expect(placesOf(world)).toEqual([1, 1])
  })

  it('is free for others once the service is paused or deleted', async () => {
    const world = await crowded()
    changeInstance(world, 1, { agentConnected: true })
    world.settle(2)
    world.change({ paused: { at: start, by: 'me' } })
    world.settle(2)
    expect(await run(world, 'big')).toBe('placed')
  })

  it('grows with a new revision of the daemon', async () => {
    const world = await crowded()
    changeInstance(world, 1, { agentConnected: true })
    world.settle(2)
    world.report(taskOn(world, 1), { status: 'STOPPED' })
    const requirements = requirementsOf(given.taskDefinition({ containerDefinitions: size(700, 100) }))
    const placed = () => place(world.store, placementRequest({ requirements }), 1).choices.length
    expect(placed()).toBe(1)
    world.store.update(tx =>
      tx.put(taskDefinitions, given.taskDefinition({ containerDefinitions: size(400, 100) })),
    )
    expect(placed()).toBe(0)
  })

  it('is not kept from other daemons, which would wait for each other', async () => {
    const world = await crowded()
    const second = { ...service(), id: `${service().id}2`, name: 'web2', primaryDeploymentId: 'ecs-svc/9' }
    world.store.update(tx => {
      tx.put(services, { ...second, schedulingStrategy: 'DAEMON', taskDefinitionArn: bigArn(world) })
      tx.put(deployments, deployment(9, { serviceArn: second.id, taskDefinitionArn: bigArn(world) }))
    })
    changeInstance(world, 1, { agentConnected: true })
    world.settle(2)
    expect(placesOf(world)).toEqual([1])
  })
})

const bigArn = (world: World): string =>
  [...world.store.all(taskDefinitions)].find(({ family }) => family === 'big')?.id ?? ''
