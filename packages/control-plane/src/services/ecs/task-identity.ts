/** Who a task is when it calls AWS APIs with the credentials of its roles, and what it may do until there are policies. */
import { createHash } from 'node:crypto'
import type { Identity } from '@berth/aws-api'
import { lastSegment, scopeOfArn } from '@berth/model'
import type { Millis } from '../../store/table.ts'
import type { View } from '../../store/view.ts'
import { overriddenDefinition } from './overridden-definition.ts'
import { type RegisteredDefinition, taskDefinitions, tasks } from './tables/index.ts'
import { isNamedByTask } from './task-references.ts'

/** In the words of the agents' protocol: the role that the containers have, and the one that the agent uses for them. */
export type TaskRoleType = 'TaskApplication' | 'TaskExecution'

/** What the credentials of a task's role stand for. */
export interface TaskSession {
  readonly taskArn: string
  readonly roleType: TaskRoleType
  readonly roleArn: string
  readonly expiresAt: Millis
}

export interface TaskIdentity extends Identity {
  readonly session: TaskSession
}

export const isTask = (identity: Identity): identity is TaskIdentity => 'session' in identity

/** Sessions of roles are named after their task, as in ECS: `assumed-role/ROLE/TASK-ID`, without the role's path. */
export const taskIdentity = (session: TaskSession, accessKeyId: string): TaskIdentity => {
  const { accountId } = scopeOfArn(session.taskArn)
  const sessionName = lastSegment(session.taskArn)
  return {
    accountId,
    arn: `arn:aws:sts::${accountId}:assumed-role/${lastSegment(session.roleArn)}/${sessionName}`,
    userId: `${roleId(session.roleArn)}:${sessionName}`,
    accessKeyId,
    isRoot: false,
    session,
  }
}

/** In the form of IAM's ids of roles, and the same for the same role always. */
const roleId = (roleArn: string): string =>
  `AROA${createHash('sha256').update(roleArn).digest('hex').slice(0, 17).toUpperCase()}`

/** What containers and the agent still do with a role's credentials once the control plane calls the task STOPPED. */
const graceMs = 120_000

/** When a session's credentials end: at their time, or shortly after their task's end. A task that is gone ended long ago. */
export const sessionEnd = (view: View, { taskArn, expiresAt }: TaskSession): Millis => {
  const task = view.get(tasks, taskArn)
  if (task === undefined) return 0
  return task.lastStatus === 'STOPPED' ? Math.min(expiresAt, (task.stoppedAt ?? 0) + graceMs) : expiresAt
}

export type TaskRoles = { readonly [Type in TaskRoleType]?: string }

/** The ARNs of a task's roles. A definition may name a role of its own account without its ARN. */
export const rolesOf = (
  taskArn: string,
  definition: Pick<RegisteredDefinition, 'taskRoleArn' | 'executionRoleArn'>,
  overrides: { readonly taskRoleArn?: string | undefined; readonly executionRoleArn?: string | undefined },
): TaskRoles => {
  const role = overrides.taskRoleArn || definition.taskRoleArn
  const executionRole = overrides.executionRoleArn || definition.executionRoleArn
  return {
    ...(role && { TaskApplication: roleArn(taskArn, role) }),
    ...(executionRole && { TaskExecution: roleArn(taskArn, executionRole) }),
  }
}

const roleArn = (taskArn: string, role: string): string =>
  role.startsWith('arn:') ? role : `arn:aws:iam::${scopeOfArn(taskArn).accountId}:role/${role}`

/** What the endpoints in a task call for it. */
const applicationActions: ReadonlySet<string> = new Set(['ecs:GetTaskProtection', 'ecs:UpdateTaskProtection'])

/** For an identity that `isTask`: its own protection, or what its definition has the agent fetch and write. */
export const taskMay = (
  view: View,
  identity: Identity,
  action: string,
  resources: readonly string[],
): boolean => {
  if (!isTask(identity)) return false
  const { taskArn, roleType } = identity.session
  if (roleType === 'TaskApplication')
    return applicationActions.has(action) && resources.every(resource => resource === taskArn)
  const task = view.get(tasks, taskArn)
  const row = task && view.get(taskDefinitions, task.taskDefinitionArn)
  if (row === undefined || resources.length === 0) return false
  const definition = overriddenDefinition(row.definition, task?.overrides ?? {})
  const scope = scopeOfArn(taskArn)
  return resources.every(resource => isNamedByTask(scope, definition, action, resource))
}
