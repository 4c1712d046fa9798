import { compileFilterPattern } from './filter-pattern/index.ts'
import {
  type AppendResult,
  compareBoundaries,
  eventOverheadBytes,
  type LiveLogs,
  type LogBatch,
  type LogStore,
  pageBytesLimit,
  type ReadPage,
  type ReadRequest,
  type StoredEvent,
  type StreamFigures,
} from './log-store.ts'

interface MemoryStream {
  readonly groupId: string
  readonly events: StoredEvent[]
  bytes: number
}

const bytesOf = (event: StoredEvent): number => Buffer.byteLength(event.message) + eventOverheadBytes

/** Keeps the newest events in memory only, for `--in-memory` and for tests. */
export class MemoryLogStore implements LogStore {
  readonly pendingBytes = 0
  readonly #capBytes: number
  readonly #streams = new Map<string, MemoryStream>()
  readonly #sources = new Map<string, number>()
  #sequence = 1
  #bytes = 0

  constructor(options: { capBytes?: number } = {}) {
    this.#capBytes = options.capBytes ?? 64 * 1024 * 1024
  }

  async append(batch: LogBatch): Promise<AppendResult> {
    const { source } = batch
    const taken = source && this.#sources.get(source.source)
    if (source && taken !== undefined && source.from < taken) return { taken: false, expectedFrom: taken }
    if (source) this.#sources.set(source.source, source.to)
    const stream = this.#streams.get(batch.streamId) ?? { groupId: batch.groupId, events: [], bytes: 0 }
    this.#streams.set(batch.streamId, stream)
    for (const { timestamp, message } of batch.events) {
      const event = {
        timestamp,
        message,
        streamId: batch.streamId,
        sequence: this.#sequence++,
        ingestedAt: batch.ingestedAt,
      }
      insert(stream.events, event)
      this.#account(stream, bytesOf(event))
    }
    if (this.#bytes > this.#capBytes) this.#dropOldest()
    return { taken: true }
  }

  async read(request: ReadRequest): Promise<ReadPage> {
    const matches = compileFilterPattern(request.filterPattern ?? '')
    const events: StoredEvent[] = []
    let bytes = 0
    for (const event of this.#eventsOf(request)) {
      if (!matches(event.message)) continue
      bytes += bytesOf(event)
      const full = events.length >= request.limit || (events.length > 0 && bytes > pageBytesLimit)
      if (full) return { events, next: nextBoundary(request, event) }
      events.push(event)
    }
    return { events }
  }

  async figures(groupId: string, streamIds?: readonly string[]): Promise<Map<string, StreamFigures>> {
    const figures = new Map<string, StreamFigures>()
    for (const [id, stream] of this.#streams) {
      const first = stream.events[0]
      const last = stream.events.at(-1)
      if (stream.groupId !== groupId || !first || !last || (streamIds && !streamIds.includes(id))) continue
      figures.set(id, {
        storedBytes: stream.bytes,
        firstEventAt: first.timestamp,
        lastEventAt: last.timestamp,
        lastIngestedAt: stream.events.reduce((latest, event) => Math.max(latest, event.ingestedAt), 0),
      })
    }
    return figures
  }

  async groupBytes(groupIds: readonly string[]): Promise<Map<string, number>> {
    const bytes = new Map(groupIds.map(id => [id, 0]))
    for (const { groupId, bytes: more } of this.#streams.values()) {
      const before = bytes.get(groupId)
      if (before !== undefined) bytes.set(groupId, before + more)
    }
    return bytes
  }

  async deleteStream(_groupId: string, streamId: string): Promise<void> {
    this.#bytes -= this.#streams.get(streamId)?.bytes ?? 0
    this.#streams.delete(streamId)
  }

  async deleteGroup(groupId: string): Promise<void> {
    for (const [id, stream] of this.#streams)
      if (stream.groupId === groupId) await this.deleteStream(groupId, id)
  }

  async sweep(live: LiveLogs): Promise<void> {
    for (const [id, stream] of this.#streams) {
      const group = live.get(stream.groupId)
      if (!group?.streamIds.includes(id)) await this.deleteStream(stream.groupId, id)
      else if (group.cutoff !== undefined) this.#dropBefore(stream, group.cutoff)
    }
  }

  async bytesUsed(): Promise<number> {
    return this.#bytes
  }

  async close(): Promise<void> {
    this.#streams.clear()
  }

  *#eventsOf({
    groupId,
    streamIds,
    direction,
    from,
    startTime,
    endTime,
  }: ReadRequest): Iterable<StoredEvent> {
    const ids = streamIds ?? [...this.#streams.keys()]
    const inRange = (event: StoredEvent): boolean =>
      (startTime === undefined || event.timestamp >= startTime) &&
      (endTime === undefined || event.timestamp < endTime) &&
      (from === undefined || compareBoundaries(event, from) < 0 === (direction === 'backward'))
    const events = ids.flatMap(id => {
      const stream = this.#streams.get(id)
      return stream?.groupId === groupId ? stream.events.filter(inRange) : []
    })
    events.sort(compareBoundaries)
    yield* direction === 'forward' ? events : events.reverse()
  }

  #account(stream: MemoryStream, bytes: number): void {
    stream.bytes += bytes
    this.#bytes += bytes
  }

  #dropBefore(stream: MemoryStream, cutoff: number): void {
    const kept = stream.events.findIndex(event => event.timestamp >= cutoff)
    const dropped = stream.events.splice(0, kept < 0 ? stream.events.length : kept)
    for (const event of dropped) this.#account(stream, -bytesOf(event))
  }

  /** A tenth at once, so that a flood does not sort everything again for each of its batches. */
  #dropOldest(): void {
    const all = [...this.#streams.values()].flatMap(stream => stream.events.map(event => ({ stream, event })))
    all.sort((a, b) => a.event.sequence - b.event.sequence)
    const dropped = new Set<StoredEvent>()
    const touched = new Set<MemoryStream>()
    for (const { stream, event } of all) {
      if (this.#bytes <= this.#capBytes * 0.9) break
      dropped.add(event)
      touched.add(stream)
      this.#account(stream, -bytesOf(event))
    }
    for (const stream of touched) {
      const kept = stream.events.filter(event => !dropped.has(event))
      stream.events.splice(0, stream.events.length, ...kept)
    }
  }
}

/** Where the next page begins, when `event` did not fit into this one. */
const nextBoundary = (request: ReadRequest, { timestamp, sequence }: StoredEvent) => ({
  timestamp,
  sequence: request.direction === 'forward' ? sequence : sequence + 1,
})

/** Nearly always at the end: events arrive in order. */
const insert = (events: StoredEvent[], event: StoredEvent): void => {
  let index = events.length
  while (index > 0) {
    const before = events[index - 1]
    if (before === undefined || compareBoundaries(before, event) <= 0) break
    index--
  }
  events.splice(index, 0, event)
}
