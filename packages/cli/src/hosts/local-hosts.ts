import { randomBytes } from 'node:crypto'
import type { ECSClient } from '@aws-sdk/client-ecs'
import { agentAccessKeyId } from '@berth/aws-api'
import { ecsClient, talking } from '../clients.ts'
import { type Configuration, endpointOf } from '../configuration.ts'
import { CommandFailure } from '../failures.ts'
import { readHealth } from '../health.ts'
import { until } from '../up/waiting.ts'
import { ensureProxy, stopProxy } from './endpoint-proxy.ts'
import { deregister, ensureCluster, instancesOf } from './host-instances.ts'
import {
  forgetEverything,
  forgetHost,
  freeNumbers,
  type HostAttribute,
  type HostRecord,
  machineName,
  mostHosts,
  readHosts,
  readImages,
  rememberImages,
  withHostsLocked,
  writeHost,
} from './host-records.ts'
import { checkImages, lacksImages, letAgentStart, loadImages, missingImages } from './images.ts'
import { checkMachine } from './machine.ts'
import { makeSwitch, removeSwitch, setCable } from './network.ts'
import { detachDisks, isOn, logsOf, powerOff, powerOn } from './power.ts'

export interface NewHosts {
  readonly count: number
  readonly cluster: string
  /** Given out in turns. */
  readonly zones: readonly string[]
  readonly attributes: readonly HostAttribute[]
  readonly images: readonly string[]
}

const inTurns = <T>(items: readonly [T, ...T[]] | readonly T[], index: number, fallback: T): T =>
  items[index % Math.max(1, items.length)] ?? fallback

/** The records of new hosts. `random` makes bytes. Pure but for it. */
export const newHosts = (
  known: readonly HostRecord[],
  { count, cluster, zones, attributes }: NewHosts,
  { random, now, region }: { random: (size: number) => Uint8Array; now: Date; region: string },
): HostRecord[] =>
  freeNumbers(known, count).map((number, index) => ({
    name: `host-${number}`,
    number,
    cluster,
    zone: inTurns(zones, index, `${region}a`),
    attributes,
    accessKeyId: agentAccessKeyId(random(12)),
    isWantedOn: true,
    isPartitioned: false,
    createdAt: now.toISOString(),
  }))

/** Hosts of this machine's own: each an engine and an agent in namespaces of their own. */
export class LocalHosts {
  readonly #configuration: Configuration
  readonly #note: (text: string) => void

  constructor(configuration: Configuration, note: (text: string) => void) {
    this.#configuration = configuration
    this.#note = note
  }

  get #dataDir(): string {
    return this.#configuration.dataDir
  }

  get #client(): ECSClient {
    return ecsClient(this.#configuration)
  }

  /** Resolves once all of them have joined; when one cannot, none of them is left. */
  add(wanted: NewHosts): Promise<HostRecord[]> {
    return this.#change(async () => {
      await this.#checkServer()
      await talking(this.#configuration, () => ensureCluster(this.#client, wanted.cluster))
      await checkImages(wanted.images)
      const known = readHosts(this.#dataDir)
      if (known.length + wanted.count > mostHosts)
        throw new CommandFailure(`A machine has at most ${mostHosts} local hosts; ${known.length} are there.`)
      const { region } = this.#configuration
      const hosts = newHosts(known, wanted, { random: randomBytes, now: new Date(), region })
      for (const host of hosts) writeHost(this.#dataDir, host)
      try {
        await this.#begin(hosts, wanted.images)
        await this.#haveJoined(hosts)
      } catch (error) {
        await this.#scrap(hosts)
        throw error
      }
      return hosts
    })
  }

  /** Into the hosts of these names, and into every host that is added later. */
  load(images: readonly string[], names: readonly string[] | 'all'): Promise<HostRecord[]> {
    return this.#change(async () => {
      await checkImages(images)
      const hosts = this.select(names)
      const off = hosts.filter(({ name }) => !isOn(this.#dataDir, name))
      if (off.length > 0 && names !== 'all')
        throw new CommandFailure(`${namesOf(off)} is off; only a host that is on takes an image.`)
      const on = hosts.filter(host => !off.includes(host))
      await loadImages(this.#dataDir, on, images)
      rememberImages(this.#dataDir, images)
      return on
    })
  }

  /** Cuts the power: SIGKILL to everything that runs there, and no word to the server. */
  kill(names: readonly string[] | 'all'): Promise<HostRecord[]> {
    return this.#changeEach(names, async host => {
      const changed = { ...host, isWantedOn: false }
      writeHost(this.#dataDir, changed)
      await powerOff(this.#configuration, host)
      return changed
    })
  }

  /** Switches on, after the power was cut if the host was on. */
  restart(names: readonly string[] | 'all'): Promise<HostRecord[]> {
    return this.#change(async () => {
      const hosts = this.select(names).map(host => ({ ...host, isWantedOn: true }))
      for (const host of hosts) writeHost(this.#dataDir, host)
      await this.#begin(hosts, [])
      return hosts
    })
  }

  partition(names: readonly string[] | 'all'): Promise<HostRecord[]> {
    return this.#changeEach(names, host => this.#setCable(host, true))
  }

  heal(names: readonly string[] | 'all'): Promise<HostRecord[]> {
    return this.#changeEach(names, host => this.#setCable(host, false))
  }

  /** With what is on its disk. Its container instance leaves the cluster, if the server answers. */
  remove(names: readonly string[] | 'all'): Promise<HostRecord[]> {
    return this.#change(async () => {
      const hosts = this.select(names)
      await this.#deregister(hosts)
      await this.#scrap(hosts)
      return hosts
    })
  }

  /** For `berth up`: those that nobody has switched off. */
  powerOnWanted(): Promise<HostRecord[]> {
    return this.#change(async () => {
      const wanted = readHosts(this.#dataDir).filter(({ isWantedOn }) => isWantedOn)
      const hosts = wanted.filter(({ name }) => !isOn(this.#dataDir, name))
      // Those that are on may have to be led to another port.
      if (wanted.length > 0) await this.#ensureSwitch()
      await this.#begin(hosts, [])
      return hosts
    })
  }

  /** For `berth down`: nothing of them is left on the machine but their disks. */
  powerOffAll(): Promise<HostRecord[]> {
    return this.#change(async () => {
      const hosts = readHosts(this.#dataDir)
      await Promise.all(hosts.map(host => powerOff(this.#configuration, host)))
      await this.#removeSwitch()
      return hosts
    })
  }

  select(names: readonly string[] | 'all'): HostRecord[] {
    const hosts = readHosts(this.#dataDir)
    if (names === 'all') return hosts
    const unknown = names.filter(name => hosts.every(host => host.name !== name))
    if (unknown.length > 0)
      throw new CommandFailure(
        `There is no local host ${unknown.join(', ')}; ${hosts.length === 0 ? 'there are none' : `there are ${namesOf(hosts)}`}.`,
      )
    return hosts.filter(({ name }) => names.includes(name))
  }

  #change<T>(run: () => Promise<T>): Promise<T> {
    checkMachine()
    return withHostsLocked(this.#dataDir, run)
  }

  #changeEach(
    names: readonly string[] | 'all',
    change: (host: HostRecord) => Promise<HostRecord>,
  ): Promise<HostRecord[]> {
    return this.#change(() => Promise.all(this.select(names).map(change)))
  }

  async #setCable(host: HostRecord, isPartitioned: boolean): Promise<HostRecord> {
    const changed = { ...host, isPartitioned }
    writeHost(this.#dataDir, changed)
    if (isOn(this.#dataDir, host.name))
      await setCable(host, machineName(this.#dataDir), isPartitioned ? 'down' : 'up')
    return changed
  }

  async #checkServer(): Promise<void> {
    if ((await readHealth(this.#configuration)) === undefined)
      throw new CommandFailure(
        `Nothing answers at ${endpointOf(this.#configuration)}, and hosts have to join. Start Berth with \`berth up\`.`,
      )
  }

  async #ensureSwitch(): Promise<void> {
    const isNew = await makeSwitch(machineName(this.#dataDir))
    await ensureProxy(this.#dataDir, this.#configuration.port, isNew)
  }

  async #removeSwitch(): Promise<void> {
    await stopProxy(this.#dataDir)
    await removeSwitch(machineName(this.#dataDir))
  }

  /** Switches them on; those that are new get these images, and all that were loaded before. */
  async #begin(hosts: readonly HostRecord[], images: readonly string[]): Promise<void> {
    if (hosts.length === 0) return
    await this.#ensureSwitch()
    await Promise.all(hosts.map(host => powerOn(this.#configuration, host)))
    const fresh = hosts.filter(host => lacksImages(this.#dataDir, host))
    if (fresh.length > 0) await loadImages(this.#dataDir, fresh, await this.#imagesFor(images))
    for (const host of fresh) letAgentStart(this.#dataDir, host)
  }

  async #imagesFor(images: readonly string[]): Promise<string[]> {
    const earlier = readImages(this.#dataDir)
    const missing = await missingImages(earlier)
    if (missing.length > 0)
      this.#note(`This machine's engine no longer has ${missing.join(', ')}: new hosts do not get it`)
    if (images.length > 0) rememberImages(this.#dataDir, images)
    return [...new Set([...earlier.filter(image => !missing.includes(image)), ...images])]
  }

  async #haveJoined(hosts: readonly HostRecord[]): Promise<void> {
    const cluster = hosts[0]?.cluster ?? 'default'
    let missing = hosts
    const ask = async (): Promise<boolean> => {
      const instances = await instancesOf(this.#client, cluster)
      missing = hosts.filter(({ name }) => instances.get(name)?.agentConnected !== true)
      return missing.length === 0
    }
    await talking(this.#configuration, () =>
      until(ask, {
        timeoutMs: 60_000,
        complaint: () =>
          `${namesOf(missing)} did not join the cluster ${cluster}:\n${logsOf(this.#dataDir, missing[0]?.name ?? '')}`,
      }),
    )
  }

  async #deregister(hosts: readonly HostRecord[]): Promise<void> {
    if ((await readHealth(this.#configuration)) === undefined) {
      this.#note('Berth does not answer: the container instances of these hosts stay registered')
      return
    }
    await talking(this.#configuration, async () => {
      for (const cluster of new Set(hosts.map(host => host.cluster))) {
        const instances = await instancesOf(this.#client, cluster)
        for (const { name } of hosts.filter(host => host.cluster === cluster)) {
          const instance = instances.get(name)
          if (instance !== undefined) await deregister(this.#client, cluster, instance.containerInstanceArn)
        }
      }
    })
  }

  async #scrap(hosts: readonly HostRecord[]): Promise<void> {
    for (const host of hosts) {
      await powerOff(this.#configuration, host)
      await detachDisks(this.#dataDir, host)
      forgetHost(this.#dataDir, host.name)
    }
    if (readHosts(this.#dataDir).length > 0) return
    await this.#removeSwitch()
    forgetEverything(this.#dataDir)
  }
}

export const namesOf = (hosts: readonly HostRecord[]): string => hosts.map(({ name }) => name).join(', ')
