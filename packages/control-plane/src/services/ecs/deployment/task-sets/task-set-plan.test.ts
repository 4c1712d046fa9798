import type { CreateServiceRequest, CreateTaskSetRequest } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { given, instanceArn, scope } from '../../fixtures/rows.ts'
import { emptyWorld, type World, webArn } from '../../fixtures/service-world.ts'
import { createService } from '../../operations/services/create-service.ts'
import { deleteService } from '../../operations/services/delete-service.ts'
import { createTaskSet } from '../../operations/task-sets/create-task-set.ts'
import { deleteTaskSet } from '../../operations/task-sets/delete-task-set.ts'
import { updateServicePrimaryTaskSet } from '../../operations/task-sets/update-service-primary-task-set.ts'
import { updateTaskSet } from '../../operations/task-sets/update-task-set.ts'
import {
  containerInstances,
  serviceEvents,
  type TaskRow,
  type TaskSetRow,
  taskSets,
} from '../../tables/index.ts'

type Instance = ReturnType<typeof given.instance>

const room = (memoryMiB: number): Partial<Instance> => ({
  registered: { cpu: 65_536, memoryMiB, ports: [], gpuIds: [] },
})

const second = given.taskDefinition(
  { containerDefinitions: [given.container({ memory: 4096 })] },
  { id: `arn:aws:ecs:${scope.region}:${scope.accountId}:task-definition/web:2`, revision: 2 },
)

const worldOf = async (
  instances: readonly Instance[] = [given.instance(1, room(262_144))],
  change: Partial<CreateServiceRequest> = {},
): Promise<World> => {
  const world = await emptyWorld({ instances, taskDefinitions: [given.taskDefinition(), second] })
  const deploymentController = { type: 'EXTERNAL' as const }
  await createService.handle(
    { serviceName: 'web', desiredCount: 4, deploymentController, ...change },
    world.call(),
  )
  world.run()
  return world
}

const named = { cluster: 'default', service: 'web' }
const percent = (value: number) => ({ value, unit: 'PERCENT' as const })

const add = async (world: World, value: number, change: Partial<CreateTaskSetRequest> = {}) => {
  const request = { ...named, taskDefinition: 'web:1', scale: percent(value), ...change }
  const { taskSet } = await createTaskSet.handle(request, world.call())
  world.run()
  return taskSet?.id ?? ''
}

const rescale = async (world: World, taskSet: string, value: number) => {
  await updateTaskSet.handle({ ...named, taskSet, scale: percent(value) }, world.call())
  world.run()
}

const remove = async (world: World, taskSet: string, force = false) => {
  await deleteTaskSet.handle({ ...named, taskSet, force }, world.call())
  world.run()
}

const setOf = (world: World, id: string): TaskSetRow | undefined => world.store.get(taskSets, id)
const tasksOf = (world: World, id: string): TaskRow[] => world.tasks().filter(row => row.deploymentId === id)
const counts = (world: World, ...ids: string[]) => ids.map(id => tasksOf(world, id).length)

describe('a service with task sets', () => {
  it('starts nothing without a set, nor of a set without a scale', async () => {
    const world = await worldOf()
    expect(world.tasks()).toEqual([])
    await createTaskSet.handle({ ...named, taskDefinition: 'web:1' }, world.call())
    world.run()
    expect(world.tasks()).toEqual([])
  })

  it('keeps each set at its own count, and replaces what ends by a task of the same set', async () => {
    const world = await worldOf()
    const [blue, green] = [await add(world, 100), await add(world, 50)]
    world.settle()
    expect(counts(world, blue, green)).toEqual([4, 2])
    expect(tasksOf(world, green)).toMatchObject([{ startedBy: green, serviceArn: webArn }, {}])
    const [ended] = tasksOf(world, green) as [TaskRow]
    world.report(ended, { status: 'STOPPED', stopCode: 'EssentialContainerExited' })
    world.run()
    expect(counts(world, blue, green)).toEqual([4, 2])
  })

  it('follows the desired count of its service', async () => {
    const world = await worldOf()
    const [blue, green] = [await add(world, 100), await add(world, 30)]
    world.settle()
    world.change({ desiredCount: 10 })
    world.settle()
    expect(counts(world, blue, green)).toEqual([10, 3])
    world.change({ desiredCount: 1 })
    world.settle()
    expect(counts(world, blue, green)).toEqual([1, 1])
  })

  it('scales a set in without touching another', async () => {
    const world = await worldOf()
    const [blue, green] = [await add(world, 100), await add(world, 100)]
    world.settle()
    await rescale(world, blue, 25)
    const stopping = world.tasks().filter(task => task.desiredStatus === 'STOPPED')
    expect(stopping).toHaveLength(3)
    expect(stopping[0]).toMatchObject({
      deploymentId: blue,
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: `Scaling activity initiated by (deployment ${blue})`,
    })
    world.settle()
    expect(counts(world, blue, green)).toEqual([1, 4])
  })

  it('does not stop protected tasks for scale-in until their protection ends', async () => {
    const world = await worldOf()
    const blue = await add(world, 100)
    world.settle()
    const protectedUntil = world.clock.now() + 3_600_000
    world.putRows({ tasks: world.tasks().map(task => ({ ...task, protectedUntil })) })
    await rescale(world, blue, 0)
    world.settle()
    expect(counts(world, blue)).toEqual([4])
    world.pass(3_600_000)
    world.settle()
    expect(counts(world, blue)).toEqual([0])
  })

  it('does not wait for image digests, which only the ECS controller pins', async () => {
    const container = given.container({ versionConsistency: 'enabled' })
    const world = await emptyWorld({
      taskDefinitions: [given.taskDefinition({ containerDefinitions: [container] })],
    })
    await createService.handle(
      { serviceName: 'web', desiredCount: 4, deploymentController: { type: 'EXTERNAL' } },
      world.call(),
    )
    expect(counts(world, await add(world, 100))).toEqual([4])
  })
})

describe('a task set', () => {
  it('is steady once its tasks are, and says so', async () => {
    const world = await worldOf()
    const blue = await add(world, 50)
    expect(setOf(world, blue)).toMatchObject({ stabilityStatus: 'STABILIZING' })
    world.obey()
    expect(setOf(world, blue)).toMatchObject({ stabilityStatus: 'STABILIZING' })
    world.pass(2_000)
    const stabilityStatusAt = world.clock.now()
    expect(setOf(world, blue)).toMatchObject({ stabilityStatus: 'STEADY_STATE', stabilityStatusAt })
    const { records } = await world.store.history.read(serviceEvents, webArn, { oldestFirst: true })
    expect(records.map(({ message }) => message.replaceAll(/\(task [0-9a-f]+\)/g, '(task)'))).toEqual([
      `(service web) updated computedDesiredCount for taskSet ${blue} to 2.`,
      `(service web, taskSet ${blue}) has started 2 tasks: (task) (task).`,
      `(service web, taskSet ${blue}) updated state to STEADY_STATE.`,
      '(service web) has reached a steady state.',
    ])
  })

  it('without tasks is steady at once', async () => {
    const world = await worldOf()
    expect(setOf(world, await add(world, 0))).toMatchObject({ stabilityStatus: 'STEADY_STATE' })
  })

  it('is not steady while a task is unhealthy, or on a DRAINING instance, and stays so while another one starts', async () => {
    const world = await worldOf()
    const blue = await add(world, 25)
    world.settle()
    const before = setOf(world, blue)
    expect(before).toMatchObject({ stabilityStatus: 'STEADY_STATE' })
    world.pass(1_000)
    const green = await add(world, 25)
    expect(setOf(world, blue)).toBe(before)
    expect(setOf(world, green)).toMatchObject({ stabilityStatus: 'STABILIZING' })
    const [task] = tasksOf(world, blue) as [TaskRow]
    world.putRows({ tasks: [{ ...task, healthStatus: 'UNHEALTHY' }] })
    world.run()
    expect(setOf(world, blue)).toMatchObject({ stabilityStatus: 'STABILIZING' })
  })

  it('goes with its last task once it is deleted', async () => {
    const world = await worldOf()
    const blue = await add(world, 100)
    world.settle()
    await remove(world, blue, true)
    expect(setOf(world, blue)).toMatchObject({ status: 'DRAINING', computedDesiredCount: 0 })
    world.settle()
    expect(setOf(world, blue)).toBeUndefined()
    expect(world.tasks()).toEqual([])
  })

  it('that waits after failed launches keeps no other one waiting', async () => {
    const world = await worldOf()
    const [blue, green] = [await add(world, 100), await add(world, 25)]
    world.fail(tasksOf(world, blue))
    expect(counts(world, blue, green)).toEqual([0, 1])
    expect(setOf(world, blue)).toMatchObject({ failedLaunches: 1, failedTasks: 4 })
    expect(setOf(world, green)).toMatchObject({ failedLaunches: 0 })
    await rescale(world, green, 50)
    expect(counts(world, blue, green)).toEqual([0, 2])
    world.pass(1_000)
    expect(counts(world, blue, green)).toEqual([4, 2])
  })

  it('that finds no place keeps no other one waiting, and gets one when room comes free', async () => {
    const world = await worldOf([given.instance(1, room(2048))])
    const blue = await add(world, 100, { taskDefinition: 'web:2' })
    expect(world.service()?.placementFailure?.message).toContain('was unable to place a task')
    const green = await add(world, 100)
    expect(counts(world, blue, green)).toEqual([0, 4])
    world.settle()
    expect(world.service()?.placementFailure).toBeDefined()
    world.clock.advance(1_000)
    world.join(given.instance(2, room(262_144)))
    world.pass(1_000)
    expect(counts(world, blue, green)).toEqual([4, 4])
    expect(world.service()?.placementFailure).toBeUndefined()
    expect((await world.events()).filter(event => event.includes('unable to place'))).toHaveLength(1)
  })

  it('is given no room that another one was given in the same moment', async () => {
    const world = await worldOf([given.instance(1, room(1536))])
    const ids = [await add(world, 0), await add(world, 0)] as const
    world.store.update(tx => {
      for (const id of ids) tx.put(taskSets, { ...(tx.get(taskSets, id) as TaskSetRow), scale: percent(50) })
    })
    world.run()
    expect(counts(world, ...ids)).toEqual([2, 1])
  })
})

describe('the tasks of task sets on a DRAINING instance', () => {
  it('are replaced start-first, within 100 and 200 per cent whatever the service says', async () => {
    const world = await worldOf([given.instance(1)], {
      deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100 },
    })
    const blue = await add(world, 50)
    world.settle()
    world.join(given.instance(2))
    world.watch()
    world.store.update(tx => tx.put(containerInstances, { ...given.instance(1), status: 'DRAINING' }))
    world.settle()
    expect(world.extremes).toEqual({ most: 4, fewestRunning: 2 })
    expect(tasksOf(world, blue).map(task => task.containerInstanceArn)).toEqual([
      instanceArn(2),
      instanceArn(2),
    ])
    expect(setOf(world, blue)).toMatchObject({ stabilityStatus: 'STEADY_STATE' })
  })
})

describe('a deleted service with task sets', () => {
  it('is INACTIVE once the last task of all of them is STOPPED', async () => {
    const world = await worldOf()
    const [blue, green] = [await add(world, 100), await add(world, 50)]
    await updateServicePrimaryTaskSet.handle({ ...named, primaryTaskSet: blue }, world.call())
    world.settle()
    await deleteService.handle({ service: 'web', force: true }, world.call())
    world.run()
    expect(world.service()).toMatchObject({ status: 'DRAINING' })
    expect([setOf(world, blue)?.status, setOf(world, green)?.status]).toEqual(['DRAINING', 'DRAINING'])
    world.settle()
    expect(world.service()).toMatchObject({ status: 'INACTIVE' })
    expect([...world.store.all(taskSets)]).toEqual([])
  })
})

describe('a paused service with task sets', () => {
  it('runs nothing until it is resumed', async () => {
    const world = await worldOf()
    const blue = await add(world, 50)
    world.settle()
    world.change({ paused: { at: world.clock.now(), by: 'me' } })
    world.settle()
    expect(counts(world, blue)).toEqual([0])
    expect(setOf(world, blue)).toMatchObject({ stabilityStatus: 'STABILIZING' })
    world.change({ paused: undefined })
    world.settle()
    expect(counts(world, blue)).toEqual([2])
  })
})
