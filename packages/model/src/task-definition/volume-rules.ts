/** The volumes of a task definition, and how containers mount them. */
import { isAbsolute } from './absolute-path.ts'
import { namePattern } from './name-pattern.ts'
import { repeated } from './repeated.ts'
import type { ContainerLike, DefinitionLike, Problems, VolumeLike } from './types.ts'

const kinds = [
  'dockerVolumeConfiguration',
  'efsVolumeConfiguration',
  's3filesVolumeConfiguration',
  'fsxWindowsFileServerVolumeConfiguration',
] as const

export function* volumeProblems({ volumes = [], containerDefinitions = [] }: DefinitionLike): Problems {
  for (const volume of volumes) {
    if (!volume.name) yield 'Volume.name should not be null or empty.'
    else if (!namePattern.test(volume.name))
      yield `Volume name contains invalid characters: '${volume.name}'.`
    yield* configurationProblems(volume)
  }
  const twice = repeated(volumes.map(({ name }) => name))
  if (twice) yield `Volume names must be unique: '${twice}' is used more than once.`
  const atLaunch = volumes.filter(volume => volume.configuredAtLaunch)
  if (atLaunch.length > 1) yield 'Only one volume of a task definition can be configured at launch.'
  const mounted = new Set(
    containerDefinitions.flatMap(({ mountPoints = [] }) => mountPoints.map(mount => mount.sourceVolume)),
  )
  const unused = atLaunch.filter(({ name }) => !mounted.has(name)).map(({ name }) => name)
  if (unused.length > 0) yield `Volumes [${unused.join(', ')}] are not referenced by any of the containers`
}

function* configurationProblems(volume: VolumeLike): Problems {
  const { name, host, configuredAtLaunch, dockerVolumeConfiguration: docker } = volume
  const given = kinds.filter(kind => volume[kind] !== undefined).length
  if (given + (host?.sourcePath ? 1 : 0) + (configuredAtLaunch ? 1 : 0) > 1)
    yield `Volume '${name}' has more than one configuration.`
  if (host?.sourcePath && !isAbsolute(host.sourcePath))
    yield `Volume '${name}': the host sourcePath must be an absolute path.`
  if (docker?.autoprovision !== undefined && docker.scope !== 'shared')
    yield `Volume '${name}': 'autoprovision' is only valid with the scope 'shared'.`
  yield* efsProblems(volume)
}

function* efsProblems({ name, efsVolumeConfiguration: efs }: VolumeLike): Problems {
  if (!efs) return
  const { fileSystemId, rootDirectory, transitEncryption, transitEncryptionPort, authorizationConfig } = efs
  const isEncrypted = transitEncryption === 'ENABLED'
  if (!fileSystemId) yield `Volume '${name}': efsVolumeConfiguration needs a fileSystemId.`
  if (authorizationConfig?.iam === 'ENABLED' && !isEncrypted)
    yield 'EFS IAM authorization requires TransitEncryption to be enabled'
  if (authorizationConfig?.accessPointId && !isEncrypted)
    yield 'EFS access points require TransitEncryption to be enabled'
  if (transitEncryptionPort !== undefined && !isEncrypted)
    yield 'TransitEncryptionPort requires that TransitEncryption is enabled'
  if (transitEncryptionPort !== undefined && (transitEncryptionPort < 0 || transitEncryptionPort > 65_535))
    yield 'TransitEncryptionPort must be between 0 and 65535'
  if (authorizationConfig?.accessPointId && rootDirectory !== undefined && rootDirectory !== '/')
    yield 'When using an EFS access point, the root directory must either be set to "/" or be omitted'
}

export function* mountProblems(container: ContainerLike, definition: DefinitionLike): Problems {
  const { name, mountPoints = [], volumesFrom = [] } = container
  for (const { sourceVolume, containerPath } of mountPoints) {
    if (!definition.volumes?.some(volume => volume.name === sourceVolume))
      yield `Unknown volume '${sourceVolume}'.`
    if (!containerPath)
      yield `Invalid setting for container '${name}'. A mount point needs a 'containerPath'.`
    else if (!isAbsolute(containerPath))
      yield `Invalid setting for container '${name}'. The containerPath '${containerPath}' is no absolute path.`
  }
  if (repeated(mountPoints.map(mount => mount.containerPath)))
    yield `Invalid setting for container '${name}'. Two mount points have the same containerPath.`
  for (const { sourceContainer } of volumesFrom)
    if (!definition.containerDefinitions?.some(other => other.name === sourceContainer))
      yield `Invalid 'volumesFrom' setting. Unknown container: '${sourceContainer}'`
    else if (sourceContainer === name)
      yield `Invalid 'volumesFrom' setting. Container '${name}' names itself.`
}
