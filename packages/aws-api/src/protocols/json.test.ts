import * as ecs from '@aws-sdk/client-ecs'
import { beforeEach, expect, test } from 'vitest'
import { AwsError } from '../error.ts'
import { json, parsed, Served } from '../fixtures/served.ts'
import { identity, signed, signedAt } from '../fixtures/signed-request.ts'

const served = new Served()

beforeEach(() => served.clear())

test('a request reaches its handler with who, where and what', async () => {
  served.reply = () => ({ clusterArns: ['a'], other: 'dropped' })
  const response = await served.send(json('ListClusters', '{"maxResults":5}'), { region: 'eu-north-1' })
  expect(response).toEqual({
    statusCode: 200,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'request-1' },
    body: '{"clusterArns":["a"]}',
  })
  expect(served.calls).toMatchObject([
    {
      operation: 'ListClusters',
      input: { maxResults: 5 },
      context: {
        requestId: 'request-1',
        identity,
        region: 'eu-north-1',
        service: 'ecs',
        operation: 'ListClusters',
        protocol: 'json-1.1',
        sourceAddress: '127.0.0.1',
      },
    },
  ])
})

test.each([
  ['not JSON', '{"a":', 'SerializationException', 'not JSON'],
  ['no object', '[1]', 'SerializationException', 'LIST_VALUE can not be converted to a Structure'],
  ['null', 'null', 'SerializationException', 'NULL_VALUE'],
  ['an unknown member', '{"nope":1}', 'SerializationException', "Unknown member 'nope' of RunTaskRequest"],
  ['a prototype', '{"__proto__":{"a":1}}', 'SerializationException', "Unknown member '__proto__'"],
  ['a constructor', '{"constructor":{}}', 'SerializationException', "Unknown member 'constructor'"],
  [
    'text for a number',
    '{"count":"1"}',
    'SerializationException',
    'STRING_VALUE can not be converted to a Number',
  ],
  ['an infinite number', '{"count":1e999}', 'SerializationException', 'NUMBER_VALUE can not be'],
  [
    'a number for text',
    '{"taskDefinition":1}',
    'SerializationException',
    'NUMBER_VALUE can not be converted to a String',
  ],
  ['text for a boolean', '{"enableECSManagedTags":"true"}', 'SerializationException', 'STRING_VALUE'],
  [
    'an object for a list',
    '{"tags":{}}',
    'SerializationException',
    'STRUCTURE_VALUE can not be converted to a List',
  ],
  [
    'null in a list',
    '{"tags":[null]}',
    'SerializationException',
    "NULL_VALUE can not be converted to a Structure (at 'tags.1.member')",
  ],
  [
    'no required member',
    '{}',
    'InvalidParameterException',
    "Value null at 'taskDefinition' failed to satisfy constraint",
  ],
  ['null for one', '{"taskDefinition":null}', 'InvalidParameterException', "Value null at 'taskDefinition'"],
  [
    'no required member within',
    '{"taskDefinition":"a","networkConfiguration":{"awsvpcConfiguration":{}}}',
    'InvalidParameterException',
    "Value null at 'networkConfiguration.awsvpcConfiguration.subnets'",
  ],
  [
    'an unknown value',
    '{"launchType":"MOON"}',
    'InvalidParameterException',
    "Value 'MOON' at 'launchType' failed to satisfy",
  ],
])('%s in the body is refused', async (_, body, code, message) => {
  const response = await served.send(json('RunTask', body))
  expect(response.statusCode).toBe(400)
  expect(parsed(response)['__type']).toBe(code)
  expect(parsed(response)['message']).toContain(message)
  expect(response.headers).toMatchObject({ 'x-amzn-errortype': code, 'x-amzn-requestid': 'request-1' })
  expect([served.calls, served.faults]).toEqual([[], []])
})

test('values in lists and prototypes in maps are checked too', async () => {
  const list = await served.send(json('DescribeTasks', '{"tasks":["a"],"include":["TAGS","MOON"]}'))
  expect(parsed(list)['message']).toContain("Value 'MOON' at 'include.2.member'")
  const definition = '{"family":"f","containerDefinitions":[{"dockerLabels":{"__proto__":"x"}}]}'
  const map = await served.send(json('RegisterTaskDefinition', definition))
  expect(parsed(map)).toEqual({
    __type: 'SerializationException',
    message: "The key '__proto__' is not allowed (at 'containerDefinitions.1.member.dockerLabels')",
  })
})

test('text that is not UTF-8 is refused', async () => {
  const request = await signed(json('RunTask', ''))
  const open = served.makeEndpoint({ acceptAnyCredentials: identity })
  const body = Buffer.from('{"taskDefinition":"\xff"}', 'latin1')
  expect(parsed(await open.handle({ ...request, body }))['__type']).toBe('SerializationException')
})

test('members that the agent sends beyond the published model are taken where the service says so', async () => {
  const body = '{"cluster":"c","containerInstance":"i","zoneId":""}'
  const request = await signed(json('DiscoverPollEndpoint', body))
  expect(parsed(await served.endpoint.handle(request))['__type']).toBe('SerializationException')
  const extraMembers = { DiscoverPollEndpointRequest: ['zoneId'] }
  const lenient = served.makeEndpoint({ services: [{ ...served.serve(ecs), extraMembers }] })
  expect((await lenient.handle(request)).statusCode).toBe(200)
  expect(served.calls).toMatchObject([{ input: { cluster: 'c', containerInstance: 'i', zoneId: '' } }])
  const wrong = await signed(json('DiscoverPollEndpoint', '{"zoneId":5}'))
  expect(parsed(await lenient.handle(wrong))['message']).toContain('NUMBER_VALUE')
})

test('null is the same as nothing, and so is an absent body', async () => {
  await served.send(json('ListClusters', '{"maxResults":null}'))
  await served.send(json('ListClusters', ''))
  expect(served.calls.map(({ input }) => input)).toEqual([{}, {}])
})

test.each(['Nope', 'toString', '__proto__', ''])('the operation %j is unknown', async name => {
  const response = await served.send(json(name, '{}'))
  expect(response.statusCode).toBe(400)
  expect(parsed(response)['__type']).toBe('UnknownOperationException')
})

test('a target without a dot, or of a service that is not here, is unknown', async () => {
  for (const target of ['ListClusters', 'Nope_20200101.ListClusters', '.', '']) {
    const draft = { ...json('', '{}'), headers: { ...json('', '').headers, 'x-amz-target': target } }
    expect(parsed(await served.send(draft))['__type']).toBe('UnknownOperationException')
  }
})

test('a target may have a longer prefix than the model says', async () => {
  const draft = json('', '{}')
  const target = 'com.amazonaws.ecs.AmazonEC2ContainerServiceV20141113.ListClusters'
  await served.send({ ...draft, headers: { ...draft.headers, 'x-amz-target': target } })
  expect(served.calls).toMatchObject([{ operation: 'ListClusters' }])
})

test('another content type than the two of JSON is told', async () => {
  const draft = json('ListClusters', '{}')
  for (const type of ['text/plain', 'application/json', '', 'application/x-amz-json-2.0']) {
    const response = await served.send({ ...draft, headers: { ...draft.headers, 'content-type': type } })
    expect(response.statusCode).toBe(404)
    expect(parsed(response)['message']).toContain('application/x-amz-json-1.0 or application/x-amz-json-1.1')
  }
})

test('a content type may have parameters', async () => {
  const draft = json('ListClusters', '{}')
  await served.send({
    ...draft,
    headers: { ...draft.headers, 'content-type': 'application/X-AMZ-JSON-1.1; charset=utf-8' },
  })
  expect(served.calls).toHaveLength(1)
})

test('nesting that could exhaust the stack is refused', async () => {
  const deep = `{"tags":${'['.repeat(4000)}${']'.repeat(4000)}}`
  expect(parsed(await served.send(json('RunTask', deep)))['__type']).toBe('SerializationException')
  const document = `{"domainDocument":${'['.repeat(4000)}${']'.repeat(4000)}}`
  expect((await served.send(json('RunTask', document))).statusCode).toBe(400)
  expect(served.faults).toEqual([])
})

test('JSON 1.0 gets its answers and full error names in JSON 1.0', async () => {
  served.reply = () => {
    throw new AwsError('ClusterNotFoundException', 'Cluster not found.')
  }
  const modelled = await served.send(json('ListTasks', '{}', '1.0'))
  expect(modelled.headers['content-type']).toBe('application/x-amz-json-1.0')
  expect(parsed(modelled)).toEqual({
    __type: 'com.amazonaws.ecs#ClusterNotFoundException',
    message: 'Cluster not found.',
  })
  const common = await served.send(json('ListTasks', '[]', '1.0'))
  expect(parsed(common)['__type']).toBe('com.amazon.coral.service#SerializationException')
})

test.each([
  ['MissingAuthenticationTokenException', { ...json('ListClusters', '{}') }, undefined],
  ['UnrecognizedClientException', json('ListClusters', '{}'), { keyId: 'OTHER' }],
  ['InvalidSignatureException', json('ListClusters', '{}'), { secret: 'other' }],
  ['InvalidSignatureException', json('ListClusters', '{}'), { at: signedAt - 16 * 60_000 }],
  ['InvalidSignatureException', json('ListClusters', '{}'), { service: 'sts' }],
])('refuses with %s', async (code, draft, signing) => {
  const request = await signed(draft, signing)
  const { authorization: _, ...unsigned } = request.headers
  const response = await served.endpoint.handle(signing ? request : { ...request, headers: unsigned })
  expect(response.statusCode).toBe(400)
  expect(parsed(response)['__type']).toBe(code)
  expect(served.calls).toEqual([])
})

test('query-compatible clients are told the error in a header', async () => {
  const draft = json('RunTask', '{}')
  const response = await served.send({ ...draft, headers: { ...draft.headers, 'x-amzn-query-mode': 'true' } })
  expect(response.headers['x-amzn-query-error']).toBe('InvalidParameterException;Sender')
})
