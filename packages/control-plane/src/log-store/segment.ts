import assert from 'node:assert'
import { type FileHandle, open } from 'node:fs/promises'
import { crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { type Block, type BlockSummary, type OpenFiles, summarize } from './block.ts'
import { Entries } from './entries.ts'

/** Target size of a block, before compression: what is read to get at one event. */
const blockBytes = 128 * 1024
const writeBytes = 1024 * 1024
const magic = Buffer.from('BERTHLG1')

/** A block's place in its segment. */
export interface SegmentBlock extends Block {
  readonly segment: SegmentFile
  readonly offset: number
  readonly storedBytes: number
}

export interface SegmentFile {
  readonly name: string
  readonly path: string
  readonly bytes: number
  /** Without the index. */
  readonly blockBytes: number
}

export interface StreamBlocks {
  readonly groupId: string
  readonly streamId: string
  readonly blocks: readonly SegmentBlock[]
}

type IndexedBlock = readonly [
  offset: number,
  storedBytes: number,
  minTimestamp: number,
  maxTimestamp: number,
  count: number,
  countedBytes: number,
  lastIngestedAt: number,
]
type IndexedStream = readonly [groupId: string, streamId: string, blocks: readonly IndexedBlock[]]

/**
 * Writes a segment: the blocks of one stream after those of another, each with a checksum before it and compressed;
 * then the index as JSON, its length, its checksum and a magic word.
 */
export class SegmentWriter {
  readonly #path: string
  readonly #file: FileHandle
  readonly #index: [string, string, IndexedBlock[]][] = []
  #parts: Buffer[] = []
  #buffered = 0
  #offset = 0

  private constructor(path: string, file: FileHandle) {
    this.#path = path
    this.#file = file
  }

  static async create(path: string): Promise<SegmentWriter> {
    return new SegmentWriter(path, await open(path, 'w'))
  }

  /** Entries of one stream in order. */
  async write(groupId: string, streamId: string, entries: readonly Buffer[]): Promise<void> {
    let run: Buffer[] = []
    let bytes = 0
    for (const entry of entries) {
      run.push(entry)
      bytes += entry.length
      if (bytes < blockBytes) continue
      await this.#writeRun(groupId, streamId, run)
      run = []
      bytes = 0
    }
    if (run.length > 0) await this.#writeRun(groupId, streamId, run)
  }

  /** A block of another segment, as it is stored there. */
  async copy(groupId: string, streamId: string, block: SegmentBlock, stored: Buffer): Promise<void> {
    await this.#put(groupId, streamId, block, stored)
  }

  /** Resolves when the file is on disk. */
  async finish(): Promise<void> {
    const index = Buffer.from(JSON.stringify(this.#index))
    const tail = Buffer.alloc(8)
    tail.writeUInt32LE(index.length, 0)
    tail.writeUInt32LE(crc32(index), 4)
    this.#parts.push(index, tail, magic)
    await this.#flush()
    await this.#file.sync()
    await this.#file.close()
  }

  async abandon(): Promise<void> {
    await this.#file.close()
  }

  async #writeRun(groupId: string, streamId: string, run: readonly Buffer[]): Promise<void> {
    const raw = Buffer.concat(run)
    const stored = Buffer.concat([Buffer.alloc(4), zstdCompressSync(raw)])
    stored.writeUInt32LE(crc32(stored.subarray(4)), 0)
    await this.#put(groupId, streamId, summarize(new Entries(raw)), stored)
  }

  async #put(groupId: string, streamId: string, block: BlockSummary, stored: Buffer): Promise<void> {
    let stream = this.#index.at(-1)
    if (stream?.[1] !== streamId) {
      stream = [groupId, streamId, []]
      this.#index.push(stream)
    }
    const { minTimestamp, maxTimestamp, count, countedBytes, lastIngestedAt } = block
    stream[2].push([
      this.#offset,
      stored.length,
      minTimestamp,
      maxTimestamp,
      count,
      countedBytes,
      lastIngestedAt,
    ])
    this.#offset += stored.length
    this.#parts.push(stored)
    this.#buffered += stored.length
    if (this.#buffered >= writeBytes) await this.#flush()
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#parts)
    this.#parts = []
    this.#buffered = 0
    const { bytesWritten } = await this.#file.write(bytes)
    if (bytesWritten < bytes.length) throw new Error(`wrote only ${bytesWritten} bytes to ${this.#path}`)
  }
}

/** Reads a segment's index. Throws when the file is damaged. */
export const openSegment = async (
  name: string,
  path: string,
): Promise<{ segment: SegmentFile; streams: StreamBlocks[] }> => {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const tail = await readAt(file, Math.max(0, size - 16), 16)
    assert(tail.length === 16 && tail.subarray(8).equals(magic), `${path} is no complete segment`)
    const length = tail.readUInt32LE(0)
    const index = await readAt(file, size - 16 - length, length)
    assert(
      index.length === length && crc32(index) === tail.readUInt32LE(4),
      `the index of ${path} is damaged`,
    )
    const segment = { name, path, bytes: size, blockBytes: size - 16 - length }
    const streams = JSON.parse(index.toString()) as IndexedStream[]
    return {
      segment,
      streams: streams.map(([groupId, streamId, blocks]) => ({
        groupId,
        streamId,
        blocks: blocks.map(block => blockOf(segment, block)),
      })),
    }
  } finally {
    await file.close()
  }
}

const readAt = async (file: FileHandle, offset: number, length: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset)
  return buffer.subarray(0, bytesRead)
}

const blockOf = (segment: SegmentFile, indexed: IndexedBlock): SegmentBlock => {
  const [offset, storedBytes, minTimestamp, maxTimestamp, count, countedBytes, lastIngestedAt] = indexed
  return new StoredBlock(segment, offset, storedBytes, {
    minTimestamp,
    maxTimestamp,
    count,
    countedBytes,
    lastIngestedAt,
  })
}

/** A class, so that many thousands of blocks share one `load`. */
class StoredBlock implements SegmentBlock {
  readonly segment: SegmentFile
  readonly offset: number
  readonly storedBytes: number
  readonly minTimestamp: number
  readonly maxTimestamp: number
  readonly count: number
  readonly countedBytes: number
  readonly lastIngestedAt: number

  constructor(segment: SegmentFile, offset: number, storedBytes: number, summary: BlockSummary) {
    this.segment = segment
    this.offset = offset
    this.storedBytes = storedBytes
    this.minTimestamp = summary.minTimestamp
    this.maxTimestamp = summary.maxTimestamp
    this.count = summary.count
    this.countedBytes = summary.countedBytes
    this.lastIngestedAt = summary.lastIngestedAt
  }

  /** Undefined when the segment went meanwhile, as the oldest do when the store is full. */
  async load(files: OpenFiles): Promise<Entries | undefined> {
    const stored = await files.read(this.segment.path, this.offset, this.storedBytes)
    if (!stored) return undefined
    const intact = stored.length === this.storedBytes && crc32(stored.subarray(4)) === stored.readUInt32LE(0)
    if (!intact)
      files.report(`${this.segment.path} is damaged at ${this.offset}: ${this.count} events are lost`)
    if (!intact) return undefined
    return new Entries(zstdDecompressSync(stored.subarray(4)))
  }
}
