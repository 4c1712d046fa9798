/**
 * What the official agent takes as Docker Engine API JSON, unmarshalled over what it built itself.
 * Our own agents get the definition in ECS's words instead.
 */
import type { ContainerDefinition, LinuxParameters } from '@aws-sdk/client-ecs'
import type { PayloadContainer } from '@berth/model'
import { completeHealthCheck, present } from './payload-container.ts'

export interface EngineSurroundings {
  readonly networkMode: string
  /** The id of the task, in the names of its log streams. */
  readonly taskId: string
  /** Where Docker's awslogs driver sends to; undefined: where AWS is. */
  readonly awslogsEndpoint?: string | undefined
}

/** The oldest Docker Engine API that knows everything that is put in. */
const ENGINE_API_VERSION = '1.25'
const NANOSECONDS = 1_000_000_000
const MIB = 1024 * 1024

export const dockerConfig = (
  container: ContainerDefinition,
  surroundings: EngineSurroundings,
): NonNullable<PayloadContainer['dockerConfig']> => ({
  version: ENGINE_API_VERSION,
  config: JSON.stringify(engineConfig(container)),
  hostConfig: JSON.stringify(engineHostConfig(container, surroundings)),
})

const engineConfig = (container: ContainerDefinition): object => ({
  ...present('Healthcheck', container.healthCheck && healthcheck(container.healthCheck)),
  ...present('User', container.user),
  ...present('WorkingDir', container.workingDirectory),
  ...present('Hostname', container.hostname),
  ...present('Labels', container.dockerLabels),
  ...present('Tty', container.pseudoTerminal),
  ...present('OpenStdin', container.interactive),
  ...present('NetworkDisabled', container.disableNetworking),
})

const healthcheck = (check: NonNullable<ContainerDefinition['healthCheck']>): object => {
  const { command, interval, timeout, retries, startPeriod } = completeHealthCheck(check)
  return {
    Test: command,
    Interval: interval * NANOSECONDS,
    Timeout: timeout * NANOSECONDS,
    Retries: retries,
    StartPeriod: startPeriod * NANOSECONDS,
  }
}

const engineHostConfig = (container: ContainerDefinition, surroundings: EngineSurroundings): object => ({
  CapAdd: container.linuxParameters?.capabilities?.add ?? [],
  CapDrop: container.linuxParameters?.capabilities?.drop ?? [],
  // The agent builds for the engine's default network, whatever the task says.
  ...(isEngineNetwork(surroundings.networkMode) && { NetworkMode: surroundings.networkMode }),
  ...present('Privileged', container.privileged),
  ...present('ReadonlyRootfs', container.readonlyRootFilesystem),
  ...present('MemoryReservation', container.memoryReservation && container.memoryReservation * MIB),
  ...present('Dns', container.dnsServers),
  ...present('DnsSearch', container.dnsSearchDomains),
  ...present('SecurityOpt', container.dockerSecurityOptions),
  ...present(
    'ExtraHosts',
    container.extraHosts?.map(({ hostname, ipAddress }) => `${hostname}:${ipAddress}`),
  ),
  ...present(
    'Ulimits',
    container.ulimits?.map(({ name, softLimit, hardLimit }) => ({
      Name: name,
      Soft: softLimit,
      Hard: hardLimit,
    })),
  ),
  ...present('Sysctls', sysctls(container)),
  ...present('LogConfig', logConfig(container, surroundings)),
  ...(container.linuxParameters && linuxMembers(container.linuxParameters, container.memory)),
})

/** Windows has no bridge: its default network goes by another name. */
const isEngineNetwork = (networkMode: string): boolean => networkMode === 'host' || networkMode === 'none'

const sysctls = ({ systemControls }: ContainerDefinition): Record<string, string> | undefined =>
  systemControls?.length
    ? Object.fromEntries(systemControls.map(({ namespace = '', value = '' }) => [namespace, value]))
    : undefined

const linuxMembers = (linux: LinuxParameters, memory: number | undefined): object => ({
  ...present('Init', linux.initProcessEnabled),
  ...present('ShmSize', linux.sharedMemorySize && linux.sharedMemorySize * MIB),
  // Without maxSwap it is ignored (AWS: LinuxParameters swappiness).
  ...present('MemorySwappiness', linux.maxSwap === undefined ? undefined : linux.swappiness),
  // Docker counts memory and swap together.
  ...present('MemorySwap', linux.maxSwap === undefined ? undefined : ((memory ?? 0) + linux.maxSwap) * MIB),
  ...present(
    'Tmpfs',
    linux.tmpfs &&
      Object.fromEntries(
        linux.tmpfs.map(({ containerPath = '', size = 0, mountOptions = [] }) => [
          containerPath,
          [...mountOptions, `size=${size}m`].join(','),
        ]),
      ),
  ),
  ...present(
    'Devices',
    linux.devices?.map(({ hostPath, containerPath, permissions }) => ({
      PathOnHost: hostPath,
      PathInContainer: containerPath ?? hostPath,
      CgroupPermissions: cgroupPermissions(permissions ?? ['read', 'write', 'mknod']),
    })),
  ),
})

const cgroupPermissions = (permissions: readonly string[]): string =>
  permissions.map(permission => permission.slice(0, 1)).join('')

/** Docker's awslogs driver knows no stream prefix: the stream of ECS, prefix/container/task, is named for it. */
const logConfig = (
  { name, logConfiguration: logs }: ContainerDefinition,
  { taskId, awslogsEndpoint }: EngineSurroundings,
): object | undefined => {
  if (logs === undefined) return undefined
  if (logs.logDriver !== 'awslogs') return { Type: logs.logDriver, Config: logs.options ?? {} }
  const { 'awslogs-stream-prefix': prefix, ...options } = logs.options ?? {}
  return {
    Type: logs.logDriver,
    Config: {
      ...options,
      ...present('awslogs-stream', prefix && `${prefix}/${name}/${taskId}`),
      ...present('awslogs-endpoint', options['awslogs-endpoint'] ?? awslogsEndpoint),
    },
  }
}
