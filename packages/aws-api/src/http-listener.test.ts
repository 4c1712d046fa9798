import { once } from 'node:events'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import * as ecs from '@aws-sdk/client-ecs'
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { AwsError } from './error.ts'
import { Served } from './fixtures/served.ts'
import { accessKeyId, secretAccessKey } from './fixtures/signed-request.ts'
import { httpListener } from './http-listener.ts'

const served = new Served()
const server = http.createServer(httpListener(served.makeEndpoint({ now: Date.now })))
// Connections end only where the listener ends them.
server.keepAliveTimeout = 0
let port: number
let endpoint: string

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
  endpoint = `http://127.0.0.1:${port}`
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

beforeEach(() => served.clear())

const options = () => ({
  region: 'us-east-1',
  endpoint,
  credentials: { accessKeyId, secretAccessKey },
  maxAttempts: 1,
})

/** What comes back on a bare connection until the server ends it. */
async function exchange(write: (socket: net.Socket) => void): Promise<string> {
  const socket = net.connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', data => {
    text += data.toString()
  })
  write(socket)
  await new Promise(resolve => socket.on('close', resolve))
  return text
}

test('SDK clients of both protocols are served over a socket', async () => {
  served.reply = () => ({ clusterArns: ['arn'] })
  const json = new ecs.ECSClient(options())
  expect((await json.send(new ecs.ListClustersCommand({ maxResults: 1 }))).clusterArns).toEqual(['arn'])
  expect(served.calls).toMatchObject([{ context: { sourceAddress: '127.0.0.1', service: 'ecs' } }])
  served.reply = () => {
    throw new AwsError('RuleNotFoundException', 'none')
  }
  const query = new elbv2.ElasticLoadBalancingV2Client(options())
  await expect(query.send(new elbv2.DescribeRulesCommand({}))).rejects.toBeInstanceOf(
    elbv2.RuleNotFoundException,
  )
})

test('a body that says it is over the limit is refused before it is read', async () => {
  const socket = net.connect(port, '127.0.0.1')
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: a.b\r\nContent-Length: 50000\r\n\r\n')
  const [data] = await once(socket, 'data')
  expect(String(data)).toMatch(/^HTTP\/1.1 413 /)
  expect(String(data)).toContain('"__type":"RequestEntityTooLargeException"')
  socket.destroy()
})

test('a chunked body is refused as soon as it grows over the limit', async () => {
  const socket = net.connect(port, '127.0.0.1')
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n')
  socket.write('Transfer-Encoding: chunked\r\n\r\n')
  for (let sent = 0; sent < 11; sent++) socket.write(`3e8\r\n${'x'.repeat(1000)}\r\n`)
  const [data] = await once(socket, 'data')
  expect(String(data)).toMatch(/^HTTP\/1.1 413 /)
  expect(String(data)).toContain('<Code>RequestEntityTooLarge</Code>')
  socket.destroy()
})

test('after a refused body the connection serves on', async () => {
  const answer = await exchange(socket => {
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n${'x'.repeat(20_000)}`)
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  })
  expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 403'])
})

test('who keeps sending after the refusal is cut off', async () => {
  await exchange(socket => {
    socket.on('error', () => socket.destroy())
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n')
    socket.write(Buffer.alloc(1_000_000))
  })
})

test('a client that goes away, before or after its body, harms nobody', async () => {
  const gone = net.connect(port, '127.0.0.1')
  gone.write('POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: a.b\r\nContent-Length: 500\r\n\r\nhalf')
  await once(gone, 'connect')
  const closed = new Promise(resolve => server.once('connection', resolve))
  gone.destroy()
  let finish: (output: unknown) => void = () => {}
  const called = new Promise<void>(resolve => {
    served.reply = () => {
      resolve()
      return new Promise(done => {
        finish = done
      })
    }
  })
  const client = new ecs.ECSClient(options())
  const abort = new AbortController()
  const sent = client
    .send(new ecs.ListClustersCommand({}), { abortSignal: abort.signal })
    .catch(() => 'aborted')
  await Promise.all([called, closed])
  abort.abort()
  expect(await sent).toBe('aborted')
  finish({})
  served.reply = () => ({ clusterArns: [] })
  expect((await client.send(new ecs.ListClustersCommand({}))).clusterArns).toEqual([])
  expect(served.faults).toEqual([])
})

test('a repeated header is joined, so that nobody can hide one behind another', async () => {
  const answer = await exchange(socket =>
    socket.write(
      'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Amz-Target: A.B\r\nX-Amz-Target: C.D\r\n' +
        'Authorization: AWS4-HMAC-SHA256 a\r\nAuthorization: AWS4-HMAC-SHA256 b\r\nContent-Length: 0\r\n\r\n',
    ),
  )
  expect(answer).toMatch(/^HTTP\/1.1 400 /)
  expect(answer).toContain('IncompleteSignatureException')
})

test('an answer that HTTP cannot carry ends its connection and nothing else', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  served.reply = () => {
    throw new AwsError('ClientException', 'text', { headers: { broken: 'a\nb' } })
  }
  const client = new ecs.ECSClient(options())
  await expect(client.send(new ecs.ListClustersCommand({}))).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect(warned).toHaveBeenCalledWith(expect.objectContaining({ code: 'ERR_INVALID_CHAR' }))
  warned.mockRestore()
  served.reply = () => ({ clusterArns: [] })
  expect((await client.send(new ecs.ListClustersCommand({}))).clusterArns).toEqual([])
})
