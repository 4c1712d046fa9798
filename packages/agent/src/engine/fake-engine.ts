/**
 * An engine in memory: deterministic, with time passed in. For tests and the simulation; it keeps its containers while
 * agents come and go, as a real engine does.
 */
import type { HealthStatus } from '@berth/model'
import type { Clock } from '../clock.ts'
import {
  type ContainerSpec,
  type ContainerSummary,
  type ContainerView,
  type DockerStatistics,
  type Engine,
  EngineError,
  type EngineEvent,
  type EngineInfo,
  type EngineListener,
  type EngineStatus,
  type ExecProcess,
  type PullOptions,
  type VolumeSpec,
  type VolumeView,
} from './engine.ts'

export interface FakeContainer {
  readonly id: string
  readonly spec: ContainerSpec
  status: EngineStatus
  exitCode?: number
  startedAt?: number
  finishedAt?: number
  outOfMemory: boolean
  health?: HealthStatus
  hostPorts: readonly number[]
}

type Operation =
  | 'pull'
  | 'importImage'
  | 'removeImage'
  | 'create'
  | 'start'
  | 'stop'
  | 'kill'
  | 'remove'
  | 'inspect'
  | 'list'
  | 'createVolume'
  | 'inspectVolume'

export interface FakeEngineOptions {
  readonly clock: Clock
  /** Milliseconds that each operation takes. */
  readonly latencyMs?: Partial<Record<Operation, number>>
  /** Tells two engines' container ids apart. */
  readonly name?: string
  readonly info?: Partial<EngineInfo>
}

const defaultInfo: EngineInfo = {
  kind: 'fake',
  version: '1.0.0',
  apiVersion: '1.41',
  cpuCount: 4,
  memoryBytes: 8 * 1024 ** 3,
  cgroupVersion: '2',
  cgroupDriver: 'systemd',
  rootless: false,
  securityModules: [],
  logDrivers: ['json-file'],
  runtimes: ['runc'],
  dataDirectory: '/nowhere',
  volumeDrivers: ['local'],
}

const firstDynamicPort = 32_768
const killedExitCode = 137
const terminatedExitCode = 143

export class FakeEngine implements Engine {
  readonly containers = new Map<string, FakeContainer>()
  /** Held images; `registry` can be pulled. */
  readonly images = new Set<string>()
  readonly registry = new Set<string>()
  /** Of images that came from a registry; one without has never been in one. */
  readonly digests = new Map<string, string>()
  /** What was asked for with each pull. */
  readonly pulls: (PullOptions & { readonly image: string })[] = []
  readonly volumes = new Map<string, VolumeSpec>()
  /** Every call, as `operation name`, in order. */
  readonly calls: string[] = []
  /** The next call of an operation fails with this error. */
  readonly failures = new Map<Operation, EngineError[]>()
  /** What a container does when it gets its stop signal; by default it ends with 143 at once. */
  onStopSignal: (container: FakeContainer) => number | undefined = () => terminatedExitCode
  readonly #options: FakeEngineOptions
  readonly #listeners = new Set<{ label: string; listener: EngineListener }>()
  #isUp = true
  #nextId = 1
  #nextPort = firstDynamicPort

  constructor(options: FakeEngineOptions) {
    this.#options = options
  }

  /** The engine dies; its containers live on, unless they are ended meanwhile. */
  goDown(): void {
    this.#isUp = false
    for (const { listener } of this.#listeners) listener.disconnected('the engine is gone')
  }

  comeBack(): void {
    this.#isUp = true
    for (const { listener } of this.#listeners) listener.connected()
  }

  /** The container's process ends by itself. */
  exit(idOrName: string, exitCode: number, outOfMemory = false): void {
    const container = this.#find(idOrName)
    if (container?.status !== 'running') return
    Object.assign(container, { status: 'exited', exitCode, outOfMemory, finishedAt: this.#now() })
    if (outOfMemory) this.#emit('outOfMemory', container)
    this.#emit('exited', container)
  }

  /** As the kernel does of each container below a cgroup that is at its limit, whichever of them it kills. */
  tellOutOfMemory(idOrName: string): void {
    const container = this.#find(idOrName)
    if (container) this.#emit('outOfMemory', container)
  }

  setHealth(idOrName: string, health: HealthStatus): void {
    const container = this.#find(idOrName)
    if (!container) return
    container.health = health
    this.#emit('health', container)
  }

  named(part: string): FakeContainer | undefined {
    return [...this.containers.values()].find(({ spec }) => spec.name.includes(part))
  }

  running(): readonly FakeContainer[] {
    return [...this.containers.values()].filter(({ status }) => status === 'running')
  }

  async info(): Promise<EngineInfo> {
    if (!this.#isUp) throw new EngineError('unreachable', 'the engine is down')
    return { ...defaultInfo, ...this.#options.info }
  }

  async pull(image: string, options: PullOptions = {}): Promise<{ digest?: string }> {
    this.pulls.push({ image, ...options })
    await this.#begin('pull', image)
    if (!this.registry.has(image))
      throw new EngineError('failed', `Error response from daemon: pull access denied for ${image}`)
    this.images.add(image)
    for (const { listener } of this.#listeners) listener.imagesChanged()
    const digest = this.digests.get(image)
    return digest === undefined ? {} : { digest }
  }

  async importImage(name: string): Promise<void> {
    await this.#begin('importImage', name)
    this.images.add(name)
  }

  async inspectImage(image: string) {
    if (!this.#isUp) throw new EngineError('unreachable', 'the engine is down')
    const known = this.images.has(image)
      ? image
      : [...this.images].find(name => this.#imageId(name) === image)
    if (known === undefined) return undefined
    return { id: this.#imageId(known), names: [known], ...optional('digest', this.digests.get(known)) }
  }

  async removeImage(name: string): Promise<void> {
    await this.#begin('removeImage', name)
    this.images.delete(name)
  }

  defaultBridge(): Promise<string> {
    return Promise.resolve('docker0')
  }

  async usedImages(): Promise<ReadonlySet<string>> {
    return new Set([...this.containers.values()].map(({ spec }) => this.#imageId(spec.image)))
  }

  async create(spec: ContainerSpec): Promise<string> {
    await this.#begin('create', spec.name)
    if (!this.images.has(spec.image))
      throw new EngineError('noSuchImage', `Error response from daemon: No such image: ${spec.image}`)
    if (this.#find(spec.name))
      throw new EngineError(
        'nameTaken',
        `Error response from daemon: the name ${spec.name} is already in use`,
      )
    const id = `${this.#options.name ?? 'fake'}-${this.#nextId++}`
    this.containers.set(id, { id, spec, status: 'created', outOfMemory: false, hostPorts: [] })
    return id
  }

  async start(id: string): Promise<void> {
    await this.#begin('start', this.#find(id)?.spec.name ?? id)
    const container = this.#require(id)
    if (container.status === 'running') return
    const hostPorts = container.spec.ports.map(port => port.hostPort || this.#nextPort++)
    const taken = new Set(this.running().flatMap(other => other.hostPorts))
    const clash = hostPorts.find(port => taken.has(port))
    if (clash !== undefined)
      throw new EngineError(
        'failed',
        `Error response from daemon: Bind for 0.0.0.0:${clash} failed: port is already allocated`,
      )
    Object.assign(container, { status: 'running', startedAt: this.#now(), hostPorts })
    this.#emit('started', container)
  }

  async stop(id: string, timeoutSeconds: number): Promise<void> {
    await this.#begin('stop', this.#find(id)?.spec.name ?? id)
    const container = this.#require(id)
    if (container.status !== 'running') return
    const exitCode = this.onStopSignal(container)
    if (exitCode === undefined) {
      await this.#sleep(timeoutSeconds * 1000)
      this.exit(id, killedExitCode)
    } else this.exit(id, exitCode)
  }

  async kill(id: string): Promise<void> {
    await this.#begin('kill', this.#find(id)?.spec.name ?? id)
    if (this.#require(id).status !== 'running') throw new EngineError('notRunning', 'is not running')
    this.exit(id, killedExitCode)
  }

  async remove(id: string): Promise<void> {
    await this.#begin('remove', this.#find(id)?.spec.name ?? id)
    const container = this.#find(id)
    if (!container) return
    this.exit(id, killedExitCode)
    this.containers.delete(container.id)
    this.#emit('removed', container)
  }

  async createVolume(volume: VolumeSpec): Promise<void> {
    await this.#begin('createVolume', volume.name)
    const known = this.volumes.get(volume.name)
    if (known && known.driver !== volume.driver)
      throw new EngineError(
        'conflict',
        `Error response from daemon: a volume named ${volume.name} already exists with the ${known.driver} driver`,
      )
    if (!known) this.volumes.set(volume.name, volume)
  }

  async inspectVolume(name: string): Promise<VolumeView | undefined> {
    await this.#begin('inspectVolume', name)
    return this.volumes.get(name)
  }

  async removeVolume(name: string): Promise<void> {
    this.volumes.delete(name)
  }

  async inspect(idOrName: string): Promise<ContainerView | undefined> {
    await this.#begin('inspect', idOrName)
    const container = this.#find(idOrName)
    return container && viewOf(container)
  }

  async list(label: string): Promise<readonly ContainerSummary[]> {
    await this.#begin('list', label)
    return [...this.containers.values()].filter(({ spec }) => label in spec.labels).map(viewOf)
  }

  watch(label: string, listener: EngineListener): () => void {
    const entry = { label, listener }
    this.#listeners.add(entry)
    if (this.#isUp) queueMicrotask(() => this.#listeners.has(entry) && listener.connected())
    return () => this.#listeners.delete(entry)
  }

  async statistics(): Promise<DockerStatistics> {
    return { read: new Date(this.#now()).toISOString() }
  }

  async exec(): Promise<ExecProcess> {
    throw new EngineError('refused', 'the engine in memory runs no commands')
  }

  close(): void {}

  /** The content of a tag changes with its digest. */
  #imageId(name: string): string {
    return `sha256:${this.digests.get(name) ?? name}`
  }

  #now(): number {
    return this.#options.clock.now()
  }

  #find(idOrName: string): FakeContainer | undefined {
    return (
      this.containers.get(idOrName) ??
      [...this.containers.values()].find(({ spec }) => spec.name === idOrName)
    )
  }

  #require(id: string): FakeContainer {
    const container = this.containers.get(id)
    if (!container)
      throw new EngineError('noSuchContainer', `Error response from daemon: No such container: ${id}`)
    return container
  }

  async #begin(operation: Operation, name: string): Promise<void> {
    this.calls.push(`${operation} ${name}`)
    const latencyMs = this.#options.latencyMs?.[operation] ?? 0
    if (latencyMs > 0) await this.#sleep(latencyMs)
    else await Promise.resolve()
    if (!this.#isUp) throw new EngineError('unreachable', 'Cannot connect to the engine')
    const failure = this.failures.get(operation)?.shift()
    if (failure) throw failure
  }

  #sleep(ms: number): Promise<void> {
    return new Promise(resolve => this.#options.clock.after(ms, resolve))
  }

  #emit(type: EngineEvent['type'], container: FakeContainer): void {
    if (!this.#isUp) return
    const about = {
      container: { id: container.id, name: container.spec.name, labels: container.spec.labels },
      at: this.#now(),
    }
    const event: EngineEvent =
      type === 'exited'
        ? { type, ...about, exitCode: container.exitCode ?? 0 }
        : type === 'health'
          ? { type, ...about, health: container.health ?? 'UNKNOWN' }
          : { type, ...about }
    for (const { label, listener } of this.#listeners)
      if (label in container.spec.labels) listener.event(event)
  }
}

const optional = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [key in Name]?: Value }

/** Each container has an address of its own, as on Docker's bridge. */
const networksOf = ({ id, spec, status }: FakeContainer): ContainerView['networks'] => {
  const name = spec.networkMode
  if (name !== 'bridge' || status !== 'running') return [{ name }]
  return [{ name, ipv4: `172.17.0.${1 + Number(id.split('-').at(-1))}` }]
}

const viewOf = (container: FakeContainer): ContainerView => ({
  id: container.id,
  name: container.spec.name,
  labels: container.spec.labels,
  status: container.status,
  imageId: `sha256:${container.spec.image}`,
  outOfMemory: container.outOfMemory,
  networks: networksOf(container),
  mounts: container.spec.mounts.map(({ source, containerPath }) => ({ source, containerPath })),
  logPath: `/fake/${container.id}-json.log`,
  networkBindings:
    container.status === 'running'
      ? container.spec.ports.map((port, index) => ({
          bindIP: '0.0.0.0',
          containerPort: port.containerPort,
          hostPort: container.hostPorts[index] ?? port.hostPort,
          protocol: port.protocol,
        }))
      : [],
  ...optional('exitCode', container.exitCode),
  ...optional('startedAt', container.startedAt),
  ...optional('finishedAt', container.finishedAt),
  ...optional('health', container.health),
})
