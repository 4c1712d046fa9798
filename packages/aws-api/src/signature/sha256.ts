import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'

type Data = string | ArrayBuffer | ArrayBufferView

const toBuffer = (data: Data): Buffer | string => {
  if (typeof data === 'string') return data
  return data instanceof ArrayBuffer
    ? Buffer.from(data)
    : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}

/** The signer's idea of a hash: keyed when it is given a secret. */
export class Sha256 {
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
