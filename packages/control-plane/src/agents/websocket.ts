/** The adapter to `ws`: WebSockets as connections of agents. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { Connection } from './connection.ts'

/** A frame of an agent's may hold a thousand state changes. */
const MOST_BYTES_PER_FRAME = 16 * 1024 * 1024
/** A WebSocket close code: the server failed. */
const INTERNAL_ERROR = 1011
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
    server.handleUpgrade(request, socket, head, webSocket => use(connectionOf(webSocket, onFault)))
}

/** `onFault` is told when a listener throws: one frame that we cannot cope with ends its session, not the server. */
const connectionOf = (socket: WebSocket, onFault: (error: unknown) => void): Connection => {
  // A broken frame or a reset line is followed by a close event, which is what the sessions act on.
  socket.on('error', () => socket.terminate())
  return {
    send: text => {
      if (socket.readyState === socket.OPEN) socket.send(text)
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

const textOfData = (data: RawData): string => {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8')
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString('utf8')
}
