/** Every kind of resource that this agent can give tasks, in the order in which they are undone last to first. */
import { resolve } from 'node:path'
import { type BucketSettings, createObjectReader } from '@berth/aws-api'
import { createCgroups } from '../../cgroups/index.ts'
import type { Clock } from '../../clock.ts'
import type { EngineInfo } from '../../engine/engine.ts'
import { createEnvironmentFilesResource } from '../../environment-files/index.ts'
import { createFirelens } from '../../firelens/index.ts'
import type { TaskEndpoints } from '../../metadata/index.ts'
import { createContiguousPorts, createHostPorts, createPortRanges } from '../../port-ranges/index.ts'
import { createSecretsResource, type ReadSecret } from '../../secrets/index.ts'
import type { StateStore } from '../../state/state-store.ts'
import { createVolumes, type VolumesOptions } from '../../volumes/index.ts'
import { createPauseContainer } from '../pause/pause-container.ts'
import { createPauseImage } from '../pause/pause-image.ts'
import { createTaskNetwork, type TaskNetworkParts } from '../pause/task-network.ts'
import { createTaskCgroup } from './task-cgroup.ts'
import type { TaskResource } from './task-resource.ts'

export interface ResourceParts extends VolumesOptions, TaskNetworkParts {
  readonly info: EngineInfo
  /** Undefined on a host that cannot have them. */
  readonly endpoints: TaskEndpoints | undefined
  readonly store: StateStore
  /** As Node names it, for instance `x64`. */
  readonly architecture: string
  readonly readSecret: ReadSecret
  readonly buckets: BucketSettings
  readonly dataDirectory: string
  readonly clock: Clock
}

/** More than any container's environment can hold. */
const mostObjectBytes = 1024 * 1024

export const createResources = (parts: ResourceParts): readonly TaskResource[] => {
  const { engine, store, architecture, endpoints } = parts
  const cgroups = createCgroups(parts.info)
  const readObject = createObjectReader(parts.buckets, {
    mostBytes: mostObjectBytes,
    wait: ms => new Promise(resolve => parts.clock.after(ms, resolve)),
  })
  const identity = () => ({
    incarnation: store.setting('incarnation') ?? '',
    containerInstanceArn: store.setting('containerInstanceArn') ?? '',
  })
  return [
    createTaskCgroup(cgroups),
    createVolumes(parts),
    createPortRanges(createContiguousPorts(createHostPorts())),
    createSecretsResource(parts.readSecret),
    createEnvironmentFilesResource(readObject),
    createFirelens({
      directory: resolve(parts.dataDirectory, 'firelens'),
      readSecret: parts.readSecret,
      readObject,
    }),
    ...(endpoints ? [endpoints.resource] : []),
    createPauseContainer({
      engine,
      cgroups,
      identity,
      image: createPauseImage(engine, architecture),
      network: createTaskNetwork(parts),
    }),
  ]
}
