import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { httpListener } from '@berth/aws-api'
import type { Registry } from 'prom-client'
import { createUpgradeHandler, type HandleUpgrade } from './agents/upgrade.ts'
import type { ControlPlane } from './control-plane.ts'
import { version } from './version.ts'

export interface ServerOptions {
  readonly host: string
  readonly port: number
  readonly metrics: Registry
  /** Makes a control plane; called again by POST /_berth/reset, where `canReset`. */
  readonly startControlPlane: () => Promise<ControlPlane>
  readonly canReset: boolean
}

const loopback = /^(::ffff:)?127\.|^::1$/

const sendJson = (response: ServerResponse, statusCode: number, body: object): void => {
  const text = JSON.stringify(body)
  response.writeHead(statusCode, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

/** The one port: AWS's APIs, the agents' WebSockets, and a few paths of Berth's own. */
export class BerthServer {
  readonly #options: ServerOptions
  readonly #http: Server
  #plane: ControlPlane
  #aws: RequestListener
  #upgrade: HandleUpgrade

  private constructor(options: ServerOptions, plane: ControlPlane) {
    this.#options = options
    this.#plane = plane
    this.#aws = httpListener(plane.endpoint)
    this.#upgrade = createUpgradeHandler(plane.gateway)
    // Longer than clients keep idle connections, so that none is closed under a request.
    this.#http = createServer({ keepAliveTimeout: 75_000 }, (request, response) =>
      this.#answer(request, response),
    )
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
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
    this.#http.close()
    this.#plane.gateway.stop()
    this.#http.closeIdleConnections()
    const patience = setTimeout(() => this.#http.closeAllConnections(), 2_000)
    await closed
    clearTimeout(patience)
    await this.#plane.stop()
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '/'
    if (path === '/_berth/health' && request.method === 'GET') this.#sendHealth(response)
    else if (path === '/metrics' && request.method === 'GET') void this.#sendMetrics(request, response)
    else if (path === '/_berth/reset' && request.method === 'POST' && this.#options.canReset)
      void this.#reset(response)
    else this.#aws(request, response)
  }

  #sendHealth(response: ServerResponse): void {
    sendJson(response, 200, { status: 'ok', version, incarnation: this.#plane.store.incarnation })
  }

  /** To this machine alone: metrics are not signed. */
  async #sendMetrics(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!loopback.test(request.socket.remoteAddress ?? '')) {
      sendJson(response, 403, { message: 'Metrics are told on loopback only.' })
      return
    }
    const { metrics } = this.#options
    const text = await metrics.metrics()
    response.writeHead(200, { 'content-type': metrics.contentType })
    response.end(text)
  }

  /** Forgets everything: another control plane, of another incarnation, on the same port. */
  async #reset(response: ServerResponse): Promise<void> {
    const plane = await this.#options.startControlPlane()
    const previous = this.#plane
    this.#plane = plane
    this.#aws = httpListener(plane.endpoint)
    this.#upgrade = createUpgradeHandler(plane.gateway)
    await previous.stop()
    sendJson(response, 200, { incarnation: plane.store.incarnation })
  }
}
