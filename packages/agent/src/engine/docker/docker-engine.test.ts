import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { type Clock, createManualClock, systemClock } from '../../clock.ts'
import type { ContainerSpec, EngineEvent, EngineInfo } from '../engine.ts'
import { createBody } from './create-body.ts'
import { createDockerEngine, negotiateApiVersion } from './docker-engine.ts'
import { engineEvent } from './event-stream.ts'
import { containerView, engineInfo } from './views.ts'

const spec: ContainerSpec = {
  name: 'ecs-web-1-app-0',
  image: 'app:1',
  labels: { a: 'b' },
  environment: { X: '1', Y: 'a=b' },
  networkMode: 'bridge',
  ports: [
    { containerPort: 80, hostPort: 0, protocol: 'tcp' },
    { containerPort: 53, hostPort: 5353, protocol: 'udp' },
  ],
  mounts: [{ source: '/data', containerPath: '/d', readOnly: true }],
  volumesFrom: [],
  links: [],
  logging: { driver: 'json-file', options: {} },
  cpuShares: 2,
  cgroupParent: '/ecs/1',
  runtime: 'runsc',
  privileged: false,
  readOnlyRoot: false,
  interactive: false,
  pseudoTerminal: false,
  healthCheck: { command: ['CMD', 'true'], interval: 30, timeout: 5, retries: 3, startPeriod: 0 },
}

const engine: EngineInfo = {
  kind: 'docker',
  version: '20.10.24',
  apiVersion: '1.41',
  cpuCount: 2,
  memoryBytes: 1024 ** 3,
  cgroupVersion: '1',
  cgroupDriver: 'cgroupfs',
  rootless: false,
  securityModules: [],
  runtimes: ['runc'],
  logDrivers: ['json-file'],
  volumeDrivers: [],
  dataDirectory: '/var/lib/docker',
}

describe('the Docker API version', () => {
  it('is the newest that both know, from 1.41 on', () => {
    expect(negotiateApiVersion('1.41')).toBe('1.41')
    expect(negotiateApiVersion('1.47')).toBe('1.47')
    expect(negotiateApiVersion('1.99')).toBe('1.52')
    expect(() => negotiateApiVersion('1.40')).toThrow(/speaks API 1\.40; Berth needs 1\.41/)
  })
})

describe('what Docker is asked to create', () => {
  it('is in its words and units', () => {
    expect(createBody(spec, engine)).toMatchObject({
      Env: ['X=1', 'Y=a=b'],
      ExposedPorts: { '80/tcp': {}, '53/udp': {} },
      Healthcheck: { Test: ['CMD', 'true'], Interval: 30e9, Timeout: 5e9, Retries: 3, StartPeriod: 0 },
      HostConfig: {
        NetworkMode: 'default',
        CgroupParent: '/ecs/1',
        Runtime: 'runsc',
        Binds: ['/data:/d:ro'],
        PortBindings: {
          '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '' }],
          '53/udp': [{ HostIp: '0.0.0.0', HostPort: '5353' }],
        },
      },
    })
  })

  it('has swap on top of memory, and a swappiness only where cgroups know one', () => {
    const swapping = { ...spec, memoryBytes: 1000, linux: { swapBytes: 24, swappiness: 10 } }
    expect(createBody(swapping, engine).HostConfig).toMatchObject({ MemorySwap: 1024, MemorySwappiness: 10 })
    const { HostConfig } = createBody(swapping, { ...engine, cgroupVersion: '2' })
    expect(HostConfig).toMatchObject({ MemorySwap: 1024 })
    expect(HostConfig).not.toHaveProperty('MemorySwappiness')
  })

  it('has no unlimited swap where none is wanted and memory has no limit: Docker refuses it', () => {
    expect(createBody({ ...spec, linux: { swapBytes: 0 } }, engine).HostConfig).toMatchObject({
      MemorySwap: 1,
    })
  })

  it('names the GPUs that the container may use', () => {
    expect(createBody({ ...spec, gpuIds: ['GPU-1', 'GPU-2'] }, engine).HostConfig).toMatchObject({
      DeviceRequests: [{ Driver: 'nvidia', DeviceIDs: ['GPU-1', 'GPU-2'], Capabilities: [['gpu']] }],
    })
  })
})

describe('what Docker tells', () => {
  it('of a container, leaving out IPv6 twins of a port', () => {
    const view = containerView({
      Id: '1',
      Name: '/web',
      State: { Status: 'running', StartedAt: '2026-01-01T00:00:00Z', FinishedAt: '0001-01-01T00:00:00Z' },
      NetworkSettings: {
        Ports: {
          '80/tcp': [
            { HostIp: '0.0.0.0', HostPort: '1' },
            { HostIp: '::', HostPort: '1' },
          ],
          '81/tcp': null,
        },
      },
    })
    expect(view).toMatchObject({ name: 'web', status: 'running', startedAt: Date.UTC(2026, 0, 1) })
    expect(view.networkBindings).toEqual([
      { bindIP: '0.0.0.0', containerPort: 80, hostPort: 1, protocol: 'tcp' },
    ])
    expect(view.finishedAt).toBeUndefined()
  })

  it('of itself: what it can set containers apart with, and whether it is root', () => {
    const SecurityOptions = ['name=apparmor', 'name=seccomp,profile=default']
    expect(engineInfo({ SecurityOptions }, '1.41')).toMatchObject({
      rootless: false,
      securityModules: ['apparmor', 'seccomp'],
    })
    expect(engineInfo({ SecurityOptions: ['name=rootless'] }, '1.41').rootless).toBe(true)
  })

  it('of events, and nothing of those that the agent does not follow', () => {
    const line = (Action: string) =>
      JSON.stringify({
        Type: 'container',
        Action,
        Actor: { ID: '1', Attributes: { exitCode: '3' } },
        timeNano: 5e6,
      })
    expect(engineEvent(line('die'))).toMatchObject({ type: 'exited', exitCode: 3, at: 5 })
    expect(engineEvent(line('health_status: unhealthy'))).toMatchObject({
      type: 'health',
      health: 'UNHEALTHY',
    })
    expect(engineEvent(line('exec_create: sh'))).toBeUndefined()
    expect(engineEvent('{"Type":"image","Action":"tag"}')).toBe('imagesChanged')
  })
})

describe('the engine adapter', () => {
  const directory = mkdtempSync(join(tmpdir(), 'berth-engine-'))
  const socket = join(directory, 'docker.sock')
  const ends: (() => void)[] = []
  afterEach(() => {
    for (const end of ends.splice(0)) end()
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  const listen = async (answer: (path: string, response: ServerResponse) => void): Promise<Server> => {
    const server = createServer((request: IncomingMessage, response) => {
      const path = request.url ?? ''
      if (path === '/version') response.end('{"ApiVersion":"1.43"}')
      else answer(path, response)
    })
    server.listen(socket)
    await once(server, 'listening')
    ends.push(() => {
      server.close()
      server.closeAllConnections()
    })
    return server
  }
  const engineOf = (clock: Clock = systemClock) => {
    const engine = createDockerEngine(socket, clock)
    ends.push(() => engine.close())
    return engine
  }

  it('says in its own words what the daemon refuses, and finds what does not exist undefined', async () => {
    await listen((path, response) => {
      expect(path).toMatch(/^\/v1\.43\//)
      response.statusCode = path.includes('/start') ? 500 : 404
      response.end(
        JSON.stringify({ message: path.includes('/start') ? 'port is taken' : 'No such container: x' }),
      )
    })
    const engine = engineOf()
    expect(await engine.inspect('x')).toBeUndefined()
    await expect(engine.stop('x', 1)).rejects.toMatchObject({ code: 'noSuchContainer', retryable: false })
    await expect(engine.start('x')).rejects.toMatchObject({
      code: 'failed',
      message: 'Error response from daemon: port is taken',
    })
  })

  it('is unreachable, and worth another try, without a daemon', async () => {
    await expect(engineOf().info()).rejects.toMatchObject({ code: 'unreachable', retryable: true })
  })

  it('opens the event stream again after it broke, and says so', async () => {
    let streams = 0
    await listen((_path, response) => {
      streams++
      const line = JSON.stringify({
        Type: 'container',
        Action: 'start',
        Actor: { ID: `${streams}`, Attributes: { mine: '' } },
      })
      const stranger = JSON.stringify({
        Type: 'container',
        Action: 'start',
        Actor: { ID: 'x', Attributes: {} },
      })
      response.write(`${stranger}\n${line.slice(0, 20)}`)
      response.write(`${line.slice(20)}\n`)
      if (streams === 1) response.end()
    })
    const told: string[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    const stop = engineOf().watch('mine', {
      connected: () => void told.push('connected'),
      disconnected: () => void told.push('disconnected'),
      imagesChanged: () => {},
      event: (event: EngineEvent) => {
        told.push(`${event.type} ${event.container.id}`)
        if (event.container.id === '2') resolve()
      },
    })
    ends.push(stop)
    await promise
    expect(told).toEqual(['connected', 'started 1', 'disconnected', 'connected', 'started 2'])
  })

  it('gives a pull up that stands still', async () => {
    const clock = createManualClock()
    const begun = Promise.withResolvers<void>()
    await listen((_path, response) => {
      response.write('{"status":"Pulling"}\n')
      begun.resolve()
    })
    const pull = engineOf(clock).pull('a/b')
    pull.catch(() => {})
    await begun.promise
    await clock.advance(5 * 60_000)
    await expect(pull).rejects.toMatchObject({
      code: 'timedOut',
      message: 'inactivity time exceeded timeout while pulling image',
    })
  })

  it('answers other calls while a hundred containers take their time to stop', async () => {
    await listen((path, response) => {
      if (!path.includes('/stop')) response.end('[]')
    })
    const engine = engineOf()
    for (let index = 0; index < 100; index++) engine.stop(`${index}`, 30).catch(() => {})
    expect(await engine.list('mine')).toEqual([])
  })

  it('finds a pull\u2019s failure inside its stream', async () => {
    await listen((_path, response) =>
      response.end('{"status":"Pulling"}\n{"errorDetail":{"message":"denied"}}\n'),
    )
    await expect(engineOf().pull('a/b')).rejects.toMatchObject({ message: 'denied' })
  })
})
