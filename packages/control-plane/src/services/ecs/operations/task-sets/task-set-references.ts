import { lastSegment, parseArn, type Scope, scopeOfArn, taskSetArn } from '@berth/model'
import type { View } from '../../../../store/view.ts'
import { usesTaskSets } from '../../deployment/task-sets/uses-task-sets.ts'
import { invalidParameter, taskSetNotFound } from '../../errors.ts'
import { activeCluster, activeService } from '../../references.ts'
import { clusterResource } from '../../resource-arns.ts'
import { type ServiceRow, type TaskSetRow, taskSets } from '../../tables/index.ts'

/** The members by which every operation on task sets names a service. */
export interface ServiceReference {
  readonly cluster?: string | undefined
  readonly service?: string | undefined
}

/** The ACTIVE service, or the error that ECS gives when it deploys the service itself. */
export const serviceWithTaskSets = (
  view: View,
  scope: Scope,
  { cluster, service }: ServiceReference,
): ServiceRow => {
  if (!cluster) throw invalidParameter('Cluster can not be blank.')
  if (!service) throw invalidParameter('Service can not be blank.')
  const row = activeService(view, activeCluster(view, scope, cluster), service)
  if (!usesTaskSets(row))
    throw invalidParameter(
      'Amazon ECS only supports task set management on services configured to use external deployment controllers.',
    )
  return row
}

/** The id that a task set's id or ARN stands for. Throws InvalidParameterException when it is neither. */
export const taskSetIdOf = (service: ServiceRow, reference: string | undefined): string => {
  const text = reference ?? ''
  const prefix = taskSetArn(scopeOfArn(service.id), lastSegment(service.clusterArn), service.name, '')
  const id = text.startsWith(prefix) ? text.slice(prefix.length) : text
  if (!/^ecs-svc\/\d+$/.test(id)) throw invalidParameter('Task Set Identifier is invalid')
  return id
}

/** Throws TaskSetNotFoundException. */
export const existingTaskSet = (
  view: View,
  service: ServiceRow,
  reference: string | undefined,
): TaskSetRow => {
  const row = findTaskSet(view, service, taskSetIdOf(service, reference))
  if (row === undefined) throw taskSetNotFound()
  return row
}

export const findTaskSet = (view: View, service: ServiceRow, id: string): TaskSetRow | undefined => {
  const row = view.get(taskSets, id)
  return row?.serviceArn === service.id ? row : undefined
}

/** What a request is done to, for authorisation: a task set by its id or ARN; without either any of its service. */
export const taskSetResource = (
  scope: Scope,
  { cluster, service = '' }: ServiceReference,
  reference = '*',
): string => {
  if (parseArn(reference)) return reference
  return taskSetArn(scope, lastSegment(clusterResource(scope, cluster)), lastSegment(service), reference)
}
