/** Every kind of resource that this agent can give tasks, in the order in which they are undone last to first. */
import type { TaskResource } from './task-resource.ts'

export const createResources = (): readonly TaskResource[] => []
