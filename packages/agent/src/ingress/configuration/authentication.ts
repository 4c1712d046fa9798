/**
 * Requests of users who have logged in pass with what the session cookie says of them: HAProxy decrypts it by itself. All
 * others go to the agent, which sends them to the identity provider. (AWS: Authenticate users using an Application Load
 * Balancer)
 */
import type { AuthenticationKeys, ListenerFact, OidcConfiguration } from '@berth/model'
import { mostShards, shardName } from '../authentication/cookies.ts'
import { sessionKey } from '../authentication/derived-keys.ts'
import { sessionFields } from '../authentication/session.ts'
import type { IngressPlaces } from './places.ts'
import { fetchOf, literal, when, word } from './words.ts'

/** Where identity providers send users back to. */
export const callbackPath = '/oauth2/idpresponse'

/** What HAProxy tells the agent of a request that it hands over. */
export const handOverHeaders = {
  listener: 'Berth-Listener',
  /** Absent: an identity provider's answer. */
  rule: 'Berth-Rule',
  /** `none` or `stale`: the session's tokens are to be renewed. */
  session: 'Berth-Session',
  /** As the client has named it. */
  host: 'Berth-Host',
} as const

const userHeaders = {
  'x-amzn-oidc-accesstoken': sessionFields.accessToken,
  'x-amzn-oidc-identity': sessionFields.identity,
  'x-amzn-oidc-data': sessionFields.data,
} as const

const section = 'authentication'

export const isAuthenticating = ({ rules }: ListenerFact): boolean =>
  rules.some(({ actions }) => actions.some(({ type }) => type === 'authenticate-oidc'))

/** No rule has this number: it stands for what the agent answers. */
const handedOver = ({ rules }: ListenerFact): number => rules.length
const isHandedOver = (listener: ListenerFact): string => `{ var(txn.rule) -m int ${handedOver(listener)} }`

/**
 * What a client says of a user must not pass for what the load balancer knows, on no listener of one that authenticates;
 * many servers take `_` for `-`.
 */
export const withoutClaimsLine = "http-request del-header '(?i)^x[-_]amzn[-_]oidc[-_]' -m reg"

/** Before the rules are tried. */
export const callbackLines = (listener: ListenerFact): string[] =>
  isAuthenticating(listener)
    ? [
        ...[handOverHeaders.rule, handOverHeaders.session].map(name => `http-request del-header ${name}`),
        `http-request set-var(txn.rule) int(${handedOver(listener)}) if { path ${callbackPath} }`,
      ]
    : []

/** After the rules' actions, before anything is rewritten. */
export const handOverLines = (listener: ListenerFact): string[] => {
  if (!isAuthenticating(listener)) return []
  const set = (name: string, value: string) =>
    when([isHandedOver(listener)], `http-request set-header ${name} ${value}`)
  return [
    set(handOverHeaders.listener, word(literal(listener.arn))),
    set(handOverHeaders.host, '%[req.hdr(host)]'),
  ]
}

export const handedOverBackendLines = (listener: ListenerFact): string[] =>
  isAuthenticating(listener) ? [`use_backend ${section} if ${isHandedOver(listener)}`] : []

/** While the agent is away, those who are to log in get 503. */
export const authenticationBackendLines = ({ loginSocket }: IngressPlaces): string[] => [
  `backend ${section}`,
  '  mode http',
  '  timeout server 30s',
  `  server agent unix@${loginSocket}`,
]

/** Cookies of the longest sessions fit into a request, and what targets are told of it besides. */
export const authenticationTuningLines = ['  tune.bufsize 65536', '  tune.maxrewrite 20480']

const field = (of: keyof typeof sessionFields | number): string =>
  `var(txn.session),field(${typeof of === 'number' ? of : sessionFields[of]},\\t)`

/** Sets txn.session to what the cookie says, where it was sealed with the key. A shorter tag would be easy to guess. */
const sessionLines = (
  { sessionCookieName }: OidcConfiguration,
  key: Buffer,
  conditions: readonly string[],
): string[] => {
  const set = (name: string, value: string, ...more: string[]) =>
    when([...conditions, ...more], `http-request set-var(txn.${name}) ${value}`)
  const cookie = (shard: number) => fetchOf('req.cook', shardName(sessionCookieName, shard))
  const further = Array.from({ length: mostShards - 1 }, (_, index) => index + 1)
  return [
    ...further.map(shard => set(`shard${shard}`, cookie(shard))),
    set('sealed', `${cookie(0)}${further.map(shard => `,concat(,txn.shard${shard})`).join('')}`),
    set('nonce', 'var(txn.sealed),field(1,.)'),
    set('tag', 'var(txn.sealed),field(2,.)'),
    set(
      'session',
      `var(txn.sealed),field(3,.),b64dec,aes_gcm_dec(256,txn.nonce,${key.toString('base64')},txn.tag)`,
      '{ var(txn.nonce) -m reg ^[A-Za-z0-9+/]{16}$ }',
      '{ var(txn.tag) -m reg ^[A-Za-z0-9+/]{22}==$ }',
    ),
  ]
}

const loginState = (state: 'none' | 'stale' | 'valid'): string => `{ var(txn.login) -m str ${state} }`

export interface AuthenticatingRule {
  readonly arn: string
  readonly listener: ListenerFact
  /** Undefined: the control plane has told of none. */
  readonly keys: AuthenticationKeys | undefined
}

export const authenticationLines = (
  configuration: OidcConfiguration,
  { arn, listener, keys }: AuthenticatingRule,
  conditions: readonly string[],
): string[] => {
  // Nobody passes unasked.
  if (keys === undefined) return [when(conditions, 'http-request return status 500')]
  const set = (name: string, value: string, ...more: string[]) =>
    when([...conditions, ...more], `http-request set-var(txn.${name}) ${value}`)
  const setHeader = (name: string, value: string, ...more: string[]) =>
    when([...conditions, ...more], `http-request set-header ${name} ${value}`)
  const isFor = (time: 'usableUntil' | 'endsAt') => `{ ${field(time)},sub(txn.now) gt 0 }`
  const { onUnauthenticatedRequest } = configuration
  const toAgent =
    onUnauthenticatedRequest === 'authenticate' ? `!${loginState('valid')}` : loginState('stale')
  return [
    ...sessionLines(configuration, sessionKey(keys.sessionSecret, configuration), conditions),
    set('now', 'date'),
    set('login', 'str(none)'),
    set('login', 'str(stale)', isFor('endsAt')),
    set('login', 'str(valid)', isFor('usableUntil')),
    ...Object.entries(userHeaders).map(([name, number]) =>
      setHeader(name, `%[${field(number)}]`, loginState('valid')),
    ),
    ...(onUnauthenticatedRequest === 'deny'
      ? [when([...conditions, loginState('none')], 'http-request return status 401')]
      : []),
    setHeader(handOverHeaders.rule, word(literal(arn)), toAgent),
    setHeader(handOverHeaders.session, '%[var(txn.login)]', toAgent),
    // Last: it ends the rule's turn.
    set('rule', `int(${handedOver(listener)})`, toAgent),
  ]
}
