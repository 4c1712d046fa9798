/** What a task definition has the agent fetch and write with the task's execution role: secrets, parameters and logs. */
import type { LogConfiguration } from '@aws-sdk/client-ecs'
import { formatArn, parseArn, type Scope } from '@berth/model'
import type { RegisteredDefinition } from './tables/index.ts'

/** Whether the definition names what the action is done to. */
export const isNamedByTask = (
  scope: Scope,
  definition: RegisteredDefinition,
  action: string,
  resource: string,
): boolean => {
  switch (action) {
    case 'secretsmanager:GetSecretValue':
      return secretsOf(definition).some(secret => isSecret(scope, secret, resource))
    case 'ssm:GetParameters':
    case 'ssm:GetParameter':
      return secretsOf(definition).some(secret => parameterArn(scope, secret) === resource)
    case 'logs:CreateLogGroup':
    case 'logs:CreateLogStream':
    case 'logs:PutLogEvents':
      return logGroupsOf(definition).some(group => resource.startsWith(`${logGroupArn(scope, group)}:`))
    default:
      return false
  }
}

/** Every `valueFrom` and `credentialsParameter`: ARNs, ARNs with a JSON key, stage and version, or names. */
const secretsOf = (definition: RegisteredDefinition): readonly string[] =>
  (definition.containerDefinitions ?? []).flatMap(container => [
    ...(container.secrets ?? []).map(({ valueFrom }) => valueFrom ?? ''),
    ...(container.logConfiguration?.secretOptions ?? []).map(({ valueFrom }) => valueFrom ?? ''),
    ...(container.repositoryCredentials?.credentialsParameter
      ? [container.repositoryCredentials.credentialsParameter]
      : []),
  ])

/** Secrets Manager adds a hyphen and six characters to a secret's name in its ARN, which callers may leave out. */
const suffix = /^-[a-zA-Z0-9]{6}$/

/** What follows the name in a `valueFrom` (`:json-key:stage:version`) is part of the request, not of the resource. */
const isSecret = (scope: Scope, named: string, resource: string): boolean => {
  const arn = parseArn(named)
  const name = arn ? (arn.resource.split(':')[1] ?? '') : named
  if (name === '' || (arn && (arn.service !== 'secretsmanager' || !arn.resource.startsWith('secret:'))))
    return false
  const known = formatArn('secretsmanager', arn ?? scope, `secret:${name}`)
  return resource === known || (resource.startsWith(known) && suffix.test(resource.slice(known.length)))
}

const parameterArn = (scope: Scope, named: string): string | undefined => {
  const arn = parseArn(named)
  if (arn) return arn.service === 'ssm' ? named : undefined
  return formatArn('ssm', scope, `parameter/${named.replace(/^\//, '')}`)
}

const logGroupsOf = (definition: RegisteredDefinition): readonly string[] =>
  (definition.containerDefinitions ?? []).flatMap(({ logConfiguration }) => logGroupOf(logConfiguration))

const logGroupOf = (logs: LogConfiguration | undefined): readonly string[] => {
  const group = logs?.logDriver === 'awslogs' ? logs.options?.['awslogs-group'] : undefined
  return group ? [group] : []
}

const logGroupArn = (scope: Scope, group: string): string => formatArn('logs', scope, `log-group:${group}`)
