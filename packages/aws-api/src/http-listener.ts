import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { bodyTooLarge, type Endpoint } from './endpoint.ts'
import type { HttpRequest, HttpResponse } from './http-message.ts'
import { inShortTurns } from './short-turns.ts'

/**
 * A refused body is read on and thrown away up to so many times the limit: a client whose connection is cut while it
 * sends never reads the refusal.
 */
const drainedBodies = 8

/** Serves an endpoint on a node:http server. Bodies over the endpoint's limit are refused while they are read. */
export function httpListener(endpoint: Endpoint): RequestListener {
  return (request, response) => {
    // A client that goes away ends its request; there is nobody left to tell.
    request.on('error', () => request.destroy())
    response.on('error', () => request.destroy())
    readBody(request, endpoint.bodyLimitBytes, body =>
      inShortTurns(() => {
        // What throws here is an answer that HTTP cannot carry (a line break in a header): no reason to end the process.
        answer(endpoint, request, body, response).catch((error: unknown) => {
          process.emitWarning(error instanceof Error ? error : 'an answer could not be sent')
          response.destroy()
        })
      }),
    )
  }
}

async function answer(
  endpoint: Endpoint,
  request: IncomingMessage,
  body: Uint8Array | undefined,
  response: ServerResponse,
): Promise<void> {
  const message = toHttpRequest(request, body ?? new Uint8Array())
  if (body) send(response, await endpoint.handle(message))
  else send(response, endpoint.refuse(message, bodyTooLarge(endpoint.bodyLimitBytes)))
}

/** Calls back once: with the body, or with undefined when it is over the limit. Never for an aborted request. */
function readBody(
  request: IncomingMessage,
  limitBytes: number,
  done: (body: Uint8Array | undefined) => void,
): void {
  const chunks: Buffer[] = []
  let size = 0
  let isRefused = false
  const refuseOnce = (): void => {
    if (isRefused) return
    isRefused = true
    chunks.length = 0
    done(undefined)
  }
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > limitBytes * drainedBodies) request.destroy()
    else if (size > limitBytes) refuseOnce()
    else if (!isRefused) chunks.push(chunk)
  })
  request.on('end', () => {
    if (!isRefused) done(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))
  })
  if (Number(request.headers['content-length']) > limitBytes) refuseOnce()
}

function send(response: ServerResponse, answer: HttpResponse): void {
  if (response.destroyed) return
  response.writeHead(answer.statusCode, {
    ...answer.headers,
    'content-length': Buffer.byteLength(answer.body),
  })
  response.end(answer.body)
}

/** For verifySignature, on upgrades too, whose body is empty. */
export function toHttpRequest(request: IncomingMessage, body: Uint8Array): HttpRequest {
  const headers: Record<string, string> = Object.create(null)
  const raw = request.rawHeaders
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase()
    const value = raw[index + 1] ?? ''
    headers[name] = name in headers ? `${headers[name]},${value}` : value
  }
  return {
    method: request.method ?? '',
    url: request.url ?? '/',
    headers,
    body,
    sourceAddress: request.socket.remoteAddress ?? '',
  }
}
