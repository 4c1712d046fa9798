import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Catalog, StreamState } from './catalog.ts'
import type { Entries } from './entries.ts'
import { compareBoundaries } from './log-store.ts'
import { type SourceState, writeManifest } from './manifest.ts'
import type { MemoryTable } from './memory-table.ts'
import { SegmentReader } from './open-files.ts'
import { openSegment, type SegmentFile, SegmentWriter, type StreamBlocks } from './segment.ts'

/** As of the newest manifest. */
export interface SegmentState {
  readonly files: SegmentFile[]
  readonly nextSegment: number
  readonly firstLog: number
  readonly sources: Readonly<Record<string, SourceState>>
  readonly nextSequence: number
}

interface SetParts extends SegmentState {
  readonly directory: string
  readonly capBytes: number
  readonly catalog: Catalog
  readonly report: (problem: string) => void
}

interface PendingFlush {
  readonly table: MemoryTable
  readonly firstLog: number
  readonly sources: Readonly<Record<string, SourceState>>
}

/** The segments of a store: makes them, drops the oldest, rewrites those that are mostly dead. One thing at a time. */
export class SegmentSet {
  readonly #parts: SetParts
  #files: SegmentFile[]
  #nextSegment: number
  #firstLog: number
  #sources: Readonly<Record<string, SourceState>>
  #pending: PendingFlush | undefined
  #chain: Promise<void> = Promise.resolve()
  nextSequence: number

  constructor(parts: SetParts) {
    this.#parts = parts
    this.#files = parts.files
    this.#nextSegment = parts.nextSegment
    this.#firstLog = parts.firstLog
    this.#sources = parts.sources
    this.nextSequence = parts.nextSequence
  }

  get bytes(): number {
    return this.#files.reduce((bytes, file) => bytes + file.bytes, 0)
  }

  async idle(): Promise<void> {
    await this.#chain
  }

  /** Makes a segment of a table that takes no more events. Logs below `firstLog` are needed no longer then. */
  flush(table: MemoryTable, firstLog: number, sources: Readonly<Record<string, SourceState>>): void {
    this.#pending = { table, firstLog, sources }
    void this.#enqueue(() => this.#flushPending()).catch((error: unknown) =>
      this.#parts.report(`Log events stay in their write-ahead log, no segment can be written: ${error}`),
    )
  }

  /** Resolves when no table waits; tries again, and rejects, when the disk refused. */
  async flushed(): Promise<void> {
    await this.#enqueue(() => this.#flushPending())
  }

  /** Drops segments in which nothing lives, rewrites those in which less than half does. */
  async compact(): Promise<void> {
    await this.#enqueue(async () => {
      const live = this.#liveBytes()
      const dead = this.#files.filter(file => !live.has(file))
      if (dead.length > 0) await this.#remove(dead)
      for (const file of [...this.#files])
        if ((live.get(file) ?? 0) * 2 < file.blockBytes) await this.#rewrite(file)
    })
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#chain.then(work)
    // The chain goes on; whoever enqueued hears of the failure.
    this.#chain = done.catch(() => undefined)
    return done
  }

  async #flushPending(): Promise<void> {
    const pending = this.#pending
    if (!pending) return
    const { table, firstLog, sources } = pending
    const written = await this.#writeSegment(async writer => {
      for (const [streamId, groupId] of [...table.streams].sort(byGroupThenStream)) {
        const stream = this.#parts.catalog.stream(streamId)
        if (stream) await writer.write(groupId, streamId, sortedEntries(stream, table))
      }
    })
    if (written) this.#files.push(written.segment)
    const dropped = this.#overCap()
    this.#files = this.#files.filter(file => !dropped.includes(file))
    this.#firstLog = firstLog
    this.#sources = sources
    await this.#writeManifest()
    const blocks = new Map(written?.streams.map(stream => [stream.streamId, stream.blocks]))
    for (const streamId of table.streams.keys())
      this.#parts.catalog.moveToSegment(streamId, table, blocks.get(streamId) ?? [])
    this.#pending = undefined
    this.#parts.catalog.dropSegments(new Set(dropped))
    await this.#unlink([...table.logPaths, ...dropped.map(file => file.path)])
  }

  #overCap(): SegmentFile[] {
    const dropped: SegmentFile[] = []
    let { bytes } = this
    for (const file of this.#files.slice(0, -1)) {
      if (bytes <= this.#parts.capBytes) break
      bytes -= file.bytes
      dropped.push(file)
    }
    return dropped
  }

  async #remove(files: readonly SegmentFile[]): Promise<void> {
    this.#files = this.#files.filter(file => !files.includes(file))
    await this.#writeManifest()
    await this.#unlink(files.map(file => file.path))
  }

  async #rewrite(file: SegmentFile): Promise<void> {
    const reader = new SegmentReader(this.#parts.report)
    const written = await this.#writeSegment(async writer => {
      for (const { groupId, streamId, stored } of [...this.#parts.catalog.streams()])
        for (const block of stored.filter(({ segment }) => segment === file)) {
          const bytes = await reader.read(file.path, block.offset, block.storedBytes)
          if (bytes) await writer.copy(groupId, streamId, block, bytes)
        }
    }).finally(() => reader.close())
    this.#files = this.#files.flatMap(each => (each === file ? (written ? [written.segment] : []) : [each]))
    await this.#writeManifest()
    for (const { streamId, blocks } of written?.streams ?? [])
      this.#parts.catalog.replaceSegment(streamId, file, blocks)
    await this.#unlink([file.path])
  }

  /** Undefined when there was nothing to write. */
  async #writeSegment(
    fill: (writer: SegmentWriter) => Promise<void>,
  ): Promise<{ segment: SegmentFile; streams: StreamBlocks[] } | undefined> {
    const name = segmentFileName(this.#nextSegment++)
    const path = join(this.#parts.directory, name)
    const writer = await SegmentWriter.create(path)
    try {
      await fill(writer)
      await writer.finish()
    } catch (error) {
      await writer.abandon()
      await this.#unlink([path])
      throw error
    }
    const written = await openSegment(name, path)
    if (written.streams.length > 0) return written
    await this.#unlink([path])
    return undefined
  }

  async #writeManifest(): Promise<void> {
    await writeManifest(this.#parts.directory, {
      version: 1,
      segments: this.#files.map(file => file.name),
      firstLog: this.#firstLog,
      nextSequence: this.nextSequence,
      sources: this.#sources,
    })
  }

  /** A file that stays is only in the way: the next start removes it. */
  async #unlink(paths: readonly string[]): Promise<void> {
    for (const path of paths)
      await rm(path, { force: true }).catch((error: unknown) =>
        this.#parts.report(`${path} cannot be removed: ${error}`),
      )
  }

  #liveBytes(): Map<SegmentFile, number> {
    const live = new Map<SegmentFile, number>()
    for (const { stored } of this.#parts.catalog.streams())
      for (const { segment, storedBytes } of stored) live.set(segment, (live.get(segment) ?? 0) + storedBytes)
    return live
  }
}

const segmentFileName = (number: number): string => `segment-${String(number).padStart(10, '0')}`

const byGroupThenStream = (a: readonly [string, string], b: readonly [string, string]): number =>
  a[1] === b[1] ? (a[0] < b[0] ? -1 : 1) : a[1] < b[1] ? -1 : 1

const sortedEntries = (stream: StreamState, table: MemoryTable): Buffer[] => {
  const places: { timestamp: number; sequence: number; entries: Entries; index: number }[] = []
  for (const { table: owner, entries } of stream.inMemory)
    for (let index = 0; owner === table && index < entries.count; index++)
      places.push({
        timestamp: entries.timestamp(index),
        sequence: entries.sequence(index),
        entries,
        index,
      })
  return places.sort(compareBoundaries).map(({ entries, index }) => entries.raw(index))
}
