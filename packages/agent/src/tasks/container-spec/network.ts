/** The network mode of a task, and which ports of its containers are published where. Pure. */
import type {
  NetworkBinding,
  PayloadContainer,
  PayloadPortMapping,
  PayloadTask,
  RangeBinding,
} from '@berth/model'
import type { NetworkMode, PortSpec } from '../../engine/engine.ts'

const supportedModes: Readonly<Record<string, NetworkMode>> = { bridge: 'bridge', host: 'host', none: 'none' }

/** Undefined for a mode that this agent cannot give. */
export const networkModeOf = (payload: PayloadTask): NetworkMode | undefined =>
  supportedModes[payload.networkMode || 'bridge']

/** A container without networking has its loopback only, whatever its task has. (AWS: ContainerDefinition disableNetworking) */
export const containerNetworkModeOf = (payload: PayloadTask, container: PayloadContainer): NetworkMode =>
  container.definition?.disableNetworking ? 'none' : (networkModeOf(payload) ?? 'bridge')

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
