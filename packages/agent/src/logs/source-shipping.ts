import { eventStartPattern } from './awslogs-options.ts'
import type { Checkpoints } from './checkpoint.ts'
import { type Assembled, EventAssembler } from './event-assembler.ts'
import { LogFileChain } from './log-file-chain.ts'
import type { LogSource } from './log-shipper.ts'
import { DestinationMissing, type LogsApi } from './logs-api.ts'

/**
 * What one turn reads: small enough that the control plane takes a batch in a few milliseconds; and, only where a long
 * line does not fit, the larger one. An entry has at least 62 bytes, so that a batch stays below CloudWatch Logs'
 * 10,000 events; and it is larger in the file than in a batch, which may have 1 MiB.
 */
const windowBytes = 128 * 1024
const largeWindowBytes = 600 * 1024
/** How long the begin of a long line, or of an event of several lines, waits for its rest. */
export const holdMs = 5_000

export interface ShippingParts {
  readonly api: LogsApi
  readonly checkpoints: Checkpoints
  readonly now: () => number
  readonly report: (problem: string) => void
}

/** `more`: there is another batch already; `held`: something incomplete waits; `idle`: everything is shipped. */
export type TurnResult = 'more' | 'held' | 'idle'

interface Window {
  readonly batch: Assembled
  readonly end: number
  /** There may be more behind it. */
  readonly isFull: boolean
}

/** Ships one source, a batch a turn. Between turns it holds nothing but its position. */
export class SourceShipping {
  readonly source: LogSource
  readonly #parts: ShippingParts
  readonly #startPattern: RegExp | undefined
  #chain: LogFileChain | undefined
  #position = 0
  #latest = 0
  #sourceId: string
  #isEnsured = false
  /** Since when something incomplete keeps the position from moving. */
  #heldSince: number | undefined
  #isForgotten = false
  /** The container has ended: nothing incomplete will be completed. */
  isEnded = false

  constructor(source: LogSource, parts: ShippingParts) {
    this.source = source
    this.#parts = parts
    this.#sourceId = source.runtimeId
    this.#startPattern = eventStartPattern(source.options)
  }

  /** Rejects when the control plane or the disk cannot be reached: the turn is to be repeated later. */
  async turn(): Promise<TurnResult> {
    // As of now: what is read below may have been written before the container's end.
    const { isEnded } = this
    const chain = this.#chain ?? (await this.#open())
    if (chain === 'renaming') return 'more'
    if (!this.#isEnsured) await this.#ensure()
    if (!chain) return 'idle'
    const { batch, end, isFull } = await this.#read(chain, isEnded)
    if (batch.malformed > 0)
      this.#parts.report(`${batch.malformed} malformed lines in ${this.source.logPath}`)
    const before = this.#position
    await this.#ship(batch)
    if (this.#position > before) this.#heldSince = undefined
    if (this.#position >= end) return isFull ? 'more' : 'idle'
    if (this.#position > before || isFull) return 'more'
    // What the engine was writing when it crashed will never be a whole line.
    if (isEnded) return 'idle'
    this.#heldSince ??= this.#parts.now()
    return 'held'
  }

  /** Closes files; with `forget` also drops the checkpoint. Not to be called during a turn. */
  async close(forget: boolean): Promise<void> {
    this.#isForgotten = forget
    await this.#chain?.close()
    this.#chain = undefined
    if (forget) await this.#parts.checkpoints.remove(this.source.runtimeId)
  }

  async #open(): Promise<LogFileChain | 'renaming' | undefined> {
    const { checkpoints, report } = this.#parts
    const { runtimeId, logPath } = this.source
    const checkpoint = await checkpoints.read(runtimeId)
    const opened = await LogFileChain.open(logPath, checkpoint?.position, report)
    if (opened === 'renaming' || !opened) return opened
    this.#chain = opened.chain
    this.#position = opened.start
    this.#latest = checkpoint?.latest ?? 0
    // Without a checkpoint offsets are only the same as before when no file has been rotated away yet.
    const isKnown = checkpoint !== undefined || opened.isComplete
    this.#sourceId = checkpoint?.source ?? (isKnown ? runtimeId : `${runtimeId}.${this.#parts.now()}`)
    this.#isEnsured = checkpoint !== undefined
    return opened.chain
  }

  async #ensure(): Promise<void> {
    await this.#parts.api.ensure(this.source)
    this.#isEnsured = true
  }

  async #read(chain: LogFileChain, isEnded: boolean): Promise<Window> {
    const small = await this.#readWindow(chain, windowBytes, isEnded)
    const isStuck = small.isFull && small.batch.end === this.#position
    return isStuck ? this.#readWindow(chain, largeWindowBytes, isEnded) : small
  }

  async #readWindow(chain: LogFileChain, size: number, isEnded: boolean): Promise<Window> {
    const bytes = await chain.read(this.#position, size)
    const isFull = bytes.length === size
    const batch = this.#assemble(bytes, isFull && size === largeWindowBytes, isEnded && !isFull)
    return { batch, end: this.#position + bytes.length, isFull }
  }

  #assemble(window: Buffer, isLargest: boolean, isLast: boolean): Assembled {
    const assembler = new EventAssembler(this.#position, this.#latest, this.#startPattern)
    const lines = window.subarray(0, window.lastIndexOf(10) + 1)
    if (isLargest && lines.length === 0)
      // No entry of the engine is so long: a run of bytes without an end is passed over.
      return { events: [], end: this.#position + window.length, malformed: 1 }
    assembler.push(lines)
    const assembled = assembler.take(false)
    const isStuck = assembled.end === this.#position
    return isStuck && this.#isForced(isLargest || isLast) ? assembler.take(true) : assembled
  }

  #isForced(isLast: boolean): boolean {
    if (isLast) return true
    return this.#heldSince !== undefined && this.#parts.now() - this.#heldSince >= holdMs
  }

  async #ship({ events, end }: Assembled): Promise<void> {
    if (end === this.#position) return
    let next = end
    if (events.length > 0) {
      const receipt = await this.#put({ events, source: this.#sourceId, from: this.#position, to: end })
      if (receipt.rejected > 0)
        this.#parts.report(
          `${receipt.rejected} events of ${this.source.stream} were too old or too new to be taken`,
        )
      next = receipt.resumeAt ?? end
      if (receipt.resumeAt === undefined) this.#latest = events.at(-1)?.timestamp ?? this.#latest
    }
    this.#position = next
    await this.#save()
  }

  async #put(batch: Parameters<LogsApi['put']>[1]) {
    try {
      return await this.#parts.api.put(this.source, batch)
    } catch (error) {
      // Somebody deleted the group or the stream: it is made again before the next attempt.
      if (error instanceof DestinationMissing) this.#isEnsured = false
      throw error
    }
  }

  async #save(): Promise<void> {
    const position = await this.#chain?.passTo(this.#position)
    if (!position || this.#isForgotten) return
    await this.#parts.checkpoints.write(this.source.runtimeId, {
      version: 1,
      source: this.#sourceId,
      position,
      latest: this.#latest,
    })
  }
}
