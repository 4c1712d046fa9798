import { beforeEach, expect, test } from 'vitest'
import { AwsError } from '../error.ts'
import { form, Served, xmlCode } from '../fixtures/served.ts'
import { presigned, signed, signedAt } from '../fixtures/signed-request.ts'
import type { HttpRequest } from '../http-message.ts'

const served = new Served()

beforeEach(() => served.clear())

test('a form reaches its handler, and the answer is XML', async () => {
  served.reply = () => ({ TargetGroups: [{ TargetGroupName: 'a<b' }], other: 'dropped' })
  const response = await served.sendElb(
    'Action=DescribeTargetGroups&Names.member.2=b+%2B&Names.member.1=a&PageSize=5',
  )
  expect(served.calls).toMatchObject([
    {
      operation: 'DescribeTargetGroups',
      input: { Names: ['a', 'b +'], PageSize: 5 },
      context: { protocol: 'query', service: 'elasticloadbalancing' },
    },
  ])
  expect(response).toEqual({
    statusCode: 200,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': 'request-1' },
    body:
      '<DescribeTargetGroupsResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">' +
      '<DescribeTargetGroupsResult><TargetGroups><member><TargetGroupName>a&lt;b</TargetGroupName></member>' +
      '</TargetGroups></DescribeTargetGroupsResult><ResponseMetadata><RequestId>request-1</RequestId>' +
      '</ResponseMetadata></DescribeTargetGroupsResponse>',
  })
})

test('an empty list is written as its bare name', async () => {
  await served.sendElb('Action=DescribeTargetGroups&Names=')
  expect(served.calls).toMatchObject([{ input: { Names: [] } }])
})

test.each([
  ['an unknown parameter', 'Nope=1', 'MalformedInput', "Unknown parameter 'Nope'"],
  ['a prototype', '__proto__.x=1', 'MalformedInput', "Unknown parameter '__proto__'"],
  [
    'text for a number',
    'PageSize=five',
    'MalformedInput',
    "'five' can not be converted to a Number (at 'PageSize')",
  ],
  ['nothing for a number', 'PageSize=', 'MalformedInput', "'' can not be converted to a Number"],
  ['text for a list', 'Names=x', 'MalformedInput', 'STRING_VALUE can not be converted to a member'],
  ['a wrong list element', 'Names.entry.1=x', 'MalformedInput', "Unknown parameter part 'entry'"],
  ['no position', 'Names.member.one=x', 'MalformedInput', "'one' is not a position"],
  ['position zero', 'Names.member.0=x', 'MalformedInput', "'0' is not a position"],
  ['a structure for text', 'Names.member.1.x=x', 'MalformedInput', 'Start of structure'],
  ['a name twice', 'PageSize=1&PageSize=2', 'MalformedQueryString', 'PageSize occurs twice'],
  ['wrong percent-encoding', 'Marker=%E4', 'MalformedQueryString', 'percent-encoded'],
  ['deep nesting', `Names${'.a'.repeat(400)}=1`, 'MalformedInput', 'too deep'],
])('%s is refused', async (_, body, code, message) => {
  const response = await served.sendElb(`Action=DescribeTargetGroups&${body}`)
  expect(response.statusCode).toBe(400)
  expect(xmlCode(response)).toBe(code)
  expect(response.body.toString().replaceAll('&quot;', '"')).toContain(message)
  expect([served.calls, served.faults]).toEqual([[], []])
})

test('missing members and unknown values are validation errors', async () => {
  const missing = await served.sendElb('Action=DescribeTargetHealth')
  expect([xmlCode(missing), missing.statusCode]).toEqual(['ValidationError', 400])
  const unknown = await served.sendElb('Action=DescribeTargetHealth&TargetGroupArn=a&Include.member.1=MOON')
  expect(unknown.body.toString()).toContain("Value 'MOON' at 'Include.1.member' failed to satisfy constraint")
})

test('no action, an unknown one, and an unknown version are told', async () => {
  expect(xmlCode(await served.sendElb('x=1'))).toBe('MissingAction')
  const unknown = await served.sendElb('Action=Nope')
  expect([xmlCode(unknown), unknown.statusCode]).toEqual(['InvalidAction', 400])
  expect(unknown.body.toString()).toContain('Could not find operation Nope for version 2015-12-01')
  expect(xmlCode(await served.send(form('Action=ListClusters&Version=1999-01-01')))).toBe('InvalidAction')
})

test('without a version the service is the one that the request was signed for', async () => {
  await served.send(form('Action=GetCallerIdentity'), { service: 'sts' })
  expect(served.calls).toMatchObject([{ operation: 'GetCallerIdentity', context: { service: 'sts' } }])
})

test("errors carry the service's own code, type and status", async () => {
  served.reply = () => {
    throw new AwsError('TargetGroupNotFoundException', 'One or more <target groups> not found')
  }
  const response = await served.sendElb('Action=DescribeTargetGroups')
  expect(response.statusCode).toBe(400)
  expect(response.body).toBe(
    '<ErrorResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><Error><Type>Sender</Type>' +
      '<Code>TargetGroupNotFound</Code><Message>One or more &lt;target groups&gt; not found</Message></Error>' +
      '<RequestId>request-1</RequestId></ErrorResponse>',
  )
  served.reply = () => {
    throw new AwsError('TargetGroupNotFound', 'by its query code')
  }
  expect(xmlCode(await served.sendElb('Action=DescribeTargetGroups'))).toBe('TargetGroupNotFound')
})

test.each([
  ['MissingAuthenticationToken', 403, undefined],
  ['InvalidClientTokenId', 403, { keyId: 'OTHER' }],
  ['SignatureDoesNotMatch', 403, { secret: 'other' }],
  ['SignatureDoesNotMatch', 403, { at: signedAt + 16 * 60_000 }],
])('refuses with %s', async (code, statusCode, signing) => {
  const request = await signed(form('Action=GetCallerIdentity&Version=2011-06-15'), {
    service: 'sts',
    ...signing,
  })
  const { authorization: _, ...unsigned } = request.headers
  const response = await served.endpoint.handle(signing ? request : { ...request, headers: unsigned })
  expect([xmlCode(response), response.statusCode]).toEqual([code, statusCode])
})

test('a presigned request is answered, by GET and by POST', async () => {
  const query = { Action: 'GetCallerIdentity', Version: '2011-06-15' }
  const get = await presigned({ method: 'GET', query }, 60, { service: 'sts' })
  expect((await served.endpoint.handle(get)).statusCode).toBe(200)
  const post = await presigned({ ...form('Action=GetCallerIdentity&Version=2011-06-15') }, 60, {
    service: 'sts',
  })
  expect((await served.endpoint.handle(post)).statusCode).toBe(200)
  expect(served.calls).toHaveLength(2)
  const changed = { ...get, url: get.url.replace('GetCallerIdentity', 'GetSessionToken') }
  expect(xmlCode(await served.endpoint.handle(changed))).toBe('SignatureDoesNotMatch')
})

test('what AWS lets anyone call needs no signature, and everything else does', async () => {
  const unsigned = (body: string): HttpRequest => ({
    method: 'POST',
    url: '/',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(`Version=2011-06-15&${body}`),
    sourceAddress: '',
  })
  const web = 'Action=AssumeRoleWithWebIdentity&RoleArn=a&RoleSessionName=b&WebIdentityToken=c'
  expect((await served.endpoint.handle(unsigned(web))).statusCode).toBe(200)
  expect(served.calls).toMatchObject([
    { context: { identity: { userId: 'anonymous', isRoot: false }, service: 'sts' } },
  ])
  expect(xmlCode(await served.endpoint.handle(unsigned('Action=AssumeRole')))).toBe(
    'MissingAuthenticationToken',
  )
  expect(xmlCode(await served.endpoint.handle(unsigned('Action=Nope')))).toBe('MissingAuthenticationToken')
})
