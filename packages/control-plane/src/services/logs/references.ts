import { formatArn, parseArn, type Scope, scopeKey } from '@berth/model'
import type { View } from '../../store/view.ts'
import { groupNotFound, invalidParameter, streamNotFound } from './errors.ts'
import { type LogGroupRow, type LogStreamRow, logGroups, logStreams } from './tables/index.ts'
import { checkGroupName, checkStreamName } from './validation.ts'

export const groupArn = (scope: Scope, name: string): string => formatArn('logs', scope, `log-group:${name}`)

export const streamRowId = (scope: Scope, groupStoreId: string, name: string): string =>
  `${scopeKey(scope)}/${groupStoreId}/${name}`

export interface GroupReference {
  readonly logGroupName?: string | undefined
  /** A name or an ARN. */
  readonly logGroupIdentifier?: string | undefined
}

/** The ARN that IAM knows: with the trailing `:*`. */
export const groupResource = (scope: Scope, reference: GroupReference): string[] => [
  `${arnOf(scope, reference)}:*`,
]

/** Throws ResourceNotFoundException. */
export const findGroup = (view: View, scope: Scope, reference: GroupReference): LogGroupRow => {
  const group = view.get(logGroups, arnOf(scope, reference))
  if (!group) throw groupNotFound()
  return group
}

/** Throws ResourceNotFoundException. */
export const findStream = (view: View, scope: Scope, group: LogGroupRow, name: string): LogStreamRow => {
  checkStreamName(name)
  const stream = view.get(logStreams, streamRowId(scope, group.storeId, name))
  if (!stream) throw streamNotFound()
  return stream
}

const arnOf = (scope: Scope, { logGroupName, logGroupIdentifier }: GroupReference): string => {
  if (logGroupName !== undefined && logGroupIdentifier !== undefined)
    throw invalidParameter('Only one of logGroupName and logGroupIdentifier can be specified.')
  const given = logGroupName ?? logGroupIdentifier
  if (given === undefined)
    throw invalidParameter('Either logGroupName or logGroupIdentifier must be specified.')
  const arn = logGroupName === undefined ? parseArn(given) : undefined
  if (!arn) {
    checkGroupName(given, logGroupName === undefined ? 'logGroupIdentifier' : 'logGroupName')
    return groupArn(scope, given)
  }
  if (arn.service !== 'logs' || !arn.resource.startsWith('log-group:'))
    throw invalidParameter(`'${given}' is no log group's ARN.`)
  if (arn.accountId !== scope.accountId || arn.region !== scope.region) throw groupNotFound()
  return groupArn(scope, arn.resource.slice('log-group:'.length).replace(/:\*$/, ''))
}
