import type { PayloadCredentials } from '@berth/model'
import { expect, test } from 'vitest'
import { EngineError } from '../engine/engine.ts'
import { container, payload, startTestHost } from '../tasks/tasks-fixtures.ts'
import { SecretError } from './secret-error.ts'
import { createSecretsResource } from './secrets-resource.ts'

const executionRoleCredentials: PayloadCredentials = {
  credentialsId: 'id',
  roleArn: 'arn:aws:iam::000000000000:role/execution',
  accessKeyId: 'ASIA',
  secretAccessKey: 'key',
  sessionToken: 'token',
  expiration: '2030-01-01T00:00:00Z',
}

const app = container('app', {
  environment: { MODE: 'live' },
  definition: {
    secrets: [
      { name: 'PASSWORD', valueFrom: 'one' },
      { name: 'SAME', valueFrom: 'one' },
    ],
  },
})
const side = container('side', {
  definition: {
    logConfiguration: {
      logDriver: 'splunk',
      options: { 'splunk-url': 'https://logs' },
      secretOptions: [{ name: 'splunk-token', valueFrom: 'two' }],
    },
  },
})

const values: Record<string, string> = { one: 'hunter2', two: 'token' }

const hostWith = async (read: (valueFrom: string) => Promise<string>) => {
  const reads: string[] = []
  const resource = createSecretsResource((valueFrom, credentials) => {
    reads.push(`${valueFrom} by ${credentials.roleArn}`)
    return read(valueFrom)
  })
  return { host: await startTestHost({ resources: [resource] }), reads }
}

test('containers get their values, and each value is read once a task', async () => {
  const { host, reads } = await hostWith(async valueFrom => values[valueFrom] ?? '')
  await host.give(payload('a', [app, side], { executionRoleCredentials }))
  const [main, other] = [...host.engine.containers.values()].map(({ spec }) => spec)
  expect(main?.environment).toMatchObject({ MODE: 'live', PASSWORD: 'hunter2', SAME: 'hunter2' })
  expect(other?.logging).toEqual({
    driver: 'splunk',
    options: { 'splunk-url': 'https://logs', 'splunk-token': 'token' },
  })
  expect(other?.environment).not.toHaveProperty('PASSWORD')
  expect(reads).toEqual([
    'one by arn:aws:iam::000000000000:role/execution',
    'two by arn:aws:iam::000000000000:role/execution',
  ])
})

test('no value is in what the agent remembers, nor in labels', async () => {
  const { host } = await hostWith(async valueFrom => values[valueFrom] ?? '')
  await host.give(payload('a', [app, side], { executionRoleCredentials }))
  expect(JSON.stringify(host.store.tasks())).toContain('valueFrom')
  expect(JSON.stringify(host.store.tasks())).not.toContain('hunter2')
  for (const { spec } of host.engine.containers.values())
    expect(JSON.stringify(spec.labels)).not.toContain('hunter2')
})

test('a value that cannot be had stops the task with every reason', async () => {
  const { host } = await hostWith(valueFrom => Promise.reject(new SecretError(`no ${valueFrom}`)))
  await host.give(payload('a', [app, side], { executionRoleCredentials }))
  expect(host.last('a')).toMatchObject({
    status: 'STOPPED',
    stopCode: 'TaskFailedToStart',
    reason: 'ResourceInitializationError: unable to pull secrets or registry auth: no one;no two',
  })
})

test('a task waits while the control plane is away, or its credentials are', async () => {
  let isAway = true
  const { host, reads } = await hostWith(async valueFrom => {
    if (isAway) throw new EngineError('unreachable', 'away')
    return values[valueFrom] ?? ''
  })
  await host.give(payload('a', [app]))
  expect(reads).toEqual([])
  await host.give(payload('a', [app], { executionRoleCredentials }))
  await host.clock.advance(60_000)
  expect(reads.length).toBeGreaterThan(0)
  expect(host.last('a')?.status).not.toBe('STOPPED')
  isAway = false
  await host.clock.advance(60_000)
  expect(host.last('a')?.status).toBe('RUNNING')
})

test('awslogs takes no secrets', async () => {
  const { host } = await hostWith(async () => 'x')
  const logConfiguration = {
    logDriver: 'awslogs',
    options: { 'awslogs-group': 'a' },
    secretOptions: [{ name: 'x', valueFrom: 'y' }],
  }
  await host.give(
    payload('a', [container('app', { definition: { logConfiguration } })], { executionRoleCredentials }),
  )
  expect(host.last('a')?.reason).toContain('the log driver awslogs takes no secretOptions')
})
