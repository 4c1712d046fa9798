import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { httpListener } from '@berth/aws-api'
import type { Registry } from 'prom-client'
import { createUpgradeHandler, type HandleUpgrade } from './agents/upgrade.ts'
import type { ControlPlane } from './control-plane.ts'
import { isFromHere } from './from-here.ts'
import { refuseMalformed } from './malformed-http.ts'
import { locationPath } from './services/elbv2/index.ts'
import { version } from './version.ts'

export interface ServerOptions {
  readonly host: string
  readonly port: number
  readonly metrics: Registry
  /** Makes a control plane; called again by POST /_berth/reset, where `canReset`. */
  readonly startControlPlane: () => Promise<ControlPlane>
  readonly canReset: boolean
  /** Take requests of this machine's own programs alone: where signatures are not checked. */
  readonly onlyFromHere: boolean
  /** Told of what one of Berth's own paths could not do, which is answered with 500. */
  readonly onFault: (error: unknown, path: string) => void
}

const sendJson = (response: ServerResponse, statusCode: number, body: object): void => {
  const text = JSON.stringify(body)
  response.writeHead(statusCode, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

/** Of load balancers that authenticate users; a key's id follows. */
const publicKeysPath = '/_berth/load-balancer-keys/'

/** For requests whose clients do not end them, and for answers that take long. */
const stopPatienceMs = 5_000

const httpOptions = {
  // Longer than clients keep idle connections, so that none is closed under a request.
  keepAliveTimeout: 75_000,
  // Some clients offer HTTP/2 with every request, and take an ordinary answer for a no.
  shouldUpgradeCallback: (request: IncomingMessage) => request.headers.upgrade?.toLowerCase() === 'websocket',
}

/** The one port: AWS's APIs, the agents' WebSockets, and a few paths of Berth's own. */
export class BerthServer {
  readonly #options: ServerOptions
  readonly #http: Server
  readonly #unanswered = new Set<ServerResponse>()
  #isStopping = false
  #plane: ControlPlane
  #aws: RequestListener
  #upgrade: HandleUpgrade

  private constructor(options: ServerOptions, plane: ControlPlane) {
    this.#options = options
    this.#plane = plane
    this.#aws = httpListener(plane.endpoint)
    this.#upgrade = createUpgradeHandler(plane.gateway, plane.exec)
    this.#http = createServer(httpOptions, (request, response) => this.#answer(request, response))
    this.#http.on('upgrade', (request, socket, head) => {
      if (this.#isAdmitted(request)) this.#upgrade(request, socket, head)
      else socket.destroy()
    })
    this.#http.on('clientError', refuseMalformed)
  }

  /** Resolves once it listens. Rejects when the port is taken or the control plane cannot start. */
  static async start(options: ServerOptions): Promise<BerthServer> {
    const server = new BerthServer(options, await options.startControlPlane())
    server.#http.listen(options.port, options.host)
    await once(server.#http, 'listening')
    return server
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port
  }

  /** Answers what it has taken, then ends. */
  async stop(): Promise<void> {
    const closed = once(this.#http, 'close')
    this.#isStopping = true
    this.#http.close()
    this.#plane.gateway.stop()
    this.#plane.exec.stop()
    for (const response of this.#unanswered) if (!response.headersSent) response.shouldKeepAlive = false
    this.#http.closeIdleConnections()
    const patience = setTimeout(() => this.#http.closeAllConnections(), stopPatienceMs)
    await closed
    clearTimeout(patience)
    await this.#plane.stop()
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    // Else busy clients would go on and on over the connections that they have.
    if (this.#isStopping) response.shouldKeepAlive = false
    this.#unanswered.add(response)
    response.once('close', () => this.#unanswered.delete(response))
    const path = request.url ?? '/'
    if (path === '/_berth/health' && request.method === 'GET') this.#sendHealth(response)
    else if (path.startsWith(publicKeysPath) && request.method === 'GET')
      this.#sendPublicKey(path.slice(publicKeysPath.length), response)
    else if (!this.#isAdmitted(request))
      sendJson(response, 403, {
        __type: 'AccessDeniedException',
        message: 'This server takes any credentials, and therefore only requests to and from this machine.',
      })
    else if (path === '/metrics' && request.method === 'GET')
      this.#settle(path, response, this.#sendMetrics(request, response))
    else if (path.startsWith(locationPath) && request.method === 'GET')
      this.#settle(path, response, this.#sendTrustStoreFile(path, response))
    else if (path === '/_berth/pulls' && request.method === 'GET') this.#sendPulls(request, response)
    else if (path === '/_berth/reset' && request.method === 'POST' && this.#options.canReset)
      this.#settle(path, response, this.#reset(request, response))
    else this.#aws(request, response)
  }

  /** Nobody waits for an answer's promise: a rejection would end the process. */
  #settle(path: string, response: ServerResponse, answered: Promise<void>): void {
    answered.catch((error: unknown) => {
      this.#options.onFault(error, path)
      if (response.headersSent) response.destroy()
      else sendJson(response, 500, { __type: 'ServerException', message: 'The server failed.' })
    })
  }

  #isAdmitted(request: IncomingMessage): boolean {
    return !this.#options.onlyFromHere || isFromHere(request)
  }

  #sendHealth(response: ServerResponse): void {
    sendJson(response, 200, { status: 'ok', version, incarnation: this.#plane.store.incarnation })
  }

  /** To anybody: applications verify with it who their users are. */
  #sendPublicKey(keyId: string, response: ServerResponse): void {
    const key = this.#plane.authenticationPublicKey(keyId)
    if (key === undefined) sendJson(response, 404, { message: 'No load balancer has this key.' })
    else response.writeHead(200, { 'content-type': 'application/x-pem-file' }).end(key)
  }

  /** To this machine alone: it is not signed. */
  #sendPulls(request: IncomingMessage, response: ServerResponse): void {
    if (isFromHere(request)) sendJson(response, 200, { pulls: this.#plane.gateway.pulls })
    else sendJson(response, 403, { message: 'Pulls are told on loopback only.' })
  }

  /** To whoever has the URL, which a signed call has given and which says itself for how long. */
  async #sendTrustStoreFile(path: string, response: ServerResponse): Promise<void> {
    const parts = await this.#plane.trustStoreFile(path)
    if (parts) {
      response.writeHead(200, { 'content-type': 'application/x-pem-file' })
      await pipeline(parts, response)
      return
    }
    response.writeHead(403, { 'content-type': 'application/xml' })
    response.end('<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>')
  }

  /** To this machine alone: metrics are not signed. */
  async #sendMetrics(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isFromHere(request)) {
      sendJson(response, 403, { message: 'Metrics are told on loopback only.' })
      return
    }
    const { metrics } = this.#options
    const text = await metrics.metrics()
    response.writeHead(200, { 'content-type': metrics.contentType })
    response.end(text)
  }

  /** Forgets everything: another control plane, of another incarnation, on the same port. For this machine's programs. */
  async #reset(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isFromHere(request)) {
      sendJson(response, 403, { message: 'Only programs of this machine may reset this server.' })
      return
    }
    const plane = await this.#options.startControlPlane()
    const previous = this.#plane
    this.#plane = plane
    this.#aws = httpListener(plane.endpoint)
    this.#upgrade = createUpgradeHandler(plane.gateway, plane.exec)
    await previous.stop()
    sendJson(response, 200, { incarnation: plane.store.incarnation })
  }
}
