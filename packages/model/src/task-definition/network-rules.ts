/** What the network mode allows: port mappings, names and DNS of containers. */
import { linkProblems } from './dependency-rules.ts'
import type { ContainerLike, PortMappingLike, Problems } from './types.ts'

const mostPortMappings = 100
const largestPort = 65_535

export function* networkProblems(containers: readonly ContainerLike[], networkMode: string): Problems {
  for (const container of containers) {
    yield* portListProblems(container, networkMode)
    yield* hostSettingProblems(container, networkMode)
  }
  yield* linkProblems(containers, networkMode)
  yield* sharedPortProblems(containers, networkMode)
}

function* portListProblems({ name, portMappings = [] }: ContainerLike, networkMode: string): Problems {
  if (portMappings.length > mostPortMappings)
    yield `Container '${name}' has more than ${mostPortMappings} port mappings.`
  if (portMappings.length > 0 && networkMode === 'none')
    yield 'Port mappings are not supported when networkMode=none.'
  for (const mapping of portMappings) yield* portProblems(mapping, name ?? '', networkMode)
  yield* overlapProblems({ name, portMappings })
}

function* portProblems(mapping: PortMappingLike, container: string, networkMode: string): Problems {
  const { containerPort, containerPortRange, hostPort, name } = mapping
  if (containerPort === undefined && containerPortRange === undefined)
    yield `Invalid port mapping of container '${container}': give a containerPort or a containerPortRange.`
  if (containerPortRange !== undefined && (containerPort !== undefined || hostPort !== undefined))
    yield `Invalid port mapping of container '${container}': cannot specify both single port and port range`
  for (const port of [containerPort, hostPort])
    if (port !== undefined && (port < 0 || port > largestPort))
      yield `Invalid port ${port} of container '${container}': ports are between 0 and ${largestPort}.`
  if (containerPort === 0) yield `Invalid containerPort 0 of container '${container}'.`
  if (containerPortRange !== undefined) yield* rangeProblems(containerPortRange, container, networkMode)
  if (
    (networkMode === 'host' || networkMode === 'awsvpc') &&
    hostPort !== undefined &&
    containerPort !== undefined &&
    hostPort !== containerPort
  )
    yield `When networkMode=${networkMode}, the host ports and container ports in port mappings must match.`
  if (name !== undefined && !/^[a-z0-9_][a-z0-9_-]{0,63}$/.test(name))
    yield `Invalid port mapping name '${name}' of container '${container}'.`
  if (mapping.appProtocol !== undefined && name === undefined)
    yield `Invalid port mapping of container '${container}': an appProtocol needs a name.`
}

function* rangeProblems(range: string, container: string, networkMode: string): Problems {
  const [, first, last] = /^(\d{1,5})-(\d{1,5})$/.exec(range) ?? []
  if (!first || !last || Number(first) < 1 || Number(first) >= Number(last) || Number(last) > largestPort)
    yield `Invalid 'containerPortRange' setting for container '${container}': '${range}'.`
  if (networkMode !== 'bridge' && networkMode !== 'awsvpc')
    yield `Invalid 'containerPortRange' setting for container '${container}': it needs networkMode=bridge or awsvpc.`
}

/** The first and the last port of a mapping, and its protocol. */
const spanOf = ({ containerPort, containerPortRange, protocol = 'tcp' }: PortMappingLike) => {
  const [first = 0, last = first] = containerPortRange?.split('-').map(Number) ?? [containerPort ?? 0]
  return { first, last, protocol }
}

/** A range holds ports that nothing else of the container maps. (AWS: API "PortMapping", containerPortRange) */
function* overlapProblems({ name, portMappings = [] }: ContainerLike): Problems {
  const spans = portMappings.map(spanOf)
  const overlap = spans.find((span, index) =>
    spans
      .slice(0, index)
      .some(
        other =>
          other.protocol === span.protocol &&
          (other.last > other.first || span.last > span.first) &&
          other.first <= span.last &&
          span.first <= other.last,
      ),
  )
  if (overlap) yield `container port is used multiple times in task: ${overlap.first} of container '${name}'`
}

/** Containers of one task share the host's ports, and with awsvpc and host also their own. */
function* sharedPortProblems(containers: readonly ContainerLike[], networkMode: string): Problems {
  const taken = new Map<string, string>()
  const portNames = new Set<string>()
  for (const { name: container = '', portMappings = [] } of containers)
    for (const { containerPort, hostPort, protocol = 'tcp', name } of portMappings) {
      const port = networkMode === 'bridge' ? hostPort : containerPort
      const key = `${port}/${protocol}`
      if (port && taken.has(key))
        yield `Containers '${taken.get(key)}' and '${container}' map the same port ${key}.`
      if (port) taken.set(key, container)
      if (name && portNames.has(name)) yield `port mapping name is already used: '${name}'`
      if (name) portNames.add(name)
    }
}

/** Settings of a network namespace that the container does not have for itself, by network mode. */
function* hostSettingProblems(container: ContainerLike, networkMode: string): Problems {
  if (networkMode !== 'awsvpc' && networkMode !== 'host') return
  const refused = (what: string) => `${what} not supported on container when networkMode=${networkMode}`
  if (networkMode === 'awsvpc' && container.dnsServers?.length) yield refused('DNS servers are')
  if (networkMode === 'awsvpc' && container.dnsSearchDomains?.length) yield refused('DNS search domains are')
  if (networkMode === 'awsvpc' && container.extraHosts?.length) yield refused('Extra hosts are')
  if (networkMode === 'awsvpc' && container.disableNetworking) yield refused('Disable Networking is')
  if (networkMode === 'awsvpc' && container.hostname) yield refused('hostname is')
}
