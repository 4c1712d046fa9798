import type {
  DescribeLogGroupsRequest,
  DescribeLogGroupsResponse,
  LogGroup,
} from '@aws-sdk/client-cloudwatch-logs'
import { scopeKey } from '@berth/model'
import { writeListToken } from '../../list-token.ts'
import { type Call, operation } from '../../service.ts'
import { invalidParameter } from '../errors.ts'
import { findGroup, groupArn } from '../references.ts'
import type { LogsServiceParts } from '../service-parts.ts'
import { type LogGroupRow, logGroups } from '../tables/index.ts'
import { parseListToken } from '../tokens.ts'
import { pageSize } from '../validation.ts'

export const describeLogGroups = ({ logStore }: LogsServiceParts) =>
  operation<DescribeLogGroupsRequest, Promise<DescribeLogGroupsResponse>>({
    name: 'DescribeLogGroups',
    effect: 'reads',
    resources: (_, { scope }) => [groupArn(scope, '*')],
    handle: async (input, call) => {
      const limit = pageSize(input.limit, 50)
      const list = `DescribeLogGroups|${scopeKey(call.scope)}|${JSON.stringify(filtersOf(input))}`
      const found = listed(input, call, parseListToken(list, input.nextToken), limit + 1)
      const page = found.slice(0, limit).map(described)
      const last = page.at(-1)
      const bytes = await logStore.groupBytes(page.map(group => group.storeId))
      return {
        logGroups: page.map(({ storeId, group }) => ({ ...group, storedBytes: bytes.get(storeId) ?? 0 })),
        ...(found.length > limit && last && { nextToken: writeListToken(list, last.id) }),
      }
    },
  })

const filtersOf = (input: DescribeLogGroupsRequest): unknown[] => {
  const { logGroupNamePrefix, logGroupNamePattern, logGroupIdentifiers, logGroupClass } = input
  if (logGroupNamePrefix !== undefined && logGroupNamePattern !== undefined)
    throw invalidParameter(
      'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
    )
  if (logGroupIdentifiers && (logGroupNamePrefix ?? logGroupNamePattern ?? logGroupClass) !== undefined)
    throw invalidParameter('logGroupIdentifiers cannot be combined with other filters.')
  if (input.includeLinkedAccounts) throw invalidParameter('includeLinkedAccounts is not supported.')
  return [logGroupNamePrefix, logGroupNamePattern, logGroupIdentifiers, logGroupClass]
}

const listed = (
  input: DescribeLogGroupsRequest,
  { store, scope }: Call,
  after: string | undefined,
  most: number,
): LogGroupRow[] => {
  const { logGroupNamePrefix = '', logGroupNamePattern = '', logGroupIdentifiers, logGroupClass } = input
  if (logGroupIdentifiers) {
    const groups = logGroupIdentifiers.map(id => findGroup(store, scope, { logGroupIdentifier: id }))
    return groups
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .filter(group => after === undefined || group.id > after)
  }
  const found: LogGroupRow[] = []
  for (const group of store.where(logGroups, 'byScope', scopeKey(scope), after)) {
    const isWanted =
      group.name.startsWith(logGroupNamePrefix) &&
      group.name.includes(logGroupNamePattern) &&
      (logGroupClass === undefined || group.logGroupClass === logGroupClass)
    if (isWanted) found.push(group)
    if (found.length >= most) break
  }
  return found
}

/** Copied before anything is awaited: rows do not outlive a turn. */
const described = (row: LogGroupRow): { id: string; storeId: string; group: LogGroup } => ({
  id: row.id,
  storeId: row.storeId,
  group: {
    logGroupName: row.name,
    creationTime: row.createdAt,
    ...(row.retentionInDays !== undefined && { retentionInDays: row.retentionInDays }),
    metricFilterCount: 0,
    arn: `${row.id}:*`,
    logGroupClass: row.logGroupClass,
    logGroupArn: row.id,
    deletionProtectionEnabled: row.deletionProtected,
  },
})
