import type {
  InputLogEvent,
  PutLogEventsRequest,
  PutLogEventsResponse,
  RejectedLogEventsInfo,
} from '@aws-sdk/client-cloudwatch-logs'
import { AwsError } from '@berth/aws-api'
import {
  eventOverheadBytes,
  type LogBatch,
  pendingBytesLimit,
  type SourceRange,
} from '../../../log-store/log-store.ts'
import type { Millis } from '../../../store/table.ts'
import { type Call, operation } from '../../service.ts'
import { constraint, invalidParameter, unavailable } from '../errors.ts'
import { findGroup, findStream, groupResource } from '../references.ts'
import { dayMs, retentionCutoff } from '../retention.ts'
import type { LogsServiceParts } from '../service-parts.ts'
import { positionDigits } from '../tokens.ts'

const batchBytesLimit = 1_048_576
const batchEventsLimit = 10_000
const tooOldMs = 14 * dayMs
const tooNewMs = 2 * 60 * 60 * 1000

/**
 * A sender that may send a batch twice names it `source:from-to`. When the begin was taken before, the answer is
 * InvalidSequenceTokenException, whose expectedSequenceToken is the offset to go on at.
 */
const sourceHeader = 'x-berth-log-source'

export const putLogEvents = (parts: LogsServiceParts) =>
  operation<PutLogEventsRequest, Promise<PutLogEventsResponse>>({
    name: 'PutLogEvents',
    effect: 'writes',
    resources: (input, { scope }) => [
      `${groupResource(scope, input)[0]?.slice(0, -1)}log-stream:${input.logStreamName}`,
    ],
    handle: async (input, call) => {
      const group = findGroup(call.store, call.scope, input)
      const stream = findStream(call.store, call.scope, group, input.logStreamName ?? '')
      const events = input.logEvents ?? []
      checkBatch(events)
      const { accepted, rejected } = sortOut(events, call.now, retentionCutoff(group, call.now))
      checkRoom(parts)
      const source = sourceOf(call, stream.storeId)
      await append(parts, {
        groupId: group.storeId,
        streamId: stream.storeId,
        ingestedAt: call.now,
        events: accepted,
        ...(source && { source }),
      })
      return {
        nextSequenceToken: positionDigits({ timestamp: call.now, sequence: events.length }),
        ...(rejected && { rejectedLogEventsInfo: rejected }),
      }
    },
  })

const checkBatch = (events: readonly InputLogEvent[]): void => {
  if (events.length < 1) throw constraint('logEvents', '[]', 'have length greater than or equal to 1')
  if (events.length > batchEventsLimit)
    throw constraint('logEvents', '[...]', `have length less than or equal to ${batchEventsLimit}`)
  let bytes = 0
  let latest = Number.NEGATIVE_INFINITY
  for (const [index, { timestamp = -1, message = '' }] of events.entries()) {
    if (timestamp < 0 || !Number.isSafeInteger(timestamp))
      throw constraint(
        `logEvents.${index + 1}.member.timestamp`,
        timestamp,
        'have value greater than or equal to 0',
      )
    if (message === '')
      throw constraint(`logEvents.${index + 1}.member.message`, '', 'have length greater than or equal to 1')
    if (timestamp < latest)
      throw invalidParameter('Log events in a single PutLogEvents request must be in chronological order.')
    latest = timestamp
    bytes += Buffer.byteLength(message) + eventOverheadBytes
  }
  if (bytes > batchBytesLimit)
    throw invalidParameter(`Upload too large: ${bytes} bytes exceeds limit of ${batchBytesLimit}`)
}

/** Leaves out what is too old, expired or too new; the rest must lie within 24 hours. */
const sortOut = (events: readonly InputLogEvent[], now: Millis, cutoff: Millis | undefined) => {
  const countBefore = (time: Millis): number => {
    const index = events.findIndex(({ timestamp = 0 }) => timestamp >= time)
    return index < 0 ? events.length : index
  }
  const tooOld = countBefore(now - tooOldMs)
  const expired = cutoff === undefined ? 0 : countBefore(cutoff)
  const tooNew = countBefore(now + tooNewMs + 1)
  const accepted = events
    .slice(Math.max(tooOld, expired), tooNew)
    .map(({ timestamp = 0, message = '' }) => ({ timestamp, message }))
  const span = (accepted.at(-1)?.timestamp ?? 0) - (accepted[0]?.timestamp ?? 0)
  if (span > dayMs)
    throw invalidParameter(
      'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
    )
  const info: RejectedLogEventsInfo = {
    ...(tooNew < events.length && { tooNewLogEventStartIndex: tooNew }),
    ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
    ...(expired > 0 && { expiredLogEventEndIndex: expired }),
  }
  return { accepted, rejected: accepted.length < events.length ? info : undefined }
}

const checkRoom = ({ logStore, accepts }: LogsServiceParts): void => {
  if (!accepts()) throw unavailable('The disk is nearly full: no log events are taken until space is freed.')
  if (logStore.pendingBytes > pendingBytesLimit)
    throw new AwsError('ThrottlingException', 'Rate exceeded: the disk does not keep up with the log events.')
}

/** A source belongs to its stream, so that nobody can claim another's offsets. */
const sourceOf = ({ request }: Call, streamId: string): SourceRange | undefined => {
  const header = request.headers[sourceHeader]
  if (header === undefined) return undefined
  const [, id, from, to] = /^([\w.~-]{1,200}):(\d{1,15})-(\d{1,15})$/.exec(header) ?? []
  const range = { source: `${streamId}/${id}`, from: Number(from), to: Number(to) }
  if (id === undefined || range.from >= range.to)
    throw invalidParameter(`The header ${sourceHeader} must be source:from-to.`)
  return range
}

const append = async ({ logStore }: LogsServiceParts, batch: LogBatch): Promise<void> => {
  // Only a source's end is worth a write without events.
  if (batch.events.length === 0 && !batch.source) return
  const result = await logStore.append(batch)
  if (result.taken) return
  const expectedSequenceToken = String(result.expectedFrom)
  throw new AwsError(
    'InvalidSequenceTokenException',
    `The given sequenceToken is invalid. The next expected sequenceToken is: ${expectedSequenceToken}`,
    { members: { expectedSequenceToken } },
  )
}
