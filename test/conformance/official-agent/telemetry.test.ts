/** The telemetry session: what the agent publishes in signed frames, and what it is answered. */
import { describe, expect, it } from 'vitest'
import { container, taskCalls, useWorld } from './world.ts'

const world = useWorld()
const { defineAndRun, described, host } = taskCalls(world)

const metadata = () => ({
  cluster: 'default',
  containerInstance: world.agent.instanceArn,
  fin: true,
  messageId: 'm1',
})
const timestamp = 1_790_000_000.5

describe('PublishMetricsRequest', () => {
  it('of an idle host, within moments of the opening, is acknowledged', async () => {
    const { tcs } = await world.agent.join()
    const idle = { metadata: { ...metadata(), idle: true }, taskMetrics: [], instanceMetrics: {}, timestamp }
    world.agent.publish(tcs, 'PublishMetricsRequest', idle)
    expect(await tcs.next('AckPublishMetric')).toEqual({ message: 'm1' })
  })

  it('with every set of a container, and numbers beyond 64 bits as overflow, is acknowledged', async () => {
    const { tcs } = await world.agent.join()
    const taskArn = await defineAndRun()
    const set = { min: 0.5, max: 1.5, sum: 2, sampleCount: 2 }
    const counter = { ...set, overflowMax: [1], overflowMin: [1], overflowSum: [1] }
    const containerMetrics = [
      {
        containerName: 'web',
        containerArn: 'arn',
        cpuStatsSet: set,
        memoryStatsSet: set,
        networkStatsSet: { rxBytes: counter, txBytes: counter, rxBytesPerSecond: set },
        storageStatsSet: { readSizeBytes: counter, writeSizeBytes: counter },
        restartStatsSet: { restartCount: 1 },
      },
    ]
    const taskMetrics = [
      { taskArn, taskDefinitionFamily: 'web', taskDefinitionVersion: '1', clusterArn: 'c', containerMetrics },
    ]
    const message = { metadata: { ...metadata(), idle: false }, taskMetrics, timestamp }
    world.agent.publish(tcs, 'PublishMetricsRequest', message)
    expect(await tcs.next('AckPublishMetric')).toEqual({ message: 'm1' })
  })

  it('in several messages, of which the last has fin, has one acknowledgement each', async () => {
    const { tcs } = await world.agent.join()
    for (const [messageId, fin] of [
      ['a', false],
      ['b', true],
    ] as const) {
      const message = { metadata: { ...metadata(), idle: false, messageId, fin }, taskMetrics: [], timestamp }
      world.agent.publish(tcs, 'PublishMetricsRequest', message)
    }
    expect([await tcs.next('AckPublishMetric'), await tcs.next('AckPublishMetric')]).toEqual([
      { message: 'a' },
      { message: 'b' },
    ])
  })
})

it('PublishHealthRequest makes the health of the task, and an unhealthy one is for the server to stop', async () => {
  const { acs, tcs } = await world.agent.join()
  const healthCheck = { command: ['CMD', 'true'] }
  const task = await defineAndRun({ containerDefinitions: [{ ...container, healthCheck }] })
  await acs.next('PayloadMessage')
  await world.agent.report(task, { status: 'RUNNING' })
  for (const healthStatus of ['HEALTHY', 'UNHEALTHY']) {
    const containers = [{ containerName: 'web', healthStatus, statusSince: timestamp, statusMessage: '' }]
    const tasks = [{ taskArn: task, taskDefinitionFamily: 'web', taskDefinitionVersion: '1', containers }]
    world.agent.publish(tcs, 'PublishHealthRequest', { metadata: metadata(), tasks, timestamp })
    expect(await tcs.next('AckPublishHealth')).toEqual({ message: 'm1' })
    expect((await described(task))?.healthStatus).toBe(healthStatus)
  }
})

it('PublishInstanceStatusRequest makes the health of the instance', async () => {
  const { tcs } = await world.agent.join()
  const status = {
    type: 'ContainerRuntime',
    status: 'OK',
    lastUpdated: timestamp,
    lastStatusChange: timestamp,
  }
  const { messageId: _, fin: __, ...named } = metadata()
  const message = { metadata: { ...named, requestId: 'r1' }, statuses: [status], timestamp }
  world.agent.publish(tcs, 'PublishInstanceStatusRequest', message)
  expect(await tcs.next('AckPublishInstanceStatus')).toEqual({ message: 'r1' })
  expect((await host())?.healthStatus).toMatchObject({ overallStatus: 'OK' })
})

it('A frame without a signature ends the session', async () => {
  const { tcs } = await world.agent.join()
  tcs.say('PublishMetricsRequest', { metadata: metadata(), taskMetrics: [], timestamp })
  expect(await tcs.closed).toBe(1008)
})
