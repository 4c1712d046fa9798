/** From a task's payload to what the engine is asked to create. Pure. */
import type { PayloadContainer, PayloadTask } from '@berth/model'
import type { ContainerSpec, LoggingSpec } from '../../engine/engine.ts'
import { linkedContainer } from '../dependencies.ts'
import { linuxOf, nameResolutionOf, securityOf, ulimitsOf } from './isolation.ts'
import { loggingOf } from './logging.ts'
import { engineContainerName, label } from './names.ts'
import { containerNetworkModeOf, joinsNetwork, portsOf } from './network.ts'
import { nonEmpty, optional } from './present.ts'

const mebibyte = 1024 * 1024
/** Docker refuses less (AWS: ContainerDefinition memory). */
const leastMemoryMiB = 6
const leastCpuShares = 2
const defaultStopTimeoutSeconds = 30

const commandOf = (container: PayloadContainer): readonly string[] | undefined => {
  const overrides: unknown = container.overrides ? JSON.parse(container.overrides) : {}
  const command = (overrides as { command?: unknown } | null)?.command
  return Array.isArray(command) ? command.map(String) : container.command
}

const memoryBytes = (mebibytes: number | undefined): number | undefined =>
  mebibytes ? Math.max(leastMemoryMiB, mebibytes) * mebibyte : undefined

/** The task's own limits are those of the cgroup above its containers. */
const limitsOf = (container: PayloadContainer) => ({
  cpuShares: Math.max(leastCpuShares, container.cpu),
  ...optional('memoryBytes', memoryBytes(container.memory)),
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
  ...gpuEnvironment(container.definition?.gpuIds),
})

/** As the official agent: what NVIDIA's runtime reads, wherever the engine uses it for every container. */
const gpuEnvironment = (ids: readonly string[] | undefined): Record<string, string> =>
  ids ? { NVIDIA_VISIBLE_DEVICES: ids.join(',') } : {}

export interface SpecContext {
  readonly incarnation: string
  readonly containerInstanceArn: string
  readonly region: string
  /** The engine's log driver for a container that leaves its logs to the agent. */
  readonly agentLogging: LoggingSpec
  /** The engine's runtime for tasks of launch type FARGATE; empty: its default. */
  readonly fargateRuntime?: string
}

const ipcModeOf = ({ ipcMode }: PayloadTask): Pick<ContainerSpec, 'ipcMode'> =>
  ipcMode === 'host' || ipcMode === 'none' ? { ipcMode } : {}

const hasOwnName = (mode: ContainerSpec['networkMode']): boolean => mode !== 'host' && !joinsNetwork(mode)

export const containerSpec = (
  payload: PayloadTask,
  container: PayloadContainer,
  context: SpecContext,
): ContainerSpec => {
  const { definition = {} } = container
  const networkMode = containerNetworkModeOf(payload, container)
  return {
    name: engineContainerName(payload, container.name),
    image: container.image,
    labels: labelsOf(payload, container, context),
    environment: environmentOf(container, context.region),
    networkMode,
    ports: networkMode === 'bridge' ? portsOf(container) : [],
    // What it mounts is known once its volumes are prepared.
    mounts: [],
    volumesFrom: (container.volumesFrom ?? []).map(from => ({
      container: engineContainerName(payload, from.sourceContainer),
      readOnly: from.readOnly === true,
    })),
    links: (networkMode === 'bridge' ? (container.links ?? []) : []).map(link => ({
      container: engineContainerName(payload, linkedContainer(link)),
      alias: link.split(':')[1] ?? linkedContainer(link),
    })),
    logging: loggingOf(container, context.agentLogging),
    ...limitsOf(container),
    privileged: container.privileged === true || definition.privileged === true,
    readOnlyRoot: definition.readonlyRootFilesystem === true,
    interactive: definition.interactive === true,
    pseudoTerminal: definition.pseudoTerminal === true,
    ...optional('command', nonEmpty(commandOf(container))),
    ...optional('entryPoint', nonEmpty(container.entryPoint)),
    ...optional('user', definition.user),
    ...optional('workingDirectory', definition.workingDirectory),
    // A container in the network of another has its name, be that the host's or a pause container's.
    ...optional('hostname', hasOwnName(networkMode) ? definition.hostname : undefined),
    ...optional('healthCheck', definition.healthCheck),
    ...optional('runtime', (payload.launchType === 'FARGATE' && context.fargateRuntime) || undefined),
    ...optional('pidMode', payload.pidMode === 'host' ? ('host' as const) : undefined),
    ...ipcModeOf(payload),
    nameResolution: joinsNetwork(networkMode) ? {} : nameResolutionOf(definition),
    security: securityOf(definition, !joinsNetwork(networkMode)),
    linux: linuxOf(definition),
    ...optional('ulimits', ulimitsOf(definition)),
    ...optional('gpuIds', definition.gpuIds),
  }
}

export const stopTimeoutOf = (container: PayloadContainer | undefined): number =>
  container?.stopTimeout ?? defaultStopTimeoutSeconds
