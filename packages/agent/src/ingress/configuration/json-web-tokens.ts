/** Requests with a signed token (AWS: Verify JWTs using an Application Load Balancer). */
import type { JwtConfiguration } from '@berth/model'
import { argument, when, word } from './words.ts'

export interface JwtKey {
  /** `kid`, in its set. */
  readonly id: string
  /** Where the public key is. */
  readonly file: string
  readonly pem: string
}

/** The keys of the set at an address; none as long as it could not be read. */
export type JwtKeys = (jwksEndpoint: string) => readonly JwtKey[]

const refusal = 'http-request return status 401'

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/"-]/g, String.raw`\$&`)

const text = String.raw`"(?:[^"\\]|\\.)*+"`
/** Any value of JSON; a group that the rest of an expression names again. */
const value = String.raw`(?<value>${text}|\[(?:\s*(?&value)\s*,)*(?:\s*(?&value))?\s*\]|\{(?:\s*${text}\s*:\s*(?&value)\s*,)*(?:\s*${text}\s*:\s*(?&value))?\s*\}|[^\s,:"[\]{}]++)`

/** HAProxy does not read arrays. An object within the claims may hold what a user says of himself: only their own members count. */
const arrayExpression = (name: string, alternatives: string): string =>
  String.raw`^\s*\{(?>\s*${text}\s*:\s*${value}\s*,)*?\s*"${escaped(name)}"\s*:\s*\[(?:\s*(?&value)\s*,)*?\s*"${alternatives}"\s*[,\]]`

const claimCondition = ({ name, format, values }: JwtConfiguration['additionalClaims'][number]): string => {
  const alternatives = `(${values.map(escaped).join('|')})`
  if (format === 'string-array') {
    const expression = word(arrayExpression(name, alternatives))
    return `{ var(txn.token),field(2,.),ub64dec -m reg -- ${expression} }`
  }
  const claim = word(`var(txn.token),jwt_payload_query(${argument(`$.${name}`)})`)
  return format === 'single-string'
    ? `{ ${claim} -m str -- ${values.map(word).join(' ')} }`
    : `{ ${claim} -m reg -- ${word(`(^| )${alternatives}( |$)`)} }`
}

/** What lets only requests pass whose token is signed, of the issuer, valid now and has the claims. */
export const jwtLines = (
  { jwksEndpoint, issuer, additionalClaims }: JwtConfiguration,
  keys: JwtKeys,
  conditions: readonly string[],
): string[] => {
  const set = (name: string, value: string) => when(conditions, `http-request set-var(txn.${name}) ${value}`)
  const deny = (unless: string) => when([...conditions, unless], refusal)
  return [
    set('token', 'http_auth_bearer'),
    set('key', `var(txn.token),jwt_header_query('$.kid')`),
    // Only what the keys are for: with `none` or a shared secret a client would sign for itself.
    set('verified', 'bool(false)'),
    ...keys(jwksEndpoint).map(({ id, file }) =>
      when(
        [
          ...conditions,
          `{ var(txn.key) -m str -- ${word(id)} }`,
          `{ var(txn.token),jwt_header_query('$.alg') -m str RS256 }`,
          `{ var(txn.token),jwt_verify(RS256,${word(file)}) 1 }`,
        ],
        'http-request set-var(txn.verified) bool(true)',
      ),
    ),
    deny('!{ var(txn.verified) -m bool }'),
    deny(`!{ var(txn.token),jwt_payload_query('$.iss') -m str -- ${word(issuer)} }`),
    set('now', 'date'),
    deny(`!{ var(txn.token),jwt_payload_query('$.exp','int'),sub(txn.now) gt 0 }`),
    when(
      [
        ...conditions,
        `{ var(txn.token),jwt_payload_query('$.nbf','int') -m found }`,
        `{ var(txn.token),jwt_payload_query('$.nbf','int'),sub(txn.now) gt 0 }`,
      ],
      refusal,
    ),
    ...additionalClaims.map(claim => deny(`!${claimCondition(claim)}`)),
  ]
}
