/**
 * What becomes of requests that HAProxy does not let pass by itself: a redirect to the identity provider, a session for what
 * comes back from there, newer tokens for a session whose tokens are old.
 */
import { randomBytes } from 'node:crypto'
import type { AuthenticationKeys, OidcConfiguration } from '@berth/model'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import { callbackPath } from '../configuration/authentication.ts'
import type { IngressView } from '../configuration/view.ts'
import { claimsToken } from './claims-token.ts'
import { cookiesOf, forgottenShards, joinedShards, keptFor, sessionCookies } from './cookies.ts'
import { loginKey, sessionKey } from './derived-keys.ts'
import { type Fetch, IdentityProvider, type Tokens } from './identity-provider.ts'
import { isSameText, longestLoginSeconds, nonceCookie, sealLogin, unsealLogin } from './login.ts'
import { Refusal } from './refusal.ts'
import { Renewals } from './renewals.ts'
import { seal, unseal } from './sealed.ts'
import { type Session, sessionOf, sessionText } from './session.ts'

export interface LoginRequest {
  readonly listenerArn: string
  /** Undefined: an identity provider has sent the user. */
  readonly ruleArn: string | undefined
  readonly isStale: boolean
  readonly host: string
  /** With the query. */
  readonly path: string
  readonly cookies: string | undefined
}

export interface LoginAnswer {
  readonly status: number
  readonly location?: string
  readonly cookies: readonly string[]
  readonly body: string
}

export interface LoginsParts {
  readonly clock: Clock
  readonly log: Log
  readonly fetch: Fetch
  /** What the host carries now. */
  readonly view: () => IngressView
}

interface Place {
  readonly loadBalancerArn: string
  readonly keys: AuthenticationKeys
  readonly configurationOf: (ruleArn: string) => OidcConfiguration | undefined
}

interface Asked extends LoginRequest {
  readonly place: Place
  readonly cookieJar: ReadonlyMap<string, string>
  /** Seconds since the epoch. */
  readonly now: number
}

/** A host and, perhaps, a port: it becomes part of an address. */
const isHost = (text: string): boolean =>
  /^([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?$/.test(text)

/** (AWS: 16 K per request line) */
const longestLocation = 16_384

/** An identity provider whose tokens last no time at all would have users go in circles. */
const shortestUseSeconds = 30
/** Targets' clocks are not the host's, and they may look at a token some time after it was sent. */
const graceSeconds = 120

const newNonce = (): string => randomBytes(24).toString('base64url')

const redirect = (status: 302 | 307, location: string, cookies: readonly string[]): LoginAnswer => ({
  status,
  location,
  cookies,
  body: '',
})

export class Logins {
  readonly #parts: LoginsParts
  readonly #renewals: Renewals<Tokens>

  constructor(parts: LoginsParts) {
    this.#parts = parts
    this.#renewals = new Renewals(parts.clock)
  }

  /** Never rejects. */
  async answer(request: LoginRequest): Promise<LoginAnswer> {
    try {
      return await this.#answer(request)
    } catch (error) {
      return this.#refused(error, request)
    }
  }

  /** What the client itself may have spoilt is not worth a line for each time that it does. */
  #refused(error: unknown, { listenerArn }: LoginRequest): LoginAnswer {
    const { log } = this.#parts
    const refusal = error instanceof Refusal ? error : undefined
    const { status, reason } = refusal ?? { status: 500, reason: 'AuthUnhandledException' }
    const { message } = error as Error
    if (status !== 401) log.warn({ listener: listenerArn, reason, message }, 'a user cannot be authenticated')
    else if (message !== reason)
      log.info({ listener: listenerArn, reason, message }, 'a user was not authenticated')
    return { status, cookies: [], body: `${reason}\n` }
  }

  async #answer(request: LoginRequest): Promise<LoginAnswer> {
    const place = this.#placeOf(request.listenerArn)
    if (place === undefined) throw new Refusal(500, 'AuthUnhandledException', 'the listener is not known yet')
    if (!isHost(request.host)) throw new Refusal(401, 'AuthMissingHostHeader')
    const now = Math.floor(this.#parts.clock.now() / 1_000)
    const asked: Asked = { ...request, place, cookieJar: cookiesOf(request.cookies), now }
    if (request.ruleArn === undefined) return this.#logIn(asked)
    const configuration = place.configurationOf(request.ruleArn)
    if (configuration === undefined)
      throw new Refusal(500, 'AuthUnhandledException', 'the rule is not known yet')
    return request.isStale
      ? this.#renew(asked, configuration)
      : this.#begin(asked, request.ruleArn, configuration)
  }

  #placeOf(listenerArn: string): Place | undefined {
    for (const { loadBalancer, listeners } of this.#parts.view().loadBalancers) {
      const keys = loadBalancer.authenticationKeys
      const listener = listeners.find(({ arn }) => arn === listenerArn)
      if (keys === undefined || listener === undefined) continue
      return {
        loadBalancerArn: loadBalancer.arn,
        keys,
        configurationOf: ruleArn =>
          listener.rules
            .find(({ arn }) => arn === ruleArn)
            ?.actions.find(action => action.type === 'authenticate-oidc')?.configuration,
      }
    }
    return undefined
  }

  #provider(configuration: OidcConfiguration): IdentityProvider {
    return new IdentityProvider(configuration, this.#parts.fetch)
  }

  /** To the identity provider. Logins that a browser begins at the same time have one nonce, so that none spoils another. */
  #begin(asked: Asked, ruleArn: string, configuration: OidcConfiguration): LoginAnswer {
    const { place, host, path, cookieJar, now } = asked
    const { sessionCookieName } = configuration
    const known = cookieJar.get(nonceCookie) ?? ''
    const browserNonce = /^[A-Za-z0-9_-]{32}$/.test(known) ? known : newNonce()
    const tokenNonce = newNonce()
    const until = now + longestLoginSeconds
    const state = sealLogin(loginKey(place.keys.sessionSecret), {
      ...{ ruleArn, host, path, browserNonce, tokenNonce, until },
    })
    const location = this.#provider(configuration).loginUrl(callbackUrl(host), state, tokenNonce)
    if (location.length > longestLocation)
      throw new Refusal(507, 'AuthUnhandledException', 'the redirect URL is too long')
    return redirect(302, location, [
      keptFor(nonceCookie, browserNonce, longestLoginSeconds),
      ...forgottenShards(sessionCookieName, cookieJar),
    ])
  }

  /** Whoever comes back from the identity provider gets a session, and what was asked for first. */
  async #logIn(asked: Asked): Promise<LoginAnswer> {
    const { place, host, cookieJar, now } = asked
    const answer = new URL(asked.path, 'https://host').searchParams
    const state = answer.get('state')
    if (state === null) throw new Refusal(401, 'AuthMissingStateParam')
    const login = unsealLogin(loginKey(place.keys.sessionSecret), state)
    if (login === undefined || login.until < now || login.host !== host)
      throw new Refusal(401, 'AuthInvalidStateParam')
    const nonce = cookieJar.get(nonceCookie)
    if (nonce === undefined) throw new Refusal(401, 'AuthMissingAWSALBAuthNonce')
    if (!isSameText(nonce, login.browserNonce)) throw new Refusal(401, 'AuthInvalidAWSALBAuthNonce')
    const configuration = place.configurationOf(login.ruleArn)
    if (configuration === undefined) throw new Refusal(401, 'AuthInvalidStateParam')
    if (!answer.has('error') && !answer.has('code')) throw new Refusal(401, 'AuthMissingCodeParam')
    const tokens = await this.#provider(configuration).tokensForAnswer(
      answer,
      callbackUrl(host),
      login.tokenNonce,
    )
    const endsAt = now + configuration.sessionTimeoutSeconds
    const session = sessionFor(tokens, configuration, place, now, endsAt)
    return redirect(
      302,
      `https://${host}${login.path}`,
      cookiesFor(session, configuration, place, now, cookieJar),
    )
  }

  /** The client asks again with a session that is good, or, where there is none any more, without any. */
  async #renew(asked: Asked, configuration: OidcConfiguration): Promise<LoginAnswer> {
    const { place, host, path, cookieJar, now } = asked
    const { sessionCookieName, onUnauthenticatedRequest } = configuration
    const sealed = joinedShards(cookieJar, sessionCookieName) ?? ''
    const text = unseal(sessionKey(place.keys.sessionSecret, configuration), sealed)
    const session = text === undefined ? undefined : sessionOf(text)
    const renewed = session && (await this.#renewed(session, asked, configuration))
    const again = `https://${host}${path}`
    if (renewed) return redirect(307, again, cookiesFor(renewed, configuration, place, now, cookieJar))
    if (onUnauthenticatedRequest === 'authenticate')
      return this.#begin(asked, asked.ruleArn ?? '', configuration)
    const cookies = forgottenShards(sessionCookieName, cookieJar)
    if (onUnauthenticatedRequest === 'allow') return redirect(307, again, cookies)
    return { status: 401, cookies, body: '' }
  }

  /** Undefined: the user has to log in again. */
  async #renewed(
    session: Session,
    { place, now, listenerArn }: Asked,
    configuration: OidcConfiguration,
  ): Promise<Session | undefined> {
    const { refreshToken, identity, endsAt } = session
    if (refreshToken === undefined || endsAt <= now) return undefined
    try {
      const tokens = await this.#renewals.once(refreshToken, () =>
        this.#provider(configuration).renewedTokens(refreshToken, identity),
      )
      return sessionFor(tokens, configuration, place, now, endsAt)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const { reason, message } = error
      this.#parts.log.info({ listener: listenerArn, reason, message }, 'a session was not renewed')
      return undefined
    }
  }
}

const callbackUrl = (host: string): string => `https://${host}${callbackPath}`

/** Without a refresh token a session is good as long as it lasts. (AWS: Authentication logout and session timeout) */
const sessionFor = (
  tokens: Tokens,
  configuration: OidcConfiguration,
  { keys, loadBalancerArn }: Place,
  now: number,
  endsAt: number,
): Session => {
  const { accessToken, expiresInSeconds, refreshToken, claims } = tokens
  const { issuer, clientId } = configuration
  const isRenewable = refreshToken !== undefined && expiresInSeconds !== undefined
  const usableUntil = isRenewable
    ? Math.min(endsAt, now + Math.max(shortestUseSeconds, expiresInSeconds))
    : endsAt
  const expiresAt = usableUntil + graceSeconds
  return {
    usableUntil,
    endsAt,
    identity: claims.sub,
    accessToken,
    data: claimsToken(claims, { keys, loadBalancerArn, issuer, clientId, expiresAt }),
    ...(isRenewable && { refreshToken }),
  }
}

const cookiesFor = (
  session: Session,
  configuration: OidcConfiguration,
  { keys }: Place,
  now: number,
  cookieJar: ReadonlyMap<string, string>,
): readonly string[] => {
  const sealed = seal(sessionKey(keys.sessionSecret, configuration), sessionText(session))
  const { sessionCookieName } = configuration
  const cookies = sessionCookies(sessionCookieName, sealed, session.endsAt - now, cookieJar)
  if (cookies === undefined)
    throw new Refusal(500, 'AuthUserinfoResponseSizeExceeded', 'the session does not fit into cookies')
  return cookies
}
