import { AwsError } from '../error.ts'
import { type HttpRequest, splitUrl } from '../http-message.ts'

/** What a request says of its own signature, not yet verified. */
export interface RequestSignature {
  readonly accessKeyId: string
  /** YYYYMMDD, of the credential scope. */
  readonly date: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: readonly string[]
  readonly signature: string
  /** YYYYMMDDTHHMMSSZ. */
  readonly timestamp: string
  /** The timestamp in milliseconds since the epoch. */
  readonly signedAt: number
  readonly sessionToken: string | undefined
  /** Seconds; only presigned requests have it. */
  readonly expires: number | undefined
}

const algorithm = 'AWS4-HMAC-SHA256'
const longestExpirySeconds = 604_800

/** undefined when the request is not signed at all. Throws AwsError IncompleteSignatureException. */
export function readSignature(request: HttpRequest): RequestSignature | undefined {
  const authorization = request.headers['authorization']
  if (authorization !== undefined) return readHeader(authorization, request.headers)
  const { query } = splitUrl(request.url)
  if (!/(^|&)X-Amz-(Algorithm|Signature|Credential)=/i.test(query)) return undefined
  return readQuery(queryParameters(query), request.headers)
}

function readHeader(authorization: string, headers: HttpRequest['headers']): RequestSignature {
  const space = authorization.indexOf(' ')
  const name = space < 0 ? authorization : authorization.slice(0, space)
  if (name !== algorithm) throw incomplete(`Unsupported AWS 'algorithm': '${name.slice(0, 64)}'.`)
  const fields = new Map<string, string>()
  for (const field of authorization.slice(name.length).split(',')) {
    const equals = field.indexOf('=')
    if (equals > 0) fields.set(field.slice(0, equals).trim(), field.slice(equals + 1).trim())
  }
  const timestamp = headers['x-amz-date'] ?? isoDate(headers['date'])
  const lacks = ['Credential', 'Signature', 'SignedHeaders'].filter(field => !fields.get(field))
  const sentences = lacks.map(field => `Authorization header requires '${field}' parameter.`)
  if (!timestamp) {
    sentences.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
  }
  if (sentences.length > 0 || !timestamp) throw incomplete(sentences.join(' '))
  return {
    ...readCredential(fields.get('Credential') ?? ''),
    signedHeaders: readSignedHeaders(fields.get('SignedHeaders') ?? ''),
    signature: fields.get('Signature') ?? '',
    ...readTimestamp(timestamp),
    sessionToken: headers['x-amz-security-token'],
    expires: undefined,
  }
}

function readQuery(
  parameters: ReadonlyMap<string, string>,
  headers: HttpRequest['headers'],
): RequestSignature {
  const name = parameters.get('x-amz-algorithm')
  if (name !== undefined && name !== algorithm)
    throw incomplete(`Unsupported AWS 'algorithm': '${name.slice(0, 64)}'.`)
  const wanted = ['Algorithm', 'Credential', 'Signature', 'SignedHeaders', 'Date', 'Expires']
  const lacks = wanted.filter(field => !parameters.get(`x-amz-${field.toLowerCase()}`))
  if (lacks.length > 0) {
    throw incomplete(
      lacks.map(field => `AWS query-string parameters must include 'X-Amz-${field}'.`).join(' '),
    )
  }
  return {
    ...readCredential(parameters.get('x-amz-credential') ?? ''),
    signedHeaders: readSignedHeaders(parameters.get('x-amz-signedheaders') ?? ''),
    signature: parameters.get('x-amz-signature') ?? '',
    ...readTimestamp(parameters.get('x-amz-date') ?? ''),
    sessionToken: parameters.get('x-amz-security-token') ?? headers['x-amz-security-token'],
    expires: readExpires(parameters.get('x-amz-expires') ?? ''),
  }
}

/** Only the signature's own parameters, names in lower case; a repeated one is refused. */
function queryParameters(query: string): Map<string, string> {
  const parameters = new Map<string, string>()
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=')
    const name = (equals < 0 ? pair : pair.slice(0, equals)).toLowerCase()
    if (!name.startsWith('x-amz-')) continue
    if (parameters.has(name))
      throw incomplete(`The query-string parameter '${name.slice(0, 64)}' occurs twice.`)
    parameters.set(name, decodePercent(equals < 0 ? '' : pair.slice(equals + 1)))
  }
  return parameters
}

/** Percent decoding; a plus stays a plus. Throws AwsError for what is not percent-encoded UTF-8. */
export function decodePercent(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    throw incomplete('The query string is not percent-encoded UTF-8.')
  }
}

function readCredential(
  credential: string,
): Pick<RequestSignature, 'accessKeyId' | 'date' | 'region' | 'service'> {
  const parts = credential.split('/')
  // An access key id may hold slashes; the scope's four parts may not.
  const [terminator, service, region, date] = parts.slice(-4).reverse()
  const accessKeyId = parts.slice(0, -4).join('/')
  if (!terminator || !service || !region || !date || accessKeyId === '') {
    throw incomplete(
      'Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, ' +
        `got '${credential.slice(0, 128)}'.`,
    )
  }
  if (terminator !== 'aws4_request') {
    throw mismatch(
      `Credential should be scoped with a valid terminator: 'aws4_request', not '${terminator.slice(0, 64)}'.`,
    )
  }
  return { accessKeyId, date, region, service }
}

function readSignedHeaders(list: string): string[] {
  const names = list.toLowerCase().split(';')
  if (!names.includes('host')) {
    throw mismatch("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization header.")
  }
  return names
}

function readExpires(text: string): number {
  const expires = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN
  if (!(expires >= 1 && expires <= longestExpirySeconds)) {
    throw incomplete('X-Amz-Expires must be a number of seconds between 1 and 604800 (a week).')
  }
  return expires
}

function readTimestamp(timestamp: string): Pick<RequestSignature, 'timestamp' | 'signedAt'> {
  const signedAt = /^\d{8}T\d{6}Z$/.test(timestamp) ? timestampMs(timestamp) : Number.NaN
  if (Number.isNaN(signedAt)) {
    throw incomplete(
      `Date must be in ISO-8601 'basic format'. Got '${timestamp.slice(0, 64)}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    )
  }
  return { timestamp, signedAt }
}

/** Milliseconds since the epoch of YYYYMMDDTHHMMSSZ; NaN when no such moment exists. */
function timestampMs(text: string): number {
  return Date.parse(
    `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}T${text.slice(9, 11)}:${text.slice(11, 13)}:${text.slice(13, 15)}Z`,
  )
}

export function basicDate(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
}

/** A Date header may be in HTTP's own format; what is signed is the ISO form of it. */
function isoDate(text: string | undefined): string | undefined {
  if (text === undefined || /^\d{8}T\d{6}Z$/.test(text)) return text
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? text : basicDate(ms)
}

function incomplete(message: string): AwsError {
  return new AwsError('IncompleteSignatureException', message)
}

export function mismatch(message: string): AwsError {
  return new AwsError('InvalidSignatureException', message)
}
