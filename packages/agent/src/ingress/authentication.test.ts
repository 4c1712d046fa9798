import type { IngressAction, OidcConfiguration } from '@berth/model'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { authenticationKeys, createCookieJar } from './authentication/authentication-fixtures.ts'
import { sessionCookies } from './authentication/cookies.ts'
import { sessionKey } from './authentication/derived-keys.ts'
import {
  oidcConfiguration,
  startIdentityProvider,
  type TestIdentityProvider,
} from './authentication/identity-provider-fixture.ts'
import { seal } from './authentication/sealed.ts'
import { type Session, sessionText } from './authentication/session.ts'
import { forwardTo, listenerFact, loadBalancerFact, ruleOf, targetFact } from './ingress-fixtures.ts'
import { ask, createWorlds, isHealthy } from './ingress-world.ts'

let idp: TestIdentityProvider
const worlds = createWorlds((...request) => idp.fetch(...request))
beforeEach(async () => {
  idp = await startIdentityProvider()
})
afterEach(async () => {
  await worlds.afterEach()
  await idp.close()
})

const seconds = () => Math.floor(Date.now() / 1_000)

const logInBy = (changes: Partial<OidcConfiguration> = {}): IngressAction => ({
  type: 'authenticate-oidc',
  configuration: oidcConfiguration(changes),
})

/** Targets tell what they are told of the user. */
const given = async (changes: Partial<OidcConfiguration> = {}, ...more: IngressAction[]) => {
  const target = await worlds.target('blue', ({ headers, url }, response) => {
    const told = Object.entries(headers).filter(([name]) => /oidc|berth/.test(name))
    response.end(JSON.stringify({ url, ...Object.fromEntries(told) }))
    return true
  })
  const [world, url] = await listening(target.port, changes, more)
  await isHealthy(world, target)
  const jar = createCookieJar()
  const visit = async (path: string, headers: Record<string, string> = {}) => {
    const cookie = jar.header()
    const answer = await ask(`${url}${path.slice(1)}`, {
      headers: { host: 'shop.example', ...(cookie !== '' && { cookie }), ...headers },
    })
    jar.keep(answer.headers['set-cookie'])
    return answer
  }
  /** As a browser that follows to the identity provider and back. */
  const logIn = async (path = '/a?b=c') => {
    const { headers } = await visit(path)
    return visit(idp.logIn(headers.location ?? ''))
  }
  return { world, target, jar, visit, logIn }
}

const listening = async (port: number, changes: Partial<OidcConfiguration>, more: IngressAction[]) => {
  const rules = [ruleOf(logInBy(changes), ...more, forwardTo(['blue', 1]))]
  const { world, url } = worlds.given(
    loadBalancerFact({ authenticationKeys }),
    listenerFact(80, { rules }),
    targetFact('blue', port),
  )
  return [world, url] as const
}

const sessionWith = (changes: Partial<Session> = {}): string =>
  sessionText({
    ...{ usableUntil: seconds() + 60, endsAt: seconds() + 600, identity: 'ann' },
    ...{ accessToken: 'access', data: 'data', ...changes },
  })

/** As if the load balancer had given it. */
const sessionCookie = (text: string, configuration = oidcConfiguration()): string =>
  (
    sessionCookies(
      'AWSELBAuthSessionCookie',
      seal(sessionKey(authenticationKeys.sessionSecret, configuration), text),
      60,
      new Map(),
    ) ?? []
  )
    .map(cookie => cookie.split(';')[0])
    .join('; ')

describe('a rule that authenticates users', () => {
  it('sends them to the identity provider and back, and tells targets who they are', async () => {
    const { visit, logIn, target } = await given()
    expect((await visit('/a?b=c')).headers.location).toMatch(/^https:\/\/idp\.example\/authorize\?/)
    const { status, headers } = await logIn()
    expect([status, headers.location]).toEqual([302, 'https://shop.example/a?b=c'])
    expect(target.served()).toBe(0)
    const forged = { 'x-amzn-oidc-identity': 'bob', x_amzn_oidc_data: 'x', 'berth-rule': 'x' }
    expect(JSON.parse((await visit('/a?b=c', forged)).body)).toEqual({
      url: '/a?b=c',
      'x-amzn-oidc-identity': 'ann',
      'x-amzn-oidc-accesstoken': 'access-1',
      'x-amzn-oidc-data': expect.stringMatching(/^[\w-]+=*\.[\w-]+=*\.[\w-]+=*$/),
    })
  })

  it('knows its sessions, and logins that have begun, when the agent begins anew', async () => {
    const { visit, logIn, world, jar } = await given()
    await logIn()
    const loggedOut = { cookie: `AWSALBAuthNonce=${jar.kept.get('AWSALBAuthNonce')}` }
    const { location = '' } = (await visit('/late', loggedOut)).headers
    const restarted = world.restartAgent()
    expect((await visit('/')).status).toBe(200)
    await restarted
    await world.until(async () => (await visit('/', loggedOut)).status === 302)
    jar.kept.delete('AWSELBAuthSessionCookie-0')
    expect((await visit(idp.logIn(location))).headers.location).toBe('https://shop.example/late')
    expect((await visit('/')).status).toBe(200)
  })

  it('believes no session that has ended, is of others, or was tampered with', async () => {
    const { visit } = await given({ onUnauthenticatedRequest: 'deny' })
    const status = async (cookie: string) => (await visit('/', { cookie })).status
    const good = sessionCookie(sessionWith())
    expect(await status(good)).toBe(200)
    const [name, value = ''] = good.split('-0=')
    const [nonce, tag = '', text = ''] = value.split('.')
    const refused = [
      sessionCookie(sessionWith({ usableUntil: seconds() - 2, endsAt: seconds() - 1 })),
      sessionCookie(sessionWith(), oidcConfiguration({ clientId: 'other' })),
      `${name}-0=${nonce}.${tag}.${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`,
      // HAProxy itself would take the beginning of a tag for the whole.
      `${name}-0=${nonce}.${tag.slice(0, 4)}.${text}`,
      `${name}-0=${nonce}.${tag.slice(0, 2)}==${'='.repeat(20)}.${text}`,
      `${name}-0=${sessionWith()}`,
      `${name}-1=${value}`,
      `${name}-0=`,
      'x=y',
    ]
    expect(await Promise.all(refused.map(status))).toEqual(refused.map(() => 401))
  })

  it('lets others pass without a word of a user where it allows them', async () => {
    const { visit } = await given({ onUnauthenticatedRequest: 'allow' })
    const forged = { 'X-Amzn-Oidc-Identity': 'bob', X_AMZN_OIDC_ACCESSTOKEN: 'x' }
    expect(JSON.parse((await visit('/x', forged)).body)).toEqual({ url: '/x' })
    const cookie = sessionCookie(sessionWith({ identity: 'cid' }))
    expect(JSON.parse((await visit('/x', { cookie })).body)).toMatchObject({ 'x-amzn-oidc-identity': 'cid' })
  })

  it('has a stale session renewed on the way', async () => {
    idp.behaviour.refreshes = true
    const { visit, logIn, jar } = await given()
    await logIn()
    const stale = sessionWith({ usableUntil: seconds() - 1, refreshToken: 'refresh-1' })
    jar.keep(sessionCookie(stale).split('; '))
    const { status, headers } = await visit('/form?x')
    expect([status, headers.location]).toEqual([307, 'https://shop.example/form?x'])
    expect(JSON.parse((await visit('/form?x')).body)).toMatchObject({ 'x-amzn-oidc-accesstoken': 'access-2' })
    expect(idp.asked.map(({ grant }) => grant)).toEqual(['authorization_code', 'refresh_token'])
  })

  it('carries sessions as large as they may be', async () => {
    idp.behaviour.claims = { sub: 'ann', text: 'x'.repeat(7_000) }
    idp.behaviour.accessToken = 'y'.repeat(3_900)
    idp.behaviour.refreshes = true
    const { visit, logIn } = await given()
    expect((await logIn()).status).toBe(302)
    const { status, body } = await visit('/', { 'x-more': 'z'.repeat(16_000) })
    expect(status).toBe(200)
    const { 'x-amzn-oidc-accesstoken': token, 'x-amzn-oidc-data': data } = JSON.parse(body)
    expect([token.length, data.length > 9_000]).toEqual([3_902, true])
  })

  it('does what follows only for those who are logged in', async () => {
    const target = await worlds.target('blue')
    const greeting: IngressAction = { type: 'fixed-response', statusCode: 200, body: 'hello' }
    const path = { field: 'path-pattern', values: ['/in'], isRegex: false } as const
    const { world, url } = worlds.given(
      loadBalancerFact({ authenticationKeys }),
      listenerFact(80, {
        rules: [{ ...ruleOf(logInBy(), greeting), conditions: [path] }, ruleOf(forwardTo(['blue', 1]))],
      }),
      targetFact('blue', target.port),
    )
    await isHealthy(world, target)
    expect((await ask(`${url}in`)).status).toBe(302)
    const headers = { cookie: sessionCookie(sessionWith()) }
    expect((await ask(`${url}in`, { headers })).body).toBe('hello')
    expect((await ask(`${url}out`, { headers: { 'x-amzn-oidc-data': 'x' } })).body).toBe('blue')
    expect((await ask(`${url}oauth2/idpresponse?code=x`)).body).toBe('AuthMissingStateParam\n')
    world.tell([loadBalancerFact({ frontAddress: new URL(url).hostname })])
    await world.until(async () => (await ask(`${url}in`)).status === 500)
  })
})
