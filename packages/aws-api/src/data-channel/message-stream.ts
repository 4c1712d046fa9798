/**
 * One end of a data channel: numbered payloads that arrive in order and once, whatever the other end drops. A client of
 * AWS's drops what it is not ready for, and expects it again.
 */
import {
  type ClientMessage,
  decodeClientMessage,
  encodeClientMessage,
  type MessageType,
  type StreamType,
} from './client-message.ts'

export interface MessageStreamOptions {
  /** The type of what this end sends; it receives the other. */
  readonly sends: StreamType
  transmit(bytes: Uint8Array): void
  /** A payload of the other end, in order. */
  received(type: number, payload: Uint8Array): void
  /** The other end has closed the channel, or answers no more. */
  closed(reason: string): void
  /** Fewer than `windowSize` messages are unacknowledged again. */
  drained?(): void
  readonly now: () => number
  readonly after: (delayMs: number, run: () => void) => () => void
  readonly newId: () => string
}

/** More than this on their way at once, and the sender should wait. */
const windowSize = 64
const resendAfterMs = 250
const longestSilenceMs = 60_000
/** What comes early is kept, so that one lost message costs one message. */
const mostEarly = 1_000

interface Unacknowledged {
  readonly bytes: Uint8Array
  readonly firstSentAt: number
  sentAt: number
}

export class MessageStream {
  readonly #options: MessageStreamOptions
  readonly #unacknowledged = new Map<number, Unacknowledged>()
  readonly #early = new Map<number, ClientMessage>()
  #nextToSend = 0
  #nextToReceive = 0
  #cancelResend: (() => void) | undefined
  #isClosed = false

  constructor(options: MessageStreamOptions) {
    this.#options = options
  }

  /** True while more should not be sent: `drained` is called afterwards. */
  get isFull(): boolean {
    return this.#unacknowledged.size >= windowSize
  }

  /** Everything that was sent has arrived. */
  get isEmpty(): boolean {
    return this.#unacknowledged.size === 0
  }

  send(type: number, payload: Uint8Array): void {
    if (this.#isClosed) return
    const sequenceNumber = this.#nextToSend++
    const bytes = this.#message(this.#options.sends, sequenceNumber, type, payload)
    const now = this.#options.now()
    this.#unacknowledged.set(sequenceNumber, { bytes, firstSentAt: now, sentAt: now })
    this.#options.transmit(bytes)
    this.#watchForAcknowledgement()
  }

  /** Throws ClientMessageError for what is no message. */
  handle(bytes: Buffer): void {
    const message = this.#isClosed ? undefined : decodeClientMessage(bytes)
    if (message === undefined || message.messageType === this.#options.sends) return
    if (message.messageType === 'acknowledge') this.#onAcknowledge(message)
    else if (message.messageType === 'channel_closed') this.#end(textIn(message.payload, 'Output'))
    else this.#onPayload(message)
  }

  /** Nothing is sent again, and nothing is taken in. */
  stop(): void {
    this.#isClosed = true
    this.#cancelResend?.()
  }

  #end(reason: string): void {
    this.stop()
    this.#options.closed(reason)
  }

  #onPayload(message: ClientMessage): void {
    const { sequenceNumber } = message
    if (sequenceNumber > this.#nextToReceive) {
      if (this.#early.size >= mostEarly) return
      this.#early.set(sequenceNumber, message)
    }
    this.#acknowledge(message)
    if (sequenceNumber !== this.#nextToReceive) return
    for (let next: ClientMessage | undefined = message; next; next = this.#early.get(this.#nextToReceive)) {
      this.#early.delete(this.#nextToReceive)
      this.#nextToReceive++
      this.#options.received(next.payloadType, next.payload)
    }
  }

  #acknowledge({ messageType, messageId, sequenceNumber }: ClientMessage): void {
    const content = {
      AcknowledgedMessageType: messageType,
      AcknowledgedMessageId: messageId,
      AcknowledgedMessageSequenceNumber: sequenceNumber,
      IsSequentialMessage: true,
    }
    this.#options.transmit(this.#message('acknowledge', 0, 0, json(content)))
  }

  #onAcknowledge({ payload }: ClientMessage): void {
    const sequenceNumber = numberIn(payload, 'AcknowledgedMessageSequenceNumber')
    const wasFull = this.isFull
    if (sequenceNumber === undefined || !this.#unacknowledged.delete(sequenceNumber)) return
    if (this.isEmpty || (wasFull && !this.isFull)) this.#options.drained?.()
  }

  #watchForAcknowledgement(): void {
    this.#cancelResend ??= this.#options.after(resendAfterMs, () => {
      this.#cancelResend = undefined
      this.#resendOldest()
    })
  }

  /** The other end keeps what came after it, or gets that again in turn. */
  #resendOldest(): void {
    const [oldest] = this.#unacknowledged.values()
    if (oldest === undefined || this.#isClosed) return
    const now = this.#options.now()
    if (now - oldest.firstSentAt > longestSilenceMs) {
      this.#end('The other end does not answer.')
      return
    }
    if (now - oldest.sentAt >= resendAfterMs) {
      oldest.sentAt = now
      this.#options.transmit(oldest.bytes)
    }
    this.#watchForAcknowledgement()
  }

  #message(messageType: MessageType, sequenceNumber: number, type: number, payload: Uint8Array): Buffer {
    const { now, newId } = this.#options
    const messageId = newId()
    return encodeClientMessage({
      messageType,
      createdAt: now(),
      sequenceNumber,
      messageId,
      payloadType: type,
      payload,
    })
  }
}

const json = (content: object): Buffer => Buffer.from(JSON.stringify(content))

const memberOf = (payload: Uint8Array, name: string): unknown => {
  try {
    const content: unknown = JSON.parse(Buffer.from(payload).toString('utf8'))
    return typeof content === 'object' && content !== null
      ? (content as Record<string, unknown>)[name]
      : undefined
  } catch {
    return undefined
  }
}

const textIn = (payload: Uint8Array, name: string): string => {
  const member = memberOf(payload, name)
  return typeof member === 'string' ? member : ''
}

const numberIn = (payload: Uint8Array, name: string): number | undefined => {
  const member = memberOf(payload, name)
  return typeof member === 'number' ? member : undefined
}
