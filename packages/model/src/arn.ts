/** An account and a region: the scope that every name lives in. */
export interface Scope {
  readonly accountId: string
  readonly region: string
}

/** The scope that an ARN names. */
export const scopeOfArn = (arn: string): Scope => {
  const [, , , region = '', accountId = ''] = arn.split(':', 5)
  return { accountId, region }
}

/** A scope as text: what rows carry as `scope`, and what the ids of rows start with that are no ARNs. */
export const scopeKey = (scope: Scope): string => `${scope.accountId}/${scope.region}`

export interface Arn {
  readonly service: string
  readonly region: string
  readonly accountId: string
  /** What follows the account, for instance `task/default/0123`. */
  readonly resource: string
}

export const formatArn = (service: string, scope: Scope, resource: string): string =>
  `arn:aws:${service}:${scope.region}:${scope.accountId}:${resource}`

/** Undefined when the text is no ARN. The resource may hold colons. */
export const parseArn = (text: string): Arn | undefined => {
  const [prefix, partition, service, region, accountId, ...resource] = text.split(':')
  if (
    prefix !== 'arn' ||
    !partition ||
    !service ||
    region === undefined ||
    accountId === undefined ||
    resource.length === 0
  )
    return undefined
  return { service, region, accountId, resource: resource.join(':') }
}

const ecs = (scope: Scope, resource: string): string => formatArn('ecs', scope, resource)

export const clusterArn = (scope: Scope, name: string): string => ecs(scope, `cluster/${name}`)
export const serviceArn = (scope: Scope, cluster: string, name: string): string =>
  ecs(scope, `service/${cluster}/${name}`)
/** What a service is made of at one time. `digits` are those of its deployment, `ecs-svc/DIGITS`. */
export const serviceRevisionArn = (scope: Scope, cluster: string, service: string, digits: string): string =>
  ecs(scope, `service-revision/${cluster}/${service}/${digits}`)
/** The process that brings a service from one revision to another. */
export const serviceDeploymentArn = (scope: Scope, cluster: string, service: string, id: string): string =>
  ecs(scope, `service-deployment/${cluster}/${service}/${id}`)
/** A task set's id has a slash of its own: `ecs-svc/0123`. */
export const taskSetArn = (scope: Scope, cluster: string, service: string, id: string): string =>
  ecs(scope, `task-set/${cluster}/${service}/${id}`)
export const taskArn = (scope: Scope, cluster: string, id: string): string =>
  ecs(scope, `task/${cluster}/${id}`)
export const containerArn = (scope: Scope, cluster: string, taskId: string, id: string): string =>
  ecs(scope, `container/${cluster}/${taskId}/${id}`)
export const containerInstanceArn = (scope: Scope, cluster: string, id: string): string =>
  ecs(scope, `container-instance/${cluster}/${id}`)
export const taskDefinitionArn = (scope: Scope, family: string, revision: number): string =>
  ecs(scope, `task-definition/${family}:${revision}`)

/** The part of an ARN (or of any path) after its last slash: a cluster's name, a task's id. */
export const lastSegment = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1)
