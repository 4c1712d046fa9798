import { join } from 'node:path'
import type { Catalog } from './catalog.ts'
import { LogStoreError } from './log-store.ts'
import { syncDirectory } from './manifest.ts'
import { MemoryTable } from './memory-table.ts'
import { logFileName } from './recovery.ts'
import type { SegmentSet } from './segment-set.ts'
import type { Sources } from './sources.ts'
import { type LogRecord, WriteAheadLog } from './write-ahead-log.ts'

/** The most that goes to disk with one sync. */
const groupBytes = 8 * 1024 * 1024

interface Waiting {
  readonly record: LogRecord
  readonly nextSequence: number
  readonly done: PromiseWithResolvers<void>
}

interface QueueParts {
  readonly directory: string
  readonly segmentBytes: number
  readonly catalog: Catalog
  readonly sources: Sources
  readonly segments: SegmentSet
  readonly memory: MemoryTable
  readonly nextLog: number
  readonly report: (problem: string) => void
}

/** Writes batches in order: whatever gathered during one sync goes together with the next. */
export class WriteAheadQueue {
  readonly #parts: QueueParts
  #waiting: Waiting[] = []
  #working: Promise<void> | undefined
  #log: WriteAheadLog | undefined
  #nextLog: number
  #memory: MemoryTable
  #isClosed = false
  #newest: Promise<void> = Promise.resolve()
  /** Of the logs that recovery found. */
  #olderLogBytes: number
  pendingBytes = 0

  constructor(parts: QueueParts) {
    this.#parts = parts
    this.#memory = parts.memory
    this.#nextLog = parts.nextLog
    this.#olderLogBytes = parts.memory.bytes
  }

  get logBytes(): number {
    return this.#olderLogBytes + (this.#log?.bytes ?? 0)
  }

  async append(record: LogRecord, nextSequence: number): Promise<void> {
    if (this.#isClosed) throw new LogStoreError('The log store is closed', { retryable: false })
    const done = Promise.withResolvers<void>()
    this.#newest = done.promise
    this.pendingBytes += record.entries.bytes.length
    this.#waiting.push({ record, nextSequence, done })
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined
    })
    await done.promise
  }

  /** Resolves when what was appended until now is written or has failed. */
  async settled(): Promise<void> {
    await this.#newest.catch(() => undefined)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#working
    await this.#log?.close()
    this.#log = undefined
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup()
      try {
        await this.#write(group)
      } catch (error) {
        await this.#giveUp(group, error)
      }
    }
  }

  #takeGroup(): Waiting[] {
    let bytes = 0
    const end = this.#waiting.findIndex(({ record }) => {
      bytes += record.entries.bytes.length
      return bytes > groupBytes
    })
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : Math.max(1, end))
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    if (this.#memory.bytes >= this.#parts.segmentBytes) await this.#startSegment()
    this.#log ??= await this.#createLog()
    await this.#log.append(group.map(waiting => waiting.record))
    for (const { record, nextSequence, done } of group) {
      this.pendingBytes -= record.entries.bytes.length
      this.#memory.add(this.#parts.catalog, record)
      if (record.source) this.#parts.sources.confirm(record.source, record.ingestedAt)
      this.#parts.segments.nextSequence = nextSequence
      done.resolve()
    }
  }

  /** Hands the full table over, once the one before it has become a segment. */
  async #startSegment(): Promise<void> {
    await this.#parts.segments.flushed()
    await this.#log?.close()
    this.#log = undefined
    this.#olderLogBytes = 0
    const full = this.#memory
    this.#memory = new MemoryTable()
    this.#parts.segments.flush(full, this.#nextLog, this.#parts.sources.snapshot())
  }

  async #createLog(): Promise<WriteAheadLog> {
    const path = join(this.#parts.directory, logFileName(this.#nextLog++))
    const log = await WriteAheadLog.create(path)
    this.#memory.logPaths.push(path)
    await syncDirectory(this.#parts.directory)
    return log
  }

  /** What is in the log after a failure is unknown: nothing more is written to it. */
  async #giveUp(group: readonly Waiting[], cause: unknown): Promise<void> {
    this.#olderLogBytes += this.#log?.bytes ?? 0
    await this.#log
      ?.close()
      .catch((error: unknown) => this.#parts.report(`A log file does not close: ${error}`))
    this.#log = undefined
    for (const { record, done } of group) {
      this.pendingBytes -= record.entries.bytes.length
      if (record.source) this.#parts.sources.release(record.source)
      done.reject(new LogStoreError('Log events cannot be written', { retryable: true, cause }))
    }
  }
}
