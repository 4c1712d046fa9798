/**
 * What a request is done to, for authorisation: made of the request's text alone, so that a refusal tells nobody what
 * there is. None of these throws; what makes no sense is refused by the handler, to those who may call it.
 */
import { clusterArn, formatArn, lastSegment, parseArn, type Scope } from '@berth/model'

/** As with clusterArnOf, an empty name is the default cluster. */
export const clusterResource = (scope: Scope, cluster?: string): string =>
  cluster?.startsWith('arn:') ? cluster : clusterArn(scope, cluster || 'default')

/** A name, a short ARN or a long one as the long ARN. */
export const resourceInCluster = (
  scope: Scope,
  type: 'container-instance' | 'service' | 'task',
  cluster: string | undefined,
  reference = '',
): string => {
  const segments = parseArn(reference)?.resource.split('/') ?? [type, reference]
  if (reference.startsWith('arn:') && segments.length !== 2) return reference
  const clusterName = lastSegment(clusterResource(scope, cluster))
  return formatArn('ecs', scope, `${segments[0]}/${clusterName}/${segments[1]}`)
}

/** A bare family stands for all of its revisions. */
export const taskDefinitionResource = (scope: Scope, reference = ''): string => {
  if (reference.startsWith('arn:')) return reference
  return formatArn('ecs', scope, `task-definition/${reference}${reference.includes(':') ? '' : ':*'}`)
}
