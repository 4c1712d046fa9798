import { describe, expect, it } from 'vitest'
import { effects } from '../../../../control-loop/effects-table.ts'
import { worldOf } from '../../fixtures/service-world.ts'
import {
  answerHook,
  answerShifts,
  ask,
  check,
  counts,
  lambdaAt,
  minute,
  openEffects,
  pauseAt,
  row,
  stage,
  until,
  worldWith,
} from '../../fixtures/strategy-world.ts'
import { serviceDeployments } from '../../tables/index.ts'
import type { HookCall } from '../hooks/hook-targets.ts'

describe('life-cycle hooks', () => {
  it('hold a stage until the last of them has ended, and are called again when they ask for it', async () => {
    const made = await worldWith({ lifecycleHooks: [lambdaAt('PRE_SCALE_UP'), pauseAt('PRE_SCALE_UP')] })
    made.deploy(2)
    const [call] = openEffects(made)
    expect(call).toMatchObject({
      kind: 'ecs.lifecycleHook',
      id: expect.stringMatching(/^123456789012:eu-central-1:hook:ecs-lambda-[\w-]{43}:1$/),
      deadline: made.clock.now() + 15 * minute,
    })
    expect((call?.request as HookCall | undefined)?.event).toMatchObject({
      lifecycleStage: 'PRE_SCALE_UP',
      resourceArn: row(made).id,
    })
    answerHook(made, { hookStatus: 'IN_PROGRESS', callBackDelay: 10, hookDetails: { seen: 1 } })
    expect(openEffects(made)).toEqual([])
    made.pass(10_000)
    expect(openEffects(made)[0]).toMatchObject({
      id: expect.stringMatching(/:2$/),
      request: { event: { hookDetails: { seen: 1 } } },
    })
    answerHook(made, { hookStatus: 'SUCCEEDED' })
    expect(stage(made)).toBe('PRE_SCALE_UP')
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2 })
    expect([...made.store.all(effects)]).toEqual([])
    expect(row(made).progress?.hooks.map(({ status }) => status)).toEqual(['SUCCEEDED', 'AWAITING_ACTION'])
  })

  it('of a pause that nobody ends do what their time-out says', async () => {
    const timeoutConfiguration = { timeoutInMinutes: 10, action: 'CONTINUE' as const }
    const going = await worldWith({ lifecycleHooks: [{ ...pauseAt('POST_SCALE_UP'), timeoutConfiguration }] })
    going.deploy(2)
    until(going, 'POST_SCALE_UP')
    going.pass(10 * minute)
    expect(stage(going)).toBe('BAKE_TIME')

    const back = await worldWith({ lifecycleHooks: [pauseAt('POST_SCALE_UP')] })
    back.deploy(2)
    until(back, 'POST_SCALE_UP')
    expect(await back.events()).toContainEqual(
      expect.stringMatching(
        /^\(deployment ecs-svc\/2\) deployment paused at POST_SCALE_UP: ContinueServiceDeployment has to be called for hook ecs-pause-[\w-]{43}\.$/,
      ),
    )
    back.pass(24 * 60 * minute)
    expect(row(back).statusReason).toBe(
      'Service deployment rolled back because POST_SCALE_UP pause hook timed out.',
    )
  })

  it('are not waited for any more once the deployment has ended', async () => {
    const made = await worldOf({
      service: {
        deploymentConfiguration: { strategy: 'BLUE_GREEN', lifecycleHooks: [pauseAt('PRE_SCALE_UP')] },
      },
    })
    made.settle(1)
    expect(row(made).progress?.hooks).toHaveLength(1)
    ask(made, 'ROLLBACK_REQUESTED')
    expect(row(made)).toMatchObject({ status: 'ROLLBACK_FAILED', progress: { hooks: [] } })
  })

  it('that fail send the deployment back, and whoever is still asked is asked no more', async () => {
    const made = await worldWith({ lifecycleHooks: [lambdaAt('POST_SCALE_UP'), lambdaAt('POST_SCALE_UP')] })
    made.deploy(2)
    until(made, 'POST_SCALE_UP')
    expect(openEffects(made)).toHaveLength(2)
    answerHook(made, { hookStatus: 'FAILED' })
    expect(row(made)).toMatchObject({
      status: 'ROLLBACK_IN_PROGRESS',
      statusReason: `Service deployment rolled back because POST_SCALE_UP lifecycle hook(s) failed. Lifecycle hook target ${check} returned FAILED status.`,
      rollback: { serviceRevisionArn: expect.stringMatching(/\/1$/) },
    })
    expect([...made.store.all(effects)]).toEqual([])
    made.settle(3)
    expect(row(made).status).toBe('ROLLBACK_SUCCESSFUL')
  })

  it('of the traffic shifts run again on the way back, and cannot stop it', async () => {
    const made = await worldWith({ lifecycleHooks: [lambdaAt('PRODUCTION_TRAFFIC_SHIFT')] }, 'directed')
    made.deploy(2)
    until(made, 'PRODUCTION_TRAFFIC_SHIFT')
    answerShifts(made)
    answerHook(made, { hookStatus: 'SUCCEEDED' })
    expect(stage(made)).toBe('BAKE_TIME')
    ask(made, 'ROLLBACK_REQUESTED')
    answerShifts(made)
    expect(openEffects(made)[0]?.request).toMatchObject({
      event: {
        lifecycleStage: 'PRODUCTION_TRAFFIC_SHIFT',
        executionDetails: { targetServiceRevisionArn: expect.stringMatching(/\/2$/) },
      },
    })
    const call = openEffects(made)[0]?.request as HookCall | undefined
    expect(Object.values(call?.event.executionDetails.productionTrafficWeights ?? {})).toEqual([0, 100])
    answerHook(made, { hookStatus: 'FAILED' })
    answerShifts(made)
    made.settle(3)
    expect(row(made).status).toBe('ROLLBACK_SUCCESSFUL')
  })
})

/** A service of two tasks of a first deployment that has completed, which is updated task by task. */
const rolling = (lifecycleHooks: readonly object[]) =>
  worldWith({ strategy: 'ROLLING', bakeTimeInMinutes: 0, lifecycleHooks: lifecycleHooks as never })

describe('life-cycle hooks of a rolling update', () => {
  it('let nothing of it start before they have ended, and keep what served before in full number', async () => {
    const made = await rolling([lambdaAt('PRE_SCALE_UP')])
    made.deploy(2)
    const [lost] = made.tasks()
    if (lost) made.report(lost, { status: 'STOPPED' })
    made.settle(3)
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2 })
    expect(stage(made)).toBe('PRE_SCALE_UP')
    answerHook(made, { hookStatus: 'SUCCEEDED' })
    made.settle()
    expect(counts(made)).toEqual({ 'ecs-svc/2': 2 })
    expect(row(made).status).toBe('SUCCESSFUL')
  })

  it('do not let it complete before those after its tasks have ended', async () => {
    const made = await rolling([pauseAt('POST_SCALE_UP')])
    made.deploy(2)
    made.settle()
    expect(counts(made)).toEqual({ 'ecs-svc/2': 2 })
    expect(row(made)).toMatchObject({ status: 'IN_PROGRESS', progress: { stage: 'POST_SCALE_UP' } })
    made.pass(24 * 60 * minute)
    made.settle()
    expect(row(made)).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: 'Service deployment rolled back because POST_SCALE_UP pause hook timed out.',
    })
    expect(counts(made)).toEqual({ 'ecs-svc/1': 2 })
  })

  it('are not waited for any more when it is rolled back meanwhile', async () => {
    const made = await rolling([pauseAt('PRE_SCALE_UP')])
    made.deploy(2)
    expect(row(made).progress?.hooks).toMatchObject([{ status: 'AWAITING_ACTION' }])
    made.store.update(tx => tx.put(serviceDeployments, { ...row(made), status: 'ROLLBACK_REQUESTED' }))
    const [old] = made.tasks()
    if (old) made.report(old, { status: 'STOPPED', exitCode: 1 } as never)
    made.run()
    expect(row(made).status).toBe('ROLLBACK_IN_PROGRESS')
    expect(row(made).progress?.hooks).toEqual([])
  })

  it('that fail before it leave everything as it was', async () => {
    const made = await rolling([lambdaAt('PRE_SCALE_UP')])
    const before = made.tasks().map(({ id }) => id)
    made.deploy(2)
    answerHook(made, { hookStatus: 'FAILED' })
    made.settle()
    expect(row(made).status).toBe('ROLLBACK_SUCCESSFUL')
    expect(made.tasks().map(({ id }) => id)).toEqual(before)
  })

  it('hold nothing where it has none, nor a service that is steady', async () => {
    const made = await rolling([])
    made.deploy(2)
    made.settle()
    expect(row(made)).toMatchObject({ status: 'SUCCESSFUL' })
    expect(row(made).progress).toBeUndefined()
  })
})

it('a hook that fails sends a rolling update back that had met its criteria early, with all its tasks there', async () => {
  const made = await worldWith({
    strategy: 'ROLLING',
    bakeTimeInMinutes: 0,
    earlySuccessCriteria: { enable: true, healthyPercent: 100, sourceServiceRevisionCleanup: 'DEFERRED' },
    lifecycleHooks: [lambdaAt('POST_SCALE_UP')],
  })
  made.deploy(2)
  made.settle(5)
  expect(counts(made)).toEqual({ 'ecs-svc/2': 2 })
  answerHook(made, { hookStatus: 'FAILED' })
  expect(row(made)).toMatchObject({ status: 'ROLLBACK_IN_PROGRESS' })
  made.settle(5)
  expect(row(made)).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' })
  expect(counts(made)).toEqual({ 'ecs-svc/1': 2 })
})

it('a rolling update that is held back beside an unfinished one keeps what completed last in full number', async () => {
  const made = await worldWith({ strategy: 'ROLLING', bakeTimeInMinutes: 0 })
  made.change({ desiredCount: 3 })
  made.settle(5)
  made.deploy(2)
  made.settle(1)
  made.obey()
  const configuration = {
    ...made.service()?.deploymentConfiguration,
    lifecycleHooks: [pauseAt('PRE_SCALE_UP')],
  }
  made.change({ deploymentConfiguration: configuration })
  expect(counts(made)['ecs-svc/2']).toBe(3)
  made.deploy(3)
  expect(row(made).progress?.sourceDeploymentId).toBe('ecs-svc/1')
  made.settle(3)
  expect(counts(made)).toMatchObject({ 'ecs-svc/1': 3 })
})
