/** What RunTask and StartTask have in common: the members that say what a task is made of. */
import type { RunTaskRequest, StartTaskRequest } from '@aws-sdk/client-ecs'
import type { Scope } from '@berth/model'
import type { View } from '../../../../store/view.ts'
import type { Call } from '../../../service.ts'
import { invalidParameter } from '../../errors.ts'
import { isDualStack } from '../../networking/dual-stack.ts'
import { readNetwork, type TaskNetwork } from '../../networking/network-configuration.ts'
import type { RequiredHost } from '../../placement/place.ts'
import { activeCluster, activeTaskDefinition } from '../../references.ts'
import type { ClusterRow, TaskDefinitionRow } from '../../tables/index.ts'
import { checkTagCount, validateTags } from '../../tags.ts'
import { familyGroup, type NewTask, tagsOfTask } from '../../task-creation.ts'
import { hostOfSnapshot } from '../../volumes/snapshot-host.ts'
import { managedVolumeOf } from '../../volumes/volume-configurations.ts'
import { readOverrides, refuseSharedGpus } from './overrides.ts'

export type TaskRequest = Pick<
  RunTaskRequest & StartTaskRequest,
  | 'cluster'
  | 'taskDefinition'
  | 'overrides'
  | 'group'
  | 'startedBy'
  | 'referenceId'
  | 'tags'
  | 'propagateTags'
  | 'enableECSManagedTags'
  | 'enableExecuteCommand'
  | 'networkConfiguration'
  | 'volumeConfigurations'
> &
  Pick<RunTaskRequest, 'launchType'>

/** What the request's tasks are alike in: each gets a place of its own. */
export interface TaskTemplate extends Omit<NewTask, 'choice' | 'launchType' | 'platform'> {
  readonly host: RequiredHost | undefined
}

/** Throws what ECS throws for members that are wrong, and for the cluster and the task definition that are not there. */
export const readTaskRequest = (
  view: View,
  request: TaskRequest,
  call: Call,
  longestStartedBy: number,
): TaskTemplate => {
  checkMembers(request, longestStartedBy)
  const cluster = activeCluster(view, call.scope, request.cluster)
  const taskDefinition = activeTaskDefinition(view, call.scope, request.taskDefinition ?? '')
  const network = readRunnable(view, call.scope, taskDefinition, request)
  const overrides = readOverrides(taskDefinition, request.overrides, request.launchType)
  const managedVolume = managedVolumeOf(taskDefinition.definition, request.volumeConfigurations, 'task')
  return {
    scope: call.scope,
    cluster,
    taskDefinition,
    overrides,
    group: request.group ?? familyGroup(taskDefinition.family),
    startedBy: request.startedBy,
    managedVolume,
    network,
    isDualStack: isDualStack(view, call.scope, call.identity.arn),
    host: hostOfSnapshot(view, call.scope, managedVolume),
    tags: tagsOf(request, cluster, taskDefinition),
    enableExecuteCommand: request.enableExecuteCommand,
    now: call.now,
    randomHex: call.randomHex,
  }
}

/**
 * The network that the tasks are to have; undefined for a definition of another network mode than awsvpc. Throws for what no
 * host can run yet, and for a network that does not go with the definition or is not there.
 */
export const readRunnable = (
  view: View,
  scope: Scope,
  { definition }: TaskDefinitionRow,
  request: Pick<RunTaskRequest, 'networkConfiguration' | 'launchType'>,
): TaskNetwork | undefined => {
  refuseSharedGpus(definition.containerDefinitions)
  return readNetwork(view, scope, definition, request.networkConfiguration, request.launchType)
}

const checkMembers = (request: TaskRequest, longestStartedBy: number): void => {
  const { group, startedBy, referenceId, propagateTags } = request
  if (group?.startsWith('service:')) throw invalidParameter("Task group name can't start with service:")
  if (group !== undefined && (group.length === 0 || group.length > 255))
    throw invalidParameter('Task group name must have 1 to 255 characters.')
  if (startedBy !== undefined && (startedBy.length > longestStartedBy || !/^[\w\-/]+$/.test(startedBy)))
    throw invalidParameter(
      `startedBy can have up to ${longestStartedBy} letters (uppercase and lowercase), numbers, hyphens, forward slashes and underscores.`,
    )
  if ((referenceId?.length ?? 0) > 1024)
    throw invalidParameter('referenceId can have at most 1024 characters.')
  if (propagateTags === 'SERVICE')
    throw invalidParameter('Tags of a service can only be propagated to tasks of the service.')
}

const tagsOf = (
  request: TaskRequest,
  cluster: ClusterRow,
  taskDefinition: TaskDefinitionRow,
): NewTask['tags'] => {
  const tags = tagsOfTask({
    own: validateTags(request.tags),
    propagated: request.propagateTags === 'TASK_DEFINITION' ? taskDefinition.tags : [],
    enableECSManagedTags: request.enableECSManagedTags ?? false,
    clusterArn: cluster.id,
  })
  checkTagCount(tags)
  return tags
}
