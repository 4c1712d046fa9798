/** What a host really runs: the truth that everything else is held against. Survives its agent, not its power. */
import type { HealthStatus, NetworkBinding } from '@berth/model'
import type { Cancel, World } from '../world.ts'

export interface ContainerSpec {
  readonly taskArn: string
  readonly name: string
  /** Says how the container behaves: `serve`, `stubborn`, `fragile`, `broken`, `hopeless`, `sickly`, `batch-0`, `crash-3`. */
  readonly image: string
  /** What the image's tag stood for when it was pulled. */
  readonly digest: string
  /** It has a health check. */
  readonly isChecked: boolean
  readonly essential: boolean
  /** Of a task of the network mode awsvpc. */
  readonly address?: string
  readonly ipv6Address?: string
  /** 0: the host chooses. */
  readonly ports: readonly { readonly containerPort: number; readonly hostPort: number }[]
  readonly cpu: number
  readonly memory: number
  readonly incarnation: string
  readonly containerInstanceArn: string
  readonly stopTimeoutMs: number
}

export interface SimContainer extends ContainerSpec {
  readonly id: string
  status: 'starting' | 'running' | 'exited' | 'failed'
  exitCode?: number
  reason?: string
  /** What its health check says, if it has one. */
  health?: HealthStatus
  /** Since when, or until when, it is or was HEALTHY. */
  healthyAt?: number
  /** It answers nobody. */
  isDeaf?: boolean
  /** It never becomes healthy again. */
  isWedged?: true
  bindings: readonly NetworkBinding[]
}

/** An EBS volume: files on the host, for one task. */
export interface SimVolume {
  readonly volumeId: string
  readonly attachmentId: string
  readonly taskArn: string
  readonly deleteOnTermination: boolean
  /** As which instance the host made it. */
  readonly containerInstanceArn: string
  isInUse: boolean
}

export interface EngineObserver {
  started(host: string, container: SimContainer): void
  refusedPort(host: string, container: SimContainer, holder: SimContainer): void
  attached(host: string, volume: SimVolume): void
}

export interface EngineConditions {
  /** Of a start: it fails. */
  failing: number
  /** Of a start: it takes seconds. */
  slow: number
  /** While true, `broken`, `fragile` and `sickly` images are what their names say. */
  badImages: boolean
}

export class SimEngine {
  readonly containers = new Map<string, SimContainer>()
  /** By task: every container that there ever was, removed ones too. */
  readonly ever = new Map<string, SimContainer[]>()
  /** By id. They outlive agents and power. */
  readonly volumes = new Map<string, SimVolume>()
  readonly #world: World
  readonly #host: string
  readonly #observer: EngineObserver
  readonly #conditions: EngineConditions
  readonly #timers = new Map<string, Cancel>()
  #ports = 32_768
  /** The agent's; set while it lives. */
  listener: ((container: SimContainer) => void) | undefined

  constructor(world: World, host: string, conditions: EngineConditions, observer: EngineObserver) {
    this.#world = world
    this.#host = host
    this.#conditions = conditions
    this.#observer = observer
  }

  of(taskArn: string): readonly SimContainer[] {
    return [...this.containers.values()].filter(container => container.taskArn === taskArn)
  }

  volumesOf(taskArn: string): readonly SimVolume[] {
    return [...this.volumes.values()].filter(volume => volume.taskArn === taskArn)
  }

  /** Makes the volume, unless it is there. */
  attach(volume: Omit<SimVolume, 'isInUse'>): void {
    if (this.volumes.has(volume.volumeId)) return
    const made = { ...volume, isInUse: true }
    this.volumes.set(volume.volumeId, made)
    this.#world.trace(this.#host, `makes ${volume.volumeId} of ${shortArn(volume.taskArn)}`)
    this.#observer.attached(this.#host, made)
  }

  /** Its task has ended. */
  release(volume: SimVolume): void {
    volume.isInUse = false
    if (volume.deleteOnTermination) this.deleteVolume(volume.volumeId)
  }

  deleteVolume(volumeId: string): void {
    if (this.volumes.delete(volumeId)) this.#world.trace(this.#host, `deletes ${volumeId}`)
  }

  running(): readonly SimContainer[] {
    return [...this.containers.values()].filter(({ status }) => status === 'running')
  }

  run(spec: ContainerSpec): void {
    const { random } = this.#world
    const container: SimContainer = { ...spec, id: random.hex(8), status: 'starting', bindings: [] }
    this.containers.set(container.id, container)
    this.ever.set(spec.taskArn, [...(this.ever.get(spec.taskArn) ?? []), container])
    const delay = random.chance(this.#conditions.slow)
      ? random.integer(1_000, 15_000)
      : random.integer(20, 300)
    this.#later(container, delay, () => this.#start(container))
  }

  /** SIGTERM, and SIGKILL when that is not enough. */
  stop(container: SimContainer): void {
    if (container.status !== 'running' || container.reason === 'stopping') return
    container.reason = 'stopping'
    const isStubborn = container.image.startsWith('stubborn')
    const delay = isStubborn ? container.stopTimeoutMs : this.#world.random.integer(10, 1_500)
    this.#later(container, delay, () => this.end(container, isStubborn ? 137 : 0))
  }

  /** The container's process ends: by itself, by a crash, or for want of memory. */
  end(container: SimContainer, exitCode: number): void {
    if (container.status !== 'running') return
    this.#timers.get(container.id)?.()
    container.status = 'exited'
    container.exitCode = exitCode
    this.#tell(container, `exits with ${exitCode}`)
  }

  /** Its health check fails from now on, for a while or for ever. */
  sicken(container: SimContainer): void {
    if (container.health === undefined || container.status !== 'running') return
    if (this.#world.random.chance(0.5)) container.isWedged = true
    this.#becomes(container, 'UNHEALTHY')
    this.#planCheck(container, 10_000)
  }

  /** It answers nobody from now on, for a while or for ever. */
  deafen(container: SimContainer): void {
    container.isDeaf = true
    this.#world.trace(this.#host, `${container.name} of ${shortArn(container.taskArn)} answers no more`)
    if (this.#world.random.chance(0.5))
      this.#laterAs(`${container.id} deaf`, this.#world.random.integer(500, 10_000), () => {
        container.isDeaf = false
      })
  }

  powerOff(): void {
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
    for (const container of this.containers.values()) {
      if (container.status === 'starting') this.#fail(container, 'The host went down')
      else this.end(container, 137)
    }
  }

  remove(container: SimContainer): void {
    this.end(container, 137)
    this.#timers.get(container.id)?.()
    this.containers.delete(container.id)
    this.#world.trace(this.#host, `removes ${container.name} of ${shortArn(container.taskArn)}`)
  }

  #start(container: SimContainer): void {
    const holder = this.#holderOf(container)
    if (holder !== undefined) {
      this.#observer.refusedPort(this.#host, container, holder)
      this.#fail(container, 'Bind failed: port is already allocated')
      return
    }
    const isBroken = container.image.startsWith('broken') && this.#conditions.badImages
    const isHopeless = container.image.startsWith('hopeless')
    if (isHopeless || isBroken || this.#world.random.chance(this.#conditions.failing)) {
      this.#fail(container, 'CannotStartContainerError')
      return
    }
    container.status = 'running'
    container.bindings = container.ports.map(({ containerPort, hostPort }) => ({
      bindIP: '0.0.0.0',
      containerPort,
      hostPort: hostPort || this.#ports++,
      protocol: 'tcp' as const,
    }))
    if (container.isChecked) container.health = 'UNKNOWN'
    this.#observer.started(this.#host, container)
    this.#tell(container, 'runs')
    this.#planEnd(container)
    // Now and then a start takes long: until the check has said so, nobody knows whether it is healthy.
    if (container.isChecked) this.#planCheck(container, this.#world.random.chance(0.4) ? 15_000 : 2_000)
  }

  #planCheck(container: SimContainer, mostMs: number): void {
    const delay = this.#world.random.integer(300, mostMs)
    this.#laterAs(`${container.id} check`, delay, () => this.#check(container))
  }

  #check(container: SimContainer): void {
    if (container.status !== 'running') return
    const isSickly = container.image.startsWith('sickly') && this.#conditions.badImages
    const fails = container.isWedged === true || (isSickly && this.#world.random.chance(0.5))
    this.#becomes(container, fails ? 'UNHEALTHY' : 'HEALTHY')
    if (fails || isSickly) this.#planCheck(container, 10_000)
  }

  #becomes(container: SimContainer, health: HealthStatus): void {
    if (container.health === health) return
    if ([health, container.health].includes('HEALTHY')) container.healthyAt = this.#world.now
    container.health = health
    this.#tell(container, `is ${health}`)
  }

  #planEnd(container: SimContainer): void {
    const { random } = this.#world
    const [behaviour = '', code] = container.image.split('@')[0]?.split('-') ?? []
    if (behaviour === 'batch' || behaviour === 'crash')
      this.#later(container, random.integer(500, 8_000), () => this.end(container, Number(code)))
    if (behaviour === 'fragile' && this.#conditions.badImages)
      this.#later(container, random.integer(1_000, 20_000), () => this.end(container, 1))
  }

  #holderOf({ ports, id }: SimContainer): SimContainer | undefined {
    const wanted = new Set(ports.map(({ hostPort }) => hostPort).filter(port => port !== 0))
    if (wanted.size === 0) return undefined
    return this.running().find(
      other => other.id !== id && other.bindings.some(({ hostPort }) => wanted.has(hostPort)),
    )
  }

  #fail(container: SimContainer, reason: string): void {
    container.status = 'failed'
    container.reason = reason
    this.#tell(container, `fails: ${reason}`)
  }

  #later(container: SimContainer, delay: number, run: () => void): void {
    this.#laterAs(container.id, delay, run)
  }

  #laterAs(timer: string, delay: number, run: () => void): void {
    this.#timers.get(timer)?.()
    this.#timers.set(timer, this.#world.after(delay, run))
  }

  #tell(container: SimContainer, what: string): void {
    this.#world.trace(this.#host, `${container.name} of ${shortArn(container.taskArn)} ${what}`)
    this.listener?.(container)
  }
}

/** The end of an ARN's id, as the event log shows it. */
export const shortArn = (arn: string): string => arn.slice(-6)
