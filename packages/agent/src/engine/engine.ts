/**
 * A container engine in our own words. Nothing above this interface knows which engine it is;
 * each adapter turns its engine's words and errors into these.
 */
import type { HealthStatus, NetworkBinding } from '@berth/model'

export interface Engine {
  /** What the engine says of itself. Fails with EngineError `unreachable` while it cannot be asked. */
  info(): Promise<EngineInfo>
  /** Resolves with the digest that the registry named. Fails with `timedOut` when the pull makes no progress for too long. */
  pull(image: string, options?: PullOptions): Promise<{ readonly digest?: string }>
  /** Undefined when the engine does not hold the image. */
  inspectImage(image: string): Promise<ImageView | undefined>
  /** Makes an image of one layer, a tar archive. `changes` are lines of a Dockerfile. */
  importImage(name: string, archive: Buffer, changes: readonly string[]): Promise<void>
  /** Takes a name from an image, and removes the image with its last one. Fails with `conflict` when a container needs it. */
  removeImage(nameOrId: string): Promise<void>
  /** The link of the network that containers are in by default; undefined: the engine has no such network. */
  defaultBridge(): Promise<string | undefined>
  /** The ids of the images of every container on the host, whoever made it, ended ones too. */
  usedImages(): Promise<ReadonlySet<string>>
  /** Returns the container's id. Fails with `noSuchImage` (pull it) or `nameTaken` (find it by its name). */
  create(spec: ContainerSpec): Promise<string>
  start(id: string): Promise<void>
  /** Resolves when the container has ended: its stop signal, then SIGKILL after the timeout. */
  stop(id: string, timeoutSeconds: number): Promise<void>
  kill(id: string, signal?: string): Promise<void>
  /** Removes the container, ended or not, with its anonymous volumes. */
  remove(id: string): Promise<void>
  /** Nothing happens when there is one of that name and driver already, whatever its options. */
  createVolume(volume: VolumeSpec): Promise<void>
  /** Undefined when there is no such volume. */
  inspectVolume(name: string): Promise<VolumeView | undefined>
  /** Fails with `conflict` while a container has it. */
  removeVolume(name: string): Promise<void>
  /** By id or by name; undefined when there is no such container. */
  inspect(idOrName: string): Promise<ContainerView | undefined>
  /** Every container that carries the label, ended ones included. */
  list(label: string): Promise<readonly ContainerSummary[]>
  /** Follows the engine's events of containers that carry the label, and reconnects by itself. */
  watch(label: string, listener: EngineListener): () => void
  /** Runs a command in a running container. Fails with `noSuchContainer` or `notRunning`. */
  exec(id: string, spec: ExecSpec): Promise<ExecProcess>
  /**
   * A sample of what the container uses, in the words of Docker's API ("ContainerStats"), which ECS hands on to tasks.
   * `isPaired`: with the sample of a second before in it, for which the engine takes that second.
   */
  statistics(id: string, isPaired: boolean): Promise<DockerStatistics>
  close(): void
}

export interface ExecSpec {
  readonly command: readonly string[]
  /** With a terminal there is one output, and what is typed is echoed. */
  readonly isTerminal: boolean
}

export type ExecOutput = 'output' | 'error'

/** A command that runs in a container. Nothing of its output is read before `onOutput`. */
export interface ExecProcess {
  onOutput(listener: (output: ExecOutput, bytes: Buffer) => void): void
  write(bytes: Uint8Array): void
  endInput(): void
  /** Characters. */
  resize(columns: number, rows: number): Promise<void>
  /** Stops reading its output until `resume`: it waits once its buffers are full. */
  pause(): void
  resume(): void
  kill(): Promise<void>
  /** Its exit code, once all of its output was read. Rejects when the engine cannot tell. */
  readonly exited: Promise<number>
}

export interface EngineListener {
  /** The stream is open: what happened before is known only by listing. Called after every reconnect. */
  connected(): void
  disconnected(reason: string): void
  event(event: EngineEvent): void
  /** The engine's images changed: what was known of them may be stale. */
  imagesChanged(): void
}

export type EngineEvent =
  | { readonly type: 'started'; readonly container: EventContainer; readonly at: number }
  | {
      readonly type: 'exited'
      readonly container: EventContainer
      readonly at: number
      readonly exitCode: number
    }
  | { readonly type: 'outOfMemory'; readonly container: EventContainer; readonly at: number }
  | {
      readonly type: 'health'
      readonly container: EventContainer
      readonly at: number
      readonly health: HealthStatus
    }
  | { readonly type: 'removed'; readonly container: EventContainer; readonly at: number }

export interface EventContainer {
  readonly id: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

export interface EngineInfo {
  /** For instance `docker`. */
  readonly kind: string
  readonly version: string
  readonly apiVersion: string
  readonly cpuCount: number
  readonly memoryBytes: number
  readonly cgroupVersion: string
  readonly cgroupDriver: string
  readonly rootless: boolean
  /** What it can set containers apart with: `seccomp`, `apparmor`, `selinux`. */
  readonly securityModules: readonly string[]
  readonly logDrivers: readonly string[]
  /** The names of the OCI runtimes that containers can ask for. */
  readonly runtimes: readonly string[]
  /** Where the engine keeps images and containers, as its host names it. */
  readonly dataDirectory: string
  readonly volumeDrivers: readonly string[]
}

export interface ImageView {
  readonly id: string
  /** `sha256:…` of the manifest, in the repository that was asked for; only an image that came from a registry has one. */
  readonly digest?: string
  /** `name:tag`, each one that it has. */
  readonly names: readonly string[]
}

export interface RegistryAuth {
  readonly username: string
  readonly password: string
}

export interface PullOptions {
  readonly auth?: RegistryAuth | undefined
  readonly patience?: PullPatience | undefined
  onProgress?(progress: PullProgress): void
}

/** How long a registry may be silent, in milliseconds: before its first word, and then between any two. */
export interface PullPatience {
  readonly beginMs: number
  readonly inactivityMs: number
}

/** Of the layers whose size is known so far. */
export interface PullProgress {
  readonly downloadedBytes: number
  readonly totalBytes: number
}

export type NetworkMode = 'bridge' | 'host' | 'none' | NamespaceOf

export interface ContainerSpec {
  readonly name: string
  readonly image: string
  readonly labels: Readonly<Record<string, string>>
  readonly environment: Readonly<Record<string, string>>
  readonly networkMode: NetworkMode
  readonly ports: readonly PortSpec[]
  readonly mounts: readonly MountSpec[]
  readonly volumesFrom: readonly { readonly container: string; readonly readOnly: boolean }[]
  readonly links: readonly { readonly container: string; readonly alias: string }[]
  readonly logging: LoggingSpec
  readonly command?: readonly string[]
  readonly entryPoint?: readonly string[]
  readonly user?: string
  /** Groups that the container's user is in besides its own. */
  readonly supplementaryGroups?: readonly string[]
  readonly workingDirectory?: string
  readonly hostname?: string
  /** Relative weight, at least 2. */
  readonly cpuShares: number
  readonly memoryBytes?: number
  readonly memoryReservationBytes?: number
  readonly privileged: boolean
  readonly readOnlyRoot: boolean
  readonly interactive: boolean
  readonly pseudoTerminal: boolean
  readonly healthCheck?: HealthCheckSpec
  /** The cgroup, or systemd's slice, that the container's own is made in. */
  readonly cgroupParent?: string
  /** One of the engine's runtimes; its default when absent. */
  readonly runtime?: string
  readonly pidMode?: 'host' | NamespaceOf
  /** `shareable`: other containers may join it. */
  readonly ipcMode?: 'host' | 'none' | 'shareable' | NamespaceOf
  readonly nameResolution?: NameResolutionSpec
  readonly security?: SecuritySpec
  readonly linux?: LinuxSpec
  readonly ulimits?: readonly { readonly name: string; readonly soft: number; readonly hard: number }[]
  /** Ids of the host's GPUs, as their driver names them. */
  readonly gpuIds?: readonly string[]
}

/** The namespace of another container, by its id or name. */
export type NamespaceOf = `container:${string}`

export interface NameResolutionSpec {
  readonly servers?: readonly string[]
  readonly searchDomains?: readonly string[]
  readonly extraHosts?: readonly { readonly hostname: string; readonly ipAddress: string }[]
}

export interface SecuritySpec {
  /** Of the kernel: `NET_ADMIN`, or `ALL`. */
  readonly addedCapabilities?: readonly string[]
  readonly droppedCapabilities?: readonly string[]
  /** `no-new-privileges`, `apparmor=profile`, `label=type:…`, `seccomp=…`. */
  readonly options?: readonly string[]
  /** Kernel parameters of the container's own namespaces. */
  readonly kernelParameters?: Readonly<Record<string, string>>
}

export interface LinuxSpec {
  /** A small init that forwards signals and reaps what its children leave. */
  readonly init?: boolean
  /** What /dev/shm holds at most. */
  readonly sharedMemoryBytes?: number
  /** Besides the hard memory limit, without which an engine refuses it. 0: none. */
  readonly swapBytes?: number
  /** 0 to 100. What has no such setting (cgroup v2) goes without. */
  readonly swappiness?: number
  readonly memoryFileSystems?: readonly {
    readonly containerPath: string
    readonly sizeBytes: number
    readonly mountOptions: readonly string[]
  }[]
  readonly devices?: readonly DeviceSpec[]
}

export interface DeviceSpec {
  readonly hostPath: string
  readonly containerPath: string
  readonly permissions: readonly ('read' | 'write' | 'mknod')[]
}

export interface PortSpec {
  readonly containerPort: number
  /** 0: the engine chooses. */
  readonly hostPort: number
  readonly protocol: 'tcp' | 'udp'
}

/** `source`: a path of the host (it begins with a slash; made when absent) or the name of a volume. */
export interface MountSpec {
  readonly source: string
  readonly containerPath: string
  readonly readOnly: boolean
}

export interface VolumeSpec {
  readonly name: string
  readonly driver: string
  readonly options: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
}

export interface VolumeView {
  readonly driver: string
}

export interface LoggingSpec {
  readonly driver: string
  readonly options: Readonly<Record<string, string>>
}

/** Seconds. */
export interface HealthCheckSpec {
  /** `['CMD', …]`, `['CMD-SHELL', command]` or `['NONE']`. */
  readonly command: readonly string[]
  readonly interval: number
  readonly timeout: number
  readonly retries: number
  readonly startPeriod: number
}

/** `created`: never started. */
export type EngineStatus = 'created' | 'running' | 'exited'

export interface ContainerSummary {
  readonly id: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly status: EngineStatus
}

export interface ContainerView extends ContainerSummary {
  readonly imageId: string
  readonly exitCode?: number
  readonly outOfMemory: boolean
  /** Milliseconds since the epoch. */
  readonly startedAt?: number
  readonly finishedAt?: number
  /** What the engine says went wrong when it started the container. */
  readonly error?: string
  readonly health?: HealthStatus
  readonly networkBindings: readonly NetworkBinding[]
  readonly createdAt?: number
  readonly networks: readonly AttachedNetwork[]
  readonly mounts: readonly AttachedMount[]
  /** The main process's id on the host, while it runs. */
  readonly pid?: number
  /** The json-file that holds the container's output; empty when its log driver keeps none. */
  readonly logPath: string
}

/** A network that a container is in, by the engine's name; addresses only while it runs. */
export interface AttachedNetwork {
  readonly name: string
  readonly ipv4?: string
  readonly ipv6?: string
}

export interface AttachedMount {
  /** Of a volume. */
  readonly volume?: string
  /** On the host. */
  readonly source: string
  readonly containerPath: string
}

export type DockerStatistics = Readonly<Record<string, unknown>>

export type EngineErrorCode =
  | 'unreachable'
  | 'timedOut'
  | 'noSuchImage'
  | 'noSuchContainer'
  | 'noSuchVolume'
  | 'nameTaken'
  | 'notRunning'
  | 'conflict'
  | 'refused'
  | 'failed'

/** The engine could not do it. `message` is fit for a task's reason; `retryable`: the same request may succeed later. */
export class EngineError extends Error {
  readonly code: EngineErrorCode
  readonly retryable: boolean

  constructor(code: EngineErrorCode, message: string, retryable = code === 'unreachable') {
    super(message)
    this.name = 'EngineError'
    this.code = code
    this.retryable = retryable
  }
}

export const isEngineError = (error: unknown, ...codes: EngineErrorCode[]): error is EngineError =>
  error instanceof EngineError && (codes.length === 0 || codes.includes(error.code))
