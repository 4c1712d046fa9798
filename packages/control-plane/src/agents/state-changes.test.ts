import { expect, test } from 'vitest'
import { readStateChanges } from './state-changes.ts'

const taskArn = 'arn:aws:ecs:us-east-1:000000000000:task/default/0123456789abcdef0123456789abcdef'
const binding = { bindIP: '0.0.0.0', containerPort: 80, hostPort: 32768, protocol: 'tcp' }
const container = { containerName: 'app', status: 'STOPPED', exitCode: 137, networkBindings: [binding] }
const change = { taskArn, status: 'RUNNING', pullStartedAt: 1, containers: [container] }

const readable = (record: object) => readStateChanges({ changes: [record] }).changes.length === 1

test('What an agent reports is taken as it is', () => {
  expect(readStateChanges({ changes: [change] })).toEqual({ changes: [change], unreadable: 0 })
})

test('A report whose members are of another type is left out, since every caller would be told of them', () => {
  for (const wrong of [
    { pullStartedAt: 'yesterday' },
    { pullStoppedAt: 1e300 },
    { executionStoppedAt: -1 },
    { reason: 7 },
    { stopCode: 'Boredom' },
    { status: 'ASLEEP' },
    { containers: 'none' },
  ])
    expect(readable({ ...change, ...wrong }), JSON.stringify(wrong)).toBe(false)
})

test('A report of a container whose members are of another type is left out', () => {
  for (const wrong of [
    { exitCode: '137' },
    { exitCode: 1.5 },
    { runtimeId: {} },
    { imageDigest: 1 },
    { reason: null },
    { healthStatus: 'FINE' },
    { networkBindings: {} },
    { networkBindings: ['80'] },
    { networkBindings: [{ ...binding, hostPort: '80' }] },
    { networkBindings: [{ ...binding, bindIP: 0 }] },
  ])
    expect(readable({ ...change, containers: [{ ...container, ...wrong }] }), JSON.stringify(wrong)).toBe(
      false,
    )
})
