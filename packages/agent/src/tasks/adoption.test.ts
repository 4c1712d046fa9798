import { describe, expect, it } from 'vitest'
import { arnOf, container, payload, startTestHost, type TestHost } from './tasks-fixtures.ts'

const manifest = (host: TestHost, timeline: number, ...ids: string[]) =>
  host.tasks.applyManifest({
    messageId: `manifest-${timeline}`,
    clusterArn: '',
    containerInstanceArn: '',
    generatedAt: 0,
    timeline,
    tasks: ids.map(id => ({ taskArn: arnOf(id), taskClusterArn: '', desiredStatus: 'RUNNING' as const })),
  })

describe('after the agent was killed', () => {
  it('adopts what runs, and reports nothing twice', async () => {
    const host = await startTestHost()
    await host.give(payload('a'))
    host.changes.length = 0
    await host.restart()
    expect(host.engine.running()).toHaveLength(1)
    expect(host.changes).toEqual([])
    host.engine.exit('fake-1', 5)
    expect(host.last('a')).toMatchObject({ status: 'STOPPED', containers: [{ exitCode: 5 }] })
  })

  it('reports what ended meanwhile, with its exit code', async () => {
    const host = await startTestHost()
    await host.give(payload('a'))
    host.tasks.stop()
    host.engine.exit('fake-1', 7)
    await host.restart()
    expect(host.last('a')).toMatchObject({ status: 'STOPPED', containers: [{ exitCode: 7 }] })
  })

  it('reports what vanished meanwhile', async () => {
    const host = await startTestHost()
    await host.give(payload('a'))
    host.tasks.stop()
    host.engine.containers.clear()
    await host.restart()
    expect(host.last('a')).toMatchObject({
      status: 'STOPPED',
      containers: [{ reason: 'ContainerVanishedError: No container matching saved ID found' }],
    })
  })

  it('reports again what was not acknowledged', async () => {
    const host = await startTestHost()
    host.autoAcknowledge = false
    await host.give(payload('a'))
    expect(host.statuses('a')).toEqual(['RUNNING'])
    await host.restart()
    expect(host.statuses('a')).toEqual(['RUNNING', 'RUNNING'])
  })

  it('finds a container that it created and never wrote down', async () => {
    const host = await startTestHost({ engine: { latencyMs: { start: 50 } } })
    const given = host.give(payload('a'))
    await given
    host.tasks.stop()
    // The disk knows the payload alone.
    const [saved] = host.store.tasks()
    host.store.taskChanged(
      arnOf('a'),
      () =>
        saved && {
          ...saved,
          task: { ...saved.task, containers: [{ name: 'app', step: 'NONE' }] },
        },
    )
    await host.restart()
    await host.clock.advance(100)
    expect(host.engine.containers.size).toBe(1)
    expect(host.statuses('a')).toEqual(['RUNNING'])
  })

  it('finds containers of a task whose payload was never written down', async () => {
    const host = await startTestHost()
    await host.give(payload('a'))
    host.store.taskChanged(arnOf('a'), () => undefined)
    await host.restart()
    expect(host.tasks.all()).toEqual([])
    await host.give(payload('a'))
    expect(host.engine.containers.size).toBe(1)
    expect(host.tasks.get(arnOf('a'))?.containers[0]).toMatchObject({ step: 'RUNNING', runtimeId: 'fake-1' })
  })
})

describe('containers of a task that the agent does not know', () => {
  it('that ended are reported, and not run a second time, when their payload comes', async () => {
    const host = await startTestHost()
    await host.give(payload('a'))
    host.store.taskChanged(arnOf('a'), () => undefined)
    host.tasks.stop()
    host.engine.exit('fake-1', 6)
    await host.restart()
    host.engine.calls.length = 0
    await host.give(payload('a'))
    expect(host.last('a')).toMatchObject({ status: 'STOPPED', containers: [{ exitCode: 6 }] })
    expect(host.engine.calls.filter(call => /^(create|start)/.test(call))).toEqual([])
  })

  it('run on when they are of another incarnation', async () => {
    const host = await startTestHost()
    await host.give(payload('a'))
    host.store.taskChanged(arnOf('a'), () => undefined)
    await host.restart()
    host.tasks.enterIncarnation('incarnation-2')
    manifest(host, 1)
    await host.clock.advance(60_000)
    manifest(host, 2)
    await host.settle()
    expect(host.engine.running()).toHaveLength(1)
    expect(host.tasks.foreign()).toEqual([{ incarnation: 'incarnation-1', taskArns: [arnOf('a')] }])
  })
})

describe('while the engine is away', () => {
  it('claims nothing, and learns afterwards what became of the containers', async () => {
    const host = await startTestHost()
    await host.give(payload('a'), payload('b'))
    host.changes.length = 0
    host.engine.goDown()
    host.engine.exit('fake-1', 137)
    await host.clock.advance(60_000)
    expect(host.changes).toEqual([])
    host.engine.comeBack()
    await host.settle()
    expect(host.statuses('a')).toEqual(['STOPPED'])
    expect(host.statuses('b')).toEqual([])
  })

  it('asks what became of a container whose start was under way when events were missed', async () => {
    const host = await startTestHost()
    const start = host.engine.start.bind(host.engine)
    host.engine.start = async id => {
      await start(id)
      // The event stream breaks, and nobody tells that the container has ended.
      host.tasks.event = () => {}
      host.engine.exit(id, 3)
      host.tasks.connected()
      await new Promise<void>(resolve => host.clock.after(10, resolve))
    }
    await host.give(payload('a'))
    await host.clock.advance(10)
    expect(host.last('a')).toMatchObject({ status: 'STOPPED', containers: [{ exitCode: 3 }] })
  })

  it('starts what it was given meanwhile once the engine is back', async () => {
    const host = await startTestHost()
    host.engine.goDown()
    await host.give(payload('a'))
    expect(host.changes).toEqual([])
    host.engine.comeBack()
    await host.clock.advance(10_000)
    expect(host.statuses('a')).toEqual(['RUNNING'])
    expect(host.engine.containers.size).toBe(1)
  })

  it('keeps trying to stop, and never says STOPPED of what runs', async () => {
    const host = await startTestHost()
    await host.give(payload('a'))
    host.engine.goDown()
    await host.stop('a')
    await host.clock.advance(30_000)
    expect(host.statuses('a')).toEqual(['RUNNING', 'STOPPING'])
    host.engine.comeBack()
    await host.clock.advance(10_000)
    expect(host.statuses('a')).toEqual(['RUNNING', 'STOPPING', 'STOPPED'])
    expect(host.engine.running()).toEqual([])
  })
})

describe('tasks that the control plane does not name', () => {
  it('are candidates to stop', async () => {
    const host = await startTestHost()
    await host.give(payload('a'), payload('b'))
    expect(manifest(host, 1, 'a').map(task => task.arn)).toEqual([arnOf('b')])
  })

  it('and that the agent does not know are removed after two manifests a minute apart', async () => {
    const host = await startTestHost()
    await host.give(payload('a'))
    host.store.taskChanged(arnOf('a'), () => undefined)
    await host.restart()
    manifest(host, 1)
    await host.clock.advance(59_000)
    manifest(host, 2)
    await host.settle()
    expect(host.engine.containers.size).toBe(1)
    await host.clock.advance(1_000)
    manifest(host, 3)
    await host.settle()
    expect(host.engine.containers.size).toBe(0)
  })

  it('run on when another container instance on the same engine started them', async () => {
    const host = await startTestHost()
    await host.give(payload('a'))
    host.store.taskChanged(arnOf('a'), () => undefined)
    host.store.setSetting('containerInstanceArn', 'instance-2')
    await host.restart()
    manifest(host, 1)
    await host.clock.advance(60_000)
    manifest(host, 2)
    await host.settle()
    expect(host.engine.running()).toHaveLength(1)
    expect(host.tasks.foreign()).toEqual([{ incarnation: 'incarnation-1', taskArns: [arnOf('a')] }])
  })

  it('run on under another incarnation, are reported as foreign, and are told of nowhere', async () => {
    const host = await startTestHost()
    await host.give(payload('a'))
    host.changes.length = 0
    host.tasks.enterIncarnation('incarnation-2')
    for (const timeline of [1, 2, 3]) {
      expect(manifest(host, timeline)).toEqual([])
      await host.clock.advance(120_000)
    }
    expect(host.engine.running()).toHaveLength(1)
    expect(host.tasks.foreign()).toEqual([{ incarnation: 'incarnation-1', taskArns: [arnOf('a')] }])
    host.engine.exit('fake-1', 0)
    expect(host.changes).toEqual([])
  })

  it('are adopted and told in full when another incarnation names them', async () => {
    const host = await startTestHost()
    await host.give(payload('a', [container('app')]))
    host.changes.length = 0
    host.tasks.enterIncarnation('incarnation-2')
    manifest(host, 1, 'a')
    expect(host.statuses('a')).toEqual(['RUNNING'])
    expect(host.tasks.foreign()).toEqual([])
  })

  it('never lose a container that is not of Berth', async () => {
    const host = await startTestHost()
    await host.engine.create({
      name: 'somebody-elses',
      image: 'example/app:1',
      labels: {},
      environment: {},
      networkMode: 'bridge',
      ports: [],
      mounts: [],
      volumesFrom: [],
      links: [],
      logging: { driver: 'json-file', options: {} },
      cpuShares: 2,
      privileged: false,
      readOnlyRoot: false,
      interactive: false,
      pseudoTerminal: false,
    })
    manifest(host, 1)
    await host.clock.advance(120_000)
    manifest(host, 2)
    await host.settle()
    expect(host.engine.containers.size).toBe(1)
  })
})
