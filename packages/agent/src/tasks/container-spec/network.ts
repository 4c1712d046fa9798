/** The network mode of a task, and which ports of its containers are published where. Pure. */
import type {
  NetworkBinding,
  PayloadContainer,
  PayloadPortMapping,
  PayloadTask,
  RangeBinding,
} from '@berth/model'
import type { NetworkMode, PortSpec } from '../../engine/engine.ts'
import { engineContainerName, pauseContainerName } from './names.ts'

const taskNetworkModes = ['awsvpc', 'bridge', 'host', 'none'] as const
export type TaskNetworkMode = (typeof taskNetworkModes)[number]

/** Undefined for a mode that this agent cannot give. */
export const networkModeOf = (payload: PayloadTask): TaskNetworkMode | undefined =>
  taskNetworkModes.find(mode => mode === (payload.networkMode || 'bridge'))

/** A container without networking has its loopback only, whatever its task has. (AWS: ContainerDefinition disableNetworking) */
export const containerNetworkModeOf = (payload: PayloadTask, container: PayloadContainer): NetworkMode => {
  if (container.definition?.disableNetworking) return 'none'
  const mode = networkModeOf(payload) ?? 'bridge'
  return mode === 'awsvpc' ? `container:${engineContainerName(payload, pauseContainerName)}` : mode
}

/** It has no network namespace of its own, and with it no names and kernel parameters of one. */
export const joinsNetwork = (mode: NetworkMode): boolean => mode.startsWith('container:')

export const portsOf = (container: PayloadContainer): PortSpec[] =>
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
  const mode = containerNetworkModeOf(payload, container)
  // (AWS: API reference, NetworkBinding: in awsvpc mode there are none.)
  if (mode === 'none' || joinsNetwork(mode)) return []
  const isHost = mode === 'host'
  if (!isHost && ports.some(port => port.hostPort === 0)) return undefined
  return ports.map(port => ({
    bindIP: '0.0.0.0',
    containerPort: port.containerPort,
    hostPort: isHost ? port.containerPort : port.hostPort,
    protocol: port.protocol,
  }))
}

const rangeBinding = (
  { containerPortRange = '', protocol }: PayloadPortMapping,
  bindings: readonly NetworkBinding[],
): RangeBinding => {
  const hostPorts = bindings.map(binding => binding.hostPort)
  return {
    bindIP: bindings[0]?.bindIP ?? '0.0.0.0',
    containerPortRange,
    hostPortRange: `${Math.min(...hostPorts)}-${Math.max(...hostPorts)}`,
    protocol,
  }
}

/** The ports of a range are told as one range, after the others. (AWS: API reference, NetworkBinding) */
export const toldBindings = (
  { portMappings = [] }: PayloadContainer,
  bindings: readonly NetworkBinding[],
): readonly (NetworkBinding | RangeBinding)[] => {
  let others = bindings
  const ranges: RangeBinding[] = []
  for (const mapping of portMappings) {
    if (mapping.containerPortRange === undefined) continue
    const [first = 0, last = 0] = mapping.containerPortRange.split('-').map(Number)
    const isOfRange = ({ containerPort, protocol }: NetworkBinding): boolean =>
      protocol === mapping.protocol && containerPort >= first && containerPort <= last
    const ofRange = others.filter(isOfRange)
    if (ofRange.length > 0) ranges.push(rangeBinding(mapping, ofRange))
    others = others.filter(binding => !isOfRange(binding))
  }
  return [...others, ...ranges]
}
