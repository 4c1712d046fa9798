import { anonymousIdentity } from '@berth/aws-api'
import { expect, test } from 'vitest'
import type { Call } from '../../../service.ts'
import { agentIdentity } from '../../agent-identity.ts'
import { given, instanceArn, scope, start, storeWith } from '../../fixtures/rows.ts'
import { deregisterContainerInstance } from '../container-instances/deregister-container-instance.ts'
import { registerContainerInstance } from '../container-instances/register-container-instance.ts'
import { submitTaskStateChange } from './submit-task-state-change.ts'

const totalResources = [
  { name: 'CPU', type: 'INTEGER', integerValue: 1024 },
  { name: 'MEMORY', type: 'INTEGER', integerValue: 1024 },
]

const callAs = async (accessKeyId: string): Promise<Call> => {
  const foreign = given.task(1, { containerInstanceArn: instanceArn(1) })
  let count = 0
  return {
    scope,
    identity: agentIdentity(scope.accountId, accessKeyId),
    request: { ...unsigned, identity: anonymousIdentity },
    now: start,
    store: await storeWith({
      clusters: [
        given.cluster,
        { ...given.cluster, id: given.cluster.id.replace('default', 'blue'), name: 'blue' },
      ],
      instances: [given.instance(1, { registeredBy: 'AKIAOTHER' })],
      tasks: [foreign],
    }),
    randomHex: bytes => String(++count).padStart(bytes * 2, 'f'),
  }
}

const unsigned = {
  requestId: '',
  region: scope.region,
  service: 'ecs',
  operation: '',
  protocol: 'json-1.1',
  sourceAddress: '',
  userAgent: '',
  headers: {},
} as const

const register = async (call: Call, change: object = {}) => {
  const answer = await registerContainerInstance.handle({ totalResources, ...change }, call)
  return answer.containerInstance?.containerInstanceArn
}

test("An agent's key registers one instance, also when its agent has forgotten it", async () => {
  const call = await callAs('AKIAONE')
  const first = await register(call)
  expect(await register(call)).toBe(first)
  expect(await register(call, { containerInstanceArn: first })).toBe(first)
  await expect(register(call, { cluster: 'blue' })).rejects.toThrow(
    'deregister it before its agent joins another',
  )
})

test("An agent's key may not come back as, end, or report for another's instance", async () => {
  const call = await callAs('AKIAONE')
  await expect(register(call, { containerInstanceArn: instanceArn(1) })).rejects.toThrow('is not authorized')
  const deregister = async () =>
    deregisterContainerInstance.handle({ containerInstance: instanceArn(1) }, call)
  await expect(deregister()).rejects.toThrow('is not authorized')
  const report = async () => submitTaskStateChange.handle({ task: given.task(1).id, status: 'RUNNING' }, call)
  await expect(report()).rejects.toThrow('is not authorized')
})

test('An agent that owns the instance may do all of that', async () => {
  const call = await callAs('AKIAOTHER')
  expect(await register(call, { containerInstanceArn: instanceArn(1) })).toBe(instanceArn(1))
  expect(await submitTaskStateChange.handle({ task: given.task(1).id, status: 'STOPPED' }, call)).toEqual({
    acknowledgment: 'ACK',
  })
  const { containerInstance } = await deregisterContainerInstance.handle(
    { containerInstance: instanceArn(1) },
    call,
  )
  expect(containerInstance?.status).toBe('INACTIVE')
})
