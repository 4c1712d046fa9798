/** Requests to an ACME authority, signed, each with a number that is used once. (RFC 8555) */
import type { KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type IncomingHttpHeaders, STATUS_CODES } from 'node:http'
import { type RequestOptions, request } from 'node:https'
import { readAnswer } from '../../read-answer.ts'
import type { AcmeSettings } from '../../services/acm/index.ts'
import type { Millis } from '../../store/table.ts'
import { publicKeyOf, signedRequest } from './jws.ts'
import { AcmeProblem, problemOf } from './problem.ts'

const timeoutMs = 30_000
/** An authority may refuse some numbers only to see that clients can bear it. */
const mostNonces = 5

export interface Directory {
  readonly newNonce: string
  readonly newAccount: string
  readonly newOrder: string
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly retryAfterMs: Millis
}

/** Who asks: by the account's URL, or, as long as there is none, by its public key. */
export interface Signer {
  readonly key: KeyObject
  readonly accountUrl?: string | undefined
}

/** Seconds, or a date. (RFC 9110, 10.2.3) */
export const retryAfterOf = (text: string | undefined, now: Millis): Millis => {
  if (text === undefined) return 0
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isFinite(ms) ? Math.max(0, ms) : 0
}

const send = (url: string, options: RequestOptions, body?: string): Promise<Omit<Answer, 'retryAfterMs'>> =>
  new Promise((resolve, reject) => {
    // A connection of its own: nothing is sent twice because an idle one had died.
    const asked = request(url, { ...options, agent: false }, response => {
      const { statusCode: status = 0, headers } = response
      readAnswer(response).then(text => resolve({ status, headers, body: text }), reject)
    })
    asked.once('error', reject)
    asked.end(body)
  })

const problemIn = ({ status, body, retryAfterMs }: Answer): Error => {
  // Those are its own troubles, which pass.
  const words = `The authority answers ${status} ${STATUS_CODES[status] ?? ''}`
  if (status >= 500 && status !== 503) return new Error(`${words}: ${body.slice(0, 200)}`)
  try {
    return problemOf(JSON.parse(body), retryAfterMs)
  } catch {
    return status === 503 || status === 429
      ? new AcmeProblem('rateLimited', words, retryAfterMs)
      : new Error(words)
  }
}

export class AcmeConnection {
  readonly #settings: AcmeSettings
  readonly #now: () => Millis
  readonly #nonces: string[] = []
  #directory: Directory | undefined

  constructor(settings: AcmeSettings, now: () => Millis) {
    this.#settings = settings
    this.#now = now
  }

  async directory(signal: AbortSignal): Promise<Directory> {
    if (this.#directory === undefined) {
      const answer = await this.#send(this.#settings.directoryUrl, 'GET', signal)
      if (answer.status !== 200) throw problemIn(answer)
      this.#directory = JSON.parse(answer.body) as Directory
    }
    return this.#directory
  }

  /** Of a resource, without a payload. Throws AcmeProblem when the authority refuses, other errors when it may do better soon. */
  async post(url: string, signer: Signer, payload: unknown, signal: AbortSignal): Promise<Answer> {
    const who =
      signer.accountUrl === undefined ? { jwk: publicKeyOf(signer.key) } : { kid: signer.accountUrl }
    for (let used = 1; ; used++) {
      const nonce = await this.#nonce(signal)
      const body = JSON.stringify(signedRequest(signer.key, { ...who, nonce, url }, payload))
      const answer = await this.#send(url, 'POST', signal, body)
      if (answer.status < 400) return answer
      const problem = problemIn(answer)
      const isNonce = problem instanceof AcmeProblem && problem.type === 'badNonce'
      if (!isNonce || used === mostNonces) {
        // Read again the next time: the authority may have moved its resources.
        this.#directory = undefined
        throw problem
      }
      // Those that are kept are as old.
      this.#nonces.length = 0
    }
  }

  async #nonce(signal: AbortSignal): Promise<string> {
    const kept = this.#nonces.pop()
    if (kept !== undefined) return kept
    const { newNonce } = await this.directory(signal)
    const answer = await this.#send(newNonce, 'HEAD', signal)
    const nonce = this.#nonces.pop()
    if (nonce === undefined) throw new Error(`The authority answers ${answer.status} without a nonce`)
    return nonce
  }

  async #send(url: string, method: string, signal: AbortSignal, body?: string): Promise<Answer> {
    const { caFile } = this.#settings
    const answer = await send(
      url,
      {
        method,
        headers: {
          'user-agent': 'berth',
          ...(body !== undefined && {
            'content-type': 'application/jose+json',
            'content-length': Buffer.byteLength(body),
          }),
        },
        ...(caFile !== undefined && { ca: await readFile(caFile) }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      },
      body,
    )
    const nonce = answer.headers['replay-nonce']
    if (typeof nonce === 'string' && this.#nonces.length < mostNonces) this.#nonces.push(nonce)
    return { ...answer, retryAfterMs: retryAfterOf(answer.headers['retry-after'], this.#now()) }
  }
}
