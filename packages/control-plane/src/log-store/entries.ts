import assert from 'node:assert'
import type { LogEvent } from './log-store.ts'

/**
 * Events as bytes, the same in memory, in the write-ahead log and in segments:
 * f64 timestamp, f64 sequence, f64 ingestion time, u32 length, then the message in UTF-8.
 */
const entryHeaderBytes = 28

/** Sequence and ingestion time stay 0 until `Entries.number`. */
export const encodeEvents = (events: readonly LogEvent[]): Uint8Array<ArrayBuffer> => {
  // Three bytes a UTF-16 unit are always enough: one allocation, one pass.
  const room = events.reduce((bytes, { message }) => bytes + entryHeaderBytes + message.length * 3, 0)
  const entries = Buffer.from(new ArrayBuffer(room))
  let at = 0
  let latest = Number.NEGATIVE_INFINITY
  for (const { timestamp, message } of events) {
    assert(timestamp >= latest, 'a batch must be in chronological order')
    latest = timestamp
    const length = entries.write(message, at + entryHeaderBytes, 'utf8')
    entries.writeDoubleLE(timestamp, at)
    entries.writeUInt32LE(length, at + 24)
    at += entryHeaderBytes + length
  }
  return new Uint8Array(entries.buffer.slice(0, at))
}

/** A run of entries, with the offset of each. */
export class Entries {
  readonly bytes: Buffer
  readonly #offsets: readonly number[]

  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.#offsets = offsetsOf(bytes)
  }

  get count(): number {
    return this.#offsets.length
  }

  timestamp(index: number): number {
    return this.bytes.readDoubleLE(this.#offset(index))
  }

  sequence(index: number): number {
    return this.bytes.readDoubleLE(this.#offset(index) + 8)
  }

  ingestedAt(index: number): number {
    return this.bytes.readDoubleLE(this.#offset(index) + 16)
  }

  messageBytes(index: number): number {
    return this.bytes.readUInt32LE(this.#offset(index) + 24)
  }

  message(index: number): string {
    const begin = this.#offset(index) + entryHeaderBytes
    return this.bytes.toString('utf8', begin, begin + this.messageBytes(index))
  }

  /** The whole entry, to be copied. */
  raw(index: number): Buffer {
    const begin = this.#offset(index)
    return this.bytes.subarray(begin, begin + entryHeaderBytes + this.messageBytes(index))
  }

  number(firstSequence: number, ingestedAt: number): void {
    for (const [index, offset] of this.#offsets.entries()) {
      this.bytes.writeDoubleLE(firstSequence + index, offset + 8)
      this.bytes.writeDoubleLE(ingestedAt, offset + 16)
    }
  }

  #offset(index: number): number {
    const offset = this.#offsets[index]
    if (offset === undefined) throw new RangeError(`no entry ${index} of ${this.count}`)
    return offset
  }
}

const offsetsOf = (bytes: Buffer): number[] => {
  const offsets: number[] = []
  for (let at = 0; at < bytes.length; at += entryHeaderBytes + bytes.readUInt32LE(at + 24)) offsets.push(at)
  return offsets
}
