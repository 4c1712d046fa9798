/** The public keys of those who sign tokens, read where their issuers publish them (RFC 7517), and read again. */
import { createPublicKey, type JsonWebKey } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { JwtKey } from './configuration/json-web-tokens.ts'
import type { IngressPlaces } from './configuration/places.ts'

const longestAnswerMs = 5_000
const largestSet = 100_000

export const fetchText = async (url: string): Promise<string> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(longestAnswerMs) })
  if (!response.ok) throw new Error(`it answers with ${response.status}`)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    // Somebody else's server does not decide how much of it is kept.
    if (size > largestSet) throw new Error('its answer is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

interface PublishedKey extends JsonWebKey {
  readonly kid?: unknown
  readonly use?: string
}

/** HAProxy compares it as a word of its configuration. */
const isKeyId = (id: unknown): id is string => typeof id === 'string' && /^[\x20-\x7e]+$/.test(id)

/** Pure. Those that RS256 is verified with. Throws when the text is no set of keys. */
export const rsaKeys = (text: string): { id: string; pem: string }[] => {
  const { keys } = JSON.parse(text) as { keys?: PublishedKey[] }
  if (!Array.isArray(keys)) throw new Error('its answer is no set of keys')
  return keys.flatMap(key => {
    const { kid, kty, use = 'sig' } = key
    if (kty !== 'RSA' || !isKeyId(kid) || use !== 'sig') return []
    const pem = createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
    return [{ id: kid, pem: String(pem) }]
  })
}

const readAgainMs = 5 * 60_000
const tryAgainMs = 10_000

export interface JsonWebKeysParts {
  readonly places: IngressPlaces
  readonly clock: Clock
  readonly log: Log
  readonly fetchText: (url: string) => Promise<string>
  /** A set has other keys than before. */
  changed(): void
}

export class JsonWebKeys {
  readonly #parts: JsonWebKeysParts
  readonly #sets = new Map<string, readonly JwtKey[]>()
  readonly #dueAt = new Map<string, number>()

  constructor(parts: JsonWebKeysParts) {
    this.#parts = parts
  }

  /** None as long as the address could not be read; what was read once holds until it is read again. */
  of(endpoint: string): readonly JwtKey[] {
    return this.#sets.get(endpoint) ?? []
  }

  /** Begins to read those that are due, and forgets the others. */
  refresh(endpoints: ReadonlySet<string>): void {
    for (const endpoint of this.#dueAt.keys())
      if (!endpoints.has(endpoint)) {
        this.#dueAt.delete(endpoint)
        this.#sets.delete(endpoint)
      }
    const now = this.#parts.clock.now()
    for (const endpoint of endpoints) {
      if ((this.#dueAt.get(endpoint) ?? 0) > now) continue
      this.#dueAt.set(endpoint, now + readAgainMs)
      void this.#read(endpoint)
    }
  }

  async #read(endpoint: string): Promise<void> {
    const { places, clock, log, changed } = this.#parts
    try {
      const keys = rsaKeys(await this.#parts.fetchText(endpoint)).map(({ id, pem }) => ({
        id,
        pem,
        file: places.key(endpoint, id),
      }))
      if (!this.#dueAt.has(endpoint)) return
      if (JSON.stringify(keys) === JSON.stringify(this.#sets.get(endpoint))) return
      this.#sets.set(endpoint, keys)
      changed()
    } catch (error) {
      if (this.#dueAt.has(endpoint)) this.#dueAt.set(endpoint, clock.now() + tryAgainMs)
      log.warn({ endpoint, reason: (error as Error).message }, 'the keys of a token issuer cannot be read')
    }
  }
}
