/** The adapter to `ws`: WebSockets as connections of agents. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { Connection } from './connection.ts'

/** A frame of an agent's may hold a thousand state changes. */
const MOST_BYTES_PER_FRAME = 16 * 1024 * 1024
/** A WebSocket close code: the server failed. */
const INTERNAL_ERROR = 1011
/** The first byte of a text frame that is the whole message. */
const FINAL_TEXT = 0x81
/** For an agent that does not answer a close frame. */
const CLOSE_TIMEOUT_MS = 2_000

export type AcceptUpgrade = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  use: (connection: Connection) => void,
) => void

/** The official agent neither offers a subprotocol nor compresses; compression would cost memory per session. */
export const createWebSocketAcceptor = (onFault: (error: unknown) => void): AcceptUpgrade => {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MOST_BYTES_PER_FRAME,
    clientTracking: false,
  })
  return (request, socket, head, use) =>
    server.handleUpgrade(request, socket, head, webSocket => use(connectionOf(webSocket, socket, onFault)))
}

/** `onFault` is told when a listener throws: one frame that we cannot cope with ends its session, not the server. */
const connectionOf = (socket: WebSocket, stream: Duplex, onFault: (error: unknown) => void): Connection => {
  // A broken frame or a reset line is followed by a close event, which is what the sessions act on.
  socket.on('error', () => socket.terminate())
  return {
    send: text => {
      if (socket.readyState === socket.OPEN) stream.write(textFrame(text))
    },
    close: (code, reason) => {
      socket.close(code, reason.slice(0, 120))
      const timer = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS)
      timer.unref()
      socket.once('close', () => clearTimeout(timer))
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    onMessage: listener =>
      socket.on('message', (data, isBinary) => {
        if (isBinary) return
        try {
          listener(textOfData(data))
        } catch (error) {
          onFault(error)
          socket.close(INTERNAL_ERROR)
        }
      }),
    onClose: listener => socket.on('close', (code, reason) => listener(code, reason.toString('utf8'))),
  }
}

/**
 * Text as one frame, unmasked as a server's are (RFC 6455, section 5.2). The library writes a frame's head and its text
 * apart, which costs more than all the rest of sending it.
 */
export const textFrame = (text: string): Buffer => {
  const length = Buffer.byteLength(text)
  const headLength = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(headLength + length)
  frame[0] = FINAL_TEXT
  if (headLength === 2) frame[1] = length
  else if (headLength === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.write(text, headLength)
  return frame
}

const textOfData = (data: RawData): string => {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8')
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString('utf8')
}
