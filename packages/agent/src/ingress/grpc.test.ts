import { once } from 'node:events'
import { connect, createServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { listenerFact, targetFact } from './ingress-fixtures.ts'
import { createWorlds, quickGroup } from './ingress-world.ts'

const worlds = createWorlds()
afterEach(worlds.afterEach)

const unimplemented = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '12' }

/** As servers of gRPC answer: with trailers, and without a message where they do not have what is asked for. */
const answer = (stream: ServerHttp2Stream, path: string): void => {
  if (path !== '/shop/Buy') {
    stream.respond(unimplemented, { endStream: true })
    return
  }
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.end('bought')
}

it('A group of gRPC is asked in HTTP/2 for its health, and gets calls with their trailers', async () => {
  const server = createServer()
  server.on('stream', (stream, headers) => answer(stream, String(headers[':path'])))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const healthCheck = { ...quickGroup('x').healthCheck, path: '/AWS.ALB/healthcheck', matcher: '12' }
  const { world, address } = worlds.given(
    quickGroup('blue', { protocolVersion: 'GRPC', healthCheck }),
    listenerFact(80),
    targetFact('blue', port),
  )
  await world.until(() => world.health(port)?.state === 'healthy')
  const client = connect(`http://${address}`)
  const stream = client.request({
    ':method': 'POST',
    ':path': '/shop/Buy',
    'content-type': 'application/grpc',
  })
  stream.end('buy')
  const trailers = once(stream, 'trailers')
  let body = ''
  stream.on('data', chunk => {
    body += chunk
  })
  expect((await trailers)[0]['grpc-status']).toBe('0')
  expect(body).toBe('bought')
  client.destroy()
  server.close()
})
