/**
 * The host's ports of `containerPortRange` in bridge mode: as many that follow one another, chosen by the agent.
 * (AWS: API reference, PortMapping containerPortRange)
 */
import type { PayloadContainer, PayloadPortMapping, PayloadTask } from '@berth/model'
import type { PortSpec } from '../engine/engine.ts'
import { networkModeOf } from '../tasks/container-spec/index.ts'
import { type TaskResource, TaskResourceError } from '../tasks/resources/task-resource.ts'
import type { ContiguousPorts } from './contiguous-ports.ts'

interface GivenRange {
  readonly container: string
  readonly firstContainerPort: number
  readonly firstHostPort: number
  readonly count: number
  readonly protocol: 'tcp' | 'udp'
}

const rangesOf = ({ portMappings = [] }: PayloadContainer): readonly PayloadPortMapping[] =>
  portMappings.filter(mapping => mapping.containerPortRange !== undefined)

const isInRange = (range: GivenRange, port: PortSpec): boolean => {
  const offset = port.containerPort - range.firstContainerPort
  return port.protocol === range.protocol && offset >= 0 && offset < range.count
}

const give = async (
  ports: ContiguousPorts,
  container: string,
  { containerPortRange = '', protocol }: PayloadPortMapping,
): Promise<GivenRange> => {
  const [first = 0, last = 0] = containerPortRange.split('-').map(Number)
  const count = last - first + 1
  const firstHostPort = await ports.take(count, protocol)
  if (firstHostPort === undefined)
    throw new TaskResourceError(`HostConfigError: ${count} contiguous host ports are unavailable`)
  return { container, firstContainerPort: first, firstHostPort, count, protocol }
}

export const createPortRanges = (ports: ContiguousPorts): TaskResource => ({
  name: 'port ranges',
  isNeeded: (payload: PayloadTask) =>
    networkModeOf(payload) === 'bridge' &&
    payload.containers.some(container => rangesOf(container).length > 0),
  prepare: async ({ payload }) => {
    const wanted = payload.containers.flatMap(container =>
      rangesOf(container).map(mapping => give(ports, container.name, mapping)),
    )
    const given = await Promise.all(wanted)
    return (container, spec) => ({
      ...spec,
      ports: spec.ports.map(port => {
        const range = given.find(
          candidate => candidate.container === container.name && isInRange(candidate, port),
        )
        return range
          ? { ...port, hostPort: range.firstHostPort + port.containerPort - range.firstContainerPort }
          : port
      }),
    })
  },
  // The ports go with their containers.
  release: () => Promise.resolve(),
})
