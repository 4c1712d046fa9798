/** Volumes that the engine keeps: those of a task end with its containers, shared ones stay. */
import type { PayloadTask, PayloadVolume } from '@berth/model'
import { type Engine, isEngineError, type VolumeSpec } from '../engine/engine.ts'
import { engineVolumeName } from '../tasks/container-spec/index.ts'
import { TaskResourceError } from '../tasks/resources/task-resource.ts'
import type { VolumeKind } from './volume-kind.ts'

const localDriver = 'local'

const isShared = ({ dockerVolumeConfiguration }: PayloadVolume): boolean =>
  dockerVolumeConfiguration?.scope === 'shared'

/** The engine's names of the volumes that end with their task: never a shared one, whatever its name. */
export const taskVolumes = (payload: PayloadTask): readonly string[] =>
  (payload.volumes ?? [])
    .filter(volume => !volume.host?.sourcePath && !volume.ebs && !isShared(volume))
    .map(volume => engineVolumeName(payload, volume.name))

/** Resolves with the volume's name. The error's name is the official agent's. */
export const createEngineVolume = async (engine: Engine, volume: VolumeSpec): Promise<string> => {
  try {
    await engine.createVolume(volume)
    return volume.name
  } catch (error) {
    if (isEngineError(error, 'unreachable')) throw error
    throw new TaskResourceError(`CannotCreateVolumeError: ${error instanceof Error ? error.message : error}`)
  }
}

/** A path of the host, or without one a volume that lives as long as the task. */
export const hostVolumes = (engine: Engine): VolumeKind => ({
  prepare: async (payload, { name, host }) =>
    host?.sourcePath ||
    createEngineVolume(engine, {
      name: engineVolumeName(payload, name),
      driver: localDriver,
      options: {},
      labels: {},
    }),
})

/** (AWS: "Specify a Docker volume in an Amazon ECS task definition") */
export const dockerVolumes = (engine: Engine): VolumeKind => ({
  prepare: async (payload, volume) => {
    const { driver = localDriver, driverOpts, labels, autoprovision } = volume.dockerVolumeConfiguration ?? {}
    const name = isShared(volume) ? volume.name : engineVolumeName(payload, volume.name)
    if (isShared(volume) && !autoprovision) {
      if (await engine.inspectVolume(name)) return name
      throw new TaskResourceError(
        `CannotInspectVolumeError: volume ${name}: this container instance has no such volume, and autoprovision is not true`,
      )
    }
    return createEngineVolume(engine, { name, driver, options: driverOpts ?? {}, labels: labels ?? {} })
  },
})
