/** A container spec as the body of Docker's `POST /containers/create`. */
import type { ContainerSpec, EngineInfo, HealthCheckSpec, PortSpec } from '../engine.ts'
import { gpuMembers, linuxMembers, nameResolutionMembers, securityMembers } from './host-config-members.ts'
import { optional } from './json.ts'

const nanoseconds = (seconds: number): number => seconds * 1e9

const healthCheckBody = (check: HealthCheckSpec) => ({
  Test: check.command,
  Interval: nanoseconds(check.interval),
  Timeout: nanoseconds(check.timeout),
  Retries: check.retries,
  StartPeriod: nanoseconds(check.startPeriod),
})

const portKey = (port: PortSpec): string => `${port.containerPort}/${port.protocol}`

/** Several host ports may lead to one container port. An empty HostPort lets Docker choose. */
const portBindings = (ports: readonly PortSpec[]): Record<string, { HostIp: string; HostPort: string }[]> => {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {}
  for (const port of ports) {
    const binding = { HostIp: '0.0.0.0', HostPort: port.hostPort === 0 ? '' : String(port.hostPort) }
    bindings[portKey(port)] = [...(bindings[portKey(port)] ?? []), binding]
  }
  return bindings
}

const hostConfigBody = (spec: ContainerSpec, engine: EngineInfo) => ({
  NetworkMode: spec.networkMode === 'bridge' ? 'default' : spec.networkMode,
  PortBindings: spec.networkMode === 'bridge' ? portBindings(spec.ports) : {},
  Binds: spec.mounts.map(mount => `${mount.source}:${mount.containerPath}:${mount.readOnly ? 'ro' : 'rw'}`),
  VolumesFrom: spec.volumesFrom.map(from => `${from.container}:${from.readOnly ? 'ro' : 'rw'}`),
  Links: spec.links.map(link => `${link.container}:${link.alias}`),
  LogConfig: { Type: spec.logging.driver, Config: spec.logging.options },
  CpuShares: spec.cpuShares,
  ...optional('Memory', spec.memoryBytes),
  ...optional('MemoryReservation', spec.memoryReservationBytes),
  ...optional('CgroupParent', spec.cgroupParent),
  ...optional('GroupAdd', spec.supplementaryGroups),
  ...optional('Runtime', spec.runtime),
  ...optional('PidMode', spec.pidMode),
  ...optional('IpcMode', spec.ipcMode),
  Privileged: spec.privileged,
  ReadonlyRootfs: spec.readOnlyRoot,
  ...nameResolutionMembers(spec.nameResolution),
  ...securityMembers(spec.security),
  ...linuxMembers(spec, engine),
  ...optional(
    'Ulimits',
    spec.ulimits?.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
  ),
  ...gpuMembers(spec.gpuIds),
  RestartPolicy: { Name: '' },
})

export const createBody = (spec: ContainerSpec, engine: EngineInfo) => ({
  Image: spec.image,
  Labels: spec.labels,
  Env: Object.entries(spec.environment).map(([name, value]) => `${name}=${value}`),
  ExposedPorts: Object.fromEntries(
    (spec.networkMode === 'bridge' ? spec.ports : []).map(port => [portKey(port), {}]),
  ),
  Tty: spec.pseudoTerminal,
  OpenStdin: spec.interactive,
  ...optional('Cmd', spec.command),
  ...optional('Entrypoint', spec.entryPoint),
  ...optional('User', spec.user),
  ...optional('WorkingDir', spec.workingDirectory),
  ...optional('Hostname', spec.hostname),
  ...optional('Healthcheck', spec.healthCheck && healthCheckBody(spec.healthCheck)),
  HostConfig: hostConfigBody(spec, engine),
})
