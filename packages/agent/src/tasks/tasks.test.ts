import { describe, expect, it } from 'vitest'
import { EngineError } from '../engine/engine.ts'
import { arnOf, container, image, payload, startTestHost } from './tasks-fixtures.ts'

describe('a task of one container', () => {
  it('is RUNNING once its container has started, with its host port', async () => {
    const host = await startTestHost()
    await host.give(
      payload('a', [
        container('app', { portMappings: [{ containerPort: 80, hostPort: 0, protocol: 'tcp' }] }),
      ]),
    )
    expect(host.statuses('a')).toEqual(['RUNNING'])
    expect(host.last('a')?.containers).toEqual([
      {
        containerName: 'app',
        status: 'RUNNING',
        runtimeId: 'fake-1',
        networkBindings: [{ bindIP: '0.0.0.0', containerPort: 80, hostPort: 32_768, protocol: 'tcp' }],
      },
    ])
  })

  it('asks the engine for nothing but create and start when it needs no dynamic port', async () => {
    const host = await startTestHost()
    host.engine.calls.length = 0
    await host.give(payload('a'))
    expect(host.engine.calls.map(call => call.split(' ')[0])).toEqual(['create', 'start'])
  })

  it('is STOPPED with the exit code, in the words of ECS, when its essential container exits', async () => {
    const host = await startTestHost()
    await host.give(payload('a'))
    host.engine.exit('fake-1', 3)
    expect(host.statuses('a')).toEqual(['RUNNING', 'STOPPED'])
    expect(host.last('a')).toMatchObject({
      stopCode: 'EssentialContainerExited',
      reason: 'Essential container in task exited',
      containers: [{ containerName: 'app', status: 'STOPPED', exitCode: 3 }],
    })
  })

  it('says that memory killed it', async () => {
    const host = await startTestHost()
    await host.give(payload('a'))
    host.engine.exit('fake-1', 137, true)
    await host.settle()
    expect(host.last('a')?.containers[0]).toMatchObject({
      exitCode: 137,
      reason: 'OutOfMemoryError: Container killed due to memory usage',
    })
  })

  it('does not blame memory when another container of the task was killed for it', async () => {
    const host = await startTestHost()
    host.engine.onStopSignal = () => 143
    const other = (name: string) => container(name, { essential: false })
    await host.give(payload('a', [container('app'), container('idle'), other('done')]))
    for (const id of ['fake-2', 'fake-3']) host.engine.tellOutOfMemory(id)
    host.engine.exit('fake-3', 0)
    host.engine.exit('fake-1', 137, true)
    await host.settle()
    const ended = host.tasks.get(payload('a').arn)?.containers ?? []
    expect(ended.map(({ exitCode, reason }) => [exitCode, reason])).toEqual([
      [137, 'OutOfMemoryError: Container killed due to memory usage'],
      [143, undefined],
      [0, undefined],
    ])
  })

  it('is STOPPING when the stop signal is sent, and leaves code and reason to who asked', async () => {
    const host = await startTestHost()
    host.engine.onStopSignal = () => undefined
    await host.give(payload('a', [container('app', { stopTimeout: 7 })]))
    await host.stop('a')
    expect(host.statuses('a')).toEqual(['RUNNING', 'STOPPING'])
    await host.clock.advance(6_999)
    expect(host.statuses('a')).toEqual(['RUNNING', 'STOPPING'])
    await host.clock.advance(1)
    expect(host.statuses('a')).toEqual(['RUNNING', 'STOPPING', 'STOPPED'])
    expect(host.last('a')?.containers[0]).toMatchObject({ exitCode: 137 })
    expect(host.last('a')?.stopCode).toBeUndefined()
  })

  it('that ends before its start is confirmed has run, and ended', async () => {
    const host = await startTestHost()
    const start = host.engine.start.bind(host.engine)
    host.engine.start = async id => {
      await start(id)
      host.engine.exit(id, 0)
      await Promise.resolve()
    }
    await host.give(payload('a'))
    expect(host.last('a')).toMatchObject({ status: 'STOPPED', stopCode: 'EssentialContainerExited' })
    expect(host.last('a')?.containers[0]).toMatchObject({ exitCode: 0 })
  })

  it('fails to start with the engine\u2019s reason', async () => {
    const host = await startTestHost()
    host.engine.failures.set('start', [new EngineError('failed', 'Error response from daemon: exec: "nope"')])
    await host.give(payload('a'))
    expect(host.last('a')).toMatchObject({
      status: 'STOPPED',
      stopCode: 'TaskFailedToStart',
      reason: 'CannotStartContainerError: Error response from daemon: exec: "nope"',
    })
  })

  it('says DockerTimeoutError when the engine does not answer in time', async () => {
    const host = await startTestHost()
    host.engine.failures.set('start', [new EngineError('timedOut', 'no answer within 180s', true)])
    await host.give(payload('a'))
    expect(host.last('a')?.reason).toBe(
      'DockerTimeoutError: Could not transition to started; timed out after waiting 3m0s',
    )
  })

  it('is refused with a clear reason in a network mode that this host cannot give', async () => {
    const host = await startTestHost()
    await host.give(payload('a', [container('app')], { networkMode: 'overlay' }))
    expect(host.last('a')).toMatchObject({ status: 'STOPPED', stopCode: 'TaskFailedToStart' })
    expect(host.last('a')?.reason).toContain('overlay')
    expect(host.engine.containers.size).toBe(0)
  })

  it('reports a change of health at once', async () => {
    const host = await startTestHost()
    const healthCheck = { command: ['CMD', 'true'], interval: 30, timeout: 5, retries: 3, startPeriod: 0 }
    await host.give(payload('a', [container('app', { definition: { healthCheck } })]))
    expect(host.last('a')?.containers[0]?.healthStatus).toBe('UNKNOWN')
    host.engine.setHealth('fake-1', 'UNHEALTHY')
    expect(host.last('a')).toMatchObject({ containers: [{ healthStatus: 'UNHEALTHY' }] })
    expect(host.last('a')?.status).toBeUndefined()
  })

  it('keeps the outcome of a check that is told before its start is', async () => {
    const host = await startTestHost()
    const start = host.engine.start.bind(host.engine)
    host.engine.start = async id => {
      await start(id)
      host.engine.setHealth(id, 'HEALTHY')
    }
    const healthCheck = { command: ['CMD', 'true'], interval: 5, timeout: 5, retries: 3, startPeriod: 0 }
    await host.give(payload('a', [container('app', { definition: { healthCheck } })]))
    expect(host.last('a')).toMatchObject({ status: 'RUNNING', containers: [{ healthStatus: 'HEALTHY' }] })
  })

  it('is not STOPPED before a container is gone whose start timed out', async () => {
    const host = await startTestHost()
    host.engine.failures.set('start', [new EngineError('timedOut', 'no answer within 180s', true)])
    host.engine.failures.set('remove', [new EngineError('timedOut', 'no answer within 60s', true)])
    await host.give(payload('a'))
    expect(host.statuses('a')).toEqual([])
    await host.clock.advance(1_000)
    expect(host.statuses('a')).toEqual(['RUNNING'])
  })

  it('stays STOPPED when somebody starts its container again: it is stopped', async () => {
    const host = await startTestHost()
    await host.give(payload('a'))
    host.engine.exit('fake-1', 1)
    await host.engine.start('fake-1')
    await host.settle()
    expect(host.engine.running()).toEqual([])
    expect(host.statuses('a')).toEqual(['RUNNING', 'STOPPED'])
  })

  it('knows its containers from others that carry their labels', async () => {
    const host = await startTestHost()
    await host.give(payload('a'))
    const { spec } = host.engine.containers.get('fake-1') ?? {}
    if (!spec) throw new Error('no container')
    const copy = await host.engine.create({ ...spec, name: 'by-hand' })
    await host.engine.start(copy)
    await host.engine.remove(copy)
    await host.settle()
    expect(host.statuses('a')).toEqual(['RUNNING'])
  })

  it('is tried to stop less and less often while the engine cannot', async () => {
    const host = await startTestHost()
    await host.give(payload('a'))
    const failures = Array.from({ length: 100 }, () => new EngineError('failed', 'cannot kill container'))
    host.engine.failures.set('stop', failures)
    await host.stop('a')
    await host.clock.advance(60_000)
    const stops = host.engine.calls.filter(call => call.startsWith('stop'))
    expect(stops.length).toBeGreaterThan(5)
    expect(stops.length).toBeLessThan(15)
    expect(host.statuses('a')).toEqual(['RUNNING', 'STOPPING'])
    failures.length = 0
    await host.clock.advance(10_000)
    expect(host.statuses('a')).toEqual(['RUNNING', 'STOPPING', 'STOPPED'])
  })

  it('has no health when only its image has a health check', async () => {
    const host = await startTestHost()
    await host.give(payload('a'))
    host.engine.setHealth('fake-1', 'UNHEALTHY')
    expect(host.changes).toHaveLength(1)
  })
})

describe('images', () => {
  it('are pulled once for all who wait, and the task says that it is pending', async () => {
    const host = await startTestHost({ engine: { latencyMs: { pull: 1_000 } } })
    host.engine.images.clear()
    host.engine.registry.add(image)
    await host.give(payload('a'), payload('b'))
    expect(host.statuses('a')).toEqual(['PENDING'])
    await host.clock.advance(1_000)
    expect(host.statuses('a')).toEqual(['PENDING', 'RUNNING'])
    expect(host.statuses('b')).toEqual(['PENDING', 'RUNNING'])
    expect(host.engine.calls.filter(call => call.startsWith('pull'))).toHaveLength(1)
    expect(host.last('a')).toMatchObject({
      pullStartedAt: 1_700_000_000_000,
      pullStoppedAt: 1_700_000_001_000,
    })
  })

  it('that no registry gives fail the task with image, registry and reason', async () => {
    const host = await startTestHost()
    await host.give(payload('a', [container('app', { image: 'registry.example:5000/team/app:2' })]))
    expect(host.last('a')).toMatchObject({
      status: 'STOPPED',
      stopCode: 'TaskFailedToStart',
      reason:
        'CannotPullContainerError: Error response from daemon: pull access denied for registry.example:5000/team/app:2 (image registry.example:5000/team/app:2, registry registry.example:5000)',
    })
  })

  it('that vanished since they were seen are pulled again', async () => {
    const host = await startTestHost()
    await host.give(payload('a'))
    host.engine.images.clear()
    host.engine.registry.add(image)
    await host.give(payload('b'))
    expect(host.statuses('b')).toEqual(['PENDING', 'RUNNING'])
  })

  it('still being pulled do not hold up a stop', async () => {
    const host = await startTestHost({ engine: { latencyMs: { pull: 60_000 } } })
    host.engine.images.clear()
    await host.give(payload('a'))
    await host.stop('a')
    expect(host.statuses('a')).toEqual(['PENDING', 'STOPPED'])
  })
})

describe('a task of several containers', () => {
  it('stops the others in reverse order of dependency when an essential one exits', async () => {
    const host = await startTestHost()
    await host.give(
      payload('a', [
        container('db', { essential: false }),
        container('app', { dependsOn: [{ containerName: 'db', condition: 'START' }], essential: false }),
        container('proxy', { dependsOn: [{ containerName: 'app', condition: 'START' }] }),
      ]),
    )
    expect(host.statuses('a')).toEqual(['RUNNING'])
    host.engine.calls.length = 0
    host.engine.exit(host.engine.named('proxy')?.id ?? '', 9)
    await host.settle()
    const stops = host.engine.calls.filter(call => call.startsWith('stop')).map(call => call.split('-')[3])
    expect(stops).toEqual(['app', 'db'])
    expect(host.statuses('a')).toEqual(['RUNNING', 'STOPPING', 'STOPPED'])
    const told = host.changes
      .flatMap(change => change.containers)
      .filter(({ status }) => status === 'STOPPED')
    expect(Object.fromEntries(told.map(entry => [entry.containerName, entry.exitCode]))).toEqual({
      proxy: 9,
      app: 143,
      db: 143,
    })
  })

  it('is RUNNING only when the last container has started', async () => {
    const host = await startTestHost()
    await host.give(
      payload('a', [
        container('init', { essential: false }),
        container('app', { dependsOn: [{ containerName: 'init', condition: 'SUCCESS' }] }),
      ]),
    )
    expect(host.statuses('a')).toEqual([])
    host.engine.exit(host.engine.named('init')?.id ?? '', 0)
    await host.settle()
    expect(host.statuses('a')).toEqual(['RUNNING'])
  })

  it('fails to start when a dependency that had to succeed does not', async () => {
    const host = await startTestHost()
    await host.give(
      payload('a', [
        container('init', { essential: false }),
        container('app', { dependsOn: [{ containerName: 'init', condition: 'SUCCESS' }] }),
      ]),
    )
    host.engine.exit(host.engine.named('init')?.id ?? '', 1)
    await host.settle()
    expect(host.last('a')).toMatchObject({ status: 'STOPPED', stopCode: 'TaskFailedToStart' })
    expect(host.last('a')?.reason).toContain('did not exit successfully')
  })

  it('gives up when a dependency takes longer than its start time-out', async () => {
    const host = await startTestHost()
    await host.give(
      payload('a', [
        container('slow', { startTimeout: 10, essential: false }),
        container('app', { dependsOn: [{ containerName: 'slow', condition: 'HEALTHY' }] }),
      ]),
    )
    await host.clock.advance(9_999)
    expect(host.statuses('a')).toEqual([])
    await host.clock.advance(1)
    expect(host.statuses('a')).toEqual(['STOPPING', 'STOPPED'])
    // From the first report on: the container that never ran shows an exit code.
    for (const change of host.changes.filter(({ status }) => status !== undefined))
      expect(change).toMatchObject({
        stopCode: 'TaskFailedToStart',
        reason: expect.stringContaining('has timed out'),
      })
  })

  it('is refused when its dependencies go round in a circle', async () => {
    const host = await startTestHost()
    await host.give(
      payload('a', [
        container('x', { dependsOn: [{ containerName: 'y', condition: 'START' }] }),
        container('y', { dependsOn: [{ containerName: 'x', condition: 'START' }] }),
      ]),
    )
    expect(host.last('a')?.reason).toBe(`Task dependencies cannot be resolved, taskArn: ${arnOf('a')}`)
  })
})

describe('a task whose deployment waits for the digests of its images', () => {
  it('says them once all its images are here, before it runs', async () => {
    const host = await startTestHost({ engine: { latencyMs: { create: 100 } } })
    host.engine.images.add('other:1')
    host.engine.registry.add(image)
    host.engine.digests.set(image, 'sha256:d')
    await host.give(
      payload('a', [container('app'), container('side', { image: 'other:1' })], { resolvesImages: true }),
    )
    expect(host.changes).toMatchObject([
      {
        imagesResolved: true,
        containers: [
          { containerName: 'app', status: 'PENDING', imageDigest: 'sha256:d' },
          { containerName: 'side', status: 'PENDING' },
        ],
      },
    ])
    expect(host.changes[0]).not.toHaveProperty('status')
    expect(host.changes[0]?.containers[1]).not.toHaveProperty('imageDigest')
    await host.clock.advance(100)
    expect(host.statuses('a')).toEqual(['RUNNING'])
  })
})
