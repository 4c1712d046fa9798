/** Every kind of resource that this agent can give tasks, in the order in which they are undone last to first. */
import { createCgroups } from '../../cgroups/index.ts'
import type { EngineInfo } from '../../engine/engine.ts'
import { createVolumes, type VolumesOptions } from '../../volumes/index.ts'
import { createTaskCgroup } from './task-cgroup.ts'
import type { TaskResource } from './task-resource.ts'

export interface ResourceParts extends VolumesOptions {
  readonly info: EngineInfo
}

export const createResources = (parts: ResourceParts): readonly TaskResource[] => [
  createTaskCgroup(createCgroups(parts.info)),
  createVolumes(parts),
]
