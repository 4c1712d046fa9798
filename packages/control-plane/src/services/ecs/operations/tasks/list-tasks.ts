import type { ListTasksRequest, ListTasksResponse } from '@aws-sdk/client-ecs'
import { lastSegment } from '@berth/model'
import type { View } from '../../../../store/view.ts'
import { operation } from '../../../service.ts'
import {
  containerInstanceNotFound,
  invalidParameter,
  serviceNotFound,
  unsupportedFeature,
} from '../../errors.ts'
import { openPage } from '../../pagination.ts'
import { activeCluster, findContainerInstance, findService } from '../../references.ts'
import { clusterResource } from '../../resource-arns.ts'
import { type ClusterRow, type TaskRow, tasks } from '../../tables/index.ts'

/** In the order of task ids. A page walks one index from where the last one ended, whatever else is in the store. */
export const listTasks = operation<ListTasksRequest, ListTasksResponse>({
  name: 'ListTasks',
  effect: 'reads',
  resources: ({ cluster }, { scope }) => [clusterResource(scope, cluster)],
  handle: (request, { store, scope }) => {
    checkFilters(request)
    const cluster = activeCluster(store, scope, request.cluster)
    const page = openPage(listName(cluster, request), request)
    const { rows, covered } = rowsOf(store, cluster, request, page.after)
    const { items, nextToken } = page.take(rows, task => task.id, matches(request, covered))
    return { taskArns: items.map(task => task.id), nextToken }
  },
})

type Filter = 'family' | 'startedBy' | 'serviceName' | 'containerInstance'

const checkFilters = (request: ListTasksRequest): void => {
  const { startedBy, family, serviceName, containerInstance, launchType, daemonName } = request
  if (daemonName !== undefined) throw unsupportedFeature('Daemons are not supported by Berth yet.')
  if (startedBy !== undefined && (family ?? serviceName ?? containerInstance ?? launchType) !== undefined)
    throw invalidParameter('startedBy must be the only filter.')
}

const listName = (cluster: ClusterRow, request: ListTasksRequest): string => {
  const { desiredStatus, family, startedBy, serviceName, containerInstance, launchType } = request
  return JSON.stringify([
    'ListTasks',
    cluster.id,
    desiredStatus,
    family,
    startedBy,
    serviceName,
    containerInstance,
    launchType,
  ])
}

interface Rows {
  readonly rows: Iterable<TaskRow>
  /** The filter that the index is made for; the others are asked of each row. */
  readonly covered: Filter | undefined
}

/** The narrowest index that the request allows. */
const rowsOf = (
  view: View,
  cluster: ClusterRow,
  request: ListTasksRequest,
  after: string | undefined,
): Rows => {
  const desired = request.desiredStatus ?? 'RUNNING'
  const { startedBy, serviceName, containerInstance, family } = request
  if (startedBy !== undefined)
    return {
      rows: view.where(tasks, 'byStartedBy', `${cluster.id}|${startedBy}|${desired}`, after),
      covered: 'startedBy',
    }
  if (containerInstance !== undefined)
    return {
      rows: onInstance(view, cluster, containerInstance, desired, after),
      covered: 'containerInstance',
    }
  if (serviceName !== undefined) {
    const service = findService(view, cluster, serviceName)
    if (!service) throw serviceNotFound()
    return { rows: view.where(tasks, 'byService', `${service.id}|${desired}`, after), covered: 'serviceName' }
  }
  if (family !== undefined)
    return {
      rows: view.where(tasks, 'byFamily', `${cluster.id}|${family}|${desired}`, after),
      covered: 'family',
    }
  return { rows: view.where(tasks, 'byCluster', `${cluster.id}|${desired}`, after), covered: undefined }
}

/** STOPPED tasks of an instance are in an index of their own; both are in the order of ids. */
const onInstance = (
  view: View,
  cluster: ClusterRow,
  reference: string,
  desired: string,
  after: string | undefined,
): Iterable<TaskRow> => {
  const instance = findContainerInstance(view, cluster, reference)
  if (!instance) throw containerInstanceNotFound(reference)
  const living = view.where(tasks, 'byInstance', instance.id, after)
  return desired === 'STOPPED'
    ? mergedById(living, view.where(tasks, 'stoppedByInstance', instance.id, after))
    : living
}

function* mergedById(left: Iterable<TaskRow>, right: Iterable<TaskRow>): Iterable<TaskRow> {
  const others = right[Symbol.iterator]()
  let other = others.next()
  for (const row of left) {
    for (; !other.done && other.value.id < row.id; other = others.next()) yield other.value
    yield row
  }
  for (; !other.done; other = others.next()) yield other.value
}

/** What the index does not say already. */
const matches = (request: ListTasksRequest, covered: Filter | undefined): ((task: TaskRow) => boolean) => {
  const { family, serviceName, launchType, desiredStatus = 'RUNNING' } = request
  const service =
    covered === 'serviceName' || serviceName === undefined ? undefined : lastSegment(serviceName)
  return task =>
    task.desiredStatus === desiredStatus &&
    // Whichever host they run on, it is not shown.
    (covered !== 'containerInstance' || task.launchType !== 'FARGATE') &&
    (family === undefined || task.family === family) &&
    (launchType === undefined || task.launchType === launchType) &&
    (service === undefined || (task.serviceArn !== undefined && lastSegment(task.serviceArn) === service))
}
