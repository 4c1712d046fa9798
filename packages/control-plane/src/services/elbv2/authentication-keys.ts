/** The keys of a load balancer whose rules authenticate users. (AWS: Authenticate users using an Application Load Balancer) */
import { createECDH, createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import type { AuthenticationKeys } from '@berth/model'
import type { Transaction } from '../../store/view.ts'
import type { Encryption } from '../encryption.ts'
import type { Call } from '../service.ts'
import { type LoadBalancerRow, loadBalancers, type StoredAuthenticationKeys } from './tables/index.ts'

type SecretKeys = Pick<AuthenticationKeys, 'sessionSecret' | 'signingKey'>

const keyBytes = 32

/** PEM, of a private key of P-256. */
const newSigningKey = (randomHex: Call['randomHex']): string => {
  const curve = createECDH('prime256v1')
  const scalar = Buffer.from(randomHex(keyBytes), 'hex')
  curve.setPrivateKey(scalar)
  const point = curve.getPublicKey()
  const key = {
    kty: 'EC',
    crv: 'P-256',
    d: scalar.toString('base64url'),
    x: point.subarray(1, 1 + keyBytes).toString('base64url'),
    y: point.subarray(1 + keyBytes).toString('base64url'),
  }
  return String(createPrivateKey({ key, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' }))
}

/** In the form of a UUID, as AWS's are. */
const keyIdOf = (publicKey: string): string =>
  createHash('sha256')
    .update(publicKey)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')

const newKeys = (
  randomHex: Call['randomHex'],
  encryption: Encryption,
  loadBalancerArn: string,
): StoredAuthenticationKeys => {
  const secret: SecretKeys = { sessionSecret: randomHex(keyBytes), signingKey: newSigningKey(randomHex) }
  const publicKey = String(createPublicKey(secret.signingKey).export({ type: 'spki', format: 'pem' }))
  return {
    keyId: keyIdOf(publicKey),
    publicKey,
    encrypted: encryption.encrypt(Buffer.from(JSON.stringify(secret)), loadBalancerArn),
  }
}

/** Gives the load balancer its keys, where it has none. */
export const ensureAuthenticationKeys = (
  tx: Transaction,
  randomHex: Call['randomHex'],
  encryption: Encryption,
  loadBalancerArn: string,
): void => {
  const row = tx.get(loadBalancers, loadBalancerArn)
  if (row === undefined || row.authenticationKeys !== undefined) return
  tx.put(loadBalancers, { ...row, authenticationKeys: newKeys(randomHex, encryption, row.id) })
}

/** Undefined of a load balancer that authenticates nobody, or whose keys a server with another key has encrypted. */
export const openAuthenticationKeys = (
  encryption: Encryption,
  { id, authenticationKeys }: LoadBalancerRow,
): AuthenticationKeys | undefined => {
  if (authenticationKeys === undefined) return undefined
  const { keyId, encrypted } = authenticationKeys
  if (!encryption.isOwn(encrypted)) return undefined
  const secret: SecretKeys = JSON.parse(Buffer.from(encryption.decrypt(encrypted, id)).toString())
  return { keyId, ...secret }
}
