import type {
  DescribeLogStreamsRequest,
  DescribeLogStreamsResponse,
  LogStream,
} from '@aws-sdk/client-cloudwatch-logs'
import type { StreamFigures } from '../../../log-store/log-store.ts'
import { writeListToken } from '../../list-token.ts'
import { type Call, operation } from '../../service.ts'
import { invalidParameter } from '../errors.ts'
import { findGroup, groupResource } from '../references.ts'
import type { LogsServiceParts } from '../service-parts.ts'
import { type LogStreamRow, logStreams } from '../tables/index.ts'
import { parseListToken, positionDigits } from '../tokens.ts'
import { pageSize } from '../validation.ts'

export const describeLogStreams = ({ logStore }: LogsServiceParts) =>
  operation<DescribeLogStreamsRequest, Promise<DescribeLogStreamsResponse>>({
    name: 'DescribeLogStreams',
    effect: 'reads',
    resources: (input, { scope }) => groupResource(scope, input),
    handle: async (input, call) => {
      if (input.orderBy === 'LastEventTime' && input.logStreamNamePrefix !== undefined)
        throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.')
      const groupId = findGroup(call.store, call.scope, input).storeId
      if (input.orderBy === 'LastEventTime') {
        const figures = await logStore.figures(groupId)
        return respond(byLastEvent(input, call, figures), figures)
      }
      const page = byName(input, call)
      const figures = await logStore.figures(
        groupId,
        page.streams.map(stream => stream.storeId),
      )
      return respond(page, figures)
    },
  })

/** Copied before anything is awaited: rows do not outlive a turn. */
type Listed = Pick<LogStreamRow, 'name' | 'arn' | 'createdAt' | 'storeId'>

interface Page {
  readonly streams: Listed[]
  readonly nextToken?: string
}

const byName = (input: DescribeLogStreamsRequest, { store, scope }: Call): Page => {
  const { logStreamNamePrefix: prefix = '', descending = false } = input
  const group = findGroup(store, scope, input)
  const limit = pageSize(input.limit, 50)
  const list = `DescribeLogStreams|${group.storeId}|${prefix}|${descending}`
  const after = parseListToken(list, input.nextToken)
  const rows = store.where(logStreams, 'byGroup', group.storeId, descending ? undefined : after)
  const found: LogStreamRow[] = []
  for (const row of descending ? [...rows].reverse() : rows) {
    if (found.length > limit) break
    if (row.name.startsWith(prefix) && !(descending && after !== undefined && row.id >= after))
      found.push(row)
  }
  return cut(list, limit, found, row => row.id)
}

const byLastEvent = (
  input: DescribeLogStreamsRequest,
  { store, scope }: Call,
  figures: ReadonlyMap<string, StreamFigures>,
): Page => {
  const { descending = false } = input
  const group = findGroup(store, scope, input)
  const limit = pageSize(input.limit, 50)
  const list = `DescribeLogStreams|${group.storeId}|LastEventTime|${descending}`
  const after = parseListToken(list, input.nextToken)
  const sign = descending ? -1 : 1
  const keyOf = (row: LogStreamRow): string =>
    positionDigits({ timestamp: figures.get(row.storeId)?.lastEventAt ?? 0, sequence: 0 }) + row.name
  const ordered = [...store.where(logStreams, 'byGroup', group.storeId)]
    .map(row => ({ row, key: keyOf(row) }))
    .filter(({ key }) => after === undefined || (descending ? key < after : key > after))
    .sort((a, b) => (a.key < b.key ? -sign : sign))
  return cut(
    list,
    limit,
    ordered.slice(0, limit + 1).map(({ row }) => row),
    keyOf,
  )
}

const cut = (
  list: string,
  limit: number,
  found: LogStreamRow[],
  keyOf: (row: LogStreamRow) => string,
): Page => {
  const streams = found.slice(0, limit)
  const last = streams.at(-1)
  if (found.length <= limit || !last) return { streams }
  return { streams, nextToken: writeListToken(list, keyOf(last)) }
}

const respond = (
  { streams, nextToken }: Page,
  figures: ReadonlyMap<string, StreamFigures>,
): DescribeLogStreamsResponse => ({
  logStreams: streams.map(stream => described(stream, figures.get(stream.storeId))),
  ...(nextToken !== undefined && { nextToken }),
})

const described = ({ name, arn, createdAt, storeId }: Listed, figures?: StreamFigures): LogStream => ({
  logStreamName: name,
  creationTime: createdAt,
  ...(figures && {
    firstEventTimestamp: figures.firstEventAt,
    lastEventTimestamp: figures.lastEventAt,
    lastIngestionTime: figures.lastIngestedAt,
  }),
  uploadSequenceToken: storeId,
  arn,
  // As CloudWatch Logs since 2019: only groups have a size.
  storedBytes: 0,
})
