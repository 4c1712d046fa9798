import { describe, expect, it } from 'vitest'
import { applyPlan } from '../../../control-loop/applier.ts'
import { ServiceDraft } from '../deployment/service-draft.ts'
import { defaultServiceSettings } from '../deployment/service-plan.ts'
import { given } from '../fixtures/rows.ts'
import { deployment, webArn, worldOf } from '../fixtures/service-world.ts'
import { containerInstances, services, tasks } from '../tables/index.ts'
import { serviceReconciler } from './services.ts'

describe('a service of which one task never starts', () => {
  it('waits longer and longer, whatever its other tasks have done before', async () => {
    const world = await worldOf({ service: { desiredCount: 2 } })
    world.run()
    const [first, second] = world.tasks()
    if (!first || !second) throw new Error('nothing started')
    world.report(first, { status: 'RUNNING' })
    world.pass(10)
    const waits: number[] = []
    for (let round = 0; round < 3; round++) {
      world.fail(world.tasks().filter(task => task.lastStatus === 'PENDING'))
      waits.push((world.deployments()[0]?.launchAfter ?? 0) - world.clock.now())
      world.pass(waits.at(-1) ?? 0)
    }
    expect(waits).toEqual([1_000, 2_000, 4_000])
  })
})

describe('a deployment', () => {
  it('is not complete while a task of an old one still stops', async () => {
    const world = await worldOf()
    world.settle(3)
    world.deploy(2)
    for (let round = 0; round < 4; round++) {
      world.obey(task => task.desiredStatus === 'RUNNING')
      world.pass(2_100)
    }
    expect(world.deployments()).toMatchObject([{ id: 'ecs-svc/1' }, { rolloutState: 'IN_PROGRESS' }])
    world.obey()
    expect(world.deployments()).toMatchObject([{ id: 'ecs-svc/2', rolloutState: 'COMPLETED' }])
  })
})

describe('a service that scales in', () => {
  it('is steady while the tasks that it stopped still stop', async () => {
    const healthCheck = { command: ['CMD-SHELL', 'true'] }
    const world = await worldOf({
      taskDefinitions: [given.taskDefinition({ containerDefinitions: [given.container({ healthCheck })] })],
    })
    world.settle(2)
    for (const task of world.tasks().slice(0, 2))
      world.report(task, { containers: [{ containerName: 'web', healthStatus: 'HEALTHY' }] })
    world.run()
    expect(world.service()?.steadyAt).toBeUndefined()
    world.change({ desiredCount: 2 })
    expect(world.tasks().map(task => [task.healthStatus, task.desiredStatus])).toContainEqual([
      'UNKNOWN',
      'STOPPED',
    ])
    expect(world.service()?.steadyAt).toBe(world.clock.now())
  })
})

describe('a plan', () => {
  it('is void when an instance that it chose has changed since', async () => {
    const world = await worldOf({ instances: [given.instance(1)] })
    const surroundings = { now: world.clock.now(), randomHex: world.call().randomHex }
    const plan = serviceReconciler(defaultServiceSettings).reconcile(world.store, webArn, surroundings)
    expect(plan.steps.length).toBeGreaterThan(3)
    world.store.update(tx => tx.put(containerInstances, given.instance(1, { status: 'DRAINING' })))
    expect(applyPlan(world.store, plan)).toBe(false)
    expect(world.tasks()).toEqual([])
  })

  it('is void when the service has changed since, and wakes at its earliest time', async () => {
    const world = await worldOf()
    const surroundings = { now: world.clock.now(), randomHex: world.call().randomHex }
    const plan = serviceReconciler(defaultServiceSettings).reconcile(world.store, webArn, surroundings)
    const row = world.service()
    if (!row) throw new Error('There is no service')
    world.store.update(tx => tx.put(services, { ...row, desiredCount: 0 }))
    expect(applyPlan(world.store, plan)).toBe(false)
    const draft = new ServiceDraft(world.store, row, surroundings)
    for (const at of [20, 10, 30]) draft.wake(at)
    expect(draft.plan()).toMatchObject({ steps: [], wakeAt: 10 })
  })
})

describe('a service without room', () => {
  it('tries again twice a second at most, whatever happens in its cluster', async () => {
    const tiny = { registered: { cpu: 1, memoryMiB: 1, ports: [], gpuIds: [] } }
    const world = await worldOf({ instances: [given.instance(1, tiny)] })
    world.run()
    const first = world.clock.now()
    for (let number = 2; number < 6; number++) {
      world.pass(100)
      world.join(given.instance(number, tiny))
    }
    expect(world.service()?.placementFailure?.triedAt).toBe(first)
    world.pass(100)
    expect(world.service()?.placementFailure?.triedAt).toBe(first + 500)
  })
})

describe('a draining instance', () => {
  it('leaves standalone tasks unmarked', async () => {
    const world = await worldOf({ instances: [given.instance(1)] })
    world.store.update(tx => tx.put(tasks, given.task(7, { lastStatus: 'RUNNING' })))
    world.run()
    world.join(given.instance(1, { status: 'DRAINING' }))
    const marked = world.tasks().filter(task => task.onDrainingInstance)
    expect(marked.every(task => task.serviceArn === webArn)).toBe(true)
    expect(world.tasks().find(task => task.serviceArn === undefined)).not.toHaveProperty('onDrainingInstance')
  })
})

describe('a task that fails its health checks', () => {
  it.each([
    { rolloutState: 'IN_PROGRESS' as const, failedTasks: 1 },
    { rolloutState: 'COMPLETED' as const, failedTasks: 0 },
  ])(
    'counts as failed while the deployment is $rolloutState: $failedTasks',
    async ({ rolloutState, failedTasks }) => {
      const world = await worldOf({ service: { desiredCount: 0 } })
      const sick = given.task(1, {
        serviceArn: webArn,
        deploymentId: 'ecs-svc/1',
        lastStatus: 'RUNNING',
        startedAt: 1,
        healthStatus: 'UNHEALTHY',
      })
      world.putRows({ tasks: [sick], deployments: [deployment(1, { rolloutState })] })
      const surroundings = { now: world.clock.now(), randomHex: world.call().randomHex }
      applyPlan(
        world.store,
        serviceReconciler(defaultServiceSettings).reconcile(world.store, webArn, surroundings),
      )
      expect(world.tasks()).toMatchObject([{ stoppedReason: 'Task failed container health checks' }])
      expect(world.deployments()).toMatchObject([{ failedTasks }])
    },
  )
})
