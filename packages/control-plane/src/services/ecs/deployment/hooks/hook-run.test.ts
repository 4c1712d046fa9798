import type { DeploymentLifecycleHook } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { readHookAnswer } from './hook-answer.ts'
import { hookEvent } from './hook-event.ts'
import {
  afterAction,
  afterCall,
  afterTime,
  type HookRun,
  hooksAt,
  startedRun,
  stateOfRuns,
} from './hook-run.ts'

const arn = 'arn:aws:lambda:us-east-1:111122223333:function:check'
const lambda: DeploymentLifecycleHook = { hookTargetArn: arn, lifecycleStages: ['POST_SCALE_UP'] }
const pause: DeploymentLifecycleHook = { targetType: 'PAUSE', lifecycleStages: ['POST_SCALE_UP'] }
const hex = (bytes: number) => 'ab'.repeat(bytes)
const minute = 60_000

const run = (hook: DeploymentLifecycleHook, change: Partial<HookRun> = {}): HookRun => ({
  ...startedRun(hook, 'POST_SCALE_UP', 1000, hex),
  ...change,
})
const done = (value: unknown) => ({ outcome: 'done', value }) as const

describe('a run of a hook', () => {
  it('has an id that says what it is, and a day to end in', () => {
    expect(run(lambda)).toEqual({
      hookId: `ecs-lambda-${Buffer.from(hex(32), 'hex').toString('base64url')}`,
      executionId: 'abababab-abab-abab-abab-abababababab',
      stage: 'POST_SCALE_UP',
      targetType: 'AWS_LAMBDA',
      targetArn: arn,
      status: 'IN_PROGRESS',
      expiresAt: 1000 + 1440 * minute,
      timeoutAction: 'ROLLBACK',
      details: undefined,
      calls: 0,
      callAfter: 1000,
    })
  })

  it('waits for an action where it is a pause, for as long as it says', () => {
    const timeoutConfiguration = { timeoutInMinutes: 10, action: 'CONTINUE' as const }
    expect(run({ ...pause, timeoutConfiguration })).toMatchObject({
      hookId: expect.stringMatching(/^ecs-pause-[\w-]{43}$/),
      status: 'AWAITING_ACTION',
      targetArn: undefined,
      expiresAt: 1000 + 10 * minute,
      timeoutAction: 'CONTINUE',
    })
  })

  it.each<[string, HookRun, Partial<HookRun>]>([
    [
      'SUCCEEDED ends it',
      afterCall(run(lambda), done({ hookStatus: 'SUCCEEDED' }), 5000),
      { status: 'SUCCEEDED' },
    ],
    [
      'FAILED fails it, with the reason that was given',
      afterCall(run(lambda), done({ hookStatus: 'FAILED', reason: 'No.' }), 5000),
      { status: 'FAILED', reason: `Lifecycle hook target ${arn} returned FAILED status. No.` },
    ],
    [
      'IN_PROGRESS keeps what it returns, up to a limit',
      afterCall(
        run({ ...lambda, hookDetails: { bucket: 'b' } }),
        done({ hookStatus: 'IN_PROGRESS', hookDetails: { seen: 'x'.repeat(16_384) } }),
        5000,
      ),
      {
        status: 'FAILED',
        reason: `The hookDetails of ${arn} are longer than 16384 characters.`,
        details: { bucket: 'b' },
      },
    ],
    [
      'IN_PROGRESS has it called again after half a minute',
      afterCall(run(lambda, { callAfter: undefined }), done({ hookStatus: 'IN_PROGRESS' }), 5000),
      { status: 'IN_PROGRESS', callAfter: 35_000 },
    ],
    [
      'or when it says, with what it said added to what was configured',
      afterCall(
        run({ ...lambda, hookDetails: { bucket: 'b', tries: 0 } }),
        done({ hookStatus: 'IN_PROGRESS', callBackDelay: 5, hookDetails: { tries: 1 } }),
        5000,
      ),
      { callAfter: 10_000, details: { bucket: 'b', tries: 1 } },
    ],
    [
      'no status fails it',
      afterCall(run(lambda), done({}), 5000),
      {
        status: 'FAILED',
        reason: `ECS was unable to parse the response from ${arn} due to HookStatus must not be null`,
      },
    ],
    [
      'nobody there fails it',
      afterCall(run(lambda), { outcome: 'failed', error: 'HTTP 404: ' }, 5000),
      { status: 'FAILED', reason: `ECS was unable to invoke hook target ${arn} due to HTTP 404: ` },
    ],
    ['CONTINUE ends a pause', afterAction(run(pause), 'CONTINUE'), { status: 'SUCCEEDED' }],
    ['ROLLBACK fails it', afterAction(run(pause), 'ROLLBACK'), { status: 'FAILED' }],
    ['time ends it', afterTime(run(pause), 1000 + 1440 * minute), { status: 'TIMED_OUT' }],
    ['not before', afterTime(run(pause), 999 + 1440 * minute), { status: 'AWAITING_ACTION' }],
    [
      'and no more when it has ended',
      afterTime(run(pause, { status: 'SUCCEEDED' }), 1e12),
      { status: 'SUCCEEDED' },
    ],
  ])('%s', (_, after, expected) => {
    expect(after).toMatchObject(expected)
  })
})

describe('a stage with hooks', () => {
  it.each<[string, HookRun[], ReturnType<typeof stateOfRuns>]>([
    ['is over with all of them', [run(lambda, { status: 'SUCCEEDED' })], { kind: 'over' }],
    [
      'looks again when the first of them is due or out of time',
      [run(lambda, { callAfter: 35_000 }), run(pause)],
      { kind: 'running', until: 35_000 },
    ],
    [
      'waits for a call that is under way',
      [run(lambda, { callAfter: undefined })],
      { kind: 'running', until: 1000 + 1440 * minute },
    ],
    [
      'fails with one of them, whatever the others do',
      [run(pause), run(lambda, { status: 'FAILED', reason: 'It said no.' })],
      { kind: 'failed', reason: 'POST_SCALE_UP lifecycle hook(s) failed. It said no.' },
    ],
    [
      'fails with a pause that nobody ended',
      [run(pause, { status: 'TIMED_OUT' })],
      { kind: 'failed', reason: 'POST_SCALE_UP pause hook timed out.' },
    ],
    [
      'fails with a function that never came to an end',
      [run(lambda, { status: 'TIMED_OUT' })],
      {
        kind: 'failed',
        reason: `POST_SCALE_UP lifecycle hook(s) failed. Lifecycle hook target ${arn} timed out.`,
      },
    ],
    [
      'goes on after a time-out where the hook says so',
      [run(pause, { status: 'TIMED_OUT', timeoutAction: 'CONTINUE' })],
      { kind: 'over' },
    ],
  ])('%s', (_, runs, state) => {
    expect(stateOfRuns(runs)).toEqual(state)
  })

  it('runs those hooks that name it', () => {
    expect(hooksAt([lambda, { ...pause, lifecycleStages: ['PRE_SCALE_UP'] }], 'POST_SCALE_UP')).toEqual([
      lambda,
    ])
    expect(hooksAt(undefined, 'POST_SCALE_UP')).toEqual([])
  })
})

describe('what a hook answers', () => {
  it.each([
    [null, 'HookStatus must not be null'],
    ['SUCCEEDED', 'HookStatus must not be null'],
    [{ hookStatus: 'DONE' }, 'HookStatus must be one of SUCCEEDED, FAILED, IN_PROGRESS'],
    [{ hookStatus: 'IN_PROGRESS', callBackDelay: 'soon' }, 'callBackDelay must be a number of seconds'],
    [{ hookStatus: 'IN_PROGRESS', hookDetails: [] }, 'hookDetails must be an object'],
  ])('is refused: %j', (value, problem) => {
    expect(readHookAnswer(value)).toEqual({ problem })
  })

  it('is not asked for more than once a second', () => {
    expect(readHookAnswer({ hookStatus: 'IN_PROGRESS', callBackDelay: 0 })).toMatchObject({
      callBackDelayMs: 1000,
    })
  })
})

describe('what a hook is sent', () => {
  const subject = {
    serviceArn: 'service',
    serviceDeploymentArn: 'deployment',
    targetRevisionArn: 'green',
    sourceRevisionArn: 'blue',
    shares: { test: 1000, production: 125 },
  }
  const weightsAt = (stage: HookRun['stage'], change = {}) =>
    hookEvent(run(lambda, { stage }), { ...subject, ...change }).executionDetails

  it('tells the deployment, and the details that the hook has', () => {
    expect(hookEvent(run({ ...lambda, hookDetails: { bucket: 'b' } }), subject)).toEqual({
      executionId: 'abababab-abab-abab-abab-abababababab',
      lifecycleStage: 'POST_SCALE_UP',
      resourceArn: 'deployment',
      executionDetails: {
        serviceArn: 'service',
        targetServiceRevisionArn: 'green',
        testTrafficWeights: {},
        productionTrafficWeights: {},
      },
      hookDetails: { bucket: 'b' },
    })
  })

  it('tells the weights of the traffic that is on its way', () => {
    expect(weightsAt('PRODUCTION_TRAFFIC_SHIFT').productionTrafficWeights).toEqual({
      green: 12.5,
      blue: 87.5,
    })
    expect(weightsAt('PRE_PRODUCTION_TRAFFIC_SHIFT').testTrafficWeights).toEqual({})
    expect(weightsAt('TEST_TRAFFIC_SHIFT').testTrafficWeights).toEqual({ green: 100, blue: 0 })
    expect(weightsAt('TEST_TRAFFIC_SHIFT', { sourceRevisionArn: undefined }).testTrafficWeights).toEqual({
      green: 100,
    })
    expect(weightsAt('TEST_TRAFFIC_SHIFT', { shares: {} }).testTrafficWeights).toEqual({})
  })
})
