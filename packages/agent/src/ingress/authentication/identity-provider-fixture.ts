/**
 * An identity provider for tests: one user, who is always logged in. It answers on loopback to the name `idp.example`; with a
 * certificate to its address.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { OidcConfiguration } from '@berth/model'
import type { Fetch } from './identity-provider.ts'

export const oidcConfiguration = (changes: Partial<OidcConfiguration> = {}): OidcConfiguration => ({
  issuer: 'https://idp.example',
  authorizationEndpoint: 'https://idp.example/authorize',
  tokenEndpoint: 'https://idp.example/token',
  userInfoEndpoint: 'https://idp.example/userinfo',
  clientId: 'web',
  clientSecret: 'hush',
  sessionCookieName: 'AWSELBAuthSessionCookie',
  scope: 'openid email',
  sessionTimeoutSeconds: 3_600,
  onUnauthenticatedRequest: 'authenticate',
  extraParameters: {},
  ...changes,
})

/** What tests change of its answers. */
export interface IdentityProviderBehaviour {
  accessToken: string
  expiresIn: number | undefined
  refreshes: boolean
  idToken: (claims: Record<string, unknown>) => Record<string, unknown> | undefined
  claims: Record<string, unknown>
  /** Takes a request over. */
  answer: (path: string, response: ServerResponse) => boolean
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const bodyOf = async (request: IncomingMessage): Promise<URLSearchParams> => {
  let text = ''
  for await (const chunk of request) text += chunk
  return new URLSearchParams(text)
}

export const startIdentityProvider = async (tls?: { readonly key: string; readonly cert: string }) => {
  const behaviour: IdentityProviderBehaviour = {
    accessToken: 'access',
    expiresIn: 300,
    refreshes: false,
    idToken: claims => claims,
    claims: { sub: 'ann', email: 'ann@example.com' },
    answer: () => false,
  }
  const nonces = new Map<string, string>()
  let refreshToken = 'refresh-0'
  const asked: { grant: string | null; authorization: string; redirectUri: string | null }[] = []
  let issued = 0
  let issuer = 'https://idp.example'

  const token = async (request: IncomingMessage, response: ServerResponse) => {
    const form = await bodyOf(request)
    const grant = form.get('grant_type')
    const { authorization = '' } = request.headers
    asked.push({ grant, authorization, redirectUri: form.get('redirect_uri') })
    response.setHeader('content-type', 'application/json')
    const nonce = nonces.get(form.get('code') ?? '')
    const isGood =
      grant === 'refresh_token' ? form.get('refresh_token') === refreshToken : nonce !== undefined
    if (!isGood || authorization !== `Basic ${Buffer.from('web:hush').toString('base64')}`) {
      response.writeHead(400).end(JSON.stringify({ error: 'invalid_grant', error_description: 'hush' }))
      return
    }
    nonces.delete(form.get('code') ?? '')
    issued++
    refreshToken = `refresh-${issued}`
    const now = Math.floor(Date.now() / 1_000)
    const own = { iss: issuer, aud: 'web', sub: 'ann', iat: now, exp: now + 300 }
    const claims = behaviour.idToken({ ...own, ...(nonce !== undefined && { nonce }) })
    response.end(
      JSON.stringify({
        access_token: `${behaviour.accessToken}-${issued}`,
        token_type: 'Bearer',
        ...(behaviour.expiresIn !== undefined && { expires_in: behaviour.expiresIn }),
        ...(behaviour.refreshes && { refresh_token: refreshToken }),
        ...(claims && { id_token: `${encoded({ alg: 'ES256' })}.${encoded(claims)}.c2ln` }),
      }),
    )
  }

  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? ''
    if (behaviour.answer(path, response)) return
    if (path === '/token') void token(request, response)
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(behaviour.claims))
  }
  const server = tls ? createTlsServer(tls, answer) : createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  if (tls) issuer = `https://127.0.0.1:${port}`
  const fetchFrom: Fetch = (url, options) =>
    fetch(String(url).replace('https://idp.example', `http://127.0.0.1:${port}`), options)

  return {
    issuer,
    behaviour,
    asked,
    fetch: fetchFrom,
    /** The user is sent to it by `location`, and back with the path that this tells. */
    logIn: (location: string): string => {
      const { searchParams } = new URL(location)
      const code = `code-${nonces.size}-${issued}`
      nonces.set(code, searchParams.get('nonce') ?? '')
      return `/oauth2/idpresponse?${new URLSearchParams({ code, state: searchParams.get('state') ?? '' })}`
    },
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

export type TestIdentityProvider = Awaited<ReturnType<typeof startIdentityProvider>>
