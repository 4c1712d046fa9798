/** For tests: the keys of a load balancer, and what a browser keeps. */
import { generateKeyPairSync } from 'node:crypto'
import type { AuthenticationKeys } from '@berth/model'

const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })

export const { publicKey } = pair

export const authenticationKeys: AuthenticationKeys = {
  sessionSecret: 'ab'.repeat(32),
  signingKey: String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' })),
  keyId: '12345678-1234-1234-1234-123456789012',
}

/** Cookies as a browser keeps them. */
export const createCookieJar = () => {
  const kept = new Map<string, string>()
  return {
    kept,
    keep: (cookies: readonly string[] = []) => {
      for (const cookie of cookies) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
        if (cookie.includes('Expires=Thu, 01 Jan 1970')) kept.delete(name)
        else kept.set(name, value)
      }
    },
    header: () => [...kept].map(([name, value]) => `${name}=${value}`).join('; '),
  }
}
