import { describe, expect, it } from 'vitest'
import { type World, webArn, worldOf } from '../../fixtures/service-world.ts'
import {
  answer,
  answerHook,
  answerShifts,
  ask,
  check,
  counts,
  hookTargets,
  lambdaAt,
  loadBalancers,
  minute,
  openEffects,
  pauseAt,
  router,
  row,
  stage,
  until,
  worldWith,
} from '../../fixtures/strategy-world.ts'
import { alarmStateId, alarmStates, tasks } from '../../tables/index.ts'

const setAlarm = (made: World, state: 'OK' | 'ALARM'): void => {
  const row = { id: alarmStateId(webArn, 'errors'), name: 'errors', state, stateChangedAt: made.clock.now() }
  made.store.update(tx => tx.put(alarmStates, row))
  made.run()
}

describe('a blue/green deployment', () => {
  it('lets both revisions run until the bake time is over, and then the new one alone', async () => {
    const made = await worldWith()
    made.deploy(2)
    made.watch()
    until(made, 'BAKE_TIME')
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2, 'ecs-svc/2': 2 })
    made.pass(5 * minute)
    expect(counts(made)).toEqual({ 'ecs-svc/2': 2 })
    expect(stage(made)).toBe('CLEAN_UP')
    made.settle(3)
    expect(row(made)).toMatchObject({ status: 'SUCCESSFUL', targetDeploymentId: 'ecs-svc/2' })
    expect(made.service()).toMatchObject({
      primaryDeploymentId: 'ecs-svc/2',
      lastCompleted: { deploymentId: 'ecs-svc/2' },
      steadyAt: expect.any(Number),
    })
    expect(made.extremes.fewestRunning).toBe(2)
    expect(await made.events()).toEqual(
      expect.arrayContaining(['(deployment ecs-svc/2) deployment completed.', 'has reached a steady state.']),
    )
  })

  it('waits at SCALE_UP until all tasks of the new revision are healthy', async () => {
    const made = await worldWith()
    made.deploy(2)
    made.obey(task => task.id === made.tasks().at(-1)?.id)
    made.pass(minute)
    expect(stage(made)).toBe('SCALE_UP')
    expect(counts(made)['ecs-svc/1']).toBe(2)
  })

  it('replaces a task of the old revision that ends meanwhile', async () => {
    const made = await worldWith()
    made.deploy(2)
    until(made, 'BAKE_TIME')
    const [old] = made.tasks().filter(task => task.deploymentId === 'ecs-svc/1')
    if (old) made.report(old, { status: 'STOPPED', exitCode: 1 } as never)
    made.run()
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2, 'ecs-svc/2': 2 })
    expect(row(made).status).toBe('IN_PROGRESS')
  })

  it('scales both revisions with the service', async () => {
    const made = await worldWith()
    made.deploy(2)
    until(made, 'BAKE_TIME')
    made.change({ desiredCount: 3 })
    expect(counts(made)).toEqual({ 'ecs-svc/1': 3, 'ecs-svc/2': 3 })
  })

  it('returns to the old revision, which has run on, when a stop is asked for', async () => {
    const made = await worldWith()
    made.deploy(2)
    until(made, 'BAKE_TIME')
    ask(made, 'ROLLBACK_REQUESTED')
    expect(row(made)).toMatchObject({ status: 'ROLLBACK_IN_PROGRESS', progress: { isRollingBack: true } })
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2 })
    made.settle(3)
    expect(row(made)).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: 'Service deployment rolled back because StopServiceDeployment was called.',
    })
    expect(made.service()?.primaryDeploymentId).toBe('ecs-svc/1')
    expect(made.deployments().map(({ id }) => id)).toEqual(['ecs-svc/1'])
  })

  it('starts the old revision again when it is sent back while that is being removed', async () => {
    const made = await worldWith()
    made.deploy(2)
    until(made, 'BAKE_TIME')
    made.pass(5 * minute)
    expect(stage(made)).toBe('CLEAN_UP')
    ask(made, 'ROLLBACK_REQUESTED')
    expect(stage(made)).toBe('SCALE_UP')
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2, 'ecs-svc/2': 2 })
    made.settle(5)
    expect(row(made).status).toBe('ROLLBACK_SUCCESSFUL')
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2 })
  })

  it('is sent back by the circuit breaker, and starts no more of what failed', async () => {
    const made = await worldWith({ deploymentCircuitBreaker: { enable: true, rollback: true } })
    made.deploy(2)
    for (let round = 0; round < 3; round++) {
      made.fail(made.tasks().filter(task => task.deploymentId === 'ecs-svc/2'))
      made.pass(minute)
    }
    made.settle(2)
    expect(row(made)).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: 'Service deployment rolled back because the circuit breaker threshold was exceeded.',
    })
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2 })
  })

  it('is sent back by an alarm until the old revision is being removed, and not after that', async () => {
    const alarms = { enable: true, rollback: true, alarmNames: ['errors'] }
    const back = await worldWith({ alarms })
    setAlarm(back, 'OK')
    back.deploy(2)
    until(back, 'BAKE_TIME')
    setAlarm(back, 'ALARM')
    expect(row(back)).toMatchObject({
      status: 'ROLLBACK_IN_PROGRESS',
      statusReason: 'Service deployment rolled back because an alarm was detected.',
    })
    expect(counts(back)).toEqual({ 'ecs-svc/1': 2 })

    const through = await worldWith({ alarms })
    setAlarm(through, 'OK')
    through.deploy(2)
    until(through, 'BAKE_TIME')
    through.pass(5 * minute)
    setAlarm(through, 'ALARM')
    through.settle(3)
    expect(row(through).status).toBe('SUCCESSFUL')
  })

  it('removes what a newer one overtakes before it starts anything', async () => {
    const made = await worldWith({ lifecycleHooks: [pauseAt('RECONCILE_SERVICE')] })
    made.deploy(2)
    until(made, 'BAKE_TIME')
    made.deploy(3)
    expect(stage(made)).toBe('RECONCILE_SERVICE')
    expect(row(made).progress?.sourceDeploymentId).toBe('ecs-svc/1')
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2 })
  })

  it('has no bake time, and nothing to go back to, the first time', async () => {
    const made = await worldOf({
      service: {
        desiredCount: 1,
        deploymentConfiguration: {
          strategy: 'BLUE_GREEN',
          bakeTimeInMinutes: 5,
          lifecycleHooks: [lambdaAt('POST_SCALE_UP')],
        },
      },
      strategies: { hookTargets, trafficRouter: router },
    })
    made.settle(2)
    answerHook(made, { hookStatus: 'FAILED' })
    expect(row(made)).toMatchObject({
      status: 'ROLLBACK_FAILED',
      statusReason: 'No rollback candidate was found to run the rollback.',
    })
    expect(counts(made)).toEqual({ 'ecs-svc/1': 1 })
    expect(await made.events()).toContain(
      `(deployment ecs-svc/1) deployment failed: Service deployment rolled back because POST_SCALE_UP lifecycle hook(s) failed. Lifecycle hook target ${check} returned FAILED status.`,
    )
  })

  it('goes on as it began when the strategy of its service changes', async () => {
    const made = await worldWith()
    made.deploy(2)
    until(made, 'BAKE_TIME')
    made.change({ deploymentConfiguration: { strategy: 'ROLLING' } })
    made.pass(minute)
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2, 'ecs-svc/2': 2 })
    made.settle(200)
    expect(row(made).status).toBe('SUCCESSFUL')
  })

  it('is given up with its service', async () => {
    const made = await worldWith({ lifecycleHooks: [lambdaAt('POST_SCALE_UP')] })
    made.deploy(2)
    until(made, 'POST_SCALE_UP')
    made.change({ status: 'DRAINING', desiredCount: 0 })
    made.settle(3)
    expect(made.tasks()).toEqual([])
    expect(openEffects(made)).toEqual([])
    expect(row(made).status).toBe('STOPPED')
    expect(made.service()?.status).toBe('INACTIVE')
  })
})

describe('traffic', () => {
  const green = 'arn:aws:ecs:eu-central-1:123456789012:service-revision/default/web/2'
  const blue = 'arn:aws:ecs:eu-central-1:123456789012:service-revision/default/web/1'

  it('moves step by step, each watched before the next, and the last one not', async () => {
    const made = await worldWith(
      {
        strategy: 'CANARY',
        bakeTimeInMinutes: 0,
        canaryConfiguration: { canaryPercent: 20, canaryBakeTimeInMinutes: 10 },
      },
      'directed',
    )
    made.deploy(2)
    until(made, 'TEST_TRAFFIC_SHIFT')
    expect(answerShifts(made)).toMatchObject([{ traffic: 'test', weights: { [green]: 100, [blue]: 0 } }])
    expect(answerShifts(made)).toMatchObject([
      {
        traffic: 'production',
        weights: { [green]: 20, [blue]: 80 },
        loadBalancers,
        serviceDeploymentArn: row(made).id,
      },
    ])
    made.pass(10 * minute - 1)
    expect(openEffects(made)).toEqual([])
    made.pass(1)
    expect(answerShifts(made)).toMatchObject([{ weights: { [green]: 100, [blue]: 0 }, sequence: 3 }])
    expect(stage(made)).toBe('CLEAN_UP')
  })

  it('is given back first when a deployment is sent back, then the new revision goes', async () => {
    const made = await worldWith({}, 'directed')
    made.deploy(2)
    until(made, 'BAKE_TIME')
    ask(made, 'ROLLBACK_REQUESTED')
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2, 'ecs-svc/2': 2 })
    expect(answerShifts(made)).toMatchObject([
      { traffic: 'production', weights: { [green]: 0, [blue]: 100 } },
    ])
    expect(answerShifts(made)).toMatchObject([{ traffic: 'test', weights: { [green]: 0, [blue]: 100 } }])
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2 })
  })

  it('that cannot be moved sends the deployment back; that cannot be moved back leaves it failed', async () => {
    const made = await worldWith({}, 'directed')
    made.deploy(2)
    until(made, 'BAKE_TIME')
    ask(made, 'ROLLBACK_REQUESTED')
    answer(made, openEffects(made)[0]?.id ?? '', { outcome: 'failed', error: 'One or more rules not found' })
    expect(row(made)).toMatchObject({
      status: 'ROLLBACK_FAILED',
      statusReason: 'One or more rules not found',
    })
    expect(openEffects(made)).toEqual([])

    made.deploy(3)
    until(made, 'SCALE_UP')
    for (let round = 0; round < 3; round++) {
      made.obey()
      made.pass(2_000)
    }
    answer(made, openEffects(made)[0]?.id ?? '', { outcome: 'failed', error: 'No such listener' })
    expect(row(made).statusReason).toBe(
      'Service deployment rolled back because of invalid networking configuration. No such listener',
    )
  })

  it('goes to what runs where no deployment has completed yet', async () => {
    const made = await worldOf({
      service: {
        desiredCount: 2,
        deploymentConfiguration: { strategy: 'BLUE_GREEN', lifecycleHooks: [pauseAt('POST_SCALE_UP')] },
        loadBalancers,
      },
      strategies: { hookTargets, trafficRouter: router },
    })
    made.settle(1)
    until(made, 'POST_SCALE_UP')
    made.deploy(2)
    made.deploy(3)
    expect(answerShifts(made)).toMatchObject([{ traffic: 'production', weights: { [blue]: 100 } }])
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2 })
  })

  it('stays with what completed while a newer revision has one task more, to replace another', async () => {
    const made = await worldWith({}, 'directed')
    made.deploy(2)
    until(made, 'BAKE_TIME')
    const leaving = made.tasks().find(task => task.deploymentId === 'ecs-svc/2') ?? expect.fail('No task')
    made.store.update(tx => tx.put(tasks, { ...leaving, onDrainingInstance: true }))
    made.run()
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2, 'ecs-svc/2': 3 })
    made.deploy(3)
    expect(answerShifts(made)).toMatchObject([{ traffic: 'production', weights: { [blue]: 100 } }])
  })

  it('of what a newer deployment overtakes goes back to the old revision first', async () => {
    const made = await worldWith({}, 'directed')
    made.deploy(2)
    until(made, 'BAKE_TIME')
    made.deploy(3)
    expect(answerShifts(made)).toMatchObject([{ traffic: 'production', weights: { [blue]: 100 } }])
    expect(counts(made)['ecs-svc/1']).toBe(2)
  })
})
