import type { GetLogEventsRequest, GetLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs'
import type { Boundary, ReadPage, ReadRequest } from '../../../log-store/log-store.ts'
import { type Call, operation } from '../../service.ts'
import { constraint } from '../errors.ts'
import { findGroup, findStream, groupResource } from '../references.ts'
import { retentionCutoff } from '../retention.ts'
import type { LogsServiceParts } from '../service-parts.ts'
import { formatEventsToken, parseEventsToken } from '../tokens.ts'
import { pageSize } from '../validation.ts'

export const getLogEvents = ({ logStore }: LogsServiceParts) =>
  operation<GetLogEventsRequest, Promise<GetLogEventsResponse>>({
    name: 'GetLogEvents',
    effect: 'reads',
    resources: (input, { scope }) => [
      `${groupResource(scope, input)[0]?.slice(0, -1)}log-stream:${input.logStreamName}`,
    ],
    handle: async (input, call) => {
      const request = readRequestOf(input, call)
      const page = await logStore.read(request)
      const events = request.direction === 'forward' ? page.events : page.events.toReversed()
      const { backward, forward } = boundariesOf(request, page)
      return {
        events: events.map(({ timestamp, message, ingestedAt }) => ({
          timestamp,
          message,
          ingestionTime: ingestedAt,
        })),
        nextForwardToken: formatEventsToken({ direction: 'forward', boundary: forward }),
        nextBackwardToken: formatEventsToken({ direction: 'backward', boundary: backward }),
      }
    },
  })

const readRequestOf = (input: GetLogEventsRequest, { store, scope, now }: Call): ReadRequest => {
  const group = findGroup(store, scope, input)
  const stream = findStream(store, scope, group, input.logStreamName ?? '')
  const token = input.nextToken === undefined ? undefined : parseEventsToken(input.nextToken)
  const startTime = Math.max(input.startTime ?? 0, retentionCutoff(group, now) ?? 0)
  if ((input.startTime ?? 0) < 0)
    throw constraint('startTime', input.startTime, 'have value greater than or equal to 0')
  return {
    groupId: group.storeId,
    streamIds: [stream.storeId],
    direction: token?.direction ?? (input.startFromHead ? 'forward' : 'backward'),
    ...(token && { from: token.boundary }),
    startTime,
    ...(input.endTime !== undefined && { endTime: input.endTime }),
    limit: pageSize(input.limit, 10_000),
  }
}

/** The places before and behind a page. An empty page has one, so that at the end a token comes back as it was. */
const boundariesOf = (
  request: ReadRequest,
  { events }: ReadPage,
): { backward: Boundary; forward: Boundary } => {
  const isForward = request.direction === 'forward'
  const first = isForward ? events[0] : events.at(-1)
  const last = isForward ? events.at(-1) : events[0]
  if (!first || !last) {
    const { from = { timestamp: request.startTime ?? 0, sequence: 0 } } = request
    return { backward: from, forward: from }
  }
  return {
    backward: { timestamp: first.timestamp, sequence: first.sequence },
    forward: { timestamp: last.timestamp, sequence: last.sequence + 1 },
  }
}
