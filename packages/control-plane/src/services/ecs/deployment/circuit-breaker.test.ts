import { describe, expect, it, test } from 'vitest'
import { given } from '../fixtures/rows.ts'
import { type World, worldOf } from '../fixtures/service-world.ts'
import { services, type TaskRow, taskDefinitions } from '../tables/index.ts'
import { thresholdOf } from './breaker-threshold.ts'

const second = given.taskDefinition({}, { revision: 2, id: given.taskDefinition().id.replace(/1$/, '2') })
const on = { enable: true, rollback: false }

test.each([
  [1, {}, 3],
  [25, {}, 13],
  [400, {}, 200],
  [800, {}, 200],
  [10, { type: 'BOUNDED_PERCENT', value: 100 } as const, 10],
  [1000, { type: 'UNBOUNDED_PERCENT', value: 50 } as const, 500],
  [1, { type: 'UNBOUNDED_PERCENT', value: 50 } as const, 1],
  [1000, { type: 'COUNT', value: 7 } as const, 7],
])('of %i tasks, %j lets %i fail', (desiredCount, thresholdConfiguration, threshold) => {
  const breaker = 'type' in thresholdConfiguration ? { ...on, thresholdConfiguration } : on
  expect(thresholdOf(breaker, desiredCount)).toBe(threshold)
})

const world = async (breaker: object, percents: object = {}): Promise<World> => {
  const made = await worldOf({
    service: {
      desiredCount: 2,
      deploymentConfiguration: { ...percents, deploymentCircuitBreaker: { ...on, ...breaker } },
    },
    taskDefinitions: [given.taskDefinition(), second],
  })
  made.settle(4)
  return made
}
/** Old tasks stop before new ones start. */
const stopFirst = { minimumHealthyPercent: 0, maximumPercent: 100 }
const newest = (task: TaskRow): boolean => task.deploymentId === 'ecs-svc/2'
const failNew = (made: World): void => {
  made.fail(made.tasks().filter(task => newest(task) && task.lastStatus === 'PENDING'))
  made.pass(60_000)
}
const of = (made: World, id: string) => made.deployments().find(row => row.id === id)

describe('a deployment whose tasks keep failing', () => {
  it('has failed after as many as the threshold, and launches nothing more', async () => {
    const made = await world({})
    made.deploy(2)
    for (let round = 0; round < 5; round++) failNew(made)
    expect(of(made, 'ecs-svc/2')).toMatchObject({
      status: 'PRIMARY',
      rolloutState: 'FAILED',
      rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.',
    })
    expect(made.tasks().filter(newest)).toEqual([])
    expect(made.tasks().filter(task => task.lastStatus === 'RUNNING')).toHaveLength(2)
    expect(await made.events()).toContain('(deployment ecs-svc/2) deployment failed: tasks failed to start.')
  })

  it('is rolled back to the last one that completed', async () => {
    const made = await world({ rollback: true }, stopFirst)
    const before = made.service()
    made.deploy(2, { taskDefinitionArn: second.id })
    made.obey()
    for (let round = 0; round < 5; round++) failNew(made)
    expect(made.service()).toMatchObject({
      taskDefinitionArn: before?.taskDefinitionArn,
      primaryDeploymentId: 'ecs-svc/1',
    })
    expect(of(made, 'ecs-svc/1')).toMatchObject({
      status: 'PRIMARY',
      taskDefinitionArn: before?.taskDefinitionArn,
      rolloutState: 'IN_PROGRESS',
      rolloutStateReason: 'ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.',
    })
    made.settle()
    expect(made.deployments()).toMatchObject([{ rolloutState: 'COMPLETED', status: 'PRIMARY' }])
    const events = await made.events()
    expect(events.filter(event => /failed|rolling back/.test(event))).toEqual([
      '(deployment ecs-svc/2) deployment failed: tasks failed to start.',
      'rolling back to deployment ecs-svc/1.',
    ])
  })

  it('is rolled back to the tasks of the last one that still run', async () => {
    const made = await world({ rollback: true })
    const before = made.tasks().map(({ id }) => id)
    made.deploy(2, { taskDefinitionArn: second.id })
    for (let round = 0; round < 5; round++) failNew(made)
    made.settle()
    expect(made.tasks().map(({ id }) => id)).toEqual(before)
    expect(made.deployments()).toMatchObject([
      { id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'COMPLETED' },
    ])
  })

  it('is rolled back to one that an earlier release completed', async () => {
    const made = await world({ rollback: true })
    made.store.update(tx => {
      const { lastCompleted: _, ...service } = made.service() ?? expect.fail('There is no service')
      tx.put(services, service)
    })
    made.run()
    made.deploy(2, { taskDefinitionArn: second.id })
    for (let round = 0; round < 5; round++) failNew(made)
    expect(made.service()?.taskDefinitionArn).not.toBe(second.id)
  })

  it('is not rolled back to a task definition that has been deleted', async () => {
    const made = await world({ rollback: true })
    made.deploy(2, { taskDefinitionArn: second.id })
    made.store.update(tx => tx.delete(taskDefinitions, given.taskDefinition().id))
    for (let round = 0; round < 5; round++) failNew(made)
    expect(of(made, 'ecs-svc/2')).toMatchObject({ status: 'PRIMARY', rolloutState: 'FAILED' })
    expect(made.service()?.primaryDeploymentId).toBe('ecs-svc/2')
  })

  it('is not rolled back again when the roll-back fails', async () => {
    const made = await world({ rollback: true }, stopFirst)
    made.deploy(2)
    made.obey()
    for (let round = 0; round < 5; round++) failNew(made)
    const rollBack = made.service()?.primaryDeploymentId ?? ''
    for (let round = 0; round < 5; round++) {
      made.fail(made.tasks().filter(task => task.deploymentId === rollBack && task.lastStatus === 'PENDING'))
      made.pass(60_000)
    }
    expect(made.service()?.primaryDeploymentId).toBe(rollBack)
    expect(of(made, rollBack)).toMatchObject({ rolloutState: 'FAILED', status: 'PRIMARY' })
  })

  it('goes on when a task of it was healthy in between, unless it is told not to forget', async () => {
    const rolloutOf = async (breaker: object): Promise<string | undefined> => {
      const made = await world({ ...breaker, thresholdConfiguration: { type: 'COUNT', value: 3 } })
      made.deploy(2)
      for (let round = 0; round < 4; round++) {
        const [task] = made.tasks().filter(one => newest(one) && one.lastStatus === 'PENDING')
        if (task) made.fail([task])
        made.pass(60_000)
        const [next] = made.tasks().filter(one => newest(one) && one.lastStatus === 'PENDING')
        if (next) made.report(next, { status: 'RUNNING' })
        made.pass(60_000)
        for (const up of made.tasks().filter(one => newest(one) && one.lastStatus === 'RUNNING'))
          made.report(up, { status: 'STOPPED' })
        made.run()
      }
      return of(made, 'ecs-svc/2')?.rolloutState
    }
    expect(await rolloutOf({})).toBe('IN_PROGRESS')
    expect(await rolloutOf({ resetOnHealthyTask: false })).toBe('FAILED')
  })

  it('goes on for ever without the circuit breaker', async () => {
    const made = await world({ enable: false })
    made.deploy(2)
    for (let round = 0; round < 6; round++) failNew(made)
    expect(of(made, 'ecs-svc/2')?.rolloutState).toBe('IN_PROGRESS')
  })

  it('counts tasks that failed their health checks', async () => {
    const healthCheck = { command: ['CMD-SHELL', 'true'] }
    const made = await worldOf({
      service: {
        desiredCount: 1,
        deploymentConfiguration: {
          deploymentCircuitBreaker: { ...on, thresholdConfiguration: { type: 'COUNT', value: 2 } },
        },
      },
      taskDefinitions: [given.taskDefinition({ containerDefinitions: [given.container({ healthCheck })] })],
    })
    for (let round = 0; round < 8; round++) {
      made.obey()
      for (const task of made.tasks())
        made.report(task, { containers: [{ containerName: 'web', healthStatus: 'UNHEALTHY' }] })
      made.pass(1_000)
    }
    expect(made.deployments()).toMatchObject([{ rolloutState: 'FAILED' }])
  })

  it('is left behind by the next update', async () => {
    const made = await world({})
    made.deploy(2)
    for (let round = 0; round < 5; round++) failNew(made)
    made.deploy(3)
    made.settle()
    expect(made.deployments()).toMatchObject([{ id: 'ecs-svc/3', rolloutState: 'COMPLETED' }])
  })
})
