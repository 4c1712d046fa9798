import { expect, test } from 'vitest'
import {
  type Draft,
  findSigningKey,
  identity,
  presigned,
  signed,
  signedAt,
  signingKey,
} from '../fixtures/signed-request.ts'
import type { HttpRequest } from '../http-message.ts'
import { type SignatureOptions, verifySignature } from './verify-signature.ts'

const options: SignatureOptions = { findSigningKey, now: () => signedAt }
const minute = 60_000

const runTask: Draft = {
  headers: {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'AmazonEC2ContainerServiceV20141113.RunTask',
  },
  body: '{"taskDefinition":"web:1"}',
}

const getCallerIdentity: Draft = {
  method: 'GET',
  query: { Action: 'GetCallerIdentity', Version: '2011-06-15', Note: 'ä b+c/*~' },
}

/** The code with which the request is refused. */
function codeOf(request: HttpRequest, changed: Partial<SignatureOptions> = {}): string {
  try {
    verifySignature(request, { ...options, ...changed })
  } catch (error) {
    return (error as { code: string }).code
  }
  return 'accepted'
}

function messageOf(request: HttpRequest, changed: Partial<SignatureOptions> = {}): string {
  try {
    verifySignature(request, { ...options, ...changed })
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

const at = (offsetMs: number): Partial<SignatureOptions> => ({ now: () => signedAt + offsetMs })

test('a request signed by the SDK is its signer, in whatever region', async () => {
  for (const region of ['eu-central-1', 'mars-north-9']) {
    const request = await signed(runTask, { region })
    expect(verifySignature(request, options)).toEqual({ identity, region, service: 'ecs' })
  }
})

test("AWS's published example requests verify", () => {
  const example = (url: string, signature: string): HttpRequest => ({
    method: 'GET',
    url,
    headers: {
      host: 'example.amazonaws.com',
      'x-amz-date': '20150830T123600Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ' +
        `SignedHeaders=host;x-amz-date, Signature=${signature}`,
    },
    body: new Uint8Array(),
    sourceAddress: '',
  })
  const then = { now: () => Date.UTC(2015, 7, 30, 12, 36) }
  const vanilla = '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'
  const queryOrder = 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500'
  expect(codeOf(example('/', vanilla), then)).toBe('accepted')
  expect(codeOf(example('/?Param2=value2&Param1=value1', queryOrder), then)).toBe('accepted')
  expect(codeOf(example('/', queryOrder), then)).toBe('InvalidSignatureException')
})

test('nothing that is signed can be changed', async () => {
  const request = await signed({ ...runTask, path: '/a b/ä', query: { one: '1', two: 'x y' } })
  expect(codeOf(request)).toBe('accepted')
  const changes: Partial<HttpRequest>[] = [
    { method: 'PUT' },
    { url: request.url.replace('a b', 'a c') },
    { url: request.url.replace('one=1', 'one=2') },
    { url: `${request.url}&three=3` },
    { body: Buffer.from('{"taskDefinition":"web:2"}') },
    { body: new Uint8Array() },
    { headers: { ...request.headers, host: 'localhost:4567' } },
    { headers: { ...request.headers, 'x-amz-target': 'AmazonEC2ContainerServiceV20141113.StopTask' } },
    { headers: { ...request.headers, 'x-amz-date': '20261120T120001Z' } },
    { headers: { ...request.headers, authorization: `${request.headers['authorization']?.slice(0, -1)}0` } },
    { headers: { ...request.headers, authorization: `${request.headers['authorization']}00` } },
  ]
  for (const change of changes) {
    expect(codeOf({ ...request, ...change }), JSON.stringify(change)).toBe('InvalidSignatureException')
  }
})

test('headers that are not signed may change on the way', async () => {
  const request = await signed(runTask)
  const headers = { ...request.headers, 'x-forwarded-for': '10.0.0.1', 'user-agent': 'other' }
  expect(codeOf({ ...request, headers })).toBe('accepted')
})

test('the header that names the operation has to be signed, and so has the host', async () => {
  expect(messageOf(await signed(runTask, { unsignable: ['x-amz-target'] }))).toContain(
    "'X-Amz-Target' must be",
  )
  expect(messageOf(await signed(runTask, { unsignable: ['host'] }))).toContain(
    "'Host' or ':authority' must be",
  )
})

test('a wrong secret is told what should have been signed', async () => {
  const request = await signed(runTask, { secret: 'another' })
  expect(codeOf(request)).toBe('InvalidSignatureException')
  expect(messageOf(request)).toMatch(/^The request signature we calculated does not match/)
  expect(messageOf(request)).toContain("The Canonical String for this request should have been\n'POST\n/\n")
})

test('a key that was replaced under the same id is derived anew', async () => {
  const request = await signed(runTask)
  expect(codeOf(request)).toBe('accepted')
  expect(codeOf(request, { findSigningKey: () => ({ ...signingKey, secretAccessKey: 'new' }) })).toBe(
    'InvalidSignatureException',
  )
  const renewed = await signed(runTask, { secret: 'new' })
  expect(codeOf(renewed, { findSigningKey: () => ({ ...signingKey, secretAccessKey: 'new' }) })).toBe(
    'accepted',
  )
})

test('an unknown key is an invalid token', async () => {
  const request = await signed(runTask, { keyId: 'AKIDOTHER' })
  expect(codeOf(request)).toBe('UnrecognizedClientException')
  expect(messageOf(request)).toBe('The security token included in the request is invalid.')
})

test('a request is good for fifteen minutes before and after', async () => {
  const request = await signed(runTask)
  expect(codeOf(request, at(15 * minute))).toBe('accepted')
  expect(codeOf(request, at(-15 * minute))).toBe('accepted')
  expect(messageOf(request, at(15 * minute + 1))).toBe(
    'Signature expired: 20261120T120000Z is now earlier than 20261120T120000Z (20261120T121500Z - 15 min.)',
  )
  expect(messageOf(request, at(-15 * minute - 1))).toMatch(/^Signature not yet current: 20261120T120000Z/)
})

test('the scope has the date of the request', async () => {
  const request = await signed(runTask)
  const authorization = request.headers['authorization']!.replace('/20261120/', '/20261119/')
  expect(messageOf({ ...request, headers: { ...request.headers, authorization } })).toMatch(
    /^Date in Credential scope/,
  )
})

test('temporary credentials need exactly their token, until they expire', async () => {
  const key = { ...signingKey, sessionToken: 'the token', expiresAt: signedAt + minute }
  const temporary = { findSigningKey: () => key }
  expect(codeOf(await signed(runTask, { sessionToken: 'the token' }), temporary)).toBe('accepted')
  expect(codeOf(await signed(runTask, { sessionToken: 'another' }), temporary)).toBe(
    'UnrecognizedClientException',
  )
  expect(codeOf(await signed(runTask), temporary)).toBe('UnrecognizedClientException')
  expect(codeOf(await signed(runTask, { sessionToken: 'the token' }))).toBe('UnrecognizedClientException')
  const late = { ...temporary, ...at(minute) }
  expect(codeOf(await signed(runTask, { sessionToken: 'the token' }), late)).toBe('ExpiredTokenException')
})

test('a presigned request is good until it expires', async () => {
  for (const draft of [getCallerIdentity, { ...getCallerIdentity, method: 'POST', body: 'x=1' }]) {
    const request = await presigned(draft, 60)
    expect(request.headers['authorization']).toBeUndefined()
    expect(codeOf(request, at(60_000))).toBe('accepted')
    expect(codeOf(request, at(60_001))).toBe('InvalidSignatureException')
    expect(messageOf(request, at(60_001))).toMatch(/^Signature expired: /)
  }
})

test('a presigned request outlives the fifteen minutes when it asks for it', async () => {
  expect(codeOf(await presigned(getCallerIdentity, 3600), at(59 * minute))).toBe('accepted')
})

test('a presigned request carries the token of temporary credentials', async () => {
  const temporary = { findSigningKey: () => ({ ...signingKey, sessionToken: 'to/ken+=' }) }
  expect(codeOf(await presigned(getCallerIdentity, 60, { sessionToken: 'to/ken+=' }), temporary)).toBe(
    'accepted',
  )
  expect(codeOf(await presigned(getCallerIdentity, 60), temporary)).toBe('UnrecognizedClientException')
})

test('nothing of a presigned request can be changed', async () => {
  const request = await presigned(getCallerIdentity, 60)
  const urls = [
    request.url.replace('GetCallerIdentity', 'AssumeRole'),
    request.url.replace('X-Amz-Expires=60', 'X-Amz-Expires=6000'),
    `${request.url}&more=1`,
    request.url.replace(/(X-Amz-Signature=)./, '$1g'),
  ]
  for (const url of urls) expect(codeOf({ ...request, url }), url).toBe('InvalidSignatureException')
  expect(codeOf({ ...request, method: 'POST' })).toBe('InvalidSignatureException')
  expect(codeOf({ ...request, body: Buffer.from('x') })).toBe('InvalidSignatureException')
})

test('a presigned request that lacks a parameter, or has one twice, is incomplete', async () => {
  const request = await presigned(getCallerIdentity, 60)
  for (const name of ['Algorithm', 'Credential', 'Signature', 'SignedHeaders', 'Date', 'Expires']) {
    const url = request.url.replace(new RegExp(`X-Amz-${name}=[^&]*&?`), '')
    expect(codeOf({ ...request, url }), name).toBe('IncompleteSignatureException')
  }
  expect(codeOf({ ...request, url: `${request.url}&X-Amz-Date=20261120T120000Z` })).toBe(
    'IncompleteSignatureException',
  )
  const week = request.url.replace('X-Amz-Expires=60', 'X-Amz-Expires=604801')
  expect(codeOf({ ...request, url: week })).toBe('IncompleteSignatureException')
})

test('a request without signature says so', () => {
  const request: HttpRequest = {
    method: 'GET',
    url: '/',
    headers: {},
    body: new Uint8Array(),
    sourceAddress: '',
  }
  expect(codeOf(request)).toBe('MissingAuthenticationTokenException')
})

test('half an Authorization header is incomplete, and says what is not there', async () => {
  const request = await signed(runTask)
  const withHeader = (authorization: string): HttpRequest => ({
    ...request,
    headers: { ...request.headers, authorization },
  })
  const whole = request.headers['authorization']!
  const { 'x-amz-date': _, ...undated } = request.headers
  expect(messageOf(withHeader('AWS4-HMAC-SHA256'))).toBe(
    "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. " +
      "Authorization header requires 'SignedHeaders' parameter.",
  )
  for (const broken of [
    withHeader('Bearer x'),
    withHeader(''),
    withHeader(whole.replace('AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256')),
    withHeader(whole.replace('/aws4_request', '')),
    { ...request, headers: undated },
    { ...request, headers: { ...request.headers, 'x-amz-date': '20261320T120000Z' } },
    { ...request, headers: { ...request.headers, 'x-amz-date': 'yesterday' } },
  ]) {
    expect(codeOf(broken)).toBe('IncompleteSignatureException')
  }
})

test('a plus in a query is a plus to most signers and a space to the agent', async () => {
  const draft = { method: 'GET', path: '/ws', query: { dockerVersion: 'DockerVersion: 20.10.24+dfsg1' } }
  const request = await signed(draft)
  const asSent = { ...request, url: '/ws?dockerVersion=DockerVersion%3A+20.10.24%2Bdfsg1' }
  expect(codeOf(asSent)).toBe('accepted')
  expect(codeOf({ ...request, url: request.url.replaceAll('%2B', '+') })).toBe('accepted')
  expect(codeOf({ ...request, url: '/ws?dockerVersion=DockerVersion%3A+20.10.24%2Bother' })).toBe(
    'InvalidSignatureException',
  )
})

test('only S3 leaves the body out of the signature', async () => {
  const draft = {
    ...runTask,
    method: 'PUT',
    path: '/bucket/a%20key',
    headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
  }
  const changed = { body: Buffer.from('other') }
  expect(codeOf({ ...(await signed(draft, { service: 's3' })), ...changed })).toBe('accepted')
  expect(codeOf({ ...(await signed(draft, { service: 'ecs' })), ...changed })).toBe(
    'InvalidSignatureException',
  )
})

test('with any credentials accepted, whoever looks signed is the given identity', async () => {
  const anyone = { acceptAnyCredentials: { ...identity, userId: 'root' }, findSigningKey: () => undefined }
  const request = await signed(runTask, { secret: 'whatever', keyId: 'test', at: 0, region: 'us-east-1' })
  expect(verifySignature(request, { ...options, ...anyone })).toEqual({
    identity: { ...identity, userId: 'root' },
    region: 'us-east-1',
    service: 'ecs',
  })
  expect(codeOf({ ...request, headers: {} }, anyone)).toBe('MissingAuthenticationTokenException')
})
