/** How a container is set apart from its host and its neighbours: capabilities, kernel parameters, devices, limits. Pure. */
import type { PayloadContainer } from '@berth/model'
import type { ContainerSpec, LinuxSpec, NameResolutionSpec, SecuritySpec } from '../../engine/engine.ts'
import { nonEmpty, optional } from './present.ts'

type Definition = NonNullable<PayloadContainer['definition']>

const mebibyte = 1024 * 1024

const bytes = (mebibytes: number | undefined): number | undefined =>
  mebibytes === undefined ? undefined : mebibytes * mebibyte

/** ECS writes `label:type:svirt_t`; newer engines take only the form with an equals sign. */
const securityOption = (option: string): string =>
  /^(apparmor|label|seccomp|systempaths):/.test(option) ? option.replace(':', '=') : option

export const isOfNetwork = ({ namespace }: { readonly namespace: string }): boolean =>
  namespace.startsWith('net.')

/** `hasOwnNetwork`: the kernel parameters of its network are its own to set. */
export const securityOf = (definition: Definition, hasOwnNetwork: boolean): SecuritySpec => {
  const { capabilities } = definition.linuxParameters ?? {}
  const systemControls = definition.systemControls?.filter(each => hasOwnNetwork || !isOfNetwork(each))
  return {
    ...optional('addedCapabilities', nonEmpty(capabilities?.add)),
    ...optional('droppedCapabilities', nonEmpty(capabilities?.drop)),
    ...optional('options', nonEmpty(definition.dockerSecurityOptions?.map(securityOption))),
    ...optional(
      'kernelParameters',
      systemControls?.length
        ? Object.fromEntries(systemControls.map(({ namespace, value }) => [namespace, value]))
        : undefined,
    ),
  }
}

export const linuxOf = ({ linuxParameters: linux }: Definition): LinuxSpec => ({
  ...optional('init', linux?.initProcessEnabled),
  ...optional('sharedMemoryBytes', bytes(linux?.sharedMemorySize || undefined)),
  ...optional('swapBytes', bytes(linux?.maxSwap)),
  // Without maxSwap it is ignored (AWS: LinuxParameters swappiness).
  ...optional('swappiness', linux?.maxSwap === undefined ? undefined : linux.swappiness),
  ...optional(
    'memoryFileSystems',
    linux?.tmpfs?.map(({ containerPath, size, mountOptions = [] }) => ({
      containerPath,
      sizeBytes: size * mebibyte,
      mountOptions,
    })),
  ),
  ...optional(
    'devices',
    linux?.devices?.map(({ hostPath, containerPath, permissions }) => ({
      hostPath,
      containerPath: containerPath ?? hostPath,
      // AWS: Device permissions.
      permissions: nonEmpty(permissions) ?? ['read', 'write', 'mknod'],
    })),
  ),
})

export const ulimitsOf = ({ ulimits }: Definition): ContainerSpec['ulimits'] =>
  ulimits?.map(({ name, softLimit, hardLimit }) => ({ name, soft: softLimit, hard: hardLimit }))

export const nameResolutionOf = (definition: Definition): NameResolutionSpec => ({
  ...optional('servers', nonEmpty(definition.dnsServers)),
  ...optional('searchDomains', nonEmpty(definition.dnsSearchDomains)),
  ...optional('extraHosts', nonEmpty(definition.extraHosts)),
})
