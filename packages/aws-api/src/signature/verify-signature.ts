import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import { AwsError } from '../error.ts'
import type { HttpRequest } from '../http-message.ts'
import type { FindSigningKey, Identity, SigningKey } from '../service.ts'
import { canonicalRequest, stringToSign } from './canonical-request.ts'
import { basicDate, mismatch, type RequestSignature, readSignature } from './read-signature.ts'

export interface SignatureOptions {
  readonly findSigningKey: FindSigningKey
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Any request that looks signed is taken as this identity. */
  readonly acceptAnyCredentials?: Identity
}

/** Who signed a request, and for where. */
export interface Signer {
  readonly identity: Identity
  readonly region: string
  /** The signing name in the credential scope, such as ecs. */
  readonly service: string
}

const allowedSkewMs = 15 * 60_000

/**
 * Verifies a request's SigV4 signature, in its headers or presigned in its query.
 * For a WebSocket upgrade the body is empty. Throws AwsError with the code that AWS's JSON services use:
 * MissingAuthenticationTokenException, IncompleteSignatureException, UnrecognizedClientException,
 * ExpiredTokenException, InvalidSignatureException.
 */
export function verifySignature(request: HttpRequest, options: SignatureOptions): Signer {
  const signature = readSignature(request)
  if (!signature) throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token')
  return verifyReadSignature(request, signature, options)
}

/** verifySignature for a request whose signature has been read. */
export function verifyReadSignature(
  request: HttpRequest,
  signature: RequestSignature,
  options: SignatureOptions,
): Signer {
  const { region, service } = signature
  if (options.acceptAnyCredentials) return { identity: options.acceptAnyCredentials, region, service }
  const now = options.now()
  const key = findKey(signature, options.findSigningKey, now)
  checkTime(signature, now)
  checkTarget(request, signature)
  checkSignature(request, signature, key)
  return { identity: key.identity, region, service }
}

function findKey(signature: RequestSignature, findSigningKey: FindSigningKey, now: number): SigningKey {
  const key = findSigningKey(signature.accessKeyId, signature.sessionToken)
  if (!key || !sameText(key.sessionToken ?? '', signature.sessionToken ?? '')) {
    throw new AwsError(
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    )
  }
  if (key.expiresAt !== undefined && now >= key.expiresAt) {
    throw new AwsError('ExpiredTokenException', 'The security token included in the request is expired')
  }
  return key
}

function checkTime(signature: RequestSignature, now: number): void {
  const { timestamp, signedAt, date } = signature
  if (date !== timestamp.slice(0, 8)) {
    throw mismatch(
      'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ' +
        `'${date.slice(0, 64)}' != '${timestamp.slice(0, 8)}', from '${timestamp}'.`,
    )
  }
  const lifeMs = signature.expires === undefined ? allowedSkewMs : signature.expires * 1000
  if (signedAt > now + allowedSkewMs) {
    throw mismatch(
      `Signature not yet current: ${timestamp} is still later than ${basicDate(now + allowedSkewMs)} ` +
        `(${basicDate(now)} + 15 min.)`,
    )
  }
  if (now > signedAt + lifeMs) {
    const life = signature.expires === undefined ? '15 min.' : `${signature.expires} s`
    throw mismatch(
      `Signature expired: ${timestamp} is now earlier than ${basicDate(now - lifeMs)} (${basicDate(now)} - ${life})`,
    )
  }
}

/** The header that names the operation must be signed: else a captured signature would fit another operation. */
function checkTarget(request: HttpRequest, signature: RequestSignature): void {
  if (request.headers['x-amz-target'] === undefined || signature.signedHeaders.includes('x-amz-target'))
    return
  throw mismatch("'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization header.")
}

function checkSignature(request: HttpRequest, signature: RequestSignature, key: SigningKey): void {
  const derived = deriveKey(signature, key.secretAccessKey)
  const canonical = canonicalRequest(request, signature, false)
  const toSign = stringToSign(canonical, signature)
  if (matches(derived, toSign, signature)) return
  if (request.url.includes('+')) {
    if (matches(derived, stringToSign(canonicalRequest(request, signature, true), signature), signature))
      return
  }
  throw mismatch(
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key ' +
      'and signing method. Consult the service documentation for details.\n\n' +
      `The Canonical String for this request should have been\n'${canonical.slice(0, 8192)}'\n\n` +
      `The String-to-Sign should have been\n'${toSign.slice(0, 8192)}'\n`,
  )
}

function matches(derived: DerivedKey, toSign: string, signature: RequestSignature): boolean {
  const isSame = sameText(createHmac('sha256', derived.key).update(toSign).digest('hex'), signature.signature)
  if (isSame && !derived.isKept) keepKey(signature, derived)
  return isSame
}

interface DerivedKey {
  readonly secret: string
  /** A key object, because node:crypto makes one of a buffer at every use. */
  readonly key: KeyObject
  readonly isKept: boolean
}

/** Derived keys by scope. Only keys of verified requests get in, so nobody without a key can push others out. */
const derivedKeys = new Map<string, DerivedKey>()
const mostDerivedKeys = 10_000

function deriveKey(signature: RequestSignature, secret: string): DerivedKey {
  const kept = derivedKeys.get(keyName(signature))
  if (kept?.secret === secret) return kept
  let key = hmac(`AWS4${secret}`, signature.date)
  for (const part of [signature.region, signature.service, 'aws4_request']) key = hmac(key, part)
  return { secret, key: createSecretKey(key), isKept: false }
}

function keepKey(signature: RequestSignature, derived: DerivedKey): void {
  if (derivedKeys.size >= mostDerivedKeys) {
    const [oldest] = derivedKeys.keys()
    if (oldest !== undefined) derivedKeys.delete(oldest)
  }
  derivedKeys.set(keyName(signature), { ...derived, isKept: true })
}

function keyName(signature: RequestSignature): string {
  return `${signature.accessKeyId}/${signature.date}/${signature.region}/${signature.service}`
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

/** Compares in a time that tells nothing but the lengths. */
function sameText(a: string, b: string): boolean {
  const bytesA = Buffer.from(a)
  const bytesB = Buffer.from(b)
  return bytesA.length === bytesB.length && timingSafeEqual(bytesA, bytesB)
}
