/** A deployment that is overtaken, sent back or stopped at an awkward moment: what serves goes on serving. */
import { describe, expect, it } from 'vitest'
import type { World } from '../../fixtures/service-world.ts'
import { webArn } from '../../fixtures/service-world.ts'
import {
  answer,
  answerShifts,
  ask,
  counts,
  minute,
  openEffects,
  row,
  stage,
  until,
  worldWith,
} from '../../fixtures/strategy-world.ts'
import { services } from '../../tables/index.ts'

const revisions = webArn.replace(':service/', ':service-revision/')

describe('a deployment that is overtaken', () => {
  it('keeps its tasks until its traffic has been given back', async () => {
    const made = await worldWith({}, 'directed')
    made.deploy(2)
    until(made, 'BAKE_TIME')
    made.deploy(3)
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2, 'ecs-svc/2': 2 })
    answerShifts(made)
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2 })
  })

  it('keeps its traffic, and its tasks, when what it replaced is being removed already', async () => {
    const made = await worldWith({}, 'directed')
    made.deploy(2)
    until(made, 'BAKE_TIME')
    made.pass(5 * minute)
    made.deploy(3)
    expect(row(made).progress?.sourceDeploymentId).toBe('ecs-svc/2')
    made.watch()
    until(made, 'BAKE_TIME')
    expect(counts(made)).toEqual({ 'ecs-svc/2': 2, 'ecs-svc/3': 2 })
    expect(made.extremes.fewestRunning).toBe(2)
  })

  it('serves until what completed before it is up again, when the one that overtook it is sent back', async () => {
    const made = await worldWith({}, 'directed')
    made.deploy(2)
    until(made, 'BAKE_TIME')
    made.pass(5 * minute)
    made.deploy(3)
    until(made, 'SCALE_UP')
    ask(made, 'ROLLBACK_REQUESTED')
    expect(stage(made)).toBe('SCALE_UP')
    expect(counts(made)).toMatchObject({ 'ecs-svc/1': 2, 'ecs-svc/2': 2 })
    made.watch()
    until(made, 'CLEAN_UP')
    made.settle(3)
    expect(made.extremes.fewestRunning).toBe(2)
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2 })
    expect(row(made).status).toBe('ROLLBACK_SUCCESSFUL')
  })
})

it('has the traffic brought to what serves meanwhile, where nothing has ever completed', async () => {
  const made = await worldWith({}, 'directed')
  made.store.update(tx => {
    const service = made.service() ?? expect.fail('There is no service')
    tx.put(services, { ...service, lastCompleted: undefined })
  })
  made.deploy(2)
  expect(stage(made)).toBe('RECONCILE_SERVICE')
  expect(answerShifts(made)).toMatchObject([
    { traffic: 'production', weights: { [`${revisions}/1`]: 100, [`${revisions}/2`]: 0 } },
  ])
})

it('has the traffic brought back that one which was stopped has taken with it', async () => {
  const made = await worldWith({}, 'directed')
  made.deploy(2)
  until(made, 'BAKE_TIME')
  ask(made, 'STOP_REQUESTED')
  for (const task of made.tasks().filter(({ deploymentId }) => deploymentId === 'ecs-svc/2'))
    made.report(task, { status: 'STOPPED', exitCode: 1 } as never)
  made.settle(3)
  expect(counts(made)).toEqual({ 'ecs-svc/1': 2 })
  made.deploy(3)
  expect(answerShifts(made)).toMatchObject([
    { traffic: 'production', weights: { [`${revisions}/1`]: 100, [`${revisions}/3`]: 0 } },
  ])
  until(made, 'BAKE_TIME')
  made.pass(5 * minute)
  made.settle(3)
  expect(row(made).status).toBe('SUCCESSFUL')
  made.deploy(4)
  expect(stage(made)).toBe('SCALE_UP')
})

describe('a deployment that is sent back', () => {
  it('gives traffic back that was on its way to it, whether it has arrived or not', async () => {
    const made = await worldWith({}, 'directed')
    made.deploy(2)
    until(made, 'TEST_TRAFFIC_SHIFT')
    answerShifts(made)
    expect(openEffects(made)).toMatchObject([{ request: { traffic: 'production' } }])
    ask(made, 'ROLLBACK_REQUESTED')
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2, 'ecs-svc/2': 2 })
    expect(answerShifts(made)).toMatchObject([{ traffic: 'production', sequence: 3 }])
  })

  it('while a third revision has the traffic still takes it from there first', async () => {
    const made = await worldWith({}, 'directed')
    made.deploy(2)
    until(made, 'BAKE_TIME')
    made.deploy(3)
    ask(made, 'ROLLBACK_REQUESTED')
    expect(counts(made)).toMatchObject({ 'ecs-svc/1': 2, 'ecs-svc/2': 2 })
    made.settle(2)
    expect(counts(made)).toMatchObject({ 'ecs-svc/1': 2, 'ecs-svc/2': 2 })
    answerShifts(made)
    answerShifts(made)
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2 })
  })
})

describe('a deployment whose traffic cannot be brought back', () => {
  const stuck = async (): Promise<World> => {
    const made = await worldWith({}, 'directed')
    made.deploy(2)
    until(made, 'BAKE_TIME')
    ask(made, 'ROLLBACK_REQUESTED')
    const [shift] = openEffects(made)
    answer(made, shift?.id ?? '', { outcome: 'failed', error: 'The listener is gone.' })
    made.settle(5)
    return made
  }

  it('keeps the tasks of both revisions', async () => {
    const made = await stuck()
    expect(row(made)).toMatchObject({ status: 'ROLLBACK_FAILED', statusReason: 'The listener is gone.' })
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2, 'ecs-svc/2': 2 })
    expect(made.service()?.steadyAt).toBeUndefined()
  })

  it('keeps them whatever strategy the next one is to have, until that has moved the traffic', async () => {
    const made = await stuck()
    made.change({ deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 200 } })
    made.settle(5)
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2, 'ecs-svc/2': 2 })
    made.change({ deploymentConfiguration: { strategy: 'BLUE_GREEN' } })
    made.deploy(3)
    until(made, 'CLEAN_UP')
    made.settle(5)
    expect(counts(made)).toEqual({ 'ecs-svc/3': 2 })
  })

  it('lets them go with the service', async () => {
    const made = await stuck()
    made.change({ status: 'DRAINING', desiredCount: 0 })
    made.settle(5)
    expect(counts(made)).toEqual({})
  })
})

describe('a deployment that was given up, and not sent back', () => {
  it('leaves the old revision in full number', async () => {
    const made = await worldWith({ deploymentCircuitBreaker: { enable: true, rollback: false } })
    made.deploy(2)
    for (let round = 0; round < 3; round++) {
      made.fail(made.tasks().filter(task => task.deploymentId === 'ecs-svc/2'))
      made.pass(minute)
    }
    expect(row(made).status).toBe('STOPPED')
    const [old] = made.tasks().filter(task => task.deploymentId === 'ecs-svc/1')
    if (old) made.report(old, { status: 'STOPPED', exitCode: 1 } as never)
    made.run()
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2 })
  })
})

it('a task that is protected from scale-in keeps no deployment waiting', async () => {
  const made = await worldWith()
  made.deploy(2)
  made.putRows({
    tasks: made
      .tasks()
      .filter(task => task.deploymentId === 'ecs-svc/2')
      .map(task => ({ ...task, protectedUntil: made.clock.now() + 600 * minute })),
  })
  made.change({ desiredCount: 1 })
  until(made, 'BAKE_TIME')
  expect(counts(made)).toEqual({ 'ecs-svc/1': 1, 'ecs-svc/2': 2 })
})
