import { once } from 'node:events'
import { realpathSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { MountPoint, Task, Volume } from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Berth, docker, eventually } from './berth.ts'
import { makeBusyboxImage } from './busybox.ts'
import { runtimeIdOf, Tasks, untilStopped } from './tasks.ts'

const repository = join(import.meta.dirname, '../..')
const taskRoleArn = 'arn:aws:iam::000000000000:role/app/reader'

interface Answer {
  readonly status: number
  readonly body: unknown
}

/** Asks from inside a container, as its own processes would. */
const askFrom = async (container: string, url: string, method = 'GET', body?: object): Promise<Answer> => {
  const { hostname, port, pathname } = new URL(url)
  const text = body === undefined ? '' : JSON.stringify(body)
  const request = [
    `${method} ${pathname} HTTP/1.0`,
    `Host: ${hostname}`,
    `Content-Length: ${text.length}`,
    '',
    text,
  ].join('\\r\\n')
  const command = `printf '${request}' | nc -w 10 ${hostname} ${port || 80}`
  const answer = await docker('exec', container, 'sh', '-c', command)
  const [head = '', content = ''] = answer.split('\r\n\r\n')
  return { status: Number(head.split(' ')[1]), body: content === '' ? undefined : JSON.parse(content) }
}

const variablesOf = async (container: string): Promise<Record<string, string>> => {
  const environment = JSON.parse(await docker('inspect', '-f', '{{json .Config.Env}}', container)) as string[]
  return Object.fromEntries(
    environment.map(entry => [entry.split('=', 1)[0] ?? '', entry.slice(entry.indexOf('=') + 1)]),
  )
}

const credentialsUrl = (variables: Record<string, string>): string =>
  variables['AWS_CONTAINER_CREDENTIALS_FULL_URI'] ??
  `http://169.254.170.2${variables['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI']}`

describe('the endpoints of a task', () => {
  let berth: Berth
  let tasks: Tasks
  beforeAll(async () => {
    makeBusyboxImage()
    berth = await Berth.start({ server: { BERTH_HOST: '0.0.0.0' } })
    tasks = new Tasks(berth)
  })
  afterAll(() => berth?.stop())

  const running = async (rest: Parameters<Tasks['define']>[1] = {}, tags?: boolean): Promise<Task> => {
    const definition = await tasks.define([{ script: untilStopped }], { taskRoleArn, ...rest })
    const arn = await tasks.run(definition, tags ? { tags: [{ key: 'team', value: 'blue' }] } : {})
    return tasks.running(arn)
  }

  it.each(['bridge', 'host'] as const)(
    'tell a container in %s mode of itself and its task',
    async networkMode => {
      const task = await running({ networkMode, cpu: '256', memory: '64' }, true)
      const container = runtimeIdOf(task)
      const variables = await variablesOf(container)
      const v4 = variables['ECS_CONTAINER_METADATA_URI_V4'] ?? ''
      expect(await askFrom(container, v4)).toMatchObject({
        status: 200,
        body: {
          DockerId: container,
          Name: 'main',
          KnownStatus: 'RUNNING',
          DesiredStatus: 'RUNNING',
          Limits: { CPU: 0, Memory: 16 },
          Type: 'NORMAL',
          ContainerARN: task.containers?.[0]?.containerArn,
          Networks: [{ NetworkMode: networkMode }],
        },
      })
      const withTags = await askFrom(container, `${v4}/taskWithTags`)
      expect(withTags).toMatchObject({
        status: 200,
        body: {
          Cluster: 'default',
          TaskARN: task.taskArn,
          Revision: '1',
          KnownStatus: 'RUNNING',
          Limits: { CPU: 0.25, Memory: 64 },
          AvailabilityZone: 'us-east-1a',
          LaunchType: 'EC2',
          TaskTags: { team: 'blue' },
          Containers: [{ DockerId: container }],
        },
      })
      const { body } = await askFrom(container, `${variables['ECS_CONTAINER_METADATA_URI']}/task`)
      expect(body).toMatchObject({ TaskARN: task.taskArn })
      expect(body).not.toHaveProperty('LaunchType')
    },
  )

  it('show what the containers of the task use, and rates from the second look on', async () => {
    const container = runtimeIdOf(await running())
    const v4 = (await variablesOf(container))['ECS_CONTAINER_METADATA_URI_V4'] ?? ''
    const first = await askFrom(container, `${v4}/stats`)
    expect(first).toMatchObject({
      status: 200,
      body: {
        cpu_stats: { cpu_usage: {} },
        precpu_stats: { cpu_usage: {} },
        memory_stats: {},
        networks: { eth0: {} },
      },
    })
    const rates = { rx_bytes_per_sec: expect.any(Number), tx_bytes_per_sec: expect.any(Number) }
    expect(await askFrom(container, `${v4}/task/stats`)).toMatchObject({
      status: 200,
      body: { [container]: { network_rate_stats: rates, preread: (first.body as { read: string }).read } },
    })
  })

  it('answer the first request of a container that has just started', async () => {
    const script = [
      'set -- $(echo $ECS_CONTAINER_METADATA_URI_V4 | tr / " ")',
      'p=$(echo $2 | cut -s -d: -f2)',
      '[ -n "$p" ] || p=80',
      'printf "GET /$3/$4/task HTTP/1.0\\r\\n\\r\\n" | nc -w 5 169.254.170.2 $p | grep -q TaskARN',
    ].join('; ')
    for (const networkMode of ['bridge', 'host'] as const) {
      const arn = await tasks.run(await tasks.define([{ script }], { networkMode }))
      const { containers } = await tasks.reached(arn, 'STOPPED')
      expect(containers?.[0]?.exitCode).toBe(0)
    }
  })

  it('tell nothing of a task to another one, and nothing to who does not know an id', async () => {
    const [one, other] = [await running(), await running()]
    const own = await variablesOf(runtimeIdOf(one))
    const stranger = runtimeIdOf(other)
    const v4 = own['ECS_CONTAINER_METADATA_URI_V4'] ?? ''
    for (const url of [v4, `${v4}/task`, `${v4}/stats`, `${v4.slice(0, -1)}x`])
      expect((await askFrom(stranger, url)).status).toBe(404)
    expect(await askFrom(stranger, credentialsUrl(own))).toEqual({
      status: 400,
      body: {
        code: 'InvalidIdInRequest',
        message: 'CredentialsV2Request: Credentials not found',
        HTTPErrorCode: 400,
      },
    })
    expect((await askFrom(stranger, v4.replace(/\/v4\/.*/, '/'))).status).toBe(404)
    expect((await askFrom(runtimeIdOf(one), credentialsUrl(own))).status).toBe(200)
  })

  it.each(['bridge', 'host'] as const)(
    'give the SDK in %s mode its region and the credentials of the task',
    async networkMode => {
      const mounts = {
        repository,
        modules: realpathSync(join(repository, 'node_modules')),
        node: realpathSync(process.execPath),
        'usr-lib': '/usr/lib',
        lib: '/lib',
        lib64: '/lib64',
      }
      const volumes: Volume[] = Object.entries(mounts).map(([name, sourcePath]) => ({
        name,
        host: { sourcePath },
      }))
      const mountPoints: MountPoint[] = Object.entries(mounts).map(([sourceVolume, path]) => ({
        sourceVolume,
        containerPath: sourceVolume === 'node' ? '/bin/node' : path,
        readOnly: true,
      }))
      // Containers on the bridge reach this machine under their gateway's address.
      const host = networkMode === 'host' ? '127.0.0.1' : '172.17.0.1'
      const environment = [{ name: 'BERTH_ENDPOINT', value: `http://${host}:${berth.port}` }]
      const command = ['node', join(repository, 'test/e2e/programs/who-am-i.mjs')]
      const definition = await tasks.define([{ command, environment, mountPoints, memory: 256 }], {
        taskRoleArn,
        networkMode,
        volumes,
      })
      const task = await tasks.reached(await tasks.run(definition), 'STOPPED')
      const said = await docker('logs', runtimeIdOf(task))
      expect(JSON.parse(said)).toMatchObject({
        Arn: `arn:aws:sts::000000000000:assumed-role/reader/${task.taskArn?.split('/').at(-1)}`,
        region: 'us-east-1',
        expiration: expect.any(String),
      })
    },
  )

  it('let a task of a service protect itself, and tell a task of its own that it cannot', async () => {
    const definition = await tasks.define([{ script: untilStopped }], { taskRoleArn })
    await tasks.createService('protected', definition, 1)
    const [task] = await tasks.serviceRuns('protected', 1)
    const stateOf = async (container: string): Promise<string> =>
      `${(await variablesOf(container))['ECS_AGENT_URI']}/task-protection/v1/state`
    const container = runtimeIdOf(task)
    const url = await stateOf(container)
    const put = await askFrom(container, url, 'PUT', { ProtectionEnabled: true, ExpiresInMinutes: 60 })
    const protection = { ProtectionEnabled: true, TaskArn: task?.taskArn, ExpirationDate: expect.any(String) }
    expect(put).toEqual({ status: 200, body: { protection } })
    expect(await askFrom(container, url)).toEqual(put)
    const alone = await running()
    expect(await askFrom(runtimeIdOf(alone), await stateOf(runtimeIdOf(alone)))).toEqual({
      status: 200,
      body: { failure: { Arn: alone.taskArn, Detail: null, Reason: 'TASK_NOT_VALID' } },
    })
    await tasks.deleteService('protected')
  })

  describe('of fault injection', () => {
    const server = 'while :; do echo here | nc -l -p 9000; done'
    const faulty = async (rest: Parameters<Tasks['define']>[1] = {}): Promise<string> => {
      const definition = await tasks.define([{ script: server }], { enableFaultInjection: true, ...rest })
      return runtimeIdOf(await tasks.running(await tasks.run(definition)))
    }
    const inject = async (container: string, path: string, body?: object): Promise<Answer> => {
      const { ECS_AGENT_URI: base } = await variablesOf(container)
      return askFrom(container, `${base}/fault/v1/${path}`, 'POST', body)
    }
    const addressOf = (container: string): Promise<string> =>
      docker('inspect', '-f', '{{.NetworkSettings.IPAddress}}', container)
    const answers = async (address: string): Promise<boolean> => {
      const socket = connect(9000, address)
      socket.setTimeout(1_000, () => socket.destroy())
      socket.on('error', () => undefined)
      let text = ''
      socket.on('data', chunk => {
        text += chunk
      })
      await once(socket, 'close')
      return text !== ''
    }

    it('a port swallows what comes in, but for spared peers, until the fault is stopped', async () => {
      const container = await faulty()
      const address = await addressOf(container)
      await eventually('the server answers', () => answers(address))
      const fault = { Port: 9000, Protocol: 'tcp', TrafficType: 'ingress' }
      const kind = 'network-blackhole-port'
      expect(await inject(container, `${kind}/status`, fault)).toEqual({
        status: 200,
        body: { Status: 'not-running' },
      })
      expect(await inject(container, `${kind}/start`, fault)).toEqual({
        status: 200,
        body: { Status: 'running' },
      })
      expect(await answers(address)).toBe(false)
      expect((await inject(container, `${kind}/start`, fault)).status).toBe(429)
      expect(await inject(container, `${kind}/stop`, fault)).toEqual({
        status: 200,
        body: { Status: 'stopped' },
      })
      await eventually('the server answers again', () => answers(address))
      const spared = await faulty()
      const withFilter = { ...fault, SourcesToFilter: ['172.17.0.1/32'] }
      expect((await inject(spared, `${kind}/start`, withFilter)).status).toBe(200)
      const { status, body } = await inject(spared, `${kind}/status`, fault)
      expect({ status, body }).toEqual({ status: 200, body: { Status: 'running' } })
      const sparedAddress = await addressOf(spared)
      await eventually('this machine is spared', () => answers(sparedAddress))
    })

    it('packets are late where the kernel can do it, and the answer says so where it cannot', async () => {
      const container = await faulty()
      const latency = { DelayMilliseconds: 200, JitterMilliseconds: 0, Sources: ['172.17.0.1'] }
      const { status, body } = await inject(container, 'network-latency/start', latency)
      const expected =
        status === 200 ? { Status: 'running' } : { Error: expect.stringContaining('sch_netem') }
      expect({ status, body }).toEqual({ status: status === 200 ? 200 : 500, body: expected })
      expect((await inject(container, 'network-latency/status')).body).toEqual({
        Status: status === 200 ? 'running' : 'not-running',
      })
      expect((await inject(container, 'network-latency/stop')).body).toEqual({ Status: 'stopped' })
      const address = await addressOf(container)
      await eventually('the server answers', () => answers(address))
    })

    it('tasks that have not asked for it, and those in the network of the host, are refused', async () => {
      const fault = { Port: 9000, Protocol: 'tcp', TrafficType: 'ingress' }
      const without = await faulty({ enableFaultInjection: false })
      expect(await inject(without, 'network-blackhole-port/start', fault)).toMatchObject({
        status: 400,
        body: { Error: expect.stringContaining('enableFaultInjection is not enabled for task: arn:') },
      })
      const inHost = await faulty({ networkMode: 'host' })
      expect(await inject(inHost, 'network-blackhole-port/start', fault)).toMatchObject({
        status: 400,
        body: { Error: 'host mode is not supported. Please use either awsvpc or bridge mode.' },
      })
    })
  })

  it('are those of the own agent where several share a host, and outlive its restart', async () => {
    await berth.startAgent('second')
    const constraint = (name: string) => [
      { type: 'memberOf' as const, expression: `attribute:host == ${name}` },
    ]
    const taskOf = async (name: string): Promise<Task> => {
      const definition = await tasks.define([{ script: untilStopped }], { taskRoleArn })
      return tasks.running(await tasks.run(definition, { placementConstraints: constraint(name) }))
    }
    const both = [await taskOf('agent'), await taskOf('second')]
    const check = async (): Promise<void> => {
      for (const task of both) {
        const container = runtimeIdOf(task)
        const variables = await variablesOf(container)
        expect(await askFrom(container, `${variables['ECS_CONTAINER_METADATA_URI_V4']}/task`)).toMatchObject({
          body: { TaskARN: task.taskArn },
        })
        // The control plane sends credentials again to an agent that has just come back.
        await eventually('the role has credentials', async () => {
          const { status, body } = await askFrom(container, credentialsUrl(variables))
          return status === 200 && (body as { RoleArn: string }).RoleArn === taskRoleArn
        })
      }
    }
    await check()
    for (const name of ['agent', 'second']) await berth.killAgent(name)
    for (const name of ['agent', 'second']) await berth.startAgent(name)
    await check()
    await berth.killAgent('second')
  })
})
