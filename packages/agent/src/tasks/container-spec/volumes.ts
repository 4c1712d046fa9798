/** The volumes of a task, and what its containers mount of them. Pure. */
import type { PayloadContainer, PayloadTask, PayloadVolume } from '@berth/model'
import type { MountSpec } from '../../engine/engine.ts'
import { engineVolumeName } from './names.ts'

const isShared = (volume: PayloadVolume): boolean => volume.dockerVolumeConfiguration?.scope === 'shared'

/** A path of the host, a volume that outlives its tasks, or one of the task's own. */
const volumeSource = (payload: PayloadTask, volume: PayloadVolume): string => {
  if (volume.host?.sourcePath) return volume.host.sourcePath
  return isShared(volume) ? volume.name : engineVolumeName(payload, volume.name)
}

export const mountsOf = (payload: PayloadTask, container: PayloadContainer): MountSpec[] =>
  (container.mountPoints ?? []).flatMap(mount => {
    const volume = payload.volumes?.find(candidate => candidate.name === mount.sourceVolume)
    if (!volume) return []
    return [
      {
        source: volumeSource(payload, volume),
        containerPath: mount.containerPath,
        readOnly: mount.readOnly === true,
      },
    ]
  })

/** The engine's names of the volumes that end with their task: never a shared one, whatever its name. */
export const taskVolumes = (payload: PayloadTask): readonly string[] =>
  (payload.volumes ?? [])
    .filter(volume => !volume.host?.sourcePath && !isShared(volume))
    .map(volume => engineVolumeName(payload, volume.name))

/** Why this agent cannot give the task one of its volumes; undefined when it can give all. */
export const unsupportedVolume = (payload: PayloadTask): string | undefined => {
  for (const { name, type, dockerVolumeConfiguration: docker } of payload.volumes ?? []) {
    if (type !== undefined && type !== 'host' && type !== 'docker')
      return `ResourceInitializationError: volume ${name}: this container instance has no ${type} volumes`
    if ((docker?.driver ?? 'local') !== 'local' || Object.keys(docker?.driverOpts ?? {}).length > 0)
      return `ResourceInitializationError: volume ${name}: volume drivers and their options are not supported`
  }
  return undefined
}
