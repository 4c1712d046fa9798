import { beforeEach, expect, test, vi } from 'vitest'
import { AwsError } from './error.ts'
import { json, parsed, Served, xmlCode } from './fixtures/served.ts'
import { identity, signed } from './fixtures/signed-request.ts'
import type { HttpResponse } from './http-message.ts'

const served = new Served()

beforeEach(() => served.clear())

test('an exception that is our fault is reported, and its text stays here', async () => {
  for (const fault of [new Error('secret detail'), 'secret detail', undefined, Object.create(null)]) {
    served.reply = () => {
      throw fault
    }
    served.faults = []
    const asJson = await served.send(json('ListClusters', '{}'))
    expect(asJson.statusCode).toBe(500)
    expect(parsed(asJson)['__type']).toBe('InternalFailure')
    const asXml = await served.sendElb('Action=DescribeTargetGroups')
    expect([xmlCode(asXml), asXml.statusCode]).toEqual(['InternalFailure', 500])
    expect(`${asJson.body}${asXml.body}`).not.toContain('secret')
    expect(served.faults).toMatchObject([
      { context: { operation: 'ListClusters' } },
      { context: { protocol: 'query' } },
    ])
    expect(served.faults[0]?.error).toBe(fault)
  }
})

test('an output of the wrong type is our fault, and names the member to us only', async () => {
  served.reply = () => ({ clusterArns: [5] })
  const response = await served.send(json('ListClusters', '{}'))
  expect(response.statusCode).toBe(500)
  expect(served.faults).toMatchObject([
    { error: { message: 'ListClustersResponse.clusterArns: expected a string, got number' } },
  ])
  served.reply = () => ({ tasks: [{ createdAt: 1_700_000_000_000 }] })
  expect((await served.send(json('RunTask', '{"taskDefinition":"a"}'))).statusCode).toBe(500)
})

test('an observer that throws does not change the answer, and is warned of', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const silent = served.makeEndpoint({
    onFault: () => {
      throw new Error('the observer failed')
    },
  })
  served.reply = () => {
    throw new Error('boom')
  }
  expect((await silent.handle(await signed(json('ListClusters', '{}')))).statusCode).toBe(500)
  expect(warned).toHaveBeenCalledWith(expect.objectContaining({ message: 'the observer failed' }))
  warned.mockRestore()
})

test("errors with members of another type than the model's are still told as our fault", async () => {
  served.reply = () => {
    throw new AwsError('ConflictException', 'text', { members: { resourceIds: 5 } })
  }
  expect((await served.send(json('ListClusters', '{}'))).statusCode).toBe(500)
  expect(served.faults).toHaveLength(1)
})

test('a body over the limit is refused in the protocol of its request', async () => {
  const asJson = await served.send(json('ListClusters', `"${'x'.repeat(10_000)}"`))
  expect([asJson.statusCode, parsed(asJson)['__type']]).toEqual([413, 'RequestEntityTooLargeException'])
  const asXml = await served.sendElb(`Action=${'x'.repeat(10_000)}`)
  expect([asXml.statusCode, xmlCode(asXml)]).toEqual([413, 'RequestEntityTooLarge'])
})

test("a browser's requests are answered with an error, in XML or as it asks", async () => {
  const browse = (method: string, headers: Record<string, string> = {}): Promise<HttpResponse> =>
    served.endpoint.handle({ method, url: '/', headers, body: new Uint8Array(), sourceAddress: '' })
  for (const method of ['GET', 'OPTIONS', 'HEAD', 'PUT']) {
    const response = await browse(method)
    expect([response.statusCode, xmlCode(response)]).toEqual([403, 'MissingAuthenticationToken'])
    expect(response.headers['access-control-allow-origin']).toBeUndefined()
  }
  const asJson = await browse('GET', { accept: 'application/json' })
  expect(parsed(asJson)['__type']).toBe('MissingAuthenticationTokenException')
})

test('a signed request of no known protocol names no operation', async () => {
  const response = await served.send({ method: 'GET', path: '/2015-03-31/functions' })
  expect([response.statusCode, xmlCode(response)]).toEqual([404, 'InvalidAction'])
  const cbor = await served.send({
    path: '/service/X/operation/Y',
    headers: { 'smithy-protocol': 'rpc-v2-cbor' },
  })
  expect(cbor.statusCode).toBe(404)
})

test('with any credentials accepted, an operation runs as the given identity', async () => {
  const open = served.makeEndpoint({ acceptAnyCredentials: identity, findSigningKey: () => undefined })
  await open.handle(
    await signed(json('ListClusters', '{}'), { keyId: 'test', secret: 'test', service: 'any', at: 0 }),
  )
  expect(served.calls).toMatchObject([{ context: { identity, service: 'ecs' } }])
})

test('a module that is no client is refused at once', () => {
  expect(() => served.makeEndpoint({ services: [served.serve({ nothing: 1 })] })).toThrow(
    'exports no client class',
  )
})
