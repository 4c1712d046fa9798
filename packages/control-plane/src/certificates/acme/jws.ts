/** What signs requests to an ACME authority. (RFC 8555, 6.2; RFC 7515) */
import { createHash, createHmac, createPublicKey, type KeyObject, sign } from 'node:crypto'

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

export interface SignedRequest {
  readonly protected: string
  readonly payload: string
  readonly signature: string
}

export interface PublicKey {
  readonly crv: string
  readonly kty: string
  readonly x: string
  readonly y: string
}

/** Of a key of P-256. Its members are in the order that the thumbprint wants. */
export const publicKeyOf = (key: KeyObject): PublicKey => {
  const { crv = '', kty = '', x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' })
  return { crv, kty, x, y }
}

/** (RFC 7638) */
export const thumbprintOf = (key: KeyObject): string =>
  createHash('sha256')
    .update(JSON.stringify(publicKeyOf(key)))
    .digest('base64url')

/** `payload` undefined: nothing is sent, the resource is read. (RFC 8555, 6.3) */
export const signedRequest = (key: KeyObject, header: object, payload: unknown): SignedRequest => {
  const head = encoded({ alg: 'ES256', ...header })
  const body = payload === undefined ? '' : encoded(payload)
  const signature = sign('sha256', Buffer.from(`${head}.${body}`), { key, dsaEncoding: 'ieee-p1363' })
  return { protected: head, payload: body, signature: signature.toString('base64url') }
}

/** Shows that a new account is of somebody whom the authority knows. (RFC 8555, 7.3.4) */
export const externalAccountBinding = (
  { id, key }: { readonly id: string; readonly key: string },
  account: PublicKey,
  url: string,
): SignedRequest => {
  const head = encoded({ alg: 'HS256', kid: id, url })
  const body = encoded(account)
  const mac = createHmac('sha256', Buffer.from(key, 'base64url'))
  return { protected: head, payload: body, signature: mac.update(`${head}.${body}`).digest('base64url') }
}
