/** Every kind of resource that this agent can give tasks, in the order in which they are undone last to first. */
import { createCgroups } from '../../cgroups/index.ts'
import type { EngineInfo } from '../../engine/engine.ts'
import { createTaskCgroup } from './task-cgroup.ts'
import type { TaskResource } from './task-resource.ts'

export interface ResourceParts {
  readonly info: EngineInfo
}

export const createResources = ({ info }: ResourceParts): readonly TaskResource[] => [
  createTaskCgroup(createCgroups(info)),
]
