import type { Millis } from '../store/table.ts'

export interface LogEvent {
  readonly timestamp: Millis
  readonly message: string
}

/** An event as it is kept. `sequence` numbers all events of a store in the order of their arrival, for ever. */
export interface StoredEvent extends LogEvent {
  readonly streamId: string
  readonly sequence: number
  readonly ingestedAt: Millis
}

/** What a sender that resends says of a batch: it covers these offsets (from included, to excluded) of that source. */
export interface SourceRange {
  readonly source: string
  readonly from: number
  readonly to: number
}

export interface LogBatch {
  readonly groupId: string
  /** Never used again for another stream: a stream that is created anew gets a new id. */
  readonly streamId: string
  readonly ingestedAt: Millis
  /** In chronological order. */
  readonly events: readonly LogEvent[]
  readonly source?: SourceRange
}

/**
 * Taken, or (for a batch with a source) refused whole because its begin was taken before: the sender goes on at
 * `expectedFrom`. What was taken is remembered durably together with the events, for 15 days.
 */
export type AppendResult = { readonly taken: true } | { readonly taken: false; readonly expectedFrom: number }

/** A place between events, which are ordered by timestamp, then sequence: smaller ones lie before it. */
export interface Boundary {
  readonly timestamp: Millis
  readonly sequence: number
}

export interface ReadRequest {
  readonly groupId: string
  /** Default: every stream of the group. */
  readonly streamIds?: readonly string[]
  readonly direction: 'forward' | 'backward'
  /** Forward: events behind it; backward: events before it. Default: the begin, or the end. */
  readonly from?: Boundary
  /** Included. */
  readonly startTime?: Millis
  /** Excluded. */
  readonly endTime?: Millis
  /** Most events of the answer, at least 1. */
  readonly limit: number
  /** A CloudWatch Logs filter pattern that compiles. */
  readonly filterPattern?: string
}

export interface ReadPage {
  /** In the order of the direction: backward gives the newest first. */
  readonly events: readonly StoredEvent[]
  /** Where reading stopped, perhaps without any event when a filter matched nothing for long; absent at the end. */
  readonly next?: Boundary
}

export interface StreamFigures {
  readonly storedBytes: number
  readonly firstEventAt: Millis
  readonly lastEventAt: Millis
  readonly lastIngestedAt: Millis
}

/** What may stay. Streams and groups that it does not name are dropped, and events before a group's cutoff. */
export type LiveLogs = ReadonlyMap<string, LiveGroup>

export interface LiveGroup {
  readonly streamIds: readonly string[]
  readonly cutoff?: Millis
}

/** Keeps log events in files of their own, beside the control plane's journal. */
export interface LogStore {
  /** Resolves when the events are on disk. Rejects with LogStoreError when the disk refuses. */
  append(batch: LogBatch): Promise<AppendResult>
  read(request: ReadRequest): Promise<ReadPage>
  /** Streams without any event have no figures. Without `streamIds`: all of the group. */
  figures(groupId: string, streamIds?: readonly string[]): Promise<ReadonlyMap<string, StreamFigures>>
  /** Bytes of the messages and 26 for each event, as CloudWatch Logs counts. */
  groupBytes(groupIds: readonly string[]): Promise<ReadonlyMap<string, number>>
  deleteStream(groupId: string, streamId: string): Promise<void>
  deleteGroup(groupId: string): Promise<void>
  /** Frees the room of everything that is not live. */
  sweep(live: LiveLogs): Promise<void>
  /** Bytes on disk. */
  bytesUsed(): Promise<number>
  /** Bytes that wait for the disk: above some bound, senders should be told to come back later. */
  readonly pendingBytes: number
  /** Writes what is pending and lets go of the files. */
  close(): Promise<void>
}

/** The disk (or the store's thread) failed; the events of a rejected append may or may not be there after a restart. */
export class LogStoreError extends Error {
  readonly retryable: boolean

  constructor(message: string, options: { retryable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.name = 'LogStoreError'
    this.retryable = options.retryable
  }
}

/** Senders are asked to come back later while this much waits for the disk. */
export const pendingBytesLimit = 64 * 1024 * 1024

/** What CloudWatch Logs adds to each message's size. */
export const eventOverheadBytes = 26

/** The most message bytes, overhead included, of one page. */
export const pageBytesLimit = 1024 * 1024

/** How long a source is remembered after its last batch: older events would be refused for their age anyway. */
export const sourceMemoryMs = 15 * 24 * 60 * 60 * 1000

export const compareBoundaries = (a: Boundary, b: Boundary): number =>
  a.timestamp - b.timestamp || a.sequence - b.sequence
