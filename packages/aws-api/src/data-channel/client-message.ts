/**
 * The binary messages of a Session Manager data channel, as `session-manager-plugin` reads and writes them: a header of
 * fixed places, big-endian, and a payload.
 */
import { createHash } from 'node:crypto'

export type StreamType = 'input_stream_data' | 'output_stream_data'
export type MessageType = StreamType | 'acknowledge' | 'channel_closed'

/** What a stream's payload is. */
export const payloadType = {
  output: 1,
  size: 3,
  handshakeRequest: 5,
  handshakeResponse: 6,
  handshakeComplete: 7,
  flag: 10,
  standardError: 11,
  exitCode: 12,
} as const

/** The four bytes of a payload of type `flag`. */
export const flag = {
  terminateSession: 2,
  /** Berth's own: no more input comes, which a terminal has Ctrl-D for. */
  endOfInput: 100,
} as const

export interface ClientMessage {
  readonly messageType: MessageType
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly sequenceNumber: number
  /** A UUID. */
  readonly messageId: string
  readonly payloadType: number
  readonly payload: Uint8Array
}

/** The bytes are no message, or not the ones that were sent. */
export class ClientMessageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ClientMessageError'
  }
}

const schemaVersion = 1
const offset = {
  messageType: 4,
  schemaVersion: 36,
  createdAt: 40,
  sequenceNumber: 48,
  messageId: 64,
  digest: 80,
  payloadType: 112,
  payloadLength: 116,
  payload: 120,
} as const
const messageTypeLength = 32

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

/** The halves of a UUID travel the less significant one first. */
const swapHalves = (bytes: Uint8Array): Buffer => Buffer.concat([bytes.subarray(8, 16), bytes.subarray(0, 8)])

const uuidBytes = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex')

const uuidText = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

export const encodeClientMessage = (message: ClientMessage): Buffer => {
  const bytes = Buffer.alloc(offset.payload + message.payload.length)
  bytes.writeUInt32BE(offset.payloadLength, 0)
  bytes.fill(' ', offset.messageType, offset.messageType + messageTypeLength)
  bytes.write(message.messageType, offset.messageType, 'utf8')
  bytes.writeUInt32BE(schemaVersion, offset.schemaVersion)
  bytes.writeBigUInt64BE(BigInt(message.createdAt), offset.createdAt)
  bytes.writeBigInt64BE(BigInt(message.sequenceNumber), offset.sequenceNumber)
  swapHalves(uuidBytes(message.messageId)).copy(bytes, offset.messageId)
  sha256(message.payload).copy(bytes, offset.digest)
  bytes.writeUInt32BE(message.payloadType, offset.payloadType)
  bytes.writeUInt32BE(message.payload.length, offset.payloadLength)
  bytes.set(message.payload, offset.payload)
  return bytes
}

/** Tells a client that the session is over; `output` is why, empty when it simply ended. */
export const encodeChannelClosed = (
  { sessionId, output }: { readonly sessionId: string; readonly output: string },
  { messageId, createdAt }: Pick<ClientMessage, 'messageId' | 'createdAt'>,
): Buffer => {
  const content = {
    MessageId: messageId,
    CreatedDate: String(createdAt),
    DestinationId: '',
    SessionId: sessionId,
    MessageType: 'channel_closed',
    SchemaVersion: schemaVersion,
    Output: output,
  }
  return encodeClientMessage({
    messageType: 'channel_closed',
    createdAt,
    sequenceNumber: 0,
    messageId,
    payloadType: 0,
    payload: Buffer.from(JSON.stringify(content)),
  })
}

const knownTypes: ReadonlySet<string> = new Set<MessageType>([
  'input_stream_data',
  'output_stream_data',
  'acknowledge',
  'channel_closed',
])

/** Undefined for a message of a type that this release has no use for. Throws ClientMessageError. */
export const decodeClientMessage = (bytes: Buffer): ClientMessage | undefined => {
  if (bytes.length < offset.payload)
    throw new ClientMessageError(`a message of ${bytes.length} bytes has no header`)
  const messageType = bytes
    .toString('utf8', offset.messageType, offset.messageType + messageTypeLength)
    .replaceAll('\0', '')
    .trim()
  if (!knownTypes.has(messageType)) return undefined
  const payload = bytes.subarray(bytes.readUInt32BE(0) + 4)
  if (payload.length !== bytes.readUInt32BE(offset.payloadLength))
    throw new ClientMessageError('the payload is not as long as the header says')
  // The plugin leaves the digest of an empty payload to chance.
  if (payload.length > 0 && !sha256(payload).equals(bytes.subarray(offset.digest, offset.payloadType)))
    throw new ClientMessageError('the payload is not the one that was sent')
  return {
    messageType: messageType as MessageType,
    createdAt: Number(bytes.readBigUInt64BE(offset.createdAt)),
    sequenceNumber: Number(bytes.readBigInt64BE(offset.sequenceNumber)),
    messageId: uuidText(swapHalves(bytes.subarray(offset.messageId, offset.digest))),
    payloadType: bytes.readUInt32BE(offset.payloadType),
    payload,
  }
}
