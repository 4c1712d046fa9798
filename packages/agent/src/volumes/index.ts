/** The volumes of tasks: what is mounted where, and what becomes of it. */
import type { PayloadContainer, PayloadTask, PayloadVolume } from '@berth/model'
import type { ContainerSpec, Engine } from '../engine/engine.ts'
import type { StateStore } from '../state/state-store.ts'
import type { TaskResource } from '../tasks/resources/task-resource.ts'
import type { EbsDriver } from './ebs/driver.ts'
import { ebsVolumes, needsGroup, type ReportAttachment, volumeGroup } from './ebs/ebs-volumes.ts'
import { efsVolumes } from './efs/efs-volumes.ts'
import type { FileSystems } from './efs/file-systems.ts'
import { dockerVolumes, hostVolumes } from './engine-volumes.ts'
import { cannotInitialize, type VolumeKind } from './volume-kind.ts'

export { taskVolumes } from './engine-volumes.ts'

export interface VolumesOptions {
  readonly engine: Engine
  readonly ebs: EbsDriver
  readonly fileSystems: () => Promise<FileSystems>
  readonly reportAttachment: ReportAttachment
  readonly store: Pick<StateStore, 'flushed'>
}

type Kinds = Readonly<Record<NonNullable<PayloadVolume['type']>, VolumeKind>>

export const createVolumes = (options: VolumesOptions): TaskResource => {
  const { engine, ebs, fileSystems, reportAttachment, store } = options
  const kinds: Kinds = {
    host: hostVolumes(engine),
    docker: dockerVolumes(engine),
    efs: efsVolumes(engine, fileSystems),
    configuredAtLaunch: ebsVolumes(ebs, reportAttachment),
    fsxWindowsFileServer: absent,
    s3files: absent,
  }
  return {
    name: 'volumes',
    isNeeded: ({ volumes }) => (volumes?.length ?? 0) > 0,
    prepare: async ({ payload }) => {
      // What is made for a task that is on the agent's disk is found again.
      await store.flushed()
      const sources = await prepareAll(kinds, payload)
      return (container, spec) => withVolumes(payload, sources, container, spec)
    },
    release: async payload => {
      for (const volume of payload.volumes ?? []) await kindOf(kinds, volume).release?.(payload, volume)
    },
  }
}

const kindOf = (kinds: Kinds, { type = 'host' }: PayloadVolume): VolumeKind => kinds[type]

const absent: VolumeKind = {
  prepare: (_, volume) =>
    Promise.reject(cannotInitialize(volume, `this container instance has no ${volume.type} volumes`)),
}

/** What containers mount, by the volume's name. Nothing is still on its way when it rejects. */
const prepareAll = async (kinds: Kinds, payload: PayloadTask): Promise<ReadonlyMap<string, string>> => {
  const volumes = payload.volumes ?? []
  const settled = await Promise.allSettled(
    volumes.map(async volume => kindOf(kinds, volume).prepare(payload, volume)),
  )
  return new Map(
    settled.map((result, index) => {
      if (result.status === 'rejected') throw result.reason
      return [volumes[index]?.name ?? '', result.value]
    }),
  )
}

const withVolumes = (
  { volumes = [] }: PayloadTask,
  sources: ReadonlyMap<string, string>,
  container: PayloadContainer,
  spec: ContainerSpec,
): ContainerSpec => {
  const mounts = (container.mountPoints ?? []).flatMap(({ sourceVolume, containerPath, readOnly }) => {
    const source = sources.get(sourceVolume)
    return source === undefined ? [] : [{ source, containerPath, readOnly: readOnly === true }]
  })
  const mountsEbs = container.mountPoints?.some(({ sourceVolume }) =>
    volumes.some(({ name, ebs }) => ebs && name === sourceVolume),
  )
  const groups = mountsEbs && needsGroup(container) ? [String(volumeGroup)] : []
  return {
    ...spec,
    mounts: [...spec.mounts, ...mounts],
    ...(groups.length > 0 && {
      supplementaryGroups: [...(spec.supplementaryGroups ?? []), ...groups],
    }),
  }
}
