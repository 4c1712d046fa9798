import {
  CloudWatchLogs,
  type CloudWatchLogsClientConfig,
  InvalidSequenceTokenException,
  PutLogEventsCommand,
  type PutLogEventsCommandOutput,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs'
import { requestLimits } from '../request-limits.ts'
import type { ShippedEvent } from './event-assembler.ts'
import type { LogSource } from './log-shipper.ts'

export interface LogBatch {
  readonly events: readonly ShippedEvent[]
  readonly source: string
  readonly from: number
  readonly to: number
}

/** What became of a batch: `resumeAt` when its begin was taken before. */
export interface Receipt {
  readonly resumeAt?: number
  /** How many events were too old or too new to be taken. */
  readonly rejected: number
}

export type Destination = Pick<LogSource, 'group' | 'stream' | 'options'>

/** The group or the stream is not there. */
export class DestinationMissing extends Error {
  override readonly name = 'DestinationMissing'
}

/** The part of CloudWatch Logs that a shipper needs. */
export interface LogsApi {
  /** Makes the stream, and the group when the options ask for it. Throws DestinationMissing when they do not. */
  ensure(destination: Destination): Promise<void>
  put(destination: Destination, batch: LogBatch): Promise<Receipt>
  close(): void
}

export interface LogsApiOptions {
  readonly endpoint: string
  readonly region: string
  readonly credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  /** For tests: carries requests without a socket. */
  readonly requestHandler?: NonNullable<CloudWatchLogsClientConfig['requestHandler']>
}

export const createLogsApi = (options: LogsApiOptions): LogsApi => {
  // The shipper retries by itself: it must not hold its turn meanwhile.
  const client = new CloudWatchLogs({ requestHandler: requestLimits, ...options, maxAttempts: 1 })
  return {
    ensure: destination => ensure(client, destination),
    put: (destination, batch) => put(client, destination, batch),
    close: () => client.destroy(),
  }
}

const ensure = async (client: CloudWatchLogs, { group, stream, options }: Destination): Promise<void> => {
  const createStream = () =>
    unlessItExists(client.createLogStream({ logGroupName: group, logStreamName: stream }))
  try {
    await createStream()
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error
    if (options['awslogs-create-group'] !== 'true')
      throw new DestinationMissing(`The log group ${group} does not exist.`, { cause: error })
    await unlessItExists(client.createLogGroup({ logGroupName: group }))
    await createStream()
  }
}

const unlessItExists = async (creation: Promise<unknown>): Promise<void> => {
  try {
    await creation
  } catch (error) {
    if (!(error instanceof ResourceAlreadyExistsException)) throw error
  }
}

const put = async (
  client: CloudWatchLogs,
  { group, stream }: Destination,
  { events, source, from, to }: LogBatch,
): Promise<Receipt> => {
  const command = new PutLogEventsCommand({
    logGroupName: group,
    logStreamName: stream,
    logEvents: [...events],
  })
  const header = `${source}:${from}-${to}`
  command.middlewareStack.add(
    next => args => {
      // The build step's request is an HTTP request, which its type leaves open.
      const { headers } = args.request as { headers: Record<string, string> }
      headers['x-berth-log-source'] = header
      return next(args)
    },
    { step: 'build', name: 'logSource' },
  )
  try {
    return { rejected: rejectedOf(await client.send(command), events.length) }
  } catch (error) {
    if (error instanceof ResourceNotFoundException)
      throw new DestinationMissing(error.message, { cause: error })
    if (!(error instanceof InvalidSequenceTokenException)) throw error
    return { resumeAt: Number(error.expectedSequenceToken), rejected: 0 }
  }
}

const rejectedOf = ({ rejectedLogEventsInfo: info }: PutLogEventsCommandOutput, count: number): number => {
  const tooOld = Math.max(info?.tooOldLogEventEndIndex ?? 0, info?.expiredLogEventEndIndex ?? 0)
  return tooOld + count - (info?.tooNewLogEventStartIndex ?? count)
}
