/**
 * What callers write, names and ARNs, short and long → rows, or ECS's error. A short ARN is one from before 2018,
 * without its cluster: `task/ID` for `task/CLUSTER/ID`.
 */
import {
  clusterArn,
  containerInstanceArn,
  parseArn,
  type Scope,
  scopeKey,
  scopeOfArn,
  serviceArn,
  taskArn,
  taskDefinitionArn,
} from '@berth/model'
import type { View } from '../../store/view.ts'
import {
  clusterInactive,
  clusterNotFound,
  invalidParameter,
  serviceNotActive,
  serviceNotFound,
  taskDefinitionInactive,
  taskDefinitionNotFound,
  taskNotFound,
} from './errors.ts'
import {
  type ClusterRow,
  type ContainerInstanceRow,
  clusters,
  containerInstances,
  ec2InstanceKey,
  families,
  type ServiceRow,
  services,
  type TaskDefinitionRow,
  type TaskRow,
  taskDefinitions,
  tasks,
} from './tables/index.ts'

/** The segments after the type in an ECS ARN of this scope; undefined when the text is a name. */
const segmentsOfArn = (scope: Scope, type: string, text: string): readonly string[] | undefined => {
  if (!text.startsWith('arn:')) return undefined
  const arn = parseArn(text)
  if (arn?.service !== 'ecs') throw invalidParameter(`Invalid identifier: ${text}`)
  if (arn.region !== scope.region) throw invalidParameter('Invalid Region in ARN')
  if (arn.accountId !== scope.accountId) throw invalidParameter('Invalid Account ID in ARN')
  const [found, ...segments] = arn.resource.split('/')
  if (found !== type || segments.length === 0 || segments.some(segment => segment === ''))
    throw invalidParameter(`Invalid identifier: Expected a ${type}, but was ${text}`)
  return segments
}

const namePattern = /^[a-zA-Z0-9\-_]{1,255}$/

/**
 * The ARN of the cluster that a name or ARN means; whether there is such a cluster or not. An empty one is the default
 * one: what clients such as the Terraform provider ask for when nobody has named a cluster.
 */
export const clusterArnOf = (scope: Scope, named?: string): string => {
  const reference = named || 'default'
  const segments = segmentsOfArn(scope, 'cluster', reference)
  if (segments && segments.length > 1)
    throw invalidParameter('Invalid identifier: Unexpected number of separators')
  const name = segments?.[0] ?? reference
  if (!namePattern.test(name)) throw invalidClusterName(name)
  return clusterArn(scope, name)
}

/** Where the cluster itself is meant: there an empty name is a mistake, not the default cluster. */
export const requireClusterName = (reference: string | undefined): void => {
  if (reference === '') throw invalidClusterName(reference)
}

const invalidClusterName = (name: string): Error =>
  invalidParameter(`Cluster must match ^[a-zA-Z0-9\\-_]{1,255}$, but was ${name}`)

/** The cluster in any status. Throws ClusterNotFoundException when there has never been one. */
export const findCluster = (view: View, scope: Scope, reference?: string): ClusterRow => {
  const cluster = view.get(clusters, clusterArnOf(scope, reference))
  if (!cluster) throw clusterNotFound()
  return cluster
}

/** As findCluster, and an INACTIVE cluster is refused too. */
export const activeCluster = (view: View, scope: Scope, reference?: string): ClusterRow => {
  const cluster = findCluster(view, scope, reference)
  if (cluster.status !== 'ACTIVE') throw clusterInactive()
  return cluster
}

/** As activeCluster, for an operation that changes the cluster itself. */
export const clusterToChange = (view: View, scope: Scope, reference: string | undefined): ClusterRow => {
  requireClusterName(reference)
  return activeCluster(view, scope, reference)
}

/** The name in a cluster of what `text` means: a name, `TYPE/NAME` in a short ARN or `TYPE/CLUSTER/NAME` in a long one. */
const nameInCluster = (cluster: ClusterRow, type: string, text: string): string => {
  const segments = segmentsOfArn(scopeOfArn(cluster.id), type, text) ?? clusterAndName(text)
  const [first, second, ...rest] = segments
  if (rest.length > 0 || !first) throw invalidParameter('Invalid identifier: Unexpected number of separators')
  if (second === undefined) return first
  if (first !== cluster.name)
    throw invalidParameter(
      `Invalid identifier: Identifier is for cluster ${first}. Your cluster is ${cluster.name}`,
    )
  return second
}

const clusterAndName = (text: string): readonly string[] => {
  if (text.includes('/')) throw invalidParameter('Invalid identifier: Unexpected number of separators')
  return [text]
}

const checkId = (noun: string, id: string): string => {
  if (id.length !== 32 && id.length !== 36) throw invalidParameter(`${noun} length should be one of [32,36]`)
  return id
}

export const serviceArnOf = (cluster: ClusterRow, reference: string): string =>
  serviceArn(scopeOfArn(cluster.id), cluster.name, nameInCluster(cluster, 'service', reference))

/** The service in any status. */
export const findService = (view: View, cluster: ClusterRow, reference: string): ServiceRow | undefined =>
  view.get(services, serviceArnOf(cluster, reference))

/**
 * The ARN of the service that an ARN of one of its service deployments or service revisions names. Throws
 * ClusterNotFoundException when there has never been its cluster.
 */
export const serviceArnOfPart = (
  view: View,
  scope: Scope,
  type: 'service-deployment' | 'service-revision',
  text: string,
): string => {
  const segments = segmentsOfArn(scope, type, text)
  if (segments === undefined)
    throw invalidParameter(`Invalid identifier: Expected a ${type} ARN, but was ${text}`)
  const [cluster, service, id, ...rest] = segments
  if (!cluster || !service || !id || rest.length > 0)
    throw invalidParameter('Invalid identifier: Unexpected number of separators')
  return serviceArn(scope, findCluster(view, scope, cluster).name, service)
}

/** Throws ServiceNotFoundException or, for one that is DRAINING or INACTIVE, ServiceNotActiveException. */
export const activeService = (view: View, cluster: ClusterRow, reference: string): ServiceRow => {
  const service = findService(view, cluster, reference)
  if (!service) throw serviceNotFound()
  if (service.status !== 'ACTIVE') throw serviceNotActive()
  return service
}

export const taskArnOf = (cluster: ClusterRow, reference: string): string =>
  taskArn(scopeOfArn(cluster.id), cluster.name, checkId('taskId', nameInCluster(cluster, 'task', reference)))

const findTask = (view: View, cluster: ClusterRow, reference: string): TaskRow | undefined =>
  view.get(tasks, taskArnOf(cluster, reference))

/** Throws InvalidParameterException, as StopTask does. */
export const existingTask = (view: View, cluster: ClusterRow, reference: string): TaskRow => {
  const task = findTask(view, cluster, reference)
  if (!task) throw taskNotFound()
  return task
}

export const containerInstanceArnOf = (cluster: ClusterRow, reference: string): string =>
  containerInstanceArn(
    scopeOfArn(cluster.id),
    cluster.name,
    checkId('containerInstanceId', nameInCluster(cluster, 'container-instance', reference)),
  )

/** The container instance in any status, INACTIVE included. */
export const findContainerInstance = (
  view: View,
  cluster: ClusterRow,
  reference: string,
): ContainerInstanceRow | undefined =>
  view.get(containerInstances, containerInstanceArnOf(cluster, reference))

/** What a task definition is called: a bare family has no revision. */
export interface FamilyAndRevision {
  readonly family: string
  readonly revision: number | undefined
}

/** `family`, `family:revision` or an ARN of either. Throws InvalidParameterException for anything else. */
export const parseTaskDefinition = (scope: Scope, reference: string): FamilyAndRevision => {
  const segments = segmentsOfArn(scope, 'task-definition', reference) ?? [reference]
  const [family = '', revision, ...rest] = segments.join('/').split(':')
  if (rest.length > 0) throw invalidParameter('Invalid identifier: Unexpected number of separators')
  if (!namePattern.test(family)) throw invalidParameter(`Family contains invalid characters: ${family}`)
  if (revision === undefined) return { family, revision: undefined }
  if (!/^[1-9]\d{0,9}$/.test(revision)) throw invalidParameter(`Invalid revision number. Number: ${revision}`)
  return { family, revision: Number(revision) }
}

export const familyId = (scope: Scope, family: string): string => `${scopeKey(scope)}/${family}`

/** The revision in any status; a bare family stands for its newest ACTIVE revision. */
export const findTaskDefinition = (
  view: View,
  scope: Scope,
  reference: string,
): TaskDefinitionRow | undefined => {
  const { family, revision } = parseTaskDefinition(scope, reference)
  const number = revision ?? view.get(families, familyId(scope, family))?.latestActive
  return number === undefined
    ? undefined
    : view.get(taskDefinitions, taskDefinitionArn(scope, family, number))
}

/** The ACTIVE revision to make tasks or services of, or the error that RunTask and CreateService give. */
export const activeTaskDefinition = (view: View, scope: Scope, reference: string): TaskDefinitionRow => {
  const row = findTaskDefinition(view, scope, reference)
  if (!row) throw taskDefinitionNotFound()
  if (row.status !== 'ACTIVE') throw taskDefinitionInactive()
  return row
}

/** Whether a container instance in the account and region of an ARN is the EC2 instance of this id. */
export const hasEc2Instance = (view: View, arn: string, instanceId: string): boolean =>
  view.count(containerInstances, 'byEc2Instance', ec2InstanceKey(arn, instanceId)) > 0
