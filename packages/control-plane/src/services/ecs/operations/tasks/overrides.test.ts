import { expect, test } from 'vitest'
import { given } from '../../fixtures/rows.ts'
import { requirementsOf } from '../../placement/task-requirements.ts'
import { readOverrides } from './overrides.ts'

const definition = given.taskDefinition()
const web = (change: object) => ({ containerOverrides: [{ name: 'web', ...change }] })
const refusal = (overrides: object): string => {
  try {
    readOverrides(definition, overrides)
  } catch (error) {
    return (error as Error).message
  }
  return 'accepted'
}

test('overrides are held to the rules of task definitions', () => {
  expect(refusal(web({ cpu: -1 }))).toContain('cpu')
  expect(refusal(web({ memory: 1 }))).toContain('memory')
  expect(refusal({ taskRoleArn: 'no role' })).toBe('Role is not valid')
  expect(refusal(web({ environmentFiles: [{ type: 's3', value: 'a.env' }] }))).toContain('a.env')
  expect(refusal(web({ resourceRequirements: [{ type: 'GPU', value: '0' }] }))).toContain('GPU')
  expect(refusal(web({ resourceRequirements: [{ type: 'GPU', value: '2' }], cpu: 1 }))).toBe('accepted')
})

test('what cannot be done is refused by name', () => {
  const shared = { type: 'GPU', value: '1', sharingStrategy: { nvidiaMps: { memory: 1 } } }
  expect(refusal(web({ resourceRequirements: [shared] }))).toContain('sharingStrategy')
  expect(refusal(web({ resourceRequirements: [{ type: 'InferenceAccelerator', value: 'a' }] }))).toContain(
    'Elastic Inference',
  )
})

test('roles and files need the same of an instance as in a definition', () => {
  const names = (overrides: object) =>
    requirementsOf(definition, overrides).attributes.map(({ name }) => name)
  expect(names({ taskRoleArn: 'r' })).toContain('com.amazonaws.ecs.capability.task-iam-role')
  expect(names(web({ environmentFiles: [{ type: 's3', value: 'arn:aws:s3:::b/a.env' }] }))).toContain(
    'ecs.capability.env-files.s3',
  )
  expect(names(web({ cpu: 1 }))).toEqual(names({}))
})
