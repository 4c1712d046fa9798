/** From a task's payload to what the engine is asked to create. Pure. */
import { createHash } from 'node:crypto'
import {
  lastSegment,
  type NetworkBinding,
  type PayloadContainer,
  type PayloadTask,
  type PayloadVolume,
} from '@berth/model'
import type { ContainerSpec, LoggingSpec, MountSpec, NetworkMode, PortSpec } from '../engine/engine.ts'
import { linkedContainer } from './dependencies.ts'

/** Amazon's labels, and Berth's own, without which a container is not Berth's. */
export const label = {
  taskArn: 'com.amazonaws.ecs.task-arn',
  containerName: 'com.amazonaws.ecs.container-name',
  family: 'com.amazonaws.ecs.task-definition-family',
  revision: 'com.amazonaws.ecs.task-definition-version',
  cluster: 'com.amazonaws.ecs.cluster',
  incarnation: 'berth.incarnation',
  containerInstance: 'berth.container-instance',
} as const

const mebibyte = 1024 * 1024
/** Docker refuses less (AWS: ContainerDefinition memory). */
const leastMemoryMiB = 6
const leastCpuShares = 2
const defaultStopTimeoutSeconds = 30

/** The same text for the same task and container always: after a crash, what was created is found by it. */
const engineName = (payload: PayloadTask, part: string): string => {
  const unique = createHash('sha256').update(`${payload.arn}\n${part}`).digest('hex').slice(0, 20)
  const readable = part.replaceAll(/[^a-zA-Z0-9_.-]/g, '')
  return `ecs-${payload.family}-${payload.version}-${readable}-${unique}`
}

export const engineContainerName = (payload: PayloadTask, container: string): string =>
  engineName(payload, container)

/** A volume that lives as long as its task. */
const engineVolumeName = (payload: PayloadTask, volume: string): string =>
  engineName(payload, `volume/${volume}`)

const supportedModes: Readonly<Record<string, NetworkMode>> = { bridge: 'bridge', host: 'host', none: 'none' }

/** Undefined for a mode that this agent cannot give. */
export const networkModeOf = (payload: PayloadTask): NetworkMode | undefined =>
  supportedModes[payload.networkMode || 'bridge']

const portsOf = (container: PayloadContainer): PortSpec[] =>
  (container.portMappings ?? []).flatMap(mapping => {
    const { protocol } = mapping
    if (mapping.containerPortRange) {
      const [first = 0, last = 0] = mapping.containerPortRange.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, index) => ({
        containerPort: first + index,
        hostPort: 0,
        protocol,
      }))
    }
    const { containerPort = 0, hostPort = 0 } = mapping
    return [{ containerPort, hostPort, protocol }]
  })

/** What is bound where, as far as the payload tells; undefined when only the engine knows. */
export const knownBindings = (
  payload: PayloadTask,
  container: PayloadContainer,
): readonly NetworkBinding[] | undefined => {
  const ports = portsOf(container)
  const mode = networkModeOf(payload)
  if (mode === 'none') return []
  const isHost = mode === 'host'
  if (!isHost && ports.some(port => port.hostPort === 0)) return undefined
  return ports.map(port => ({
    bindIP: '0.0.0.0',
    containerPort: port.containerPort,
    hostPort: isHost ? port.containerPort : port.hostPort,
    protocol: port.protocol,
  }))
}

const isShared = (volume: PayloadVolume): boolean => volume.dockerVolumeConfiguration?.scope === 'shared'

/** A path of the host, a volume that outlives its tasks, or one of the task's own. */
const volumeSource = (payload: PayloadTask, volume: PayloadVolume): string => {
  if (volume.host?.sourcePath) return volume.host.sourcePath
  return isShared(volume) ? volume.name : engineVolumeName(payload, volume.name)
}

const mountsOf = (payload: PayloadTask, container: PayloadContainer): MountSpec[] =>
  (container.mountPoints ?? []).flatMap(mount => {
    const volume = payload.volumes?.find(candidate => candidate.name === mount.sourceVolume)
    if (!volume) return []
    return [
      {
        source: volumeSource(payload, volume),
        containerPath: mount.containerPath,
        readOnly: mount.readOnly === true,
      },
    ]
  })

/** The engine's names of the volumes that end with their task: never a shared one, whatever its name. */
export const taskVolumes = (payload: PayloadTask): readonly string[] =>
  (payload.volumes ?? [])
    .filter(volume => !volume.host?.sourcePath && !isShared(volume))
    .map(volume => engineVolumeName(payload, volume.name))

/** Why this agent cannot give the task one of its volumes; undefined when it can give all. */
export const unsupportedVolume = (payload: PayloadTask): string | undefined => {
  for (const { name, type, dockerVolumeConfiguration: docker } of payload.volumes ?? []) {
    if (type !== undefined && type !== 'host' && type !== 'docker')
      return `ResourceInitializationError: volume ${name}: this container instance has no ${type} volumes`
    if ((docker?.driver ?? 'local') !== 'local' || Object.keys(docker?.driverOpts ?? {}).length > 0)
      return `ResourceInitializationError: volume ${name}: volume drivers and their options are not supported`
  }
  return undefined
}

const commandOf = (container: PayloadContainer): readonly string[] | undefined => {
  const overrides: unknown = container.overrides ? JSON.parse(container.overrides) : {}
  const command = (overrides as { command?: unknown } | null)?.command
  return Array.isArray(command) ? command.map(String) : container.command
}

const optional = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [key in Name]?: Exclude<Value, undefined> }

/** An empty list means: as the image says. */
const nonEmpty = <Item>(list: readonly Item[] | undefined): readonly Item[] | undefined =>
  list && list.length > 0 ? list : undefined

const memoryBytes = (mebibytes: number | undefined): number | undefined =>
  mebibytes ? Math.max(leastMemoryMiB, mebibytes) * mebibyte : undefined

/** A task's own limits hold for each of its containers that sets none. */
const limitsOf = (payload: PayloadTask, container: PayloadContainer) => ({
  cpuShares: Math.max(leastCpuShares, container.cpu),
  ...optional('cpuLimit', payload.cpu || undefined),
  ...optional('memoryBytes', memoryBytes(container.memory || payload.memory)),
  ...optional('memoryReservationBytes', memoryBytes(container.definition?.memoryReservation)),
})

const labelsOf = (payload: PayloadTask, container: PayloadContainer, context: SpecContext) => ({
  ...container.definition?.dockerLabels,
  [label.taskArn]: payload.arn,
  [label.containerName]: container.name,
  [label.family]: payload.family,
  [label.revision]: payload.version,
  [label.cluster]: payload.taskClusterArn,
  [label.incarnation]: context.incarnation,
  [label.containerInstance]: context.containerInstanceArn,
})

const environmentOf = (container: PayloadContainer, region: string) => ({
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  ...container.environment,
})

export interface SpecContext {
  readonly incarnation: string
  readonly containerInstanceArn: string
  readonly region: string
  /** The engine's log driver for a container that leaves its logs to the agent. */
  readonly agentLogging: LoggingSpec
}

const loggingOf = (container: PayloadContainer, context: SpecContext): LoggingSpec => {
  const wanted = container.definition?.logConfiguration
  if (!wanted || wanted.logDriver === 'awslogs') return context.agentLogging
  return { driver: wanted.logDriver, options: wanted.options }
}

const ipcModeOf = ({ ipcMode }: PayloadTask): Pick<ContainerSpec, 'ipcMode'> =>
  ipcMode === 'host' || ipcMode === 'none' ? { ipcMode } : {}

export const containerSpec = (
  payload: PayloadTask,
  container: PayloadContainer,
  context: SpecContext,
): ContainerSpec => {
  const { definition } = container
  const networkMode = networkModeOf(payload) ?? 'bridge'
  return {
    name: engineContainerName(payload, container.name),
    image: container.image,
    labels: labelsOf(payload, container, context),
    environment: environmentOf(container, context.region),
    networkMode,
    ports: networkMode === 'bridge' ? portsOf(container) : [],
    mounts: mountsOf(payload, container),
    volumesFrom: (container.volumesFrom ?? []).map(from => ({
      container: engineContainerName(payload, from.sourceContainer),
      readOnly: from.readOnly === true,
    })),
    links: (networkMode === 'bridge' ? (container.links ?? []) : []).map(link => ({
      container: engineContainerName(payload, linkedContainer(link)),
      alias: link.split(':')[1] ?? linkedContainer(link),
    })),
    logging: loggingOf(container, context),
    ...limitsOf(payload, container),
    privileged: container.privileged === true || definition?.privileged === true,
    readOnlyRoot: definition?.readonlyRootFilesystem === true,
    interactive: definition?.interactive === true,
    pseudoTerminal: definition?.pseudoTerminal === true,
    ...optional('command', nonEmpty(commandOf(container))),
    ...optional('entryPoint', nonEmpty(container.entryPoint)),
    ...optional('user', definition?.user),
    ...optional('workingDirectory', definition?.workingDirectory),
    // A container in the host's network has the host's name.
    ...optional('hostname', networkMode === 'host' ? undefined : definition?.hostname),
    ...optional('healthCheck', definition?.healthCheck),
    ...optional('pidMode', payload.pidMode === 'host' ? ('host' as const) : undefined),
    ...ipcModeOf(payload),
  }
}

export const stopTimeoutOf = (container: PayloadContainer | undefined): number =>
  container?.stopTimeout ?? defaultStopTimeoutSeconds

export interface LogTarget {
  readonly group: string
  readonly stream: string
  readonly options: Readonly<Record<string, string>>
}

/** Where a container's output goes in CloudWatch Logs: stream `prefix/container/task id`, or the runtime's id without a prefix. */
export const logTarget = (
  payload: PayloadTask,
  container: PayloadContainer,
  runtimeId: string,
): LogTarget | undefined => {
  const wanted = container.definition?.logConfiguration
  if (wanted?.logDriver !== 'awslogs') return undefined
  const { options } = wanted
  const prefix = options['awslogs-stream-prefix']
  return {
    group: options['awslogs-group'] ?? '',
    stream: prefix ? `${prefix}/${container.name}/${lastSegment(payload.arn)}` : runtimeId,
    options,
  }
}
