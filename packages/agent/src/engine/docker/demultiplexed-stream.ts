/** Docker's stream of both outputs: frames of a type, a length and bytes, cut anywhere on the way. */
import type { ExecOutput } from '../engine.ts'

const headerLength = 8
const standardError = 2

export class DemultiplexedStream {
  readonly #listener: (output: ExecOutput, bytes: Buffer) => void
  #pending: Buffer = Buffer.alloc(0)

  constructor(listener: (output: ExecOutput, bytes: Buffer) => void) {
    this.#listener = listener
  }

  read(bytes: Buffer): void {
    let rest = this.#pending.length > 0 ? Buffer.concat([this.#pending, bytes]) : bytes
    while (rest.length >= headerLength) {
      const end = headerLength + rest.readUInt32BE(4)
      if (rest.length < end) break
      this.#listener(rest[0] === standardError ? 'error' : 'output', rest.subarray(headerLength, end))
      rest = rest.subarray(end)
    }
    this.#pending = rest
  }
}
