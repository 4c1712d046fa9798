import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { given } from '../services/ecs/fixtures/rows.ts'
import type { RegisteredDefinition } from '../services/ecs/tables/index.ts'
import { officialContainer } from './official-container.ts'
import { payloadTask } from './payload.ts'

const surroundings = {
  networkMode: 'bridge',
  taskId: 't',
  region: 'eu-central-1',
  hasExecutionRole: false,
}

const told = (container: Partial<ContainerDefinition>, change: Partial<typeof surroundings> = {}) =>
  officialContainer({ name: 'web', image: 'web:1', ...container }, undefined, { ...surroundings, ...change })

const networkOf = (networkMode: string): unknown =>
  JSON.parse(told({}, { networkMode }).dockerConfig?.hostConfig ?? '')['NetworkMode']

test.each(['host', 'none'])('The engine is told of %s networking, which the agent does not add', mode => {
  expect(networkOf(mode)).toBe(mode)
})

test("The engine's own default stands for bridge networking, which Windows knows by another name", () => {
  expect(networkOf('bridge')).toBeUndefined()
})

const token = { name: 'splunk-token', valueFrom: '/token' }

test('A secret of the log driver has no type, which would make a variable of it', () => {
  const { secrets, environment } = told({
    logConfiguration: { logDriver: 'splunk', secretOptions: [token] },
  })
  expect(secrets).toEqual([{ ...token, region: 'eu-central-1', provider: 'ssm', target: 'LOG_DRIVER' }])
  expect(environment).toEqual({})
})

test.each([
  ['arn:aws:ssm:eu-west-1:123456789012:parameter/prod/key', '/prod/key'],
  ['arn:aws:ssm:eu-west-1:123456789012:parameter/key', 'key'],
])('The parameter %s is asked for by its name, under which the agent looks for the answer', (arn, name) => {
  const secret = { name: 'KEY', type: 'ENVIRONMENT_VARIABLE', provider: 'ssm', target: 'CONTAINER' }
  expect(told({ secrets: [{ name: 'KEY', valueFrom: arn }] }).secrets).toEqual([
    { ...secret, valueFrom: name, region: 'eu-west-1' },
  ])
})

test('The execution role is used for awslogs where there is one', () => {
  const logConfiguration = { logDriver: 'awslogs', options: { 'awslogs-group': 'g' } } as const
  expect(told({ logConfiguration }, { hasExecutionRole: true }).logsAuthStrategy).toBe('ExecutionRole')
  expect(told({ logConfiguration }).logsAuthStrategy).toBeUndefined()
  expect(told({}, { hasExecutionRole: true }).logsAuthStrategy).toBeUndefined()
})

const task = (kind: 'berth' | 'ecs', definition: Partial<RegisteredDefinition>) =>
  payloadTask(given.task(1), given.taskDefinition(definition), { kind })

test('The root of an EFS file system is named when the definition says no directory', () => {
  const volumes = [{ name: 'data', efsVolumeConfiguration: { fileSystemId: 'fs-1' } }]
  const efs = (kind: 'berth' | 'ecs') => task(kind, { volumes }).volumes?.[0]?.efsVolumeConfiguration
  expect(efs('ecs')).toEqual({ fileSystemId: 'fs-1', rootDirectory: '/' })
  expect(efs('berth')).toEqual({ fileSystemId: 'fs-1' })
})

test('A task whose faults may be injected says so', () => {
  expect(task('ecs', { enableFaultInjection: true }).enableFaultInjection).toBe(true)
})
