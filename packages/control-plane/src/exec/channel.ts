/** One end of a data channel: a WebSocket of binary messages, whose first, of a client, is text. */
export interface Channel {
  send(bytes: Uint8Array): void
  /** Bytes that wait for a slow reader. */
  readonly waiting: number
  /** A WebSocket close code; the close listener is called in any case, once. */
  close(code: number, reason: string): void
  /** Takes nothing in until `resume`. */
  pause(): void
  resume(): void
  onText(listener: (text: string) => void): void
  onBytes(listener: (bytes: Buffer) => void): void
  /** `waiting` has become smaller. */
  onSent(listener: () => void): void
  onClose(listener: (code: number, reason: string) => void): void
}
