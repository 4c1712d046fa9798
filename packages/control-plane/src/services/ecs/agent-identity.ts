/** Who an agent is, and what it may do: agent operations, on its own container instance only. */
import type { Identity } from '@berth/aws-api'
import { parseArn } from '@berth/model'
import type { View } from '../../store/view.ts'
import { type ContainerInstanceRow, containerInstances, type TaskRow, tasks } from './tables/index.ts'
import { isTask } from './task-identity.ts'

/** As the agents of ECS are: sessions of an instance role. */
const ROLE = 'BerthAgent'

/** The identity of an access key that was made for one agent. */
export const agentIdentity = (accountId: string, accessKeyId: string): Identity => ({
  accountId,
  arn: `arn:aws:sts::${accountId}:assumed-role/${ROLE}/${accessKeyId}`,
  userId: `${ROLE}:${accessKeyId}`,
  accessKeyId,
  isRoot: false,
})

/** A task's role may have any name, that of the agents' too. */
export const isAgent = (identity: Identity): boolean =>
  !isTask(identity) && (parseArn(identity.arn)?.resource.startsWith(`assumed-role/${ROLE}/`) ?? false)

/** An agent owns the instance that its key registered; everybody else owns what policies let them. */
export const ownsInstance = (identity: Identity, instance: ContainerInstanceRow): boolean =>
  !isAgent(identity) || instance.registeredBy === identity.accessKeyId

export const ownsTask = (view: View, identity: Identity, task: TaskRow): boolean => {
  if (!isAgent(identity)) return true
  const instance = task.containerInstanceArn && view.get(containerInstances, task.containerInstanceArn)
  return instance ? ownsInstance(identity, instance) : false
}

const agentActions: ReadonlySet<string> = new Set([
  'ecs:CreateCluster',
  'ecs:RegisterContainerInstance',
  'ecs:DeregisterContainerInstance',
  'ecs:DiscoverPollEndpoint',
  'ecs:Poll',
  'ecs:StartTelemetrySession',
  'ecs:SubmitTaskStateChange',
  'ecs:SubmitContainerStateChange',
  'ecs:SubmitAttachmentStateChanges',
  'ecs:UpdateContainerInstancesState',
  'ecs:ListTagsForResource',
  'logs:CreateLogGroup',
  'logs:CreateLogStream',
  'logs:PutLogEvents',
])

/**
 * For an identity that `isAgent`. Resources that are container instances or tasks must be its own; of clusters, where
 * ECS knows no finer resource, the handlers check what is done to them (`ownsInstance`, `ownsTask`).
 */
export const agentMay = (
  view: View,
  identity: Identity,
  action: string,
  resources: readonly string[],
): boolean =>
  isAgent(identity) &&
  agentActions.has(action) &&
  resources.every(resource => isWithinReach(view, identity, resource))

const isWithinReach = (view: View, identity: Identity, resource: string): boolean => {
  if (resource === '*') return true
  const arn = parseArn(resource)
  // Logs may go to every group: which one is for the task definitions to say.
  if (arn?.service === 'logs') return arn.accountId === identity.accountId
  if (arn?.service !== 'ecs' || arn.accountId !== identity.accountId) return false
  if (arn.resource.startsWith('container-instance/')) {
    const instance = view.get(containerInstances, resource)
    return instance !== undefined && ownsInstance(identity, instance)
  }
  if (arn.resource.startsWith('task/')) {
    const task = view.get(tasks, resource)
    return task !== undefined && ownsTask(view, identity, task)
  }
  return arn.resource.startsWith('cluster/')
}
