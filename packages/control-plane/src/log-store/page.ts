import type { Catalog } from './catalog.ts'
import { compileFilterPattern } from './filter-pattern/index.ts'
import {
  eventOverheadBytes,
  pageBytesLimit,
  type ReadPage,
  type ReadRequest,
  type StoredEvent,
} from './log-store.ts'
import { type MergedEntry, mergeBlocks } from './merge.ts'
import { SegmentReader } from './open-files.ts'

/** What one filtered page may search, so that an answer comes soon even where nothing matches. */
const searchBytesLimit = 32 * 1024 * 1024

/** Reads one page; see ReadRequest. */
export const readPage = async (
  catalog: Catalog,
  request: ReadRequest,
  report: (problem: string) => void,
): Promise<ReadPage> => {
  const streams = [...streamsOf(catalog, request)]
  const blocks = streams.flatMap(({ stored, inMemory }, tag) =>
    [...stored, ...inMemory].map(block => ({ block, tag })),
  )
  const page = new PageBuilder(
    request,
    streams.map(stream => stream.streamId),
  )
  const files = new SegmentReader(report)
  try {
    await mergeBlocks(blocks, request, files, entry => page.add(entry))
  } finally {
    await files.close()
  }
  return page.finish()
}

function* streamsOf(catalog: Catalog, { groupId, streamIds }: ReadRequest) {
  if (!streamIds) return yield* catalog.group(groupId)
  for (const streamId of streamIds) {
    const stream = catalog.stream(streamId)
    if (stream?.groupId === groupId) yield stream
  }
}

class PageBuilder {
  readonly #request: ReadRequest
  readonly #streamIds: readonly string[]
  readonly #matches: ((message: string) => boolean) | undefined
  readonly #events: StoredEvent[] = []
  #bytes = 0
  #searched = 0
  #stoppedAt: MergedEntry | undefined

  constructor(request: ReadRequest, streamIds: readonly string[]) {
    this.#request = request
    this.#streamIds = streamIds
    this.#matches = request.filterPattern ? compileFilterPattern(request.filterPattern) : undefined
  }

  /** False when the page ends before this entry. */
  add(entry: MergedEntry): boolean {
    const { entries, index, tag, timestamp, sequence } = entry
    const bytes = entries.messageBytes(index) + eventOverheadBytes
    this.#searched += bytes
    if (this.#searched > searchBytesLimit && this.#searched > bytes && this.#matches) return this.#stop(entry)
    const message = entries.message(index)
    if (this.#matches && !this.#matches(message)) return true
    const isFull =
      this.#events.length >= this.#request.limit ||
      (this.#events.length > 0 && this.#bytes + bytes > pageBytesLimit)
    if (isFull) return this.#stop(entry)
    this.#bytes += bytes
    const streamId = this.#streamIds[tag] ?? ''
    this.#events.push({ timestamp, message, streamId, sequence, ingestedAt: entries.ingestedAt(index) })
    return true
  }

  finish(): ReadPage {
    if (!this.#stoppedAt) return { events: this.#events }
    const { timestamp, sequence } = this.#stoppedAt
    const forward = this.#request.direction === 'forward'
    return { events: this.#events, next: { timestamp, sequence: forward ? sequence : sequence + 1 } }
  }

  #stop(entry: MergedEntry): false {
    // Copied: the merge goes on with its cursor.
    this.#stoppedAt = { ...entry }
    return false
  }
}
