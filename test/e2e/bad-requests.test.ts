import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { seededRandom } from './server-process.ts'
import { sign } from './sign.ts'
import { useUnharmedServer } from './unharmed-server.ts'

const used = useUnharmedServer()

interface Answer {
  readonly status: number
  readonly type: string
  readonly message: string
}

const jsonHeaders = (target: string): Record<string, string> => ({
  'content-type': 'application/x-amz-json-1.1',
  'x-amz-target': target.includes('.') ? target : `AmazonEC2ContainerServiceV20141113.${target}`,
})

/** Sends a signed body as it is. The error's name is read from JSON's `__type` or XML's `Code`. */
const send = async (
  body: string | Buffer,
  headers: Record<string, string>,
  { path = '/', method = 'POST', service = 'ecs' } = {},
): Promise<Answer> => {
  const url = new URL(path, used.server.endpoint)
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const response = await fetch(url, {
    method,
    headers: sign(url, { method, body, headers, service }),
    ...(hasBody && { body: typeof body === 'string' ? body : new Uint8Array(body) }),
  })
  return answerOf(response.status, await response.text())
}

const answerOf = (status: number, text: string): Answer => {
  if (!text.startsWith('{'))
    return {
      status,
      type: /<Code>(.*)<\/Code>/.exec(text)?.[1] ?? '',
      message: /<Message>(.*)<\/Message>/s.exec(text)?.[1] ?? text,
    }
  const { __type, message, Message } = JSON.parse(text)
  return { status, type: String(__type).split('#').at(-1) ?? '', message: message ?? Message ?? '' }
}

const runTask = (body: string | Buffer) => send(body, jsonHeaders('RunTask'))

describe('a signed JSON request', () => {
  it.each([
    ['an operation that is not there', jsonHeaders('LaunchRocket'), '{}', 'UnknownOperationException'],
    ['a service that is not there', jsonHeaders('Rocket_20200101.Launch'), '{}', 'UnknownOperationException'],
    ['an operation called __proto__', jsonHeaders('__proto__'), '{}', 'UnknownOperationException'],
    ['no operation', { 'content-type': 'application/x-amz-json-1.1' }, '{}', 'UnknownOperationException'],
    [
      'a member that is not there',
      jsonHeaders('RunTask'),
      '{"taskDefinitoin":"a"}',
      'SerializationException',
    ],
    ['a number for a text', jsonHeaders('RunTask'), '{"taskDefinition":1}', 'SerializationException'],
    [
      'a text for a number',
      jsonHeaders('RunTask'),
      '{"taskDefinition":"a","count":"1"}',
      'SerializationException',
    ],
    [
      'a fraction for a count',
      jsonHeaders('RunTask'),
      '{"taskDefinition":"a","count":1.5}',
      'SerializationException',
    ],
    ['a list for a structure', jsonHeaders('RunTask'), '[]', 'SerializationException'],
    ['null', jsonHeaders('RunTask'), 'null', 'SerializationException'],
    ['half a document', jsonHeaders('RunTask'), '{"taskDefinition":', 'SerializationException'],
    ['two documents', jsonHeaders('RunTask'), '{}{}', 'SerializationException'],
    ['XML', jsonHeaders('RunTask'), '<a/>', 'SerializationException'],
    [
      'a wrong enum',
      jsonHeaders('RunTask'),
      '{"taskDefinition":"a","launchType":"MOON"}',
      'InvalidParameterException',
    ],
  ] as const)('with %s is refused', async (_what, headers, body, type) => {
    const answer = await send(body, { ...headers })
    expect(answer).toMatchObject({ status: 400, type })
    expect(answer.message).not.toBe('')
  })

  it('with bytes that are no text is refused', async () => {
    expect(await runTask(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]))).toMatchObject({
      status: 400,
      type: 'SerializationException',
    })
  })

  it.each([1_000, 1_000_000])('with lists %i deep is refused', async depth => {
    expect(await runTask('['.repeat(depth) + ']'.repeat(depth))).toMatchObject({ status: 400 })
    const nested = `${'{"a":'.repeat(depth / 2)}1${'}'.repeat(depth / 2)}`
    expect(await runTask(nested)).toMatchObject({ status: 400, type: 'SerializationException' })
  })

  it('over 8 MiB is refused by its size', async () => {
    expect(await runTask(`{"taskDefinition":"${'a'.repeat(8 * 1024 * 1024)}"}`)).toMatchObject({
      status: 413,
      type: 'RequestEntityTooLargeException',
      message: 'The request body is larger than 8388608 bytes',
    })
  })

  it('just below 8 MiB is answered for what it says', async () => {
    expect(await runTask(`{"taskDefinition":"${'a'.repeat(8 * 1024 * 1024 - 100)}"}`)).toMatchObject({
      status: 400,
      type: expect.stringMatching(/^(Client|InvalidParameter)Exception$/),
    })
  })

  it('for a resource with a terrible name is refused, not obeyed', async () => {
    for (const name of [
      '../../etc/passwd',
      '__proto__',
      "'; DROP TABLE rows; --",
      '\u0000',
      '🚀'.repeat(500),
    ])
      for (const [operation, member] of [
        ['CreateCluster', 'clusterName'],
        ['DeleteCluster', 'cluster'],
        ['DescribeTaskDefinition', 'taskDefinition'],
        ['StopTask', 'task'],
        ['ListTagsForResource', 'resourceArn'],
        ['ListTasks', 'nextToken'],
      ] as const) {
        const { status, message } = await send(JSON.stringify({ [member]: name }), jsonHeaders(operation))
        if (status === 200) expect(name).toBe('__proto__')
        else
          expect([operation, name, status, message]).toEqual([
            operation,
            name,
            400,
            expect.stringMatching(/./),
          ])
      }
  })

  it('for logs with a terrible token or number is refused', async () => {
    const logs = (operation: string, body: object) =>
      send(JSON.stringify(body), jsonHeaders(`Logs_20140328.${operation}`), { service: 'logs' })
    const stream = { logGroupName: 'bad', logStreamName: 'bad' }
    await logs('CreateLogGroup', { logGroupName: 'bad' })
    await logs('CreateLogStream', stream)
    const event = (timestamp: unknown) => ({ ...stream, logEvents: [{ timestamp, message: 'm' }] })
    const terrible: readonly (readonly [string, object])[] = [
      ['GetLogEvents', { ...stream, nextToken: 'f/../../x' }],
      ['GetLogEvents', { ...stream, startTime: -1 }],
      ['GetLogEvents', { ...stream, limit: 1e9 }],
      ['FilterLogEvents', { logGroupName: 'bad', nextToken: 'x'.repeat(5000) }],
      ['FilterLogEvents', { logGroupName: 'bad', filterPattern: '{ $.a = '.repeat(100) }],
      ['FilterLogEvents', { logGroupName: 'bad', filterPattern: '%(a+)+$%'.repeat(100) }],
      ['PutLogEvents', { ...stream, logEvents: [] }],
      ['PutLogEvents', event(1e300)],
      ['PutLogEvents', event('now')],
      ['DescribeLogStreams', { logGroupName: 'bad', nextToken: '\u0000' }],
    ]
    for (const [operation, body] of terrible) {
      const { status, type } = await logs(operation, body)
      expect([operation, body, status, type]).toEqual([
        operation,
        body,
        400,
        expect.stringMatching(/Exception$/),
      ])
    }
  })
})

describe('a request of another kind', () => {
  it.each([
    ['GET', '/'],
    ['OPTIONS', '/'],
    ['PUT', '/bucket/key'],
    ['DELETE', '/v1/jobs'],
    ['GET', '/2015-03-31/functions/'],
    ['GET', '/favicon.ico'],
    ['GET', '/acs/ws'],
    ['GET', '/%zz?%ff=%'],
    ['POST', '/_berth/reset'],
    ['POST', '/_berth/health'],
    ['POST', '/metrics'],
  ])('%s %s, unsigned, asks for a signature', async (method, path) => {
    const response = await fetch(new URL(path, used.server.endpoint), { method })
    expect(answerOf(response.status, await response.text())).toMatchObject({
      status: 403,
      type: 'MissingAuthenticationToken',
    })
  })

  it.each([
    ['GET', '/v1/describejobs', {}],
    ['POST', '/v1/describejobs', { 'content-type': 'application/json' }],
    [
      'POST',
      '/service/ECS/operation/ListClusters',
      { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' },
    ],
    ['PUT', '/bucket/key', { 'content-type': 'text/plain' }],
  ])('%s %s, signed, is told that nothing here speaks that', async (method, path, headers) => {
    const { status, message } = await send('', headers as Record<string, string>, { method, path })
    expect(status).toBe(404)
    expect(message).toContain(`${method} ${path} names no operation`)
  })

  it('of the Query protocol with an action that is not there is refused', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const call = (body: string) => send(body, form, { service: 'sts' })
    expect(await call('Action=LaunchRocket&Version=2011-06-15')).toMatchObject({ status: 400 })
    expect(await call('Action=GetCallerIdentity&Version=1999-01-01')).toMatchObject({ status: 400 })
    expect(await call('Action=GetCallerIdentity&Version=2011-06-15')).toMatchObject({ status: 200 })
    expect(await call('%zz=%ff&&&==')).toMatchObject({
      status: expect.toSatisfy(status => status >= 400 && status < 500),
    })
  })

  it('that offers HTTP/2 is answered in HTTP/1.1', async () => {
    const call = httpRequest(`${used.server.endpoint}/_berth/health`, {
      headers: {
        connection: 'Upgrade, HTTP2-Settings',
        upgrade: 'h2c',
        'http2-settings': 'AAMAAABkAAQAAP__',
      },
    }).end()
    const [response] = (await once(call, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(200)
    response.resume()
  })
})

const raw = (body: string, headers: Record<string, string>): string => {
  const all = sign(new URL(used.server.endpoint), { body, headers })
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return `POST / HTTP/1.1\r\n${lines.join('\r\n')}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

describe('a connection', () => {
  it('of garbage is told so and closed', async () => {
    const random = seededRandom(3)
    for (let n = 0; n < 20; n++) {
      const bytes = Buffer.from(Array.from({ length: 500 }, () => Math.floor(random() * 256)))
      const answer = await used.server.exchange(socket => socket.write(bytes))
      expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/)
      expect(answer).toContain(
        '{"__type":"SerializationException","message":"The request is not valid HTTP."}',
      )
    }
  })

  it('of TLS is closed', async () => {
    await used.server.exchange(socket => socket.write(Buffer.from('16030100c8010000c40303', 'hex')))
  })

  it('with enormous headers is refused', async () => {
    const answer = await used.server.exchange(socket =>
      socket.write(`GET / HTTP/1.1\r\nA: ${'b'.repeat(100_000)}\r\n\r\n`),
    )
    expect(answer).toMatch(/^HTTP\/1.1 431 /)
  })

  it('with two lengths, or a length and chunks, is refused: nobody smuggles a request', async () => {
    const twoLengths = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\nhello'
    const both =
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
    for (const text of [twoLengths, both])
      expect(await used.server.exchange(socket => socket.write(text))).toMatch(/^HTTP\/1.1 400 /)
  })

  it('that pipelines requests gets their answers in order', async () => {
    const answer = await used.server.exchange(socket => {
      for (const clusterName of ['pipe-1', 'pipe-2', 'pipe-3'])
        socket.write(raw(JSON.stringify({ clusterName }), jsonHeaders('CreateCluster')))
      socket.write(raw('{"nonsense":1}', jsonHeaders('CreateCluster')))
      socket.write(raw('{}', { ...jsonHeaders('ListClusters'), connection: 'close' }))
    })
    expect(answer.match(/HTTP\/1.1 \d+|"clusterName":"[^"]*"/g)).toEqual([
      'HTTP/1.1 200',
      '"clusterName":"pipe-1"',
      'HTTP/1.1 200',
      '"clusterName":"pipe-2"',
      'HTTP/1.1 200',
      '"clusterName":"pipe-3"',
      'HTTP/1.1 400',
      'HTTP/1.1 200',
    ])
    expect(answer).toContain('cluster/pipe-3"')
  })

  it('that dribbles its request is answered; those that break off harm nobody', async () => {
    const request = raw('{}', { ...jsonHeaders('ListClusters'), connection: 'close' })
    const gone = Array.from({ length: 50 }, async (_, n) => {
      const socket = connect(used.settings.port, '127.0.0.1')
      await once(socket, 'connect')
      socket.write(request.slice(0, Math.floor((request.length * n) / 50)))
      if (n % 2 === 0) socket.resetAndDestroy()
      else socket.destroy()
    })
    const answer = await used.server.exchange(socket => {
      const parts = request.match(/.{1,20}/gs) ?? []
      const next = () => {
        const part = parts.shift()
        if (part !== undefined) socket.write(part, () => setImmediate(next))
      }
      next()
    })
    await Promise.all(gone)
    expect(answer).toMatch(/^HTTP\/1.1 200 /)
  })
})
