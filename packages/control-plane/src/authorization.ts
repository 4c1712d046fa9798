import type { Identity } from '@berth/aws-api'
import { agentMay } from './services/ecs/agent-identity.ts'
import { taskMay } from './services/ecs/task-identity.ts'
import type { View } from './store/view.ts'

export type Authorize = (identity: Identity, action: string, resources: readonly string[]) => boolean

/**
 * The account's root may do everything, an agent what concerns its own instance, a task what its endpoints and its
 * definition need, nobody else anything. Whoever signs may ask who they are. (AWS: "No permissions are required to perform this operation")
 */
export const createAuthorize =
  (view: View): Authorize =>
  (identity, action, resources) =>
    identity.isRoot ||
    action === 'sts:GetCallerIdentity' ||
    agentMay(view, identity, action, resources) ||
    taskMay(view, identity, action, resources)
