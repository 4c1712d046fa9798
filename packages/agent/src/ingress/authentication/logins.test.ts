import { verify } from 'node:crypto'
import type { OidcConfiguration } from '@berth/model'
import { AlbJwksCache } from 'aws-jwt-verify/alb-cache'
import { AlbJwtVerifier } from 'aws-jwt-verify/alb-verifier'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { viewOf } from '../configuration/view.ts'
import {
  forwardTo,
  groupFact,
  listenerArn,
  listenerFact,
  loadBalancerArn,
  loadBalancerFact,
  ruleOf,
} from '../ingress-fixtures.ts'
import { authenticationKeys, createCookieJar, publicKey } from './authentication-fixtures.ts'
import { cookiesOf, joinedShards } from './cookies.ts'
import { sessionKey } from './derived-keys.ts'
import {
  oidcConfiguration,
  startIdentityProvider,
  type TestIdentityProvider,
} from './identity-provider-fixture.ts'
import { Logins } from './logins.ts'
import { seal, unseal } from './sealed.ts'
import { sessionOf, sessionText } from './session.ts'

let idp: TestIdentityProvider
let jar: ReturnType<typeof createCookieJar>
let laterSeconds: number
let lines: object[]
beforeEach(async () => {
  idp = await startIdentityProvider()
  jar = createCookieJar()
  laterSeconds = 0
  lines = []
})
afterEach(() => idp.close())

const loginsOf = (changes: Partial<OidcConfiguration> = {}) => {
  const configuration = oidcConfiguration(changes)
  const view = viewOf([
    loadBalancerFact({ authenticationKeys }),
    listenerFact(443, {
      protocol: 'HTTPS',
      rules: [ruleOf({ type: 'authenticate-oidc', configuration }, forwardTo(['blue', 1]))],
    }),
    groupFact('blue'),
  ])
  const write = (details: object) => lines.push(details)
  const logins = new Logins({
    clock: { now: () => Date.now() + laterSeconds * 1_000, after: () => () => {} },
    log: { info: write, warn: write, error: write },
    fetch: idp.fetch,
    view: () => view,
  })
  const ask = async (path: string, more: Partial<Parameters<Logins['answer']>[0]> = {}) => {
    const listener = { listenerArn: listenerArn(443), host: 'shop.example', cookies: jar.header() }
    const answer = await logins.answer({ ...listener, ruleArn: 'rule', isStale: false, path, ...more })
    jar.keep(answer.cookies)
    return answer
  }
  const back = (path: string, more = {}) => ask(path, { ruleArn: undefined, ...more })
  const begin = async (path = '/a?b=c') => (await ask(path)).location ?? ''
  const session = () => {
    const sealed = joinedShards(cookiesOf(jar.header()), configuration.sessionCookieName) ?? ''
    return sessionOf(unseal(sessionKey(authenticationKeys.sessionSecret, configuration), sealed) ?? '')
  }
  return { ask, back, begin, session, logIn: async () => back(idp.logIn(await begin())) }
}

const decoded = (part = ''): object => JSON.parse(Buffer.from(part, 'base64url').toString())
const seconds = () => Math.floor(Date.now() / 1_000)

describe('a user who is not logged in', () => {
  it('is sent to the identity provider with what it has to know, and what the rule adds', async () => {
    const { ask } = loginsOf({ extraParameters: { prompt: 'login', scope: 'other' } })
    const { status, location = '', cookies } = await ask('/a?b=c')
    const { origin, pathname, searchParams } = new URL(location)
    expect([status, origin + pathname]).toEqual([302, 'https://idp.example/authorize'])
    const { state, nonce, ...others } = Object.fromEntries(searchParams)
    expect(others).toEqual({
      client_id: 'web',
      redirect_uri: 'https://shop.example/oauth2/idpresponse',
      response_type: 'code',
      scope: 'openid email',
      prompt: 'login',
    })
    expect([state?.length, nonce?.length]).toEqual([expect.any(Number), 32])
    expect(cookies).toEqual([
      expect.stringMatching(
        /^AWSALBAuthNonce=[\w-]{32}; Max-Age=900; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
      ),
    ])
    expect(Buffer.from(state ?? '', 'base64url').toString()).not.toContain('shop.example')
  })

  it('is refused by hosts that are none, and with addresses that are too long', async () => {
    const { ask } = loginsOf()
    for (const host of ['', 'a b', 'a/b', 'a@b', 'a:b', 'a\r\nb'])
      expect(await ask('/', { host })).toMatchObject({ status: 401, body: 'AuthMissingHostHeader\n' })
    expect((await ask(`/${'x'.repeat(16_000)}`)).status).toBe(507)
    expect((await ask('/', { listenerArn: 'other' })).status).toBe(500)
  })
})

describe('a user who comes back from the identity provider', () => {
  it('gets a session, and what was asked for first', async () => {
    const { begin, back, session } = loginsOf()
    const { status, location, cookies } = await back(idp.logIn(await begin()))
    expect([status, location]).toEqual([302, 'https://shop.example/a?b=c'])
    expect(cookies).toEqual([
      expect.stringMatching(
        /^AWSELBAuthSessionCookie-0=[^;]+; Max-Age=3600; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
      ),
    ])
    expect(cookies.join()).not.toContain('access')
    expect(idp.asked).toEqual([
      {
        grant: 'authorization_code',
        authorization: `Basic ${Buffer.from('web:hush').toString('base64')}`,
        redirectUri: 'https://shop.example/oauth2/idpresponse',
      },
    ])
    const { data, endsAt, ...others } = session()
    expect(others).toEqual({ usableUntil: endsAt, identity: 'ann', accessToken: 'access-1' })
    expect(Math.abs(endsAt - seconds() - 3_600)).toBeLessThan(5)
  })

  it('is told to targets by a token that the load balancer has signed', async () => {
    const { logIn, session } = loginsOf()
    await logIn()
    const { data, endsAt } = session()
    const [header, payload, signature = ''] = data.split('.')
    const exp = endsAt + 120
    expect(decoded(header)).toEqual({
      ...{ typ: 'JWT', alg: 'ES256', kid: authenticationKeys.keyId, signer: loadBalancerArn },
      ...{ iss: 'https://idp.example', client: 'web', exp },
    })
    const claims = { sub: 'ann', email: 'ann@example.com', iss: 'https://idp.example', exp }
    expect(decoded(payload)).toEqual(claims)
    // AWS's own example decodes the parts with a decoder that wants the padding.
    expect([header, payload, signature].map((part = '') => part.length % 4)).toEqual([0, 0, 0])
    const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
    const bytes = Buffer.from(signature, 'base64url')
    expect(verify('sha256', Buffer.from(`${header}.${payload}`), key, bytes)).toBe(true)
  })

  it('is believed by AWS’s own verifier, which asks for the key by its id', async () => {
    const { logIn, session } = loginsOf()
    await logIn()
    const asked: string[] = []
    const fetcher = {
      fetch: async (uri: string) => {
        asked.push(uri)
        return new TextEncoder().encode(String(publicKey.export({ type: 'spki', format: 'pem' }))).buffer
      },
    }
    const verifier = AlbJwtVerifier.create(
      {
        albArn: loadBalancerArn,
        issuer: 'https://idp.example',
        clientId: 'web',
        jwksUri: 'https://berth.example/_berth/load-balancer-keys',
      },
      { jwksCache: new AlbJwksCache({ fetcher }) },
    )
    expect(await verifier.verify(session().data)).toMatchObject({ sub: 'ann', email: 'ann@example.com' })
    expect(asked).toEqual([`https://berth.example/_berth/load-balancer-keys/${authenticationKeys.keyId}`])
  })

  it('gets none with a state that is not of this browser, host and time', async () => {
    const { begin, back } = loginsOf()
    const answer = idp.logIn(await begin())
    const { search } = new URL(answer, 'https://x')
    const refusal = async (query: string, more: object = {}) =>
      (await back(`/oauth2/idpresponse${query}`, more)).body.trim()
    expect(await refusal('?code=1')).toBe('AuthMissingStateParam')
    expect(await refusal(search.replace('state=', 'state=x'))).toBe('AuthInvalidStateParam')
    expect(await refusal(search.replace(/code=[^&]*/, 'x=y'))).toBe('AuthMissingCodeParam')
    expect(await refusal(search, { host: 'other.example' })).toBe('AuthInvalidStateParam')
    expect(await refusal(search, { cookies: '' })).toBe('AuthMissingAWSALBAuthNonce')
    expect(await refusal(search, { cookies: `AWSALBAuthNonce=${'x'.repeat(32)}` })).toBe(
      'AuthInvalidAWSALBAuthNonce',
    )
    laterSeconds = 901
    expect(await refusal(search)).toBe('AuthInvalidStateParam')
    expect(idp.asked).toEqual([])
    laterSeconds = 899
    expect((await back(answer)).status).toBe(302)
    // A code is good once.
    expect(await back(answer)).toMatchObject({ status: 561, cookies: [] })
  })

  it('may have begun several logins at a time', async () => {
    const { begin, back } = loginsOf()
    const [first, second] = [await begin('/1'), await begin('/2')]
    expect((await back(idp.logIn(first))).location).toBe('https://shop.example/1')
    expect((await back(idp.logIn(second))).location).toBe('https://shop.example/2')
  })

  it('has asked for an address with two slashes, and is not led elsewhere', async () => {
    const { begin, back } = loginsOf()
    expect((await back(idp.logIn(await begin('//evil.example/x')))).location).toBe(
      'https://shop.example//evil.example/x',
    )
  })

  it.each([
    ['access_denied', 401],
    ['server_error', 561],
  ])('is told %s with %i', async (error, status) => {
    const { begin, back } = loginsOf()
    const state = new URL(await begin()).searchParams.get('state') ?? ''
    const query = new URLSearchParams({ error, state })
    expect((await back(`/oauth2/idpresponse?${query}`)).status).toBe(status)
  })

  it.each([
    ['no ID token', () => undefined],
    ['one of another issuer', (claims: object) => ({ ...claims, iss: 'https://other.example' })],
    ['one for another client', (claims: object) => ({ ...claims, aud: 'other' })],
    ['one that has expired', (claims: object) => ({ ...claims, exp: seconds() - 100 })],
    ['one of another login', (claims: object) => ({ ...claims, nonce: 'other' })],
    ['one of another user than the claims', (claims: object) => ({ ...claims, sub: 'bob' })],
  ])('is refused with %s', async (_, idToken) => {
    idp.behaviour.idToken = idToken
    expect(await loginsOf().logIn()).toMatchObject({ status: 401, cookies: [] })
  })

  it.each([
    ['the token endpoint', '/token', 'AuthTokenEpRequestFailed'],
    ['the user info endpoint', '/userinfo', 'AuthUserinfoEpRequestFailed'],
  ])('gets 561 when %s answers with an error, and the log has no secret', async (_, path, reason) => {
    idp.behaviour.answer = (asked, response) => {
      if (asked !== path) return false
      response.writeHead(403).end('{"error":"invalid_client","hint":"hush"}')
      return true
    }
    expect(await loginsOf().logIn()).toMatchObject({ status: 561, body: `${reason}\n` })
    const name = path === '/token' ? 'token' : 'user info'
    const message = `the ${name} endpoint answers with 403 (invalid_client)`
    expect(lines).toEqual([{ listener: listenerArn(443), reason, message }])
  })

  it('gets 500 when the identity provider is not reached, or says too much', async () => {
    const { begin, back, logIn } = loginsOf()
    idp.behaviour.claims = { sub: 'ann', text: 'x'.repeat(12_000) }
    expect((await logIn()).status).toBe(500)
    idp.behaviour.claims = { sub: 'ann', text: 'x'.repeat(200_000) }
    expect((await logIn()).status).toBe(500)
    const location = await begin()
    const answer = idp.logIn(location)
    idp.behaviour.answer = (_, response) => response.destroy() !== undefined
    expect(await back(answer)).toMatchObject({ status: 500, body: 'AuthTokenEpRequestTimeout\n' })
  })

  it('gets a session in several cookies, and none stays of one that was longer', async () => {
    const { logIn, session } = loginsOf()
    idp.behaviour.claims = { sub: 'ann', text: 'x'.repeat(9_000) }
    await logIn()
    const names = () => [...jar.kept.keys()].filter(name => name.startsWith('AWSELB'))
    expect(names().length).toBeGreaterThan(3)
    for (const [name, value] of jar.kept) expect(name.length + value.length).toBeLessThan(4_096)
    expect(session().identity).toBe('ann')
    idp.behaviour.claims = { sub: 'ann' }
    await logIn()
    expect(names()).toEqual(['AWSELBAuthSessionCookie-0'])
    expect(session().accessToken).toBe('access-2')
  })

  it('is refused with what does not go into a header', async () => {
    idp.behaviour.claims = { sub: 'änn' }
    idp.behaviour.idToken = claims => ({ ...claims, sub: 'änn' })
    expect((await loginsOf().logIn()).status).toBe(401)
  })
})

describe('a session whose access token expires', () => {
  const stale = { isStale: true }

  it('is renewed once for all that ask with it, and ends when it would have ended', async () => {
    idp.behaviour.refreshes = true
    const { logIn, ask, session } = loginsOf()
    await logIn()
    const before = session()
    expect(before.usableUntil - seconds()).toBeLessThan(301)
    expect(before.refreshToken).toBe('refresh-1')
    laterSeconds = 400
    idp.behaviour.claims = { sub: 'ann', email: 'new@example.com' }
    const [one, two] = await Promise.all([ask('/x?y', stale), ask('/z', stale)])
    expect([one.status, one.location]).toEqual([307, 'https://shop.example/x?y'])
    expect([two.status, two.location]).toEqual([307, 'https://shop.example/z'])
    expect(idp.asked.map(({ grant }) => grant)).toEqual(['authorization_code', 'refresh_token'])
    const after = session()
    expect(after).toMatchObject({ endsAt: before.endsAt, refreshToken: 'refresh-2', accessToken: 'access-2' })
    expect(after.usableUntil).toBeGreaterThan(before.usableUntil)
    expect(decoded(after.data.split('.')[1])).toMatchObject({ email: 'new@example.com' })
  })

  it.each([
    ['authenticate', 302, /^https:\/\/idp.example\/authorize/],
    ['allow', 307, /^https:\/\/shop.example\/x$/],
    ['deny', 401, /^$/],
  ] as const)(
    'ends when it cannot be renewed, with %s by %i',
    async (onUnauthenticatedRequest, status, to) => {
      idp.behaviour.refreshes = true
      const { logIn, begin, back, ask } = loginsOf({ onUnauthenticatedRequest })
      await logIn()
      // Another login has the refresh token replaced.
      const cookies = jar.header()
      await back(idp.logIn(await begin()))
      jar.keep(cookies.split('; '))
      const answer = await ask('/x', stale)
      expect(answer.status).toBe(status)
      expect(answer.location ?? '').toMatch(to)
      expect([...jar.kept.keys()]).toEqual(['AWSALBAuthNonce'])
    },
  )

  it('is not renewed for another user', async () => {
    idp.behaviour.refreshes = true
    const { logIn, ask } = loginsOf({ onUnauthenticatedRequest: 'deny' })
    await logIn()
    idp.behaviour.claims = { sub: 'bob' }
    expect((await ask('/', stale)).status).toBe(401)
  })

  it('stays good for a while, whatever the identity provider says', async () => {
    idp.behaviour.refreshes = true
    idp.behaviour.expiresIn = 0
    const { logIn, session } = loginsOf()
    await logIn()
    expect(session().usableUntil - seconds()).toBeGreaterThan(25)
  })
})

describe('what is sealed', () => {
  const key = sessionKey(authenticationKeys.sessionSecret, oidcConfiguration())

  it('is opened with its key only, and whole', () => {
    const session = { usableUntil: 1, endsAt: 2, identity: 'a b', accessToken: 't', data: 'd' }
    const sealed = seal(key, sessionText(session))
    expect(sessionOf(unseal(key, sealed) ?? '')).toEqual(session)
    const [nonce, tag = '', text = ''] = sealed.split('.')
    expect(unseal(key, `${nonce}.${tag.slice(0, 4)}.${text}`)).toBeUndefined()
    expect(unseal(key, `${nonce}.${tag}.${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`)).toBeUndefined()
    expect(unseal(key, 'nonsense')).toBeUndefined()
    const changes = [{ issuer: 'https://x' }, { clientId: 'x' }, { sessionCookieName: 'x' }]
    for (const change of changes) {
      const other = sessionKey(authenticationKeys.sessionSecret, oidcConfiguration(change))
      expect(unseal(other, sealed)).toBeUndefined()
    }
    expect(unseal(sessionKey('cd'.repeat(32), oidcConfiguration()), sealed)).toBeUndefined()
  })
})
