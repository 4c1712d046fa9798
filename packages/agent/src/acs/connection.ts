/** Keeps one ACS WebSocket open: signs, connects, reconnects with back-off and jitter, and gives up on silence. */
import { acsCloseCodes } from '@berth/model'
import { WebSocket } from 'ws'
import type { Cancel, Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { type AwsCredentials, signUpgrade } from './signing.ts'

/** Our agents are lost after 10 s without a heartbeat: what waits longer costs a host its tasks. */
const firstRetryMs = 100
const lastRetryMs = 4_000
const retryFactor = 1.5
const handshakeTimeoutMs = 10_000
/** After another agent took this one's identity, or the instance was deregistered: a person has to see to it. */
const refusedRetryMs = 120_000
/** Until the control plane says how often it speaks: no message for this long means that the connection is dead. */
const defaultSilenceMs = 60_000

export interface ConnectionOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly region: string
  readonly credentials: AwsCredentials
  /** Where to connect, with its query; asked before every attempt. */
  url(): Promise<URL>
  opened(): void
  /** `code`: the WebSocket's close code. */
  closed(code: number): void
  /** True when the text was a message that counts as a sign of life. */
  received(text: string): boolean
  /** The control plane refused the upgrade; `code` is the exception's name when it gave one. */
  refused(code: string, message: string): void
}

export interface Connection {
  start(): void
  /** False when there is no connection: the text is not sent. */
  send(text: string): boolean
  /** Drops the present connection, because it does not do its work. */
  reconnect(reason: string): void
  /** How long without a message means that the connection is dead. */
  expectMessageWithin(silenceMs: number): void
  stop(): void
}

/** Either frame form, or `{"InactiveInstanceException": "text"}`. */
const refusalIn = (body: string): { code: string; message: string } => {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed !== 'object' || parsed === null) return { code: '', message: body }
    if ('type' in parsed && typeof parsed.type === 'string') return { code: parsed.type, message: body }
    if ('__type' in parsed) return { code: String(parsed.__type).split('#').at(-1) ?? '', message: body }
    const [code = '', message] = Object.entries(parsed)[0] ?? []
    return { code, message: String(message) }
  } catch {
    return { code: '', message: body }
  }
}

class AcsConnection implements Connection {
  readonly #options: ConnectionOptions
  #socket: WebSocket | undefined
  #isStopped = false
  #retryMs = firstRetryMs
  #cancelSilence: Cancel = () => {}
  #silenceMs = defaultSilenceMs

  constructor(options: ConnectionOptions) {
    this.#options = options
  }

  start(): void {
    void this.#connect()
  }

  send(text: string): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false
    this.#socket.send(text)
    return true
  }

  reconnect(reason: string): void {
    this.#options.log.warn({ reason }, 'dropping the connection to the control plane')
    this.#socket?.terminate()
  }

  expectMessageWithin(silenceMs: number): void {
    this.#silenceMs = silenceMs
    this.#expectLife()
  }

  stop(): void {
    this.#isStopped = true
    this.#cancelSilence()
    this.#socket?.close(1000)
  }

  async #connect(): Promise<void> {
    const { clock, log, region, credentials } = this.#options
    try {
      const url = await this.#options.url()
      const headers = await signUpgrade(url, region, credentials, clock.now())
      if (this.#isStopped) return
      this.#open(url, headers)
    } catch (error) {
      log.warn({ error: String(error) }, 'cannot reach the control plane')
      this.#retry()
    }
  }

  #open(url: URL, headers: Record<string, string>): void {
    const { log } = this.#options
    const socket = new WebSocket(url, {
      headers,
      handshakeTimeout: handshakeTimeoutMs,
      perMessageDeflate: false,
    })
    this.#socket = socket
    let wasOpen = false
    socket.on('open', () => {
      wasOpen = true
      this.#retryMs = firstRetryMs
      this.#expectLife()
      this.#options.opened()
    })
    socket.on('message', data => {
      if (this.#options.received(String(data))) this.#expectLife()
    })
    socket.on('unexpected-response', (_request, response) => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('end', () => {
        const { code, message } = refusalIn(Buffer.concat(chunks).toString('utf8'))
        log.warn({ status: response.statusCode, code, message }, 'the control plane refused the session')
        this.#options.refused(code, message)
        if (code === 'InactiveInstanceException') this.#retryMs = refusedRetryMs
        socket.terminate()
      })
    })
    socket.on('error', error =>
      log.warn({ error: error.message }, 'the connection to the control plane failed'),
    )
    socket.on('close', code => {
      this.#cancelSilence()
      if (wasOpen) this.#options.closed(code)
      if (code === acsCloseCodes.replaced || code === acsCloseCodes.inactive) this.#retryMs = refusedRetryMs
      if (this.#socket === socket) this.#retry()
    })
  }

  #retry(): void {
    if (this.#isStopped) return
    // Between half and all of the delay, so that a thousand agents do not return in the same moment.
    const delayMs = this.#retryMs * (0.5 + this.#options.random() / 2)
    this.#retryMs = Math.min(lastRetryMs, this.#retryMs * retryFactor)
    this.#options.clock.after(delayMs, () => void this.#connect())
  }

  #expectLife(): void {
    this.#cancelSilence()
    this.#cancelSilence = this.#options.clock.after(this.#silenceMs, () =>
      this.reconnect('no message for too long'),
    )
  }
}

export const createConnection = (options: ConnectionOptions): Connection => new AcsConnection(options)
