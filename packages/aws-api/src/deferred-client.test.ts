import * as efs from '@aws-sdk/client-efs'
import { expect, test } from 'vitest'
import { createEndpoint } from './endpoint.ts'
import { secretAccessKey, signed } from './fixtures/signed-request.ts'

const identity = { accountId: '1', arn: 'a', userId: 'u', accessKeyId: 'k', isRoot: true }

const endpointWith = (load: () => Promise<typeof efs>) => {
  const calls: string[] = []
  const endpoint = createEndpoint({
    services: [
      {
        client: { signingName: 'elasticfilesystem', load },
        handle: async operation => {
          calls.push(operation)
          return { FileSystems: [] }
        },
      },
    ],
    findSigningKey: () => ({ secretAccessKey, identity }),
    now: Date.now,
    newRequestId: () => 'request-1',
  })
  return { endpoint, calls }
}
const request = (path: string, service = 'elasticfilesystem', query: Readonly<Record<string, string>> = {}) =>
  signed({ method: 'GET', path, query }, { service, at: Date.now() })

test('a large client package is loaded by the first request that is signed for its service, and once', async () => {
  let loads = 0
  const { endpoint, calls } = endpointWith(() => {
    loads++
    return Promise.resolve(efs)
  })
  expect((await endpoint.handle(await request('/2015-02-01/file-systems', 'ecs'))).statusCode).toBe(404)
  expect(loads).toBe(0)
  const answers = await Promise.all(
    [1, 2].map(async () => endpoint.handle(await request('/2015-02-01/file-systems'))),
  )
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200])
  expect({ loads, calls }).toEqual({ loads: 1, calls: ['DescribeFileSystems', 'DescribeFileSystems'] })
})

test('a package that could not be loaded is tried again by the next request', async () => {
  let failures = 1
  const { endpoint } = endpointWith(() =>
    failures-- > 0 ? Promise.reject(new Error('no memory')) : Promise.resolve(efs),
  )
  expect((await endpoint.handle(await request('/2015-02-01/file-systems'))).statusCode).toBe(500)
  expect((await endpoint.handle(await request('/2015-02-01/file-systems'))).statusCode).toBe(200)
})

test.each([
  ['/2015-02-01/no-such-thing', {}, 404, 'UnknownOperationException'],
  ['/2015-02-01/resource-tags/%ff', {}, 400, 'SerializationException'],
  ['/2015-02-01/file-systems', { Colour: 'red' }, 400, 'SerializationException'],
  ['/2015-02-01/file-systems', { MaxItems: 'many' }, 400, 'SerializationException'],
])('%s with %j is refused with %i %s', async (path, query, statusCode, code) => {
  const { endpoint, calls } = endpointWith(() => Promise.resolve(efs))
  const answer = await endpoint.handle(await request(path, undefined, { ...query }))
  expect([answer.statusCode, answer.headers['x-amzn-errortype']]).toEqual([statusCode, code])
  expect(calls).toEqual([])
})
