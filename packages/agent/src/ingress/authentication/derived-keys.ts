/** What is encrypted with what: keys of 32 bytes that are derived of the load balancer's secret, one for each use. */
import { hkdfSync } from 'node:crypto'
import type { OidcConfiguration } from '@berth/model'

const derived = (secret: string, use: readonly string[]): Buffer =>
  Buffer.from(hkdfSync('sha256', Buffer.from(secret, 'hex'), '', JSON.stringify(use), 32))

/**
 * Of the session cookies of those who have logged in at an identity provider as users of a client. Rules that name the same
 * ones share sessions; a session of others does not decrypt.
 */
export const sessionKey = (secret: string, configuration: OidcConfiguration): Buffer => {
  const { issuer, clientId, sessionCookieName } = configuration
  return derived(secret, ['session', issuer, clientId, sessionCookieName])
}

/** Of logins that are under way. */
export const loginKey = (secret: string): Buffer => derived(secret, ['login'])
