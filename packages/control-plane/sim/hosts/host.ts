/** A machine: its power, its engine, its disk, and the agent on it. */
import { agentIdentity } from '../../src/services/ecs/agent-identity.ts'
import { callOver } from '../network/call.ts'
import { Link, type LinkEvents } from '../network/link.ts'
import type { Network } from '../network/network.ts'
import type { Fate } from '../servers/fate.ts'
import { type SimServer, scope } from '../servers/sim-server.ts'
import type { World } from '../world.ts'
import { SimAgent } from './agent.ts'
import { type Disk, emptyDisk } from './disk.ts'
import { type EngineConditions, type EngineObserver, SimEngine } from './engine.ts'
import type { Registry } from './registry.ts'

/** So many tasks with network interfaces a host takes. */
export const MOST_INTERFACES = 4

export interface HostConditions extends EngineConditions {
  /** Of an acknowledged report: it is sent again later. */
  replays: number
}

export interface HostSpec {
  readonly name: string
  readonly cluster: string
  readonly zone: string
  readonly cpu: number
  readonly memoryMiB: number
  /** In the network that the hosts share. */
  readonly address: string
  /** So far is its clock from the true time. */
  readonly clockMs: number
}

export interface HostSurroundings {
  readonly world: World
  readonly network: Network
  readonly fate: Fate
  readonly servers: readonly SimServer[]
  readonly registry: Registry
  /** All of them, with itself. */
  readonly neighbours: () => readonly SimHost[]
  readonly conditions: HostConditions
  readonly observer: EngineObserver
  readonly linkEvents: (host: SimHost, link: () => Link) => LinkEvents
  /** The session of one agent was opened while another one was there. */
  readonly displaced: (newcomer: Link, other: Link) => void
}

const capabilities: readonly string[] = [
  ...['1.18', '1.24', '1.29'].map(version => `com.amazonaws.ecs.capability.docker-remote-api.${version}`),
  'com.amazonaws.ecs.capability.task-iam-role',
  'ecs.capability.container-health-check',
  'ecs.capability.task-eni',
  'ecs.capability.task-eni.ipv6',
  'ecs.capability.storage.ebs-task-volume-attach',
]

export class SimHost {
  readonly name: string
  readonly spec: HostSpec
  readonly engine: SimEngine
  readonly disk: Disk = emptyDisk()
  readonly #surroundings: HostSurroundings
  agent: SimAgent | undefined
  isOn = true
  /** It never comes back. */
  isGone = false
  readonly links = new Set<Link>()
  #messages = 0
  #lives = 0

  constructor(spec: HostSpec, surroundings: HostSurroundings) {
    this.spec = spec
    this.name = spec.name
    this.#surroundings = surroundings
    const { world, conditions, observer } = surroundings
    this.engine = new SimEngine(world, spec.name, conditions, observer)
  }

  startAgent(): void {
    if (this.agent !== undefined || !this.isOn || this.isGone) return
    this.agent = new SimAgent(this.#surroundings.world, this, `${this.name}.${++this.#lives}`)
    this.agent.start()
  }

  crashAgent(): void {
    if (this.agent === undefined) return
    this.#surroundings.world.trace(this.name, 'the agent crashes')
    this.agent.crash()
    this.agent = undefined
  }

  powerOff(): void {
    if (!this.isOn) return
    this.#surroundings.world.trace(this.name, 'loses its power')
    this.crashAgent()
    this.engine.powerOff()
    this.isOn = false
  }

  powerOn(): void {
    if (this.isGone) return
    this.isOn = true
    this.startAgent()
  }

  /** A new disk: the agent remembers nothing, and the engine kept its containers. */
  loseDisk(): void {
    this.crashAgent()
    this.#surroundings.world.trace(this.name, "loses the agent's disk")
    Object.assign(this.disk, { ...emptyDisk(), tasks: this.disk.tasks, reports: this.disk.reports })
    this.disk.tasks.clear()
    this.disk.reports.length = 0
  }

  nextMessage(): number {
    return ++this.#messages
  }

  pullMs(): number {
    const { world, conditions } = this.#surroundings
    return world.random.chance(conditions.slow)
      ? world.random.integer(2_000, 90_000)
      : world.random.integer(5, 200)
  }

  /** True when a container of some host listens there, and answers. */
  answers(address: string, port: number): boolean {
    return this.#surroundings.neighbours().some(({ spec, engine, isOn }) => {
      if (!isOn) return false
      const there = engine
        .running()
        .find(container =>
          container.address === undefined
            ? spec.address === address && container.bindings.some(({ hostPort }) => hostPort === port)
            : container.address === address,
        )
      return there !== undefined && !there.isDeaf
    })
  }

  pull(image: string): string {
    return this.#surroundings.registry.resolve(image)
  }

  replays(): boolean {
    return this.#surroundings.world.random.chance(this.#surroundings.conditions.replays)
  }

  /** The ARN of this host's container instance; undefined when no server answered. */
  async register(): Promise<string | undefined> {
    const { cpu, memoryMiB, zone, cluster, address } = this.spec
    const { containerInstanceArn } = this.disk
    const outcome = await this.#call('RegisterContainerInstance', {
      cluster,
      ...(containerInstanceArn === undefined ? {} : { containerInstanceArn }),
      totalResources: [
        { name: 'CPU', type: 'INTEGER', integerValue: cpu },
        { name: 'MEMORY', type: 'INTEGER', integerValue: memoryMiB },
        { name: 'PORTS', type: 'STRINGSET', stringSetValue: ['22'] },
      ],
      attributes: [
        { name: 'berth.agent', value: '1' },
        { name: 'berth.task-enis', value: String(MOST_INTERFACES) },
        { name: 'berth.ingress', value: 'true' },
        { name: 'berth.underlay-address', value: address },
        ...capabilities.map(name => ({ name })),
        { name: 'ecs.availability-zone', value: zone },
      ],
    })
    if (outcome.kind === 'done') {
      const { containerInstance } = outcome.output as { containerInstance: { containerInstanceArn: string } }
      this.disk.containerInstanceArn = containerInstance.containerInstanceArn
      return containerInstance.containerInstanceArn
    }
    const isGone = outcome.kind === 'refused' && /instance was inactive|not found/.test(outcome.error.message)
    if (isGone) this.disk.containerInstanceArn = undefined
    return undefined
  }

  /** `from`: where in the network the agent is. */
  async openLink(
    containerInstanceArn: string,
    agentProcess: string,
    from = this.name,
  ): Promise<Link | undefined> {
    const { world, network, fate } = this.#surroundings
    await world.sleep(network.delay())
    const server = world.random.pick(this.#surroundings.servers)
    await world.sleep(server.process.pausedFor)
    if (network.isCut(from, server.name) || server.leading === undefined) return undefined
    const events = this.#surroundings.linkEvents(this, () => link)
    const between = { host: from, server, containerInstanceArn, agentProcess }
    const link: Link = new Link(world, network, between, events, fate)
    const others = [...this.links].filter(
      other =>
        other.isOpenAtServer && other.process === server.process && other.agentProcess !== agentProcess,
    )
    try {
      server.openSession(link.server, this.identity, {
        containerInstanceArn,
        cluster: this.spec.cluster,
        kind: 'berth',
        process: agentProcess,
        agentVersion: '1.0.0',
        agentHash: undefined,
        dockerVersion: undefined,
      })
    } catch (error) {
      world.trace(from, `is refused a session: ${error}`)
      return undefined
    }
    for (const other of others) this.#surroundings.displaced(link, other)
    this.links.add(link)
    void server.process.ended.then(() => link.serverDied())
    world.trace(from, `connects to ${server.process.name}`)
    return link
  }

  get identity() {
    return agentIdentity(scope.accountId, `AKIA${this.name.toUpperCase()}`)
  }

  #call(name: string, input: object) {
    const { world, network, servers } = this.#surroundings
    return callOver(world, network, this.name, world.random.pick(servers), {
      name,
      input,
      identity: this.identity,
    })
  }
}
