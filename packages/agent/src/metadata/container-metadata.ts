/**
 * What the metadata endpoints say of a container. (AWS: "Amazon ECS task metadata v4 JSON response"; the names and which of
 * them are left out when empty are those of the official agent.)
 */
import type { PayloadContainer } from '@berth/model'
import type { AttachedNetwork, ContainerView } from '../engine/engine.ts'
import { containerNamed, definitionOf, type TaskState } from '../tasks/task-state.ts'
import { interfaceNetworks } from './interface-networks.ts'

export type MetadataVersion = 'v3' | 'v4'

export const iso = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString()

/** Without the members that are absent or empty. */
export const withoutEmpty = <Value extends object>(value: Value): Partial<Value> =>
  Object.fromEntries(
    Object.entries(value).filter(
      ([, member]) => member !== undefined && !(Array.isArray(member) && member.length === 0),
    ),
  ) as Partial<Value>

/** `view`: what the engine says of it; undefined while it has not been created, and after it was removed. */
export const containerMetadata = (
  version: MetadataVersion,
  task: TaskState,
  name: string,
  view: ContainerView | undefined,
): object => {
  const state = containerNamed(task, name)
  const definition = definitionOf(task, name)
  return withoutEmpty({
    DockerId: state?.runtimeId ?? '',
    Name: name,
    DockerName: view?.name ?? '',
    Image: definition?.image ?? '',
    ImageID: view?.imageId ?? '',
    Ports: portsOf(definition, view),
    Labels: view?.labels,
    DesiredStatus: task.desiredStatus,
    KnownStatus: state?.step ?? 'NONE',
    ExitCode: state?.exitCode,
    Limits: { CPU: definition?.cpu ?? 0, Memory: definition?.memory ?? 0 },
    CreatedAt: iso(view?.createdAt),
    StartedAt: iso(view?.startedAt ?? state?.startedAt),
    FinishedAt: iso(view?.finishedAt),
    Type: 'NORMAL',
    Networks: interfaceNetworks(version, task) ?? view?.networks.map(network => networkOf(network)),
    Health: state?.healthStatus && { status: state.healthStatus },
    Volumes: view?.mounts.map(({ volume, source, containerPath }) =>
      withoutEmpty({ DockerName: volume, Source: source, Destination: containerPath }),
    ),
    ...(version === 'v4' && v4Members(definition)),
  })
}

const v4Members = (definition: PayloadContainer | undefined): object => {
  const logs = definition?.definition?.logConfiguration
  return {
    LogDriver: logs?.logDriver,
    LogOptions: logs?.options,
    ContainerARN: definition?.containerArn,
  }
}

const networkOf = ({ name, ipv4, ipv6 }: AttachedNetwork): object =>
  withoutEmpty({
    NetworkMode: name,
    IPv4Addresses: ipv4 === undefined ? [] : [ipv4],
    IPv6Addresses: ipv6 === undefined ? [] : [ipv6],
  })

/** What is bound where, as far as the engine knows; else the ports as the definition names them. */
const portsOf = (definition: PayloadContainer | undefined, view: ContainerView | undefined): object[] => {
  const bindings = view?.networkBindings ?? []
  if (bindings.length > 0)
    return bindings.map(({ containerPort, protocol, hostPort, bindIP }) => ({
      ContainerPort: containerPort,
      Protocol: protocol,
      HostPort: hostPort,
      HostIp: bindIP,
    }))
  return (definition?.portMappings ?? []).flatMap(({ containerPort, protocol }) =>
    containerPort === undefined ? [] : [{ ContainerPort: containerPort, Protocol: protocol }],
  )
}
