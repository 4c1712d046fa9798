import { describe, expect, it } from 'vitest'
import { EngineError } from '../engine/engine.ts'
import { arnOf, container, payload, startTestHost } from './tasks-fixtures.ts'

describe('after the end', () => {
  it('removes the containers some time after STOPPED is acknowledged, and not before', async () => {
    const host = await startTestHost()
    host.autoAcknowledge = false
    await host.give(payload('a'))
    host.engine.exit('fake-1', 0)
    await host.clock.advance(3_600_000)
    expect(host.engine.containers.size).toBe(1)
    host.acknowledge()
    await host.settle()
    expect(host.engine.containers.size).toBe(0)
    expect(host.tasks.get(arnOf('a'))).toBeUndefined()
    expect(host.store.tasks()).toEqual([])
  })

  it('leaves nothing behind of a container that could not be started', async () => {
    const host = await startTestHost()
    host.engine.failures.set('start', [new EngineError('timedOut', 'no answer', true)])
    await host.give(payload('a'))
    expect(host.engine.containers.size).toBe(0)
    await host.clock.advance(600_000)
    expect(host.tasks.all()).toEqual([])
  })

  it('tells the end again when the control plane asks again', async () => {
    const host = await startTestHost()
    await host.give(payload('a'))
    host.engine.exit('fake-1', 4)
    host.changes.length = 0
    await host.give(payload('a'))
    expect(host.statuses('a')).toEqual(['STOPPED'])
    expect(host.last('a')?.containers[0]).toMatchObject({ exitCode: 4 })
  })

  it('reports a task STOPPED that it never knew and is told to stop', async () => {
    const host = await startTestHost()
    await host.give(payload('ghost', [container('app')], { desiredStatus: 'STOPPED' }))
    expect(host.statuses('ghost')).toEqual(['STOPPED'])
  })
})

describe('logs', () => {
  const logging = (options: Record<string, string>) =>
    container('app', { definition: { logConfiguration: { logDriver: 'awslogs', options } } })

  it('are followed from the start, in the stream prefix/container/task', async () => {
    const host = await startTestHost()
    host.logGroups.add('/app')
    await host.give(payload('a', [logging({ 'awslogs-group': '/app', 'awslogs-stream-prefix': 'web' })]))
    expect(host.followed).toMatchObject([
      { group: '/app', stream: 'web/app/a', runtimeId: 'fake-1', logPath: '/fake/fake-1-json.log' },
    ])
  })

  it('go to a stream named by the container without a prefix', async () => {
    const host = await startTestHost()
    host.logGroups.add('/app')
    await host.give(payload('a', [logging({ 'awslogs-group': '/app' })]))
    expect(host.followed).toMatchObject([{ stream: 'fake-1' }])
  })

  it('without their group keep the container from starting, in the words of ECS', async () => {
    const host = await startTestHost()
    await host.give(payload('a', [logging({ 'awslogs-group': '/gone' })]))
    expect(host.engine.running()).toEqual([])
    expect(host.last('a')?.reason).toBe(
      'CannotStartContainerError: Error response from daemon: failed to initialize logging driver: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.',
    )
    await host.clock.advance(600_000)
    expect(host.engine.containers.size).toBe(0)
  })

  it('are drained and forgotten before their container is removed', async () => {
    const host = await startTestHost()
    host.logGroups.add('/app')
    await host.give(payload('a', [logging({ 'awslogs-group': '/app' })]))
    const { promise, resolve } = Promise.withResolvers<void>()
    host.logsDrained = () => promise
    host.engine.exit('fake-1', 0)
    await host.clock.advance(600_000)
    expect(host.engine.containers.size).toBe(1)
    resolve()
    await host.settle()
    expect(host.engine.containers.size).toBe(0)
    expect(host.forgottenLogs).toEqual(['fake-1'])
  })

  it('are followed again before the cleanup of a restarted agent asks whether they are drained', async () => {
    const host = await startTestHost({ engine: { latencyMs: { inspect: 50 } } })
    host.logGroups.add('/app')
    await host.give(payload('a', [logging({ 'awslogs-group': '/app' })]))
    host.engine.exit('fake-1', 0)
    await host.clock.advance(100)
    host.tasks.stop()
    await host.clock.advance(600_000)
    host.followed.length = 0
    let wasFollowed = false
    host.logsDrained = async () => {
      wasFollowed = host.followed.length > 0
    }
    await host.restart()
    await host.clock.advance(100)
    expect(host.engine.containers.size).toBe(0)
    expect(wasFollowed).toBe(true)
  })

  it('that can never be shipped keep their container for a day, not for ever', async () => {
    const host = await startTestHost()
    host.logGroups.add('/app')
    await host.give(payload('a', [logging({ 'awslogs-group': '/app' })]))
    host.logsDrained = () => new Promise(() => {})
    host.engine.exit('fake-1', 0)
    await host.clock.advance(600_000 + 24 * 3_600_000 - 1)
    expect(host.engine.containers.size).toBe(1)
    await host.clock.advance(1)
    expect(host.engine.containers.size).toBe(0)
  })

  it('with options that nothing can honour refuse the task', async () => {
    const host = await startTestHost()
    await host.give(payload('a', [logging({ 'awslogs-stream-prefix': 'web' })]))
    expect(host.last('a')?.reason).toContain("'awslogs-group' is required")
  })
})
