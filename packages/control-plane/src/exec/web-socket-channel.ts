/** The adapter to `ws`: WebSockets as the ends of data channels. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { Channel } from './channel.ts'

/** Clients send what somebody types, agents a few KiB of output a message. */
const mostBytesPerMessage = 1024 * 1024
/** For a peer that does not answer a close frame. */
const closeTimeoutMs = 2_000
const internalError = 1011

export type AcceptChannel = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  use: (channel: Channel) => void,
) => void

export const createChannelAcceptor = (onFault: (error: unknown) => void): AcceptChannel => {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: mostBytesPerMessage,
    clientTracking: false,
  })
  return (request, socket, head, use) =>
    server.handleUpgrade(request, socket, head, webSocket => use(channelOf(webSocket, onFault)))
}

/** `onFault` is told when a listener throws: its channel ends, not the server. */
const channelOf = (socket: WebSocket, onFault: (error: unknown) => void): Channel => {
  const sent = new Set<() => void>()
  // A broken frame or a reset line is followed by a close event.
  socket.on('error', () => socket.terminate())
  const guarded =
    <Argument>(listener: (argument: Argument) => void) =>
    (argument: Argument): void => {
      try {
        listener(argument)
      } catch (error) {
        onFault(error)
        socket.close(internalError)
      }
    }
  return {
    send: bytes => {
      if (socket.readyState !== socket.OPEN) return
      socket.send(bytes, () => {
        for (const listener of sent) listener()
      })
    },
    get waiting() {
      return socket.bufferedAmount
    },
    close: (code, reason) => {
      socket.close(code, reason.slice(0, 120))
      const timer = setTimeout(() => socket.terminate(), closeTimeoutMs)
      timer.unref()
      socket.once('close', () => clearTimeout(timer))
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    onText: listener =>
      socket.on('message', (data, isBinary) => {
        if (!isBinary) guarded(listener)(bytesOf(data).toString('utf8'))
      }),
    onBytes: listener =>
      socket.on('message', (data, isBinary) => {
        if (isBinary) guarded(listener)(bytesOf(data))
      }),
    onSent: listener => void sent.add(listener),
    onClose: listener => socket.on('close', (code, reason) => listener(code, reason.toString('utf8'))),
  }
}

const bytesOf = (data: RawData): Buffer => {
  if (Array.isArray(data)) return Buffer.concat(data)
  return data instanceof ArrayBuffer ? Buffer.from(data) : data
}
