import { expect, it } from 'vitest'
import { stageWords } from './stage-words.ts'

const arn = 'arn:aws:lambda:us-east-1:000000000000:function:check'

it('names the stage, and what it waits for', () => {
  expect(stageWords({ status: 'IN_PROGRESS', lifecycleStage: 'BAKE_TIME' })).toBe('BAKE_TIME')
  expect(
    stageWords({
      status: 'IN_PROGRESS',
      lifecycleStage: 'POST_SCALE_UP',
      lifecycleHookDetails: [
        { hookId: 'ecs-pause-1', targetType: 'PAUSE', status: 'AWAITING_ACTION' },
        { hookId: 'ecs-lambda-1', targetType: 'AWS_LAMBDA', targetArn: arn, status: 'IN_PROGRESS' },
        { hookId: 'ecs-lambda-2', targetType: 'AWS_LAMBDA', targetArn: arn, status: 'SUCCEEDED' },
      ],
    }),
  ).toBe(`POST_SCALE_UP, paused until somebody continues ecs-pause-1, waits for ${arn}`)
  expect(stageWords({ status: 'ROLLBACK_IN_PROGRESS', lifecycleStage: 'CLEAN_UP' })).toBe(
    'CLEAN_UP, going back',
  )
})

it('says nothing of a deployment without stages, or of one that is over', () => {
  expect(stageWords({ status: 'IN_PROGRESS' })).toBeUndefined()
  expect(stageWords({ status: 'SUCCESSFUL', lifecycleStage: 'CLEAN_UP' })).toBeUndefined()
  expect(stageWords(undefined)).toBeUndefined()
})
