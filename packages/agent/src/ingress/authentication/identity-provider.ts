/** What an identity provider is asked for: tokens for a code, newer ones, and who the user is (OpenID Connect Core 1.0). */
import type { OidcConfiguration } from '@berth/model'
import {
  AuthorizationResponseError,
  type AuthorizationServer,
  authorizationCodeGrantRequest,
  ClientSecretBasic,
  customFetch,
  getValidatedIdTokenClaims,
  nopkce,
  processAuthorizationCodeResponse,
  processRefreshTokenResponse,
  processUserInfoResponse,
  refreshTokenGrantRequest,
  type TokenEndpointResponse,
  userInfoRequest,
  validateAuthResponse,
} from 'oauth4webapi'
import { Refusal } from './refusal.ts'
import { isPlain } from './session.ts'

export type Fetch = typeof globalThis.fetch

export interface Tokens {
  readonly accessToken: string
  /** Undefined: the identity provider has not said when the access token expires. */
  readonly expiresInSeconds?: number
  readonly refreshToken?: string
  /** With `sub`. */
  readonly claims: Readonly<Record<string, unknown>> & { readonly sub: string }
}

/** (AWS: Troubleshoot your Application Load Balancers, HTTP 500) */
const longestAnswerMs = 5_000
/** Of claims and access token together. (AWS: Authentication flow) */
const mostBytes = 11 * 1_024
const largestAnswer = 128 * 1_024

/** An ID token comes from the token endpoint itself, so that TLS says whose it is (OpenID Connect Core 1.0, 3.1.3.7). */
const signingAlgorithms = ['RS', 'PS', 'ES', 'HS'].flatMap(kind =>
  ['256', '384', '512'].map(bits => `${kind}${bits}`),
)

const serverOf = (configuration: OidcConfiguration): AuthorizationServer => ({
  issuer: configuration.issuer,
  authorization_endpoint: configuration.authorizationEndpoint,
  token_endpoint: configuration.tokenEndpoint,
  userinfo_endpoint: configuration.userInfoEndpoint,
  id_token_signing_alg_values_supported: [...signingAlgorithms, 'EdDSA', 'Ed25519'],
})

interface Endpoint {
  readonly name: 'token' | 'user info'
  readonly failed: 'AuthTokenEpRequestFailed' | 'AuthUserinfoEpRequestFailed'
  readonly timeout: 'AuthTokenEpRequestTimeout' | 'AuthUserinfoEpRequestTimeout'
}

const tokenEndpoint: Endpoint = {
  name: 'token',
  failed: 'AuthTokenEpRequestFailed',
  timeout: 'AuthTokenEpRequestTimeout',
}
const userInfoEndpoint: Endpoint = {
  name: 'user info',
  failed: 'AuthUserinfoEpRequestFailed',
  timeout: 'AuthUserinfoEpRequestTimeout',
}

const wholeBody = async (response: Response, { name }: Endpoint): Promise<Buffer> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > largestAnswer)
      throw new Refusal(500, 'AuthUserinfoResponseSizeExceeded', `the ${name} endpoint's answer is too long`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** `invalid_grant`, where the answer names its error as OAuth 2.0 does. */
const errorCodeIn = (body: Buffer): string => {
  const [, code = ''] = /"error"\s*:\s*"([a-z_]{1,50})"/.exec(body.toString('latin1')) ?? []
  return code === '' ? '' : ` (${code})`
}

/** Waits no longer, reads no more and follows no further than a load balancer does. */
const boundedFetch =
  (fetch: Fetch, endpoint: Endpoint) =>
  async (url: string, options: object): Promise<Response> => {
    const bounds = { redirect: 'manual', signal: AbortSignal.timeout(longestAnswerMs) } as const
    try {
      const response = await fetch(url, { ...options, ...bounds })
      const body = await wholeBody(response, endpoint)
      if (response.ok) return new Response(new Uint8Array(body), response)
      const answer = `${response.status}${errorCodeIn(body)}`
      throw new Refusal(561, endpoint.failed, `the ${endpoint.name} endpoint answers with ${answer}`)
    } catch (error) {
      if (error instanceof Refusal) throw error
      const { cause, message } = error as Error & { cause?: { message?: string } }
      const reason = cause?.message ?? message
      throw new Refusal(500, endpoint.timeout, `the ${endpoint.name} endpoint is not reached: ${reason}`)
    }
  }

const orRefuse = async <T>(
  reason: 'AuthInvalidIdToken' | 'AuthInvalidUserinfoResponse',
  done: () => Promise<T>,
): Promise<T> => {
  try {
    return await done()
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal(401, reason, (error as Error).message)
  }
}

export class IdentityProvider {
  readonly #configuration: OidcConfiguration
  readonly #server: AuthorizationServer
  readonly #client: { readonly client_id: string }
  readonly #authentication: ReturnType<typeof ClientSecretBasic>
  readonly #fetch: Fetch

  constructor(configuration: OidcConfiguration, fetch: Fetch) {
    this.#configuration = configuration
    this.#server = serverOf(configuration)
    this.#client = { client_id: configuration.clientId }
    this.#authentication = ClientSecretBasic(configuration.clientSecret)
    this.#fetch = fetch
  }

  /** Where a user logs in. */
  loginUrl(redirectUri: string, state: string, nonce: string): string {
    const { authorizationEndpoint, clientId, scope, extraParameters } = this.#configuration
    const url = new URL(authorizationEndpoint)
    const own = { client_id: clientId, redirect_uri: redirectUri, response_type: 'code', scope, state, nonce }
    for (const [name, value] of Object.entries({ ...extraParameters, ...own }))
      url.searchParams.set(name, value)
    return url.href
  }

  /** With what it has sent the user back with. Throws Refusal. */
  async tokensForAnswer(answer: URLSearchParams, redirectUri: string, nonce: string): Promise<Tokens> {
    const parameters = this.#validAnswer(answer)
    const tokens = await orRefuse('AuthInvalidIdToken', async () => {
      const response = await authorizationCodeGrantRequest(
        this.#server,
        this.#client,
        this.#authentication,
        parameters,
        redirectUri,
        nopkce,
        { [customFetch]: boundedFetch(this.#fetch, tokenEndpoint) },
      )
      return processAuthorizationCodeResponse(this.#server, this.#client, response, {
        expectedNonce: nonce,
        requireIdToken: true,
      })
    })
    return this.#withClaims(tokens, getValidatedIdTokenClaims(tokens)?.sub ?? '')
  }

  /** Newer ones for the same user. Throws Refusal. */
  async renewedTokens(refreshToken: string, identity: string): Promise<Tokens> {
    const tokens = await orRefuse('AuthInvalidIdToken', async () => {
      const response = await refreshTokenGrantRequest(
        this.#server,
        this.#client,
        this.#authentication,
        refreshToken,
        { [customFetch]: boundedFetch(this.#fetch, tokenEndpoint) },
      )
      return processRefreshTokenResponse(this.#server, this.#client, response)
    })
    const renewed = await this.#withClaims(tokens, identity)
    // One that is not exchanged for another stays good (RFC 6749, 6).
    return { refreshToken, ...renewed }
  }

  #validAnswer(answer: URLSearchParams): URLSearchParams {
    try {
      return validateAuthResponse(this.#server, this.#client, answer, answer.get('state') ?? '')
    } catch (error) {
      if (!(error instanceof AuthorizationResponseError))
        throw new Refusal(401, 'AuthInvalidGrantError', (error as Error).message)
      // The one error that says that the user may not, and not that something is wrong.
      const status = error.error === 'access_denied' ? 401 : 561
      throw new Refusal(status, 'AuthInvalidGrantError')
    }
  }

  async #withClaims(tokens: TokenEndpointResponse, identity: string): Promise<Tokens> {
    const { access_token: accessToken, expires_in, refresh_token } = tokens
    const claims = await orRefuse('AuthInvalidUserinfoResponse', async () => {
      const response = await userInfoRequest(this.#server, this.#client, accessToken, {
        [customFetch]: boundedFetch(this.#fetch, userInfoEndpoint),
      })
      return processUserInfoResponse(this.#server, this.#client, identity, response)
    })
    if (!isPlain(accessToken) || !isPlain(claims.sub) || (refresh_token && !isPlain(refresh_token)))
      throw new Refusal(
        401,
        'AuthInvalidUserinfoResponse',
        'the tokens or `sub` have other letters than ASCII',
      )
    if (Buffer.byteLength(JSON.stringify(claims)) + accessToken.length > mostBytes)
      throw new Refusal(500, 'AuthUserinfoResponseSizeExceeded', 'claims and access token are more than 11K')
    return {
      accessToken,
      claims,
      ...(expires_in !== undefined && { expiresInSeconds: expires_in }),
      ...(refresh_token && { refreshToken: refresh_token }),
    }
  }
}
