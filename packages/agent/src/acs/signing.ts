/** SigV4 on the upgrade request alone: frames travel unsigned, as in the official agent. */
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

type Data = string | ArrayBuffer | ArrayBufferView

const toBuffer = (data: Data): Buffer | string => {
  if (typeof data === 'string') return data
  return data instanceof ArrayBuffer
    ? Buffer.from(data)
    : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}

/** The signer's idea of a hash: keyed when it is given a secret. */
class Sha256 {
  #hash: Hash | Hmac
  readonly #secret: Data | undefined

  constructor(secret?: Data) {
    this.#secret = secret
    this.#hash = this.#fresh()
  }

  update(data: Data): void {
    this.#hash.update(toBuffer(data))
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()))
  }

  reset(): void {
    this.#hash = this.#fresh()
  }

  #fresh(): Hash | Hmac {
    return this.#secret === undefined ? createHash('sha256') : createHmac('sha256', toBuffer(this.#secret))
  }
}

/** The headers that authenticate `GET url`, over the hash of an empty body. */
export const signUpgrade = async (
  url: URL,
  region: string,
  credentials: AwsCredentials,
  now: number,
): Promise<Record<string, string>> => {
  const signer = new SignatureV4({
    service: 'ecs',
    region,
    credentials,
    sha256: Sha256,
    applyChecksum: false,
  })
  const signed = await signer.sign(
    {
      method: 'GET',
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { host: url.host },
    },
    { signingDate: new Date(now) },
  )
  return signed.headers
}
