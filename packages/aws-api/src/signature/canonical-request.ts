import { hash } from 'node:crypto'
import { type HttpRequest, splitUrl } from '../http-message.ts'
import { decodePercent, type RequestSignature } from './read-signature.ts'

/** S3 signs paths as they are and may leave the body out of the signature; nobody else does. */
const s3Names: ReadonlySet<string> = new Set(['s3', 's3express', 's3-outposts', 's3-object-lambda'])

const emptyHash = hash('sha256', '')

/**
 * The text whose hash is signed. Go's signer takes a plus in a query for a space, all others for a plus:
 * `plusIsSpace` chooses.
 */
export function canonicalRequest(
  request: HttpRequest,
  signature: RequestSignature,
  plusIsSpace: boolean,
): string {
  const { path, query } = splitUrl(request.url)
  const isS3 = s3Names.has(signature.service)
  let headers = ''
  for (const name of signature.signedHeaders) headers += `${name}:${headerValue(request.headers, name)}\n`
  return `${request.method}
${isS3 ? path : canonicalPath(path)}
${query === '' ? '' : canonicalQuery(query, plusIsSpace)}
${headers}
${signature.signedHeaders.join(';')}
${isS3 ? s3PayloadHash(request, signature) : bodyHash(request.body)}`
}

export function stringToSign(canonical: string, signature: RequestSignature): string {
  const scope = `${signature.date}/${signature.region}/${signature.service}/aws4_request`
  return `AWS4-HMAC-SHA256\n${signature.timestamp}\n${scope}\n${hash('sha256', canonical)}`
}

function headerValue(headers: HttpRequest['headers'], name: string): string {
  const value = Object.hasOwn(headers, name) ? (headers[name] ?? '') : ''
  return value.trim().replace(/[ \t]+/g, ' ')
}

function bodyHash(body: Uint8Array): string {
  return body.length === 0 ? emptyHash : hash('sha256', body)
}

function s3PayloadHash(request: HttpRequest, signature: RequestSignature): string {
  const declared = request.headers['x-amz-content-sha256']
  const isUnsigned =
    declared === undefined ? signature.expires !== undefined : declared === 'UNSIGNED-PAYLOAD'
  return isUnsigned ? 'UNSIGNED-PAYLOAD' : bodyHash(request.body)
}

/** Dot segments and empty segments are removed, and what is percent-encoded already is encoded once more. */
function canonicalPath(path: string): string {
  if (path === '/' || path === '') return '/'
  const segments: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment === '..') segments.pop()
    else segments.push(encodePercent(segment))
  }
  return `/${segments.join('/')}${segments.length > 0 && path.endsWith('/') ? '/' : ''}`
}

function canonicalQuery(query: string, plusIsSpace: boolean): string {
  const pairs: [string, string][] = []
  for (const pair of query.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = reencode(equals < 0 ? pair : pair.slice(0, equals), plusIsSpace)
    if (name.toLowerCase() === 'x-amz-signature') continue
    pairs.push([name, reencode(equals < 0 ? '' : pair.slice(equals + 1), plusIsSpace)])
  }
  pairs.sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
  return pairs.map(([name, value]) => `${name}=${value}`).join('&')
}

function reencode(text: string, plusIsSpace: boolean): string {
  return encodePercent(decodePercent(plusIsSpace ? text.replaceAll('+', ' ') : text))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** RFC 3986: everything but letters, digits and -._~ is encoded. */
function encodePercent(text: string): string {
  if (/^[A-Za-z0-9\-._~]*$/.test(text)) return text
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    found => `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
