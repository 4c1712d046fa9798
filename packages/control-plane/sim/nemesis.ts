/** What goes wrong, and who never comes back. */
import type { SimContainer } from './hosts/engine.ts'
import type { SimHost } from './hosts/host.ts'
import type { Registry } from './hosts/registry.ts'
import { Twin } from './hosts/twin.ts'
import type { Network } from './network/network.ts'
import { type Fate, momentsOfEffects, momentsOfMessages } from './servers/fate.ts'
import type { SimServer } from './servers/sim-server.ts'
import type { Storage } from './servers/storage.ts'
import { type FaultKind, faultKinds, type Tuning } from './tuning.ts'
import type { World } from './world.ts'

export interface Cast {
  readonly world: World
  readonly servers: readonly SimServer[]
  readonly hosts: readonly SimHost[]
  readonly registry: Registry
  readonly network: Network
  readonly storage: Storage
  readonly fate: Fate
}

/** A load balancer asks it whether it is healthy. */
const isBalanced = ({ image }: SimContainer): boolean => image.includes('front')

const MOST_LEAP_MS = 1_200_000

export class Nemesis {
  readonly #cast: Cast
  readonly #actions: Readonly<Record<FaultKind, () => void>>
  readonly #twins: Twin[] = []
  #isOver = false
  #leaptMs = 0

  constructor(cast: Cast) {
    this.#cast = cast
    this.#actions = {
      'kill-server': () => this.#server().kill('kill -9'),
      'pause-server': () => this.#server().process.pause(cast.world.random.integer(100, 9_000)),
      'cut-storage': () => this.#cutStorage(),
      'crash-agent': () => this.#crashAgent(),
      'power-off': () => this.#powerOff(),
      'lose-disk': () => this.#loseDisk(),
      'cut-host': () => this.#cutHost(),
      'break-link': () => this.#breakLink(),
      'kill-container': () => this.#killContainer(),
      'sicken-container': () => this.#sickenContainer(),
      'set-clock': () => this.#setClock(),
      'push-images': () => cast.registry.pushAll(),
      'clone-host': () => this.#cloneHost(),
      'kill-performer': () => cast.fate.draw(momentsOfEffects),
      'kill-at-message': () => cast.fate.draw(momentsOfMessages),
      'deafen-container': () => this.#deafenContainer(),
    }
  }

  start({ faults }: Tuning): void {
    for (const kind of faultKinds) {
      const every = faults[kind]
      if (every !== undefined) void this.#repeat(kind, every)
    }
  }

  /** The safety phase is over: all is well again, but for those that stay dead. */
  heal(): void {
    this.#isOver = true
    const { world, servers, hosts, network, storage } = this.#cast
    network.heal()
    storage.heal()
    this.#cast.fate.heal()
    for (const twin of this.#twins) twin.stop()
    if (world.random.chance(0.3)) world.random.pick(servers).kill('for good', true)
    const dead = world.random.integer(0, Math.min(2, hosts.length - 2))
    for (let count = 0; count < dead; count++) this.#loseForEver(world.random.pick(hosts))
    for (const host of hosts) host.powerOn()
    for (const server of servers) server.start()
  }

  #loseForEver(host: SimHost): void {
    host.powerOff()
    host.isGone = true
    for (const link of host.links) link.break()
  }

  async #repeat(kind: FaultKind, everyMs: number): Promise<void> {
    const { world } = this.#cast
    for (;;) {
      await world.sleep(world.random.integer(0, 2 * everyMs))
      if (this.#isOver) return
      this.#actions[kind]()
    }
  }

  /** The one that leads more often than the other. */
  #server(): SimServer {
    const { world, servers } = this.#cast
    const leading = servers.find(server => server.leading !== undefined)
    return leading !== undefined && world.random.chance(0.5) ? leading : world.random.pick(servers)
  }

  #host(): SimHost {
    return this.#cast.world.random.pick(this.#cast.hosts)
  }

  #later(most: number, run: () => void): void {
    const { world } = this.#cast
    world.after(world.random.integer(500, most), run)
  }

  #cutStorage(): void {
    const { name } = this.#server()
    this.#cast.world.trace(name, 'cannot reach the storage')
    this.#cast.storage.cut(name)
    this.#later(8_000, () => this.#cast.storage.restore(name))
  }

  #crashAgent(): void {
    const host = this.#host()
    host.crashAgent()
    this.#later(8_000, () => host.startAgent())
  }

  #powerOff(): void {
    const host = this.#host()
    if (!host.isOn) return
    for (const link of host.links) link.break()
    host.powerOff()
    this.#later(40_000, () => host.powerOn())
  }

  #loseDisk(): void {
    const host = this.#host()
    host.loseDisk()
    this.#later(8_000, () => host.startAgent())
  }

  #cutHost(): void {
    const { world, network } = this.#cast
    const { name } = this.#host()
    const server = world.random.chance(0.3) ? this.#server().name : undefined
    world.trace(name, `is cut off from ${server ?? 'the servers'}`)
    network.cut(name, server)
    this.#later(world.random.chance(0.5) ? 6_000 : 45_000, () => network.restore(name, server))
  }

  #breakLink(): void {
    const { agent } = this.#host()
    agent?.link?.break()
  }

  #killContainer(): void {
    const { engine } = this.#host()
    const running = engine.running()
    if (running.length > 0) engine.end(this.#cast.world.random.pick(running), 137)
  }

  #sickenContainer(): void {
    const checked = this.#cast.hosts.flatMap(({ engine }) =>
      engine.running().flatMap(container => (container.isChecked ? [{ engine, container }] : [])),
    )
    if (checked.length === 0) return
    const { engine, container } = this.#cast.world.random.pick(checked)
    engine.sicken(container)
  }

  #deafenContainer(): void {
    const listening = this.#cast.hosts.flatMap(({ engine }) =>
      engine.running().flatMap(container => (isBalanced(container) ? [{ engine, container }] : [])),
    )
    if (listening.length === 0) return
    const { engine, container } = this.#cast.world.random.pick(listening)
    engine.deafen(container)
  }

  #setClock(): void {
    const { random } = this.#cast.world
    const byMs = random.integer(8_000, random.chance(0.3) ? 600_000 : 90_000)
    // What has been STOPPED for an hour is shown no more.
    if (this.#leaptMs + byMs > MOST_LEAP_MS) return
    this.#leaptMs += byMs
    this.#server().setClock(random.chance(0.7) ? byMs : -byMs)
  }

  #cloneHost(): void {
    const twin = new Twin(this.#cast.world, this.#host(), this.#twins.length + 1)
    this.#twins.push(twin)
    twin.start()
    this.#later(30_000, () => twin.stop())
  }
}
