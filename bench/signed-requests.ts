/** SigV4 for the load generators: synchronous, and cheap enough to sign while the load runs. */
import { createHmac, hash } from 'node:crypto'

export interface Signing {
  /** `127.0.0.1:4566`. */
  readonly host: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** Signs requests to ECS. What it has signed stays valid for five minutes. */
export class RequestSigner {
  readonly host: string
  readonly #signing: Signing
  #day = ''
  #key: Buffer = Buffer.alloc(0)

  constructor(signing: Signing) {
    this.host = signing.host
    this.#signing = signing
  }

  /** A whole HTTP request, ready for the socket. */
  call(operation: string, input: object): Buffer {
    const body = JSON.stringify(input)
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      host: this.host,
      'x-amz-date': amzDate(),
      'x-amz-target': `AmazonEC2ContainerServiceV20141113.${operation}`,
    }
    const authorization = this.#authorization('POST', '/', '', headers, hash('sha256', body))
    const lines = Object.entries({ ...headers, authorization, 'content-length': Buffer.byteLength(body) })
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    return Buffer.from(`POST / HTTP/1.1\r\n${head}\r\n${body}`)
  }

  /** The headers that an upgrade of `path` with `query` (sorted, percent-encoded) needs. */
  upgrade(path: string, query: string): Record<string, string> {
    const headers = { host: this.host, 'x-amz-date': amzDate() }
    return { ...headers, authorization: this.#authorization('GET', path, query, headers, hash('sha256', '')) }
  }

  #authorization(
    method: string,
    path: string,
    query: string,
    headers: Readonly<Record<string, string>>,
    payloadHash: string,
  ): string {
    const { accessKeyId, region } = this.#signing
    const date = headers['x-amz-date'] ?? ''
    const scope = `${date.slice(0, 8)}/${region}/ecs/aws4_request`
    const names = Object.keys(headers).join(';')
    const canonicalHeaders = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`)
    const canonical = [method, path, query, canonicalHeaders.join(''), names, payloadHash].join('\n')
    const toSign = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash('sha256', canonical)}`
    const signature = hmac(this.#keyOf(date.slice(0, 8)), toSign).toString('hex')
    return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`
  }

  #keyOf(day: string): Buffer {
    if (day !== this.#day) {
      const { secretAccessKey, region } = this.#signing
      this.#day = day
      this.#key = ['ecs', 'aws4_request'].reduce(
        (key, text) => hmac(key, text),
        hmac(hmac(`AWS4${secretAccessKey}`, day), region),
      )
    }
    return this.#key
  }
}

const amzDate = (): string => `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
