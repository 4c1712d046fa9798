/** Takes from HAProxy, on a socket that only root reaches, the requests of those who are to log in. */
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { handOverHeaders } from '../configuration/authentication.ts'
import type { LoginAnswer, LoginRequest, Logins } from './logins.ts'

/** As much as HAProxy takes itself. */
const largestHead = 65_536

const textOf = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name.toLowerCase()]
  return Array.isArray(value) ? value[0] : value
}

const requestOf = (request: IncomingMessage): LoginRequest => ({
  listenerArn: textOf(request, handOverHeaders.listener) ?? '',
  ruleArn: textOf(request, handOverHeaders.rule),
  isStale: textOf(request, handOverHeaders.session) === 'stale',
  host: textOf(request, handOverHeaders.host) ?? '',
  path: pathOf(request.url ?? '/'),
  cookies: request.headers.cookie,
})

/** Clients may name the whole address. */
const pathOf = (target: string): string => {
  if (target.startsWith('/')) return target
  if (!URL.canParse(target)) return '/'
  const { pathname, search } = new URL(target)
  return pathname + search
}

const send = (response: ServerResponse, { status, location, cookies, body }: LoginAnswer): void => {
  response.writeHead(status, {
    'cache-control': 'no-store',
    'content-type': 'text/plain',
    ...(location !== undefined && { location }),
    ...(cookies.length > 0 && { 'set-cookie': [...cookies] }),
  })
  response.end(body)
}

export class LoginServer {
  readonly #socket: string
  readonly #logins: Logins
  #server: Server | undefined

  constructor(socket: string, logins: Logins) {
    this.#socket = socket
    this.#logins = logins
  }

  /** Resolves once it listens. */
  async start(): Promise<void> {
    if (this.#server) return
    const server = createServer({ maxHeaderSize: largestHead }, (request, response) => {
      // What a client uploads before it is logged in is of no use to anybody.
      request.resume()
      void this.#logins.answer(requestOf(request)).then(answer => send(response, answer))
    })
    // An earlier life of the agent has left it.
    rmSync(this.#socket, { force: true })
    server.listen(this.#socket)
    await once(server, 'listening')
    this.#server = server
  }

  async stop(): Promise<void> {
    const server = this.#server
    if (!server) return
    this.#server = undefined
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
}
