/** Groups of members of Docker's HostConfig, each from its part of a container's spec. */
import type { ContainerSpec, DeviceSpec, EngineInfo, LinuxSpec } from '../engine.ts'
import { optional } from './json.ts'

export const nameResolutionMembers = (wanted: ContainerSpec['nameResolution']) => ({
  ...optional('Dns', wanted?.servers),
  ...optional('DnsSearch', wanted?.searchDomains),
  ...optional(
    'ExtraHosts',
    wanted?.extraHosts?.map(({ hostname, ipAddress }) => `${hostname}:${ipAddress}`),
  ),
})

export const securityMembers = (wanted: ContainerSpec['security']) => ({
  ...optional('CapAdd', wanted?.addedCapabilities),
  ...optional('CapDrop', wanted?.droppedCapabilities),
  ...optional('SecurityOpt', wanted?.options),
  ...optional('Sysctls', wanted?.kernelParameters),
})

const deviceBody = (device: DeviceSpec) => ({
  PathOnHost: device.hostPath,
  PathInContainer: device.containerPath,
  CgroupPermissions: device.permissions.map(permission => permission.slice(0, 1)).join(''),
})

type MemoryFileSystem = NonNullable<LinuxSpec['memoryFileSystems']>[number]

const memoryFileSystemOptions = ({ mountOptions, sizeBytes }: MemoryFileSystem): string =>
  [...mountOptions, `size=${sizeBytes}`].join(',')

/** Docker counts both together. Without a limit of memory it refuses any but 0, which would be no limit at all. */
const memoryAndSwapBytes = (memory = 0, swap: number | undefined): number | undefined =>
  swap === undefined ? undefined : memory + swap || 1

export const linuxMembers = ({ linux, memoryBytes }: ContainerSpec, { cgroupVersion }: EngineInfo) => ({
  ...optional('Init', linux?.init),
  ...optional('ShmSize', linux?.sharedMemoryBytes),
  ...optional('MemorySwap', memoryAndSwapBytes(memoryBytes, linux?.swapBytes)),
  // cgroup v2 knows none.
  ...optional('MemorySwappiness', cgroupVersion === '1' ? linux?.swappiness : undefined),
  ...optional(
    'Tmpfs',
    linux?.memoryFileSystems &&
      Object.fromEntries(
        linux.memoryFileSystems.map(wanted => [wanted.containerPath, memoryFileSystemOptions(wanted)]),
      ),
  ),
  ...optional('Devices', linux?.devices?.map(deviceBody)),
})

export const gpuMembers = (ids: ContainerSpec['gpuIds']) =>
  optional(
    'DeviceRequests',
    ids?.length ? [{ Driver: 'nvidia', DeviceIDs: ids, Capabilities: [['gpu']] }] : undefined,
  )
