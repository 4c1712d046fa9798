import { describe, expect, it } from 'vitest'
import { EngineError } from '../engine/engine.ts'
import { container, payload, startTestHost, type TestHost } from './tasks-fixtures.ts'

const restartPolicy = { enabled: true, ignoredExitCodes: [0], restartAttemptPeriod: 60 }

/** A host that runs one task, whose container has run for so long. */
const running = async (forMs: number, members: Parameters<typeof container>[1] = {}): Promise<TestHost> => {
  const host = await startTestHost()
  await host.give(payload('a', [container('app', { restartPolicy, ...members })]))
  await host.clock.advance(forMs)
  return host
}

const starts = (host: TestHost): number => host.engine.calls.filter(call => call.startsWith('start')).length

const restartCount = (host: TestHost): number | undefined => host.tasks.all()[0]?.containers[0]?.restartCount

describe('a container with a restart policy', () => {
  it('runs again when it ran for the attempt period, without a word to the control plane', async () => {
    const host = await running(60_000)
    host.engine.exit('fake-1', 1)
    await host.settle()
    expect(host.engine.running()).toHaveLength(1)
    expect(restartCount(host)).toBe(1)
    expect(host.changes).toHaveLength(1)
    host.engine.exit('fake-1', 1)
    await host.settle()
    expect(host.statuses('a')).toEqual(['RUNNING', 'STOPPED'])
  })

  it('has an attempt period of 300 seconds unless it says otherwise', async () => {
    const host = await running(299_000, { restartPolicy: { enabled: true } })
    host.engine.exit('fake-1', 1)
    await host.settle()
    expect(host.statuses('a')).toEqual(['RUNNING', 'STOPPED'])
    const patient = await running(300_000, { restartPolicy: { enabled: true } })
    patient.engine.exit('fake-1', 1)
    await patient.settle()
    expect(patient.engine.running()).toHaveLength(1)
  })

  it('stays ended after an exit code that its policy ignores', async () => {
    const host = await running(60_000)
    host.engine.exit('fake-1', 0)
    await host.settle()
    expect(host.last('a')).toMatchObject({ status: 'STOPPED', containers: [{ exitCode: 0 }] })
  })

  it('tells of the ports that the engine chose anew', async () => {
    const host = await running(60_000, { portMappings: [{ containerPort: 80, protocol: 'tcp' }] })
    const first = host.last('a')?.containers[0]?.networkBindings?.[0]?.hostPort
    host.engine.exit('fake-1', 1)
    await host.settle()
    expect(host.last('a')).toMatchObject({ containers: [{ status: 'RUNNING' }] })
    expect(host.last('a')?.containers[0]?.networkBindings?.[0]?.hostPort).not.toBe(first)
  })

  it('runs again when it ended while the engine could not be asked', async () => {
    const host = await running(60_000)
    host.engine.goDown()
    host.engine.exit('fake-1', 1)
    await host.clock.advance(5_000)
    host.engine.comeBack()
    await host.settle()
    expect(host.engine.running()).toHaveLength(1)
    expect(host.statuses('a')).toEqual(['RUNNING'])
  })

  it('runs again when it ended while the agent was away, by the time that it ran, not by the agent’s', async () => {
    const host = await running(60_000)
    host.tasks.stop()
    host.engine.exit('fake-1', 1)
    await host.restart()
    expect(host.engine.running()).toHaveLength(1)
    expect(restartCount(host)).toBe(1)
    await host.clock.advance(30_000)
    host.tasks.stop()
    host.engine.exit('fake-1', 1)
    await host.clock.advance(300_000)
    await host.restart()
    expect(host.statuses('a')).toEqual(['RUNNING', 'STOPPED'])
  })

  it('is not said to be STOPPED when its restart gets no answer in time, but asked after', async () => {
    const host = await running(60_000)
    host.engine.failures.set('start', [new EngineError('timedOut', 'no answer within 180s', true)])
    host.engine.exit('fake-1', 1)
    await host.settle()
    expect(host.statuses('a')).toEqual(['RUNNING'])
    await host.clock.advance(10_000)
    expect(starts(host)).toBe(3)
    expect(host.engine.running()).toHaveLength(1)
    expect(host.statuses('a')).toEqual(['RUNNING'])
  })

  it('ends in the words of ECS when the engine refuses to start it again', async () => {
    const host = await running(60_000)
    host.engine.failures.set('start', [new EngineError('failed', 'Error response from daemon: no')])
    host.engine.exit('fake-1', 1)
    await host.settle()
    expect(host.last('a')).toMatchObject({
      status: 'STOPPED',
      containers: [{ reason: 'CannotStartContainerError: Error response from daemon: no' }],
    })
  })

  it('stays ended when its task was told to stop', async () => {
    const host = await running(60_000)
    await host.stop('a')
    expect(host.statuses('a')).toEqual(['RUNNING', 'STOPPING', 'STOPPED'])
    expect(starts(host)).toBe(1)
  })
})

it('a container that runs is not killed because the engine was slow to say so', async () => {
  const host = await running(0)
  host.engine.goDown()
  host.engine.failures.set('inspect', [new EngineError('timedOut', 'no answer within 60s', true)])
  host.engine.comeBack()
  await host.clock.advance(60_000)
  expect(host.engine.calls.filter(call => call.startsWith('kill'))).toEqual([])
  expect(host.statuses('a')).toEqual(['RUNNING'])
})
