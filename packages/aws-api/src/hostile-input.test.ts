import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { form, json, Served } from './fixtures/served.ts'
import { type Draft, identity, signed } from './fixtures/signed-request.ts'
import type { HttpRequest, HttpResponse } from './http-message.ts'
import { verifySignedFrame } from './signature/signed-frame.ts'

const served = new Served()
const open = served.makeEndpoint({ acceptAnyCredentials: identity, bodyLimitBytes: 1_000_000 })

beforeEach(() => served.clear())

/** The request as it is when the caller's signature fits: what is fuzzed here comes after it. */
async function sendSigned(draft: Draft, body: Uint8Array): Promise<HttpResponse> {
  return open.handle({ ...(await signed(draft)), body })
}

function expectNoFault(response: HttpResponse): void {
  expect(served.faults).toEqual([])
  expect(response.statusCode).toBeLessThan(500)
}

const operations = ['RunTask', 'RegisterTaskDefinition', 'CreateService', 'DescribeTasks', 'PutAttributes']
const keys = fc.oneof(
  fc.constantFrom(
    'family',
    'containerDefinitions',
    'tags',
    'key',
    'value',
    'cluster',
    'tasks',
    'count',
    'name',
  ),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'overrides', 'dockerLabels', 'environment', ''),
  fc.string(),
)
const document = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, false, 0, -1, 1.5, 1e308, '', 'EC2', 'x'),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 5 }),
  ),
})).value

test('no JSON document makes a fault of ours', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...operations), document, async (operation, value) => {
      expectNoFault(await sendSigned(json(operation, ''), Buffer.from(JSON.stringify(value))))
    }),
    { numRuns: 400 },
  )
})

test('no bytes make a fault of ours, whatever protocol they claim', async () => {
  const types = [
    'application/x-amz-json-1.0',
    'application/x-amz-json-1.1',
    'application/x-www-form-urlencoded',
    'x',
  ]
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...types),
      fc.boolean(),
      fc.uint8Array(),
      async (type, isTargeted, body) => {
        const target = { 'x-amz-target': 'AmazonEC2ContainerServiceV20141113.RunTask' }
        expectNoFault(
          await sendSigned({ headers: { 'content-type': type, ...(isTargeted ? target : {}) } }, body),
        )
      },
    ),
    { numRuns: 400 },
  )
})

test('no form makes a fault of ours', async () => {
  const actions = ['CreateListener', 'DescribeTargetGroups', 'CreateTargetGroup', 'ModifyRule']
  const part = fc.constantFrom(
    'Names',
    'member',
    'Tags',
    'Key',
    'Port',
    'DefaultActions',
    '1',
    '0',
    '2',
    'x',
    '',
    '__proto__',
  )
  const name = fc.array(part, { minLength: 1, maxLength: 6 }).map(parts => parts.join('.'))
  const field = fc.tuple(name, fc.oneof(fc.string(), fc.constantFrom('', '1', 'true')))
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...actions),
      fc.array(field, { maxLength: 8 }),
      async (action, fields) => {
        const body = fields.map(([key, value]) => `&${key}=${value}`).join('')
        const text = `Action=${action}&Version=2015-12-01${body}`
        expectNoFault(await sendSigned(form(''), Buffer.from(text)))
      },
    ),
    { numRuns: 400 },
  )
})

test('no request line, header or signature makes a fault of ours', async () => {
  const scope = '20261120/eu-central-1/ecs/aws4_request'
  const authorization = fc.oneof(
    fc.string(),
    fc.string().map(text => `AWS4-HMAC-SHA256 ${text}`),
    fc
      .tuple(fc.string(), fc.string())
      .map(
        ([a, b]) =>
          `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=host;${a}, Signature=${b}`,
      ),
  )
  const url = fc.oneof(
    fc.string().map(text => `/${text}`),
    fc.string({ unit: 'binary' }).map(text => `/?Action=${text}`),
    fc.webQueryParameters().map(text => `/a/../b?X-Amz-Signature=1&${text}`),
    fc.string(),
  )
  const header = fc.record({
    authorization,
    host: fc.string(),
    'x-amz-date': fc.oneof(fc.constant('20261120T120000Z'), fc.string()),
    'x-amz-target': fc.string(),
    'content-type': fc.string(),
  })
  await fc.assert(
    fc.asyncProperty(fc.string(), url, header, async (method, target, headers) => {
      const request: HttpRequest = {
        method,
        url: target,
        headers,
        body: Buffer.from('{}'),
        sourceAddress: '',
      }
      const response = await served.endpoint.handle(request)
      expectNoFault(response)
      expect(response.statusCode).toBeGreaterThanOrEqual(400)
      for (const value of Object.values(response.headers)) expect(value).toMatch(/^[\x20-\x7e]*$/)
    }),
    { numRuns: 400 },
  )
})

test('no telemetry frame throws anything but an AWS error', () => {
  const options = { findSigningKey: () => undefined, now: () => 0 }
  const upgrade = { url: '/ws?a=%zz', sourceAddress: '' }
  const text = fc.oneof(
    fc.string(),
    fc.tuple(fc.string(), fc.string()).map(([a, b]) => `Authorization: ${a}\r\n\r\n${b}`),
  )
  fc.assert(
    fc.property(text, frame => {
      expect(() => verifySignedFrame(frame, upgrade, options)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/Exception$/) }),
      )
    }),
  )
})
