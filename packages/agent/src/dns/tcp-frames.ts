/** Messages on a stream: each behind its length in two bytes. (RFC 1035, 4.2.2) */
export const tcpFrame = (message: Buffer): Buffer => {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}

/** Never holds more than one message that is not whole. */
export class TcpFrames {
  #chunks: Buffer[] = []
  #bytes = 0

  /** Bytes of a message that is not whole yet. */
  get waiting(): number {
    return this.#bytes
  }

  /** The messages that the chunk makes whole. */
  take(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    const messages: Buffer[] = []
    for (
      let wanted = this.#wanted();
      wanted !== undefined && wanted <= this.#bytes;
      wanted = this.#wanted()
    ) {
      const all = this.#joined()
      messages.push(all.subarray(2, wanted))
      this.#chunks = wanted < all.length ? [all.subarray(wanted)] : []
      this.#bytes = all.length - wanted
    }
    return messages
  }

  /** The length of the first message with its two bytes. */
  #wanted(): number | undefined {
    if (this.#bytes < 2) return undefined
    const [first] = this.#chunks
    return 2 + (first && first.length >= 2 ? first : this.#joined()).readUInt16BE(0)
  }

  #joined(): Buffer {
    const [first] = this.#chunks
    const all = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks)
    this.#chunks = [all]
    return all
  }
}
