/** `x-amzn-oidc-data`: claims that targets can verify. (AWS: User claims encoding and signature verification) */
import { createPrivateKey, sign } from 'node:crypto'
import type { AuthenticationKeys } from '@berth/model'

export interface ClaimsTokenParts {
  readonly keys: AuthenticationKeys
  readonly loadBalancerArn: string
  readonly issuer: string
  readonly clientId: string
  /** Seconds since the epoch. */
  readonly expiresAt: number
}

/** AWS's have the padding that other JSON Web Tokens are without, and its signature is of the text with it. */
const padded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_')

const part = (value: object): string => padded(Buffer.from(JSON.stringify(value)))

/** Applications that check no header find issuer and expiry among the claims. */
export const claimsToken = (claims: object, parts: ClaimsTokenParts): string => {
  const { keys, loadBalancerArn, issuer, clientId, expiresAt } = parts
  const header = {
    typ: 'JWT',
    kid: keys.keyId,
    alg: 'ES256',
    iss: issuer,
    client: clientId,
    signer: loadBalancerArn,
    exp: expiresAt,
  }
  const text = `${part(header)}.${part({ ...claims, exp: expiresAt, iss: issuer })}`
  const key = createPrivateKey(keys.signingKey)
  return `${text}.${padded(sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }))}`
}
