import type { Block } from './block.ts'
import type { Entries } from './entries.ts'
import type { LiveLogs, StreamFigures } from './log-store.ts'
import type { SegmentBlock, SegmentFile } from './segment.ts'

/** A batch that is still in memory; `table` is the memory table that it belongs to. */
export interface MemoryBlock extends Block {
  readonly table: object
  readonly entries: Entries
}

export interface StreamState {
  readonly groupId: string
  readonly streamId: string
  stored: SegmentBlock[]
  inMemory: MemoryBlock[]
}

/** Which blocks each stream has. */
export class Catalog {
  readonly #streams = new Map<string, StreamState>()
  readonly #groups = new Map<string, Set<StreamState>>()

  stream(streamId: string): StreamState | undefined {
    return this.#streams.get(streamId)
  }

  streams(): Iterable<StreamState> {
    return this.#streams.values()
  }

  group(groupId: string): Iterable<StreamState> {
    return this.#groups.get(groupId) ?? []
  }

  addInMemory(groupId: string, streamId: string, block: MemoryBlock): void {
    this.#ensure(groupId, streamId).inMemory.push(block)
  }

  addStored(groupId: string, streamId: string, blocks: readonly SegmentBlock[]): void {
    const { stored } = this.#ensure(groupId, streamId)
    for (const block of blocks) stored.push(block)
  }

  /** Puts blocks on disk in the place of those in memory. Does nothing for a stream that is gone. */
  moveToSegment(streamId: string, table: object, blocks: readonly SegmentBlock[]): void {
    const stream = this.#streams.get(streamId)
    if (!stream) return
    stream.inMemory = stream.inMemory.filter(block => block.table !== table)
    this.addStored(stream.groupId, streamId, blocks)
  }

  replaceSegment(streamId: string, segment: SegmentFile, blocks: readonly SegmentBlock[]): void {
    const stream = this.#streams.get(streamId)
    if (stream) stream.stored = [...stream.stored.filter(block => block.segment !== segment), ...blocks]
  }

  deleteStream(streamId: string): void {
    const stream = this.#streams.get(streamId)
    if (!stream) return
    this.#streams.delete(streamId)
    const group = this.#groups.get(stream.groupId)
    group?.delete(stream)
    if (group?.size === 0) this.#groups.delete(stream.groupId)
  }

  deleteGroup(groupId: string): void {
    for (const { streamId } of [...this.group(groupId)]) this.deleteStream(streamId)
  }

  dropSegments(segments: ReadonlySet<SegmentFile>): void {
    for (const stream of this.#streams.values()) this.#keep(stream, block => !segments.has(block.segment))
  }

  /** Forgets everything that is not live. */
  retain(live: LiveLogs): void {
    const ids = new Set([...live.values()].flatMap(group => group.streamIds))
    for (const stream of this.#streams.values()) {
      const group = live.get(stream.groupId)
      const cutoff = group?.cutoff
      if (!group || !ids.has(stream.streamId)) this.deleteStream(stream.streamId)
      else if (cutoff !== undefined) this.#keep(stream, block => block.maxTimestamp >= cutoff)
    }
  }

  #keep(stream: StreamState, isKept: (block: SegmentBlock) => boolean): void {
    if (stream.stored.every(isKept)) return
    stream.stored = stream.stored.filter(isKept)
    if (stream.stored.length === 0 && stream.inMemory.length === 0) this.deleteStream(stream.streamId)
  }

  #ensure(groupId: string, streamId: string): StreamState {
    const known = this.#streams.get(streamId)
    if (known) return known
    const stream: StreamState = { groupId, streamId, stored: [], inMemory: [] }
    this.#streams.set(streamId, stream)
    const group = this.#groups.get(groupId) ?? new Set()
    this.#groups.set(groupId, group.add(stream))
    return stream
  }
}

export const figuresOf = ({ stored, inMemory }: StreamState): StreamFigures => {
  const figures = {
    storedBytes: 0,
    firstEventAt: Number.POSITIVE_INFINITY,
    lastEventAt: Number.NEGATIVE_INFINITY,
    lastIngestedAt: 0,
  }
  for (const blocks of [stored, inMemory])
    for (const block of blocks) {
      figures.storedBytes += block.countedBytes
      figures.firstEventAt = Math.min(figures.firstEventAt, block.minTimestamp)
      figures.lastEventAt = Math.max(figures.lastEventAt, block.maxTimestamp)
      figures.lastIngestedAt = Math.max(figures.lastIngestedAt, block.lastIngestedAt)
    }
  return figures
}
