import { verifySignedFrame } from '@berth/aws-api'
import { expect, it } from 'vitest'
import { signFrame } from '../acs/signing.ts'
import { newTask, type TaskState } from '../tasks/task-state.ts'
import { container, payload } from '../tasks/tasks-fixtures.ts'
import { containerMetrics, type UsageSample } from './container-metrics.ts'
import { healthMessages, metricsMessages } from './messages.ts'
import { parseCgroups, parseNetwork } from './usage.ts'

it('finds the cgroups of a process, in either version', () => {
  const version1 = '12:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/x:y\n0::/\n'
  expect(Object.fromEntries(parseCgroups(version1))).toEqual({
    memory: '/docker/abc',
    cpu: '/docker/abc',
    cpuacct: '/docker/abc',
    'name=systemd': '/x:y',
    unified: '/',
  })
  expect(Object.fromEntries(parseCgroups('0::/system.slice/docker-abc.scope\n'))).toEqual({
    unified: '/system.slice/docker-abc.scope',
  })
})

it('adds up the interfaces of a container, without its loopback', () => {
  const table = [
    'Inter-|   Receive                                                |  Transmit',
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
    '    lo:    9000      90    9    9    0     0          0         0     9000      90    9    9    0     0       0          0',
    '  eth0:    1000      10    1    2    0     0          0         0      500       5    3    4    0     0       0          0',
    '  eth1:    1000      10    0    0    0     0          0         0        0       0    0    0    0     0       0          0',
  ].join('\n')
  expect(parseNetwork(table)).toEqual({
    ...{ rxBytes: 2000, rxPackets: 20, rxErrors: 1, rxDropped: 2 },
    ...{ txBytes: 500, txPackets: 5, txErrors: 3, txDropped: 4 },
  })
})

const network = {
  rxBytes: 0,
  rxPackets: 0,
  rxErrors: 0,
  rxDropped: 0,
  txBytes: 0,
  txPackets: 0,
  txErrors: 0,
  txDropped: 0,
}
const sample = (at: number, change: Partial<UsageSample['usage']> = {}): UsageSample => ({
  at,
  usage: { cpuNanoseconds: 0, memoryBytes: 0, readBytes: 0, writtenBytes: 0, network, ...change },
})
const once = (value: number) => ({ min: value, max: value, sum: value, sampleCount: 1 })
const context = { containerName: 'app', containerArn: 'arn', cpuCount: 4, hasOwnNetwork: true }

it('tells the processor time in percent of the whole host, and rates by the second', () => {
  const after = sample(20_000, {
    cpuNanoseconds: 20e9,
    memoryBytes: 100.9 * 1024 * 1024,
    network: { ...network, rxBytes: 40_000 },
  })
  expect(containerMetrics(context, sample(0), after)).toMatchObject({
    containerName: 'app',
    cpuStatsSet: once(25),
    memoryStatsSet: once(100),
    networkStatsSet: { rxBytes: once(40_000), rxBytesPerSecond: once(2_000), txBytesPerSecond: once(0) },
  })
  expect(containerMetrics({ ...context, hasOwnNetwork: false }, sample(0), after)).not.toHaveProperty(
    'networkStatsSet',
  )
})

const head = { cluster: 'default', containerInstance: 'i', now: 1_000, newId: () => 'id' }

it('sends ten tasks a message, the last of which says so, and one message when there is nothing', () => {
  const metrics = Array.from({ length: 21 }, (_, index) => ({
    ...{ taskArn: `${index}`, taskDefinitionFamily: 'web', taskDefinitionVersion: '1', containerMetrics: [] },
  }))
  const messages = metricsMessages(head, metrics, false).map(
    ({ message }) => message as never as { metadata: object; taskMetrics: object[] },
  )
  expect(messages.map(({ taskMetrics }) => taskMetrics.length)).toEqual([10, 10, 1])
  expect(messages.map(({ metadata }) => metadata)).toMatchObject([
    { fin: false },
    { fin: false },
    { fin: true },
  ])
  expect(metricsMessages(head, [], true)).toMatchObject([
    { message: { metadata: { idle: true, fin: true }, taskMetrics: [], timestamp: 1 } },
  ])
})

it('tells the health of running containers that have a check', () => {
  const task: TaskState = {
    ...newTask(payload('a', [container('app'), container('side')]), 'i'),
    containers: [
      { name: 'app', step: 'RUNNING', healthStatus: 'HEALTHY' },
      { name: 'side', step: 'RUNNING' },
    ],
  }
  expect(healthMessages(head, [task])).toMatchObject([
    { message: { tasks: [{ containers: [{ containerName: 'app', healthStatus: 'HEALTHY' }] }] } },
  ])
  expect(healthMessages(head, [newTask(payload('b'), 'i')])).toEqual([])
})

it('signs each frame as the control plane verifies it', async () => {
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret', sessionToken: 'to/ken+=' }
  const url = new URL('ws://127.0.0.1:4566/tcs/ws?cluster=default&dockerVersion=20.10')
  const now = Date.UTC(2026, 10, 20)
  const frame = await signFrame(url, 'us-east-1', credentials, now, '{"type":"x"}')
  const identity = { accountId: '1', arn: 'a', userId: 'u', accessKeyId: 'key', isRoot: false }
  const options = { now: () => now, findSigningKey: () => ({ ...credentials, identity }) }
  const upgrade = { url: `${url.pathname}${url.search}`, sourceAddress: '' }
  expect(verifySignedFrame(frame, upgrade, options).message).toBe('{"type":"x"}')
  expect(() => verifySignedFrame(frame.replace('"x"', '"y"'), upgrade, options)).toThrow(/signature/)
})
