/** One question to one name server. */
import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import type { Query } from './message.ts'
import { TcpFrames, tcpFrame } from './tcp-frames.ts'

export type Transport = 'udp' | 'tcp'

export interface NameServer {
  readonly address: string
  readonly port: number
}

/** Rejects when the server cannot be reached, or when `signal` ends it. The answer has an id of its own. */
export type AskServer = (
  server: NameServer,
  query: Query,
  transport: Transport,
  signal: AbortSignal,
) => Promise<Buffer>

const headerBytes = 12

/** Whether a message answers the query: its id and its question are what was asked. (RFC 5452) */
const isAnswerTo = ({ bytes, question }: Query, message: Buffer): boolean =>
  message.length >= headerBytes + question.length &&
  message.readUInt16BE(0) === bytes.readUInt16BE(0) &&
  (message.readUInt16BE(2) & 0x8000) !== 0 &&
  message.toString('latin1', headerBytes, headerBytes + question.length).toLowerCase() ===
    question.toString('latin1').toLowerCase()

const byUdp = ({ address, port }: NameServer, query: Query, signal: AbortSignal): Promise<Buffer> => {
  const answer = Promise.withResolvers<Buffer>()
  // A socket, and so a port, of its own; connected, it takes nothing from anybody else.
  const socket = createSocket(isIPv6(address.replace(/%.*$/, '')) ? 'udp6' : 'udp4')
  socket.on('error', answer.reject)
  socket.on('message', message => {
    if (isAnswerTo(query, message)) answer.resolve(message)
  })
  const abort = () => answer.reject(signal.reason)
  signal.addEventListener('abort', abort)
  socket.connect(port, address, (error?: Error) => {
    if (error) answer.reject(error)
    else socket.send(query.bytes)
  })
  return answer.promise.finally(() => {
    signal.removeEventListener('abort', abort)
    socket.close()
  })
}

const byTcp = ({ address, port }: NameServer, query: Query, signal: AbortSignal): Promise<Buffer> => {
  const answer = Promise.withResolvers<Buffer>()
  const frames = new TcpFrames()
  const socket = connect({ host: address, port, signal })
  socket.on('connect', () => socket.write(tcpFrame(query.bytes)))
  socket.on('data', chunk => {
    const [message] = frames.take(chunk)
    if (!message) return
    if (isAnswerTo(query, message)) answer.resolve(message)
    else answer.reject(new Error('the name server answered something else'))
  })
  socket.on('error', answer.reject)
  socket.on('close', () => answer.reject(new Error('the name server closed the connection')))
  return answer.promise.finally(() => socket.destroy())
}

/** `newId` makes the ids under which servers are asked: nobody may guess them. */
export const createAskServer =
  (newId: () => number): AskServer =>
  async (server, query, transport, signal) => {
    signal.throwIfAborted()
    const bytes = Buffer.from(query.bytes)
    bytes.writeUInt16BE(newId(), 0)
    return (transport === 'udp' ? byUdp : byTcp)(server, { ...query, bytes }, signal)
  }
