/**
 * EFS volumes as the official agent mounts them without its plug-in: a volume of the engine's local driver, of type NFS.
 * The engine mounts it for its first container and unmounts it after the last, whatever becomes of the agent.
 */
import type { Engine } from '../../engine/engine.ts'
import { engineVolumeName } from '../../tasks/container-spec/index.ts'
import { createEngineVolume } from '../engine-volumes.ts'
import { cannotInitialize, type VolumeKind } from '../volume-kind.ts'
import { type FileSystems, FileSystemsError } from './file-systems.ts'
import { nfsVolume } from './nfs-volume.ts'

export const efsVolumes = (engine: Engine, fileSystems: () => Promise<FileSystems>): VolumeKind => ({
  prepare: async (payload, volume) => {
    const { efsVolumeConfiguration } = volume
    if (!efsVolumeConfiguration) throw cannotInitialize(volume, 'it has no efsVolumeConfiguration')
    const known = await fileSystems().catch(error => {
      if (error instanceof FileSystemsError) throw cannotInitialize(volume, error.message)
      throw error
    })
    const { options, problem } = nfsVolume(efsVolumeConfiguration, known)
    if (problem !== undefined) throw cannotInitialize(volume, problem)
    const name = engineVolumeName(payload, volume.name)
    return createEngineVolume(engine, { name, driver: 'local', options, labels: {} })
  },
})
