/** The HTTP side of the endpoints: limits of what strangers may send, and nothing of their meaning. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type Answer, json } from './answer.ts'
import type { EndpointRequest } from './task-endpoints.ts'

export type AnswerRequest = (request: EndpointRequest) => Promise<Answer>

const mostBodyBytes = 16 * 1024
const mostConnections = 1_000
/** Of one address, so that one container leaves room for the others. */
const mostConnectionsOfOne = 100

const serverOptions = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  /** How often the two are looked at. */
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 5_000,
  maxHeaderSize: 8 * 1024,
}

/** `onFault` is told of what is not the caller's fault; the caller hears of it without the details. */
export const createEndpointServer = (
  answer: AnswerRequest,
  onFault: (error: unknown, path: string) => void,
): Server => {
  const server = createServer(serverOptions, (request, response) => {
    const path = pathOf(request)
    readBody(request)
      .then(body => (body === undefined ? tooLarge : answer(requestOf(request, path, body))))
      .catch((error: unknown) => {
        onFault(error, path)
        return json(500, 'failed to answer the request')
      })
      .then(result => send(response, result))
      .catch((error: unknown) => onFault(error, path))
  })
  server.maxConnections = mostConnections
  server.on('connection', limitPerAddress())
  // Shell scripts ask through `nc`, which ends its side once it has asked: Node would take that for the end of all.
  return Object.assign(server, { httpAllowHalfOpen: true })
}

const limitPerAddress = (): ((socket: Socket) => void) => {
  const open = new Map<string, number>()
  return socket => {
    const address = socket.remoteAddress ?? ''
    const count = (open.get(address) ?? 0) + 1
    if (count > mostConnectionsOfOne) {
      socket.destroy()
      return
    }
    open.set(address, count)
    socket.on('close', () => {
      const left = (open.get(address) ?? 0) - 1
      if (left > 0) open.set(address, left)
      else open.delete(address)
    })
  }
}

const tooLarge = json(413, 'the request is too large')

/** The old form of the credentials' path names the id in the query. */
const pathOf = ({ url = '/' }: IncomingMessage): string => {
  const [path = '/', query = ''] = url.split('?', 2)
  const id = path === '/v1/credentials' ? new URLSearchParams(query).get('id') : null
  return id === null ? path.replace(/\/+$/, '') || '/' : `/v2/credentials/${id}`
}

const requestOf = (request: IncomingMessage, path: string, body: string): EndpointRequest => ({
  method: request.method ?? 'GET',
  path,
  body,
  sourceAddress: request.socket.remoteAddress ?? '',
})

/** Undefined when there is more of it than any endpoint reads. */
const readBody = async (request: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length
    if (bytes > mostBodyBytes) return undefined
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}

const send = (response: ServerResponse, { status, body }: Answer): void => {
  const isComplete = status !== 413
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(!isComplete && { connection: 'close' }),
  })
  response.end(body)
}
