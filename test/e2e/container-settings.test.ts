import { once } from 'node:events'
import { connect } from 'node:net'
import type { Resource, Task } from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker, eventually, freePort } from './berth.ts'
import { makeBusyboxImage } from './busybox.ts'
import { runtimeIdOf, Tasks, untilStopped } from './tasks.ts'

/** Answers every connection with one line. */
const server = (port: number): string => `while :; do echo hello from $HOSTNAME | nc -l -p ${port}; done`

interface Inspected {
  readonly Config: Record<'User' | 'WorkingDir', string> & {
    readonly Env: string[]
    readonly Labels: Record<string, string>
  }
  readonly HostConfig: Record<string, unknown>
  readonly NetworkSettings: { readonly Networks: Record<string, unknown> }
}

const integerOf = (resources: Resource[] | undefined, name: string): number =>
  resources?.find(resource => resource.name === name)?.integerValue ?? 0

describe('what a task definition says of its containers', () => {
  let berth: Berth
  let tasks: Tasks
  beforeAll(async () => {
    makeBusyboxImage()
    berth = await Berth.start()
    tasks = new Tasks(berth)
  })
  afterAll(() => berth?.stop())

  const inspect = async (task: Task): Promise<Inspected> => {
    const [found] = JSON.parse(await docker('inspect', runtimeIdOf(task))) as Inspected[]
    if (found === undefined) throw new Error('no container')
    return found
  }
  /** What a server on this machine's port says. */
  const said = (port: number): Promise<string> =>
    eventually(`port ${port} answers`, async () => {
      const socket = connect(port, '127.0.0.1')
      let text = ''
      socket.on('data', chunk => {
        text += chunk
      })
      socket.on('error', () => undefined)
      socket.setTimeout(1_000, () => socket.destroy())
      await once(socket, 'close')
      return text !== '' && text
    })

  it('bridge: a port that Docker chose leads to the container', async () => {
    const arn = await tasks.run(
      await tasks.define([{ script: server(8080), portMappings: [{ containerPort: 8080 }] }], {
        networkMode: 'bridge',
      }),
    )
    const task = await tasks.running(arn)
    const [binding] = task.containers?.[0]?.networkBindings ?? []
    expect(binding).toMatchObject({ bindIP: '0.0.0.0', containerPort: 8080, protocol: 'tcp' })
    expect(await said(binding?.hostPort ?? 0)).toMatch(/^hello from /)
    await tasks.stop(arn)
  })

  it('bridge: a static port leads to the container, is refused to a second task, and is free again after the first', async () => {
    const hostPort = await freePort()
    const definition = await tasks.define(
      [{ script: server(80), portMappings: [{ containerPort: 80, hostPort }] }],
      { networkMode: 'bridge' },
    )
    const first = await tasks.run(definition)
    const task = await tasks.running(first)
    expect(task.containers?.[0]?.networkBindings).toEqual([
      { bindIP: '0.0.0.0', containerPort: 80, hostPort, protocol: 'tcp' },
    ])
    expect(await said(hostPort)).toMatch(/^hello from /)
    const instance = await berth.instance()
    expect(await tasks.request(definition)).toMatchObject({
      tasks: [],
      failures: [{ arn: instance?.containerInstanceArn, reason: 'RESOURCE:PORTS' }],
    })
    await tasks.stop(first)
    await tasks.reached(first, 'STOPPED')
    const second = await tasks.run(definition)
    await tasks.running(second)
    expect(await said(hostPort)).toMatch(/^hello from /)
    await tasks.stop(second)
  })

  it('bridge: a range of container ports leads to as many ports in a row, told as a range', async () => {
    const arn = await tasks.run(
      await tasks.define(
        [{ script: server(8082), portMappings: [{ containerPortRange: '8080-8082', protocol: 'tcp' }] }],
        { networkMode: 'bridge' },
      ),
    )
    const task = await tasks.running(arn)
    const [binding, ...others] = task.containers?.[0]?.networkBindings ?? []
    expect(others).toEqual([])
    expect(binding).toMatchObject({ bindIP: '0.0.0.0', containerPortRange: '8080-8082', protocol: 'tcp' })
    const [first = 0, last = 0] = binding?.hostPortRange?.split('-').map(Number) ?? []
    expect(last - first).toBe(2)
    expect(await said(last)).toMatch(/^hello from /)
    await tasks.stop(arn)
  })

  it('host: the container has the network of this machine', async () => {
    const port = await freePort()
    const arn = await tasks.run(
      await tasks.define([{ script: server(port), portMappings: [{ containerPort: port }] }], {
        networkMode: 'host',
      }),
    )
    const task = await tasks.running(arn)
    expect(task.containers?.[0]?.networkBindings).toMatchObject([{ containerPort: port, hostPort: port }])
    expect(await said(port)).toMatch(/^hello from /)
    expect((await inspect(task)).HostConfig['NetworkMode']).toBe('host')
    await tasks.stop(arn)
  })

  it('none: the container has nothing but its loopback', async () => {
    const stopped = await tasks.toEnd(
      [{ script: 'test "$(ls /sys/class/net | grep -v lo | wc -l)" = 0 && ! nc -w 1 172.17.0.1 1' }],
      { networkMode: 'none' },
    )
    expect(stopped.containers).toMatchObject([{ exitCode: 0, networkBindings: [] }])
  })

  it('EXTERNAL: runs here, too', async () => {
    const definition = await tasks.define([{ script: 'true' }], { requiresCompatibilities: ['EXTERNAL'] })
    const arn = await tasks.run(definition, { launchType: 'EXTERNAL' })
    expect(await tasks.reached(arn, 'STOPPED')).toMatchObject({
      launchType: 'EXTERNAL',
      containers: [{ exitCode: 0 }],
    })
  })

  it('limits: cpu shares, hard and soft memory are set on the container', async () => {
    const arn = await tasks.run(
      await tasks.define([{ script: untilStopped, cpu: 128, memory: 32, memoryReservation: 16 }]),
    )
    const { HostConfig } = await inspect(await tasks.running(arn))
    expect(HostConfig).toMatchObject({
      CpuShares: 128,
      Memory: 32 * 1024 * 1024,
      MemoryReservation: 16 * 1024 * 1024,
    })
    // Tasks of the tests before may still be stopping.
    await eventually('exactly what the task takes is missing from what remains', async () => {
      const { registeredResources, remainingResources } = (await berth.instance()) ?? {}
      const taken = (name: string): number =>
        integerOf(registeredResources, name) - integerOf(remainingResources, name)
      return taken('CPU') === 128 && taken('MEMORY') === 16
    })
    await tasks.stop(arn)
    await tasks.reached(arn, 'STOPPED')
  })

  it('environment, user, directory, entry point, labels and a read-only root are what the process sees', async () => {
    const stopped = await tasks.toEnd([
      {
        entryPoint: ['sh', '-e', '-c'],
        command: [
          'test "$COLOUR" = "dark blue"; test "$AWS_REGION" = us-east-1; test "$(id -u)" = 1234; test "$PWD" = /tmp; ! touch /tmp/file',
        ],
        environment: [{ name: 'COLOUR', value: 'dark blue' }],
        user: '1234',
        workingDirectory: '/tmp',
        readonlyRootFilesystem: true,
        dockerLabels: { team: 'blue' },
      },
    ])
    expect(stopped.containers).toMatchObject([{ exitCode: 0 }])
    const { Config, HostConfig } = await inspect(stopped)
    expect(Config.Labels).toMatchObject({
      team: 'blue',
      'com.amazonaws.ecs.task-arn': stopped.taskArn,
      'com.amazonaws.ecs.container-name': 'main',
    })
    expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, Privileged: false })
  })

  it('overrides: command, environment and memory of the request win', async () => {
    const definition = await tasks.define([
      {
        script: 'exit 1',
        environment: [
          { name: 'KEPT', value: 'a' },
          { name: 'CHANGED', value: 'a' },
        ],
      },
    ])
    const arn = await tasks.run(definition, {
      overrides: {
        containerOverrides: [
          {
            name: 'main',
            command: ['sh', '-c', 'test "$KEPT$CHANGED$ADDED" = abc'],
            environment: [
              { name: 'CHANGED', value: 'b' },
              { name: 'ADDED', value: 'c' },
            ],
            memory: 20,
          },
        ],
      },
    })
    const stopped = await tasks.reached(arn, 'STOPPED')
    expect(stopped.containers).toMatchObject([{ exitCode: 0, memory: '20' }])
    expect((await inspect(stopped)).HostConfig['Memory']).toBe(20 * 1024 * 1024)
  })
})
