import type { FilterLogEventsRequest, FilterLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs'
import { compileFilterPattern, FilterPatternError } from '../../../log-store/filter-pattern/index.ts'
import type { ReadPage, ReadRequest } from '../../../log-store/log-store.ts'
import type { View } from '../../../store/view.ts'
import { type Call, operation } from '../../service.ts'
import { invalidParameter } from '../errors.ts'
import { findGroup, findStream, groupResource } from '../references.ts'
import { retentionCutoff } from '../retention.ts'
import type { LogsServiceParts } from '../service-parts.ts'
import { type LogGroupRow, logStreams } from '../tables/index.ts'
import { formatEventsToken, parseEventsToken, positionDigits } from '../tokens.ts'
import { pageSize } from '../validation.ts'

export const filterLogEvents = ({ logStore }: LogsServiceParts) =>
  operation<FilterLogEventsRequest, Promise<FilterLogEventsResponse>>({
    name: 'FilterLogEvents',
    effect: 'reads',
    resources: (input, { scope }) => groupResource(scope, input),
    handle: async (input, call) => {
      const request = readRequestOf(input, call)
      const page = await logStore.read(request)
      return {
        events: filteredEvents(call.store, page),
        // As CloudWatch Logs since 2020.
        searchedLogStreams: [],
        ...(page.next && {
          nextToken: formatEventsToken({ direction: request.direction, boundary: page.next }),
        }),
      }
    },
  })

const readRequestOf = (input: FilterLogEventsRequest, call: Call): ReadRequest => {
  const { filterPattern = '', endTime } = input
  const group = findGroup(call.store, call.scope, input)
  checkPattern(filterPattern)
  const streamIds = streamIdsOf(input, call, group)
  const token = input.nextToken === undefined ? undefined : parseEventsToken(input.nextToken)
  return {
    groupId: group.storeId,
    ...(streamIds && { streamIds }),
    direction: token?.direction ?? (input.startFromHead === false ? 'backward' : 'forward'),
    ...(token && { from: token.boundary }),
    startTime: Math.max(input.startTime ?? 0, retentionCutoff(group, call.now) ?? 0),
    // Here, unlike in GetLogEvents, the end is included.
    ...(endTime !== undefined && { endTime: endTime + 1 }),
    limit: pageSize(input.limit, 10_000),
    filterPattern,
  }
}

const checkPattern = (pattern: string): void => {
  try {
    compileFilterPattern(pattern)
  } catch (error) {
    if (error instanceof FilterPatternError) throw invalidParameter(error.message)
    throw error
  }
}

/** Undefined: all streams of the group. */
const streamIdsOf = (
  { logStreamNames, logStreamNamePrefix }: FilterLogEventsRequest,
  { store, scope }: Call,
  group: LogGroupRow,
): string[] | undefined => {
  if (logStreamNames && logStreamNamePrefix !== undefined)
    throw invalidParameter('Only one of logStreamNames and logStreamNamePrefix can be specified.')
  if (logStreamNames) {
    if (logStreamNames.length < 1 || logStreamNames.length > 100)
      throw invalidParameter('logStreamNames must have between 1 and 100 elements.')
    return [...new Set(logStreamNames)].map(name => findStream(store, scope, group, name).storeId)
  }
  if (logStreamNamePrefix === undefined) return undefined
  const ids: string[] = []
  for (const stream of store.where(logStreams, 'byGroup', group.storeId))
    if (stream.name.startsWith(logStreamNamePrefix)) ids.push(stream.storeId)
  return ids
}

/** Events of a stream that was deleted meanwhile are left out. */
const filteredEvents = (view: View, { events }: ReadPage): NonNullable<FilterLogEventsResponse['events']> => {
  const names = new Map<string, string | undefined>()
  const nameOf = (streamId: string): string | undefined => {
    if (!names.has(streamId)) {
      const [stream] = view.where(logStreams, 'byStoreId', streamId)
      names.set(streamId, stream?.name)
    }
    return names.get(streamId)
  }
  return events.flatMap(({ streamId, timestamp, message, ingestedAt, sequence }) => {
    const logStreamName = nameOf(streamId)
    if (logStreamName === undefined) return []
    const eventId = positionDigits({ timestamp, sequence })
    return [{ logStreamName, timestamp, message, ingestionTime: ingestedAt, eventId }]
  })
}
