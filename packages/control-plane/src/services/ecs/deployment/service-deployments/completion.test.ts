import { describe, expect, it, test } from 'vitest'
import { type World, worldOf } from '../../fixtures/service-world.ts'
import type { TaskRow } from '../../tables/index.ts'
import { healthyTasksNeeded } from './completion.ts'

test.each([
  [2, 50, 1],
  [3, 50, 2],
  [10, 80, 8],
  [100, 90, 90],
  [10, 100, 10],
  [10, 0, 1],
  [0, 100, 0],
])('of %i tasks and %i percent, %i must be healthy', (desiredCount, healthyPercent, needed) => {
  expect(healthyTasksNeeded(healthyPercent, desiredCount)).toBe(needed)
})

const minute = 60_000
const isNew = (task: TaskRow): boolean => task.deploymentId === 'ecs-svc/2'

const world = async (deploymentConfiguration: object, desiredCount = 4): Promise<World> => {
  const made = await worldOf({ service: { desiredCount, deploymentConfiguration } })
  made.settle(3)
  made.pass(60 * minute)
  made.deploy(2)
  return made
}
const statusOf = (made: World) => [
  made.serviceDeployment()?.status,
  made.deployments().find(({ id }) => id === 'ecs-svc/2')?.rolloutState,
]
const underWay = ['IN_PROGRESS', 'IN_PROGRESS']
const done = ['SUCCESSFUL', 'COMPLETED']

/** The first task resolves the images; then so many start, and count as healthy. */
const startNew = (made: World, count: number): void => {
  for (let started = 0; started < count; started++) {
    const [task] = made.tasks().filter(one => isNew(one) && one.lastStatus === 'PENDING')
    if (task) made.report(task, { status: 'RUNNING' })
    made.pass(2_000)
  }
}
const stopOld = (made: World): void => made.obey(task => !isNew(task))

describe('a deployment with a bake time', () => {
  it('is complete when that is over, after all tasks are healthy and the old ones gone', async () => {
    const made = await world({ bakeTimeInMinutes: 5 })
    startNew(made, 4)
    made.pass(6 * minute)
    expect(statusOf(made)).toEqual(underWay)
    stopOld(made)
    made.pass(5 * minute - 1)
    expect(statusOf(made)).toEqual(underWay)
    made.pass(1)
    expect(statusOf(made)).toEqual(done)
  })

  it('that is rolled back needs none', async () => {
    const made = await world({
      bakeTimeInMinutes: 5,
      deploymentCircuitBreaker: { enable: true, rollback: true },
    })
    for (let round = 0; round < 5; round++) {
      made.fail(made.tasks().filter(task => isNew(task) && task.lastStatus === 'PENDING'))
      made.pass(minute)
    }
    made.settle(1)
    expect(made.serviceDeployment()?.status).toBe('ROLLBACK_SUCCESSFUL')
  })
})

describe('a deployment with early success criteria', () => {
  const early = (sourceServiceRevisionCleanup: string, change: object = {}) => ({
    minimumHealthyPercent: 50,
    earlySuccessCriteria: { enable: true, healthyPercent: 50, sourceServiceRevisionCleanup },
    ...change,
  })

  it('is complete with so many healthy tasks, and goes on outside of the deployment', async () => {
    const made = await world(early('DEFERRED'))
    startNew(made, 1)
    expect(statusOf(made)).toEqual(underWay)
    startNew(made, 1)
    expect(statusOf(made)).toEqual(done)
    expect(made.deployments()).toHaveLength(2)
    expect(made.serviceDeployment()?.counts?.['ecs-svc/2']).toMatchObject({ runningTaskCount: 2 })
    expect(made.service()).toMatchObject({
      steadyAt: undefined,
      lastCompleted: { deploymentId: 'ecs-svc/2' },
    })
    made.settle(4)
    expect(made.deployments()).toHaveLength(1)
    expect(made.tasks()).toHaveLength(4)
    const events = await made.events()
    expect(events.filter(event => event.includes('ecs-svc/2')).length).toBe(1)
    expect(events.at(-1)).toBe('has reached a steady state.')
  })

  it('waits for the old tasks to be gone where the clean-up is BLOCKING', async () => {
    const made = await world(early('BLOCKING'))
    startNew(made, 2)
    expect(statusOf(made)).toEqual(underWay)
    stopOld(made)
    expect(statusOf(made)).toEqual(done)
    expect(made.tasks().some(task => task.lastStatus === 'PENDING')).toBe(true)
  })

  it('waits for its bake time first', async () => {
    const made = await world(early('DEFERRED', { bakeTimeInMinutes: 1 }))
    startNew(made, 2)
    made.pass(minute - 1)
    expect(statusOf(made)).toEqual(underWay)
    made.pass(1)
    expect(statusOf(made)).toEqual(done)
  })

  it('is not given up any more once it is complete', async () => {
    const breaker = { deploymentCircuitBreaker: { enable: true, rollback: true } }
    const made = await world(early('DEFERRED', breaker))
    startNew(made, 2)
    for (let round = 0; round < 8; round++) {
      made.fail(made.tasks().filter(task => isNew(task) && task.lastStatus === 'PENDING'))
      made.pass(30 * minute)
    }
    expect(statusOf(made)).toEqual(done)
    expect(made.service()?.primaryDeploymentId).toBe('ecs-svc/2')
  })
})
