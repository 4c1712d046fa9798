import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DockerApi } from './docker-api.ts'
import { polled } from './measure.ts'

export interface ServiceOptions {
  readonly command?: readonly string[]
  /** Its tasks are on Docker's own bridge alone otherwise. */
  readonly network?: string
}

/** How a service is rolled: so many tasks at a time, and what comes first. */
export interface SwarmUpdate {
  readonly parallelism: number
  readonly order: 'start-first' | 'stop-first'
}

interface SwarmService {
  readonly Version: { readonly Index: number }
  readonly Spec: {
    readonly Name: string
    readonly TaskTemplate: { readonly ContainerSpec: object; readonly ForceUpdate: number }
  }
}

interface SwarmTask {
  readonly DesiredState: string
  readonly Status: { readonly State: string; readonly ContainerStatus?: { readonly ContainerID: string } }
}

const namespace = 'berth-bench'
const registry = '127.0.0.1:5000'

/** Docker Swarm on an engine of its own, in a network namespace of its own, with its image by digest. */
export class Swarm {
  readonly api: DockerApi
  readonly #folder: string
  readonly #children: ChildProcess[] = []
  #image = ''

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'berth-swarm-'))
    this.api = new DockerApi(this.#socket)
  }

  get #socket(): string {
    return join(this.#folder, 'docker.sock')
  }

  async start(image: string): Promise<void> {
    execFileSync('ip', ['netns', 'add', namespace])
    execFileSync('ip', ['-n', namespace, 'link', 'set', 'lo', 'up'])
    this.#startEngine()
    await polled(
      () =>
        this.api.call('GET', '/info').then(
          () => true,
          () => false,
        ),
      50,
    )
    await this.#startRegistry()
    this.#image = this.#pushImage(image)
    this.#docker('swarm', 'init', '--advertise-addr', '127.0.0.1', '--listen-addr', '127.0.0.1:2377')
  }

  /** A network that spans hosts, in which each task has an address. */
  async createOverlay(name: string): Promise<void> {
    await this.api.call('POST', '/networks/create', {
      Name: name,
      Driver: 'overlay',
      IPAM: { Config: [{ Subnet: '10.77.0.0/22' }] },
    })
  }

  /** Creates a service of so many replicas, and resolves once all of them run. */
  async runService(
    name: string,
    replicas: number,
    lookEveryMs = 10,
    { command = ['sleep', '3600'], network }: ServiceOptions = {},
  ): Promise<void> {
    await this.api.call('POST', '/services/create', {
      Name: name,
      TaskTemplate: {
        ContainerSpec: { Image: this.#image, Command: command },
        Resources: { Limits: { MemoryBytes: 16 * 1024 * 1024 } },
        RestartPolicy: { Condition: 'any', Delay: 0 },
        ...(network !== undefined && { Networks: [{ Target: network }] }),
      },
      // The other mode, virtual addresses, wants IPVS, which not every kernel has.
      EndpointSpec: { Mode: 'dnsrr' },
      Mode: { Replicated: { Replicas: replicas } },
    })
    await polled(async () => (await this.#running(name)).length === replicas, lookEveryMs)
  }

  /** Kills one container of the service, and resolves once another one runs in its place. */
  async replaceOne(name: string): Promise<void> {
    const [victim] = await this.#running(name)
    await this.api.call('POST', `/containers/${victim}/kill`)
    await polled(async () => {
      const running = await this.#running(name)
      return running.length > 0 && !running.includes(victim ?? '')
    })
  }

  /** Replaces all tasks of the service; resolves once only new ones run, as many as there were. */
  async rollService(name: string, { parallelism, order }: SwarmUpdate, lookEveryMs: number): Promise<void> {
    const old = new Set(await this.#running(name))
    const { Version, Spec } = await this.api.call<SwarmService>('GET', `/services/${name}`)
    const { TaskTemplate } = Spec
    await this.api.call('POST', `/services/${name}/update?version=${Version.Index}`, {
      ...Spec,
      TaskTemplate: { ...TaskTemplate, ForceUpdate: (TaskTemplate.ForceUpdate ?? 0) + 1 },
      UpdateConfig: { Parallelism: parallelism, Delay: 0, Order: order, FailureAction: 'pause' },
    })
    await polled(async () => {
      const running = await this.#running(name)
      return running.length === old.size && running.every(id => !old.has(id))
    }, lookEveryMs)
    // What was replaced is wanted stopped by now, and not yet counted: its containers still take from the machine.
    await polled(async () => {
      const containers = await this.api.call<{ Id: string }[]>('GET', '/containers/json')
      return containers.every(({ Id }) => !old.has(Id))
    }, lookEveryMs)
  }

  async removeService(name: string): Promise<void> {
    await this.api.call('DELETE', `/services/${name}`)
    await polled(async () => (await this.api.call<unknown[]>('GET', '/containers/json')).length === 0, 100)
  }

  async stop(): Promise<void> {
    this.api.close()
    for (const child of this.#children.reverse()) {
      child.kill('SIGTERM')
      await new Promise(resolve => child.once('exit', resolve))
    }
    execFileSync('ip', ['netns', 'delete', namespace])
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #startEngine(): void {
    const configuration = join(this.#folder, 'daemon.json')
    writeFileSync(configuration, JSON.stringify({ 'deprecated-key-path': join(this.#folder, 'key.json') }))
    this.#spawn('dockerd', [
      ...['--data-root', join(this.#folder, 'data'), '--exec-root', join(this.#folder, 'exec')],
      ...[
        '--pidfile',
        join(this.#folder, 'pid'),
        '-H',
        `unix://${this.#socket}`,
        '--config-file',
        configuration,
      ],
      ...['--cgroup-parent', '/berth-bench', '--bip', '172.29.0.1/24'],
    ])
  }

  async #startRegistry(): Promise<void> {
    const configuration = join(this.#folder, 'registry.yml')
    const storage = join(this.#folder, 'registry')
    mkdirSync(storage)
    writeFileSync(
      configuration,
      `version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: ${storage}\nhttp:\n  addr: ${registry}\n`,
    )
    this.#spawn('docker-registry', ['serve', configuration])
  }

  #pushImage(image: string): string {
    const name = `${registry}/bench`
    const archive = execFileSync('docker', ['save', image], { maxBuffer: 512 * 1024 * 1024 })
    execFileSync('docker', ['-H', `unix://${this.#socket}`, 'load'], { input: archive })
    this.#docker('tag', image, name)
    this.#docker('push', name)
    return this.#docker('image', 'inspect', '-f', '{{index .RepoDigests 0}}', name)
  }

  async #running(name: string): Promise<string[]> {
    const filters = encodeURIComponent(JSON.stringify({ service: [name], 'desired-state': ['running'] }))
    const tasks = await this.api.call<SwarmTask[]>('GET', `/tasks?filters=${filters}`)
    return tasks
      .filter(task => task.Status.State === 'running')
      .map(task => task.Status.ContainerStatus?.ContainerID ?? '')
  }

  #docker(...args: string[]): string {
    return execFileSync('docker', ['-H', `unix://${this.#socket}`, ...args], { encoding: 'utf8' }).trim()
  }

  #spawn(command: string, args: readonly string[]): void {
    const log = openSync(join(this.#folder, `${command}.log`), 'a')
    this.#children.push(
      spawn('nsenter', [`--net=/run/netns/${namespace}`, command, ...args], {
        stdio: ['ignore', log, log],
        detached: true,
      }),
    )
  }
}
