/** What ECS fills in when a task definition is registered, and echoes ever after. */
import { parseTaskCpu, parseTaskMemory } from './task-size.ts'
import type { ContainerLike, DefinitionLike, PortMappingLike, VolumeLike } from './types.ts'

/** What holds when the definition does not say it; ECS does not echo this one. */
export const networkModeOf = ({ networkMode }: DefinitionLike): string => networkMode ?? 'bridge'

/** The definition with ECS's defaults; what it already says stays as it is, but for sizes, which become numbers. */
export const withDefaults = <D extends DefinitionLike>(definition: D) => {
  const networkMode = networkModeOf(definition)
  return {
    ...definition,
    containerDefinitions: (definition.containerDefinitions ?? []).map(container =>
      containerWithDefaults(container, networkMode),
    ) as ContainersOf<D>,
    volumes: (definition.volumes ?? []).map(volumeWithDefaults),
    placementConstraints: definition.placementConstraints ?? [],
    ...(definition.cpu === undefined ? {} : { cpu: String(parseTaskCpu(definition.cpu)) }),
    ...(definition.memory === undefined ? {} : { memory: String(parseTaskMemory(definition.memory)) }),
  }
}

type ContainersOf<D extends DefinitionLike> = NonNullable<D['containerDefinitions']>[number][]

const containerWithDefaults = <C extends ContainerLike>(container: C, networkMode: string) => ({
  ...container,
  cpu: container.cpu ?? 0,
  portMappings: (container.portMappings ?? []).map(mapping => portMappingWithDefaults(mapping, networkMode)),
  essential: container.essential ?? true,
  environment: container.environment ?? [],
  mountPoints: container.mountPoints ?? [],
  volumesFrom: container.volumesFrom ?? [],
  systemControls: container.systemControls ?? [],
  ...(container.healthCheck && {
    healthCheck: { interval: 30, timeout: 5, retries: 3, ...container.healthCheck },
  }),
  ...(container.restartPolicy?.enabled && {
    restartPolicy: { restartAttemptPeriod: 300, ...container.restartPolicy },
  }),
})

const portMappingWithDefaults = <P extends PortMappingLike>(mapping: P, networkMode: string) => ({
  ...mapping,
  ...(mapping.containerPortRange === undefined && {
    hostPort: mapping.hostPort ?? (networkMode === 'bridge' ? 0 : mapping.containerPort),
  }),
  protocol: mapping.protocol ?? 'tcp',
})

const volumeWithDefaults = <V extends VolumeLike>(volume: V) => {
  const { dockerVolumeConfiguration: docker } = volume
  if (docker) return { ...volume, dockerVolumeConfiguration: { scope: 'task', ...docker } }
  const configured =
    volume.efsVolumeConfiguration ||
    volume.s3filesVolumeConfiguration ||
    volume.fsxWindowsFileServerVolumeConfiguration ||
    volume.configuredAtLaunch
  return configured ? volume : { ...volume, host: volume.host ?? {} }
}
