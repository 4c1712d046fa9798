import { mkdir } from 'node:fs/promises'
import { type Catalog, figuresOf } from './catalog.ts'
import { Entries, encodeEvents } from './entries.ts'
import {
  type AppendResult,
  type LiveLogs,
  type LogBatch,
  type LogStore,
  LogStoreError,
  type ReadPage,
  type ReadRequest,
  type SourceRange,
  type StreamFigures,
} from './log-store.ts'
import { readPage } from './page.ts'
import { recover } from './recovery.ts'
import { SegmentSet } from './segment-set.ts'
import type { Sources } from './sources.ts'
import { WriteAheadQueue } from './write-ahead-queue.ts'

export interface SegmentLogStoreOptions {
  readonly directory: string
  /** The oldest segments go when all files together hold more. */
  readonly capBytes: number
  /** How much is gathered in memory (and in write-ahead logs) before it is sorted into a segment. Default 16 MiB. */
  readonly segmentBytes?: number
  /** Told of what was lost or could not be done, in a sentence. */
  readonly report: (problem: string) => void
}

/** A LogBatch whose events are encoded already, by `encodeEvents`. */
export type EncodedBatch = Omit<LogBatch, 'events'> & { readonly entries: Uint8Array<ArrayBuffer> }

/**
 * Log events in files: batches go to a write-ahead log, many with one sync, and stay in memory; once enough has
 * gathered it is sorted by stream and time into a segment that never changes. Reads merge memory and segments.
 */
export class SegmentLogStore implements LogStore {
  readonly #catalog: Catalog
  readonly #sources: Sources
  readonly #segments: SegmentSet
  readonly #queue: WriteAheadQueue
  readonly #report: (problem: string) => void
  #nextSequence: number

  private constructor(
    catalog: Catalog,
    sources: Sources,
    segments: SegmentSet,
    queue: WriteAheadQueue,
    nextSequence: number,
    report: (problem: string) => void,
  ) {
    this.#catalog = catalog
    this.#sources = sources
    this.#segments = segments
    this.#queue = queue
    this.#nextSequence = nextSequence
    this.#report = report
  }

  static async open(options: SegmentLogStoreOptions): Promise<SegmentLogStore> {
    const { directory, capBytes, report } = options
    // A segment that is no small part of the cap would make the cap drop too much at once.
    const segmentBytes = Math.min(options.segmentBytes ?? 16 * 1024 * 1024, Math.ceil(capBytes / 8))
    await mkdir(directory, { recursive: true })
    const { catalog, sources, segments, memory, nextLog, nextSequence } = await recover(options)
    const set = new SegmentSet({ directory, capBytes, catalog, report, ...segments })
    const queue = new WriteAheadQueue({
      directory,
      segmentBytes,
      catalog,
      sources,
      segments: set,
      memory,
      nextLog,
      report,
    })
    return new SegmentLogStore(catalog, sources, set, queue, nextSequence, report)
  }

  get pendingBytes(): number {
    return this.#queue.pendingBytes
  }

  append(batch: LogBatch): Promise<AppendResult> {
    const { groupId, streamId, ingestedAt, source, events } = batch
    const encoded = { groupId, streamId, ingestedAt, entries: encodeEvents(events) }
    return this.appendEncoded(source ? { ...encoded, source } : encoded)
  }

  async appendEncoded(batch: EncodedBatch): Promise<AppendResult> {
    const refusal = batch.source && (await this.#reserve(batch.source))
    if (refusal) return refusal
    const { groupId, streamId, ingestedAt, source } = batch
    const entries = new Entries(
      Buffer.from(batch.entries.buffer, batch.entries.byteOffset, batch.entries.length),
    )
    // Also a batch without events is written: its source must be remembered.
    entries.number(this.#nextSequence, ingestedAt)
    this.#nextSequence += entries.count
    const record = { groupId, streamId, ingestedAt, entries }
    await this.#queue.append(source ? { ...record, source } : record, this.#nextSequence)
    return { taken: true }
  }

  async read(request: ReadRequest): Promise<ReadPage> {
    try {
      return await readPage(this.#catalog, request, this.#report)
    } catch (error) {
      throw new LogStoreError('Log events cannot be read', { retryable: true, cause: error })
    }
  }

  async figures(groupId: string, streamIds?: readonly string[]): Promise<Map<string, StreamFigures>> {
    const streams = streamIds ? streamIds.map(id => this.#catalog.stream(id)) : this.#catalog.group(groupId)
    const figures = new Map<string, StreamFigures>()
    for (const stream of streams)
      if (stream?.groupId === groupId) figures.set(stream.streamId, figuresOf(stream))
    return figures
  }

  async groupBytes(groupIds: readonly string[]): Promise<Map<string, number>> {
    const bytesOf = (groupId: string): number => {
      let bytes = 0
      for (const stream of this.#catalog.group(groupId)) bytes += figuresOf(stream).storedBytes
      return bytes
    }
    return new Map(groupIds.map(id => [id, bytesOf(id)]))
  }

  async deleteStream(_groupId: string, streamId: string): Promise<void> {
    this.#catalog.deleteStream(streamId)
  }

  async deleteGroup(groupId: string): Promise<void> {
    this.#catalog.deleteGroup(groupId)
  }

  async sweep(live: LiveLogs): Promise<void> {
    this.#catalog.retain(live)
    await this.#segments.compact()
  }

  async bytesUsed(): Promise<number> {
    return this.#segments.bytes + this.#queue.logBytes
  }

  async close(): Promise<void> {
    await this.#queue.close()
    await this.#segments.idle()
  }

  /** Claims the range for a batch. An answer that refuses waits until what it refers to is on disk (or has failed). */
  async #reserve(range: SourceRange): Promise<AppendResult | undefined> {
    while (true) {
      const expectedFrom = this.#sources.reserve(range)
      if (expectedFrom === undefined) return undefined
      if (!this.#sources.isPending(range.source)) return { taken: false, expectedFrom }
      await this.#queue.settled()
    }
  }
}
