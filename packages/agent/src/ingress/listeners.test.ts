import { once } from 'node:events'
import { Agent } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server } from 'node:net'
import type { IngressAction } from '@berth/model'
import { afterEach, describe, expect, it } from 'vitest'
import {
  forwardTo,
  groupFact,
  listenerFact,
  loadBalancerFact,
  ruleOf,
  targetFact,
} from './ingress-fixtures.ts'
import { ask, createWorlds, isHealthy, quickGroup } from './ingress-world.ts'
import { askHttps, certificateFact, encrypted, pem } from './tls-fixtures.ts'

const worlds = createWorlds()
afterEach(worlds.afterEach)

/** A target that answers with what it was asked. */
const echo = (name = 'echo') =>
  worlds.target(name, (request, response) => {
    response.end(JSON.stringify({ name, url: request.url, headers: request.headers }))
    return true
  })

describe('a rule', () => {
  it('rewrites the request that it chose by what the client sent', async () => {
    const target = await echo()
    const rule = {
      arn: 'rule',
      conditions: [{ field: 'path-pattern', values: ['/api/*'], isRegex: false }],
      actions: [forwardTo(['blue', 1])],
      transforms: [
        { type: 'url-rewrite', regex: '^/api/([^?]+)(\\?.*)?$', replace: '/$1$2' },
        { type: 'host-header-rewrite', regex: '^(.+)\\.example\\.com$', replace: "$1.it's, [x] 100%" },
      ],
    } as const
    const { world, url } = worlds.given(
      targetFact('blue', target.port),
      listenerFact(80, { rules: [rule, ruleOf({ type: 'fixed-response', statusCode: 404, body: 'no' })] }),
    )
    await isHealthy(world, target)
    const { body } = await ask(`${url}api/v1/x?a=b`, { headers: { host: 'shop.example.com' } })
    expect(JSON.parse(body)).toMatchObject({ url: '/v1/x?a=b', headers: { host: "shop.it's, [x] 100%" } })
    expect(await ask(`${url}other`)).toMatchObject({ status: 404, body: 'no' })
  })

  it('redirects with the parts of the request', async () => {
    const redirect: IngressAction = {
      type: 'redirect',
      protocol: 'HTTPS',
      host: '#{host}',
      port: '443',
      path: '/new/#{path}',
      query: '#{query}',
      statusCode: 301,
    }
    const { world, url } = worlds.given(listenerFact(80, { rules: [ruleOf(redirect)] }))
    await world.until(async () => (await ask(url).catch(() => undefined)) !== undefined)
    const headers = { host: 'a.com' }
    expect(await ask(`${url}x?y=1`, { headers })).toMatchObject({
      status: 301,
      headers: { location: 'https://a.com:443/new/x?y=1' },
    })
    expect((await ask(url, { headers })).headers.location).toBe('https://a.com:443/new/')
  })

  it('tells the target of the client', async () => {
    const target = await echo()
    const { world, url } = worlds.given(targetFact('blue', target.port))
    await isHealthy(world, target)
    const { body } = await ask(url, { headers: { 'X-Forwarded-For': '1.2.3.4' } })
    expect(JSON.parse(body).headers).toMatchObject({
      'x-forwarded-for': '1.2.3.4, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-port': '80',
      'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
    })
  })

  it('ends connections that clients have kept long enough, with an answer, and hides the target’s server', async () => {
    const target = await worlds.target('blue', (_, response) => {
      response.setHeader('Server', 'target')
      return false
    })
    const { world, url, address } = worlds.given(
      loadBalancerFact({ attributes: { 'client_keep_alive.seconds': '1' } }),
      listenerFact(80, { attributes: { 'routing.http.response.server.enabled': 'false' } }),
      listenerFact(81),
      targetFact('blue', target.port),
    )
    await isHealthy(world, target)
    expect((await ask(`http://${address}:81/`)).headers['server']).toBe('target')
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    expect((await ask(url, { agent })).headers['server']).toBeUndefined()
    await world.until(async () => (await ask(url, { agent })).headers.connection === 'close')
    agent.destroy()
  })

  it('divides requests by weight, and keeps clients with their group', async () => {
    const [blue, green] = [await echo('blue'), await echo('green')]
    const forward = { ...forwardTo(['blue', 9], ['green', 1]), stickySeconds: 60 } as IngressAction
    const { world, url } = worlds.given(
      targetFact('blue', blue.port),
      targetFact('green', green.port),
      listenerFact(80, { rules: [ruleOf(forward)] }),
    )
    await isHealthy(world, blue, green)
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask(url)))
    const greens = answers.filter(({ body }) => JSON.parse(body).name === 'green')
    expect(greens.length).toBeGreaterThan(2)
    expect(greens.length).toBeLessThan(60)
    expect(answers[0]?.headers['set-cookie']?.[0]).toMatch(/^AWSALBTG=/)
  })

  it('keeps clients with their target, which new targets do not change', async () => {
    const [first, second] = [await echo('first'), await echo('second')]
    const group = quickGroup('blue', {
      attributes: {
        'stickiness.enabled': 'true',
        'stickiness.type': 'lb_cookie',
        'stickiness.lb_cookie.duration_seconds': '60',
      },
    })
    const { world, url } = worlds.given(group, targetFact('blue', first.port))
    await isHealthy(world, first)
    const answer = await ask(url)
    const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    expect(cookie).toMatch(/^AWSALB=/)
    world.tell([targetFact('blue', second.port)])
    await isHealthy(world, second)
    const sticky = await Promise.all(Array.from({ length: 10 }, () => ask(url, { headers: { cookie } })))
    expect(sticky.map(({ body }) => JSON.parse(body).name)).toEqual(Array(10).fill('first'))
    const others = await Promise.all(Array.from({ length: 10 }, () => ask(url)))
    const second_ = others.find(({ body }) => JSON.parse(body).name === 'second')
    const secondCookie = second_?.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    expect(JSON.parse((await ask(url, { headers: { cookie: secondCookie } })).body).name).toBe('second')
    // Those that stick to a target that drains are sent elsewhere.
    world.tell([targetFact('blue', first.port, { isDraining: true })])
    await world.until(() => world.health(first.port)?.state === 'drained')
    expect(JSON.parse((await ask(url, { headers: { cookie } })).body).name).toBe('second')
  })

  it('counts what went through', async () => {
    const target = await worlds.target('blue', (request, response) => {
      response.statusCode = request.url === '/no' ? 404 : 200
      return false
    })
    const { world, url } = worlds.given(targetFact('blue', target.port))
    await isHealthy(world, target)
    for (const path of ['', '', 'no']) await ask(`${url}${path}`)
    await world.until(() => world.traffic().length > 0)
    const totals = world.traffic().flatMap(({ targetGroups }) => targetGroups)
    expect(totals).toMatchObject([
      { targetGroupArn: groupFact('blue').arn, requests: 3, answers2xx: 2, answers4xx: 1, answers5xx: 0 },
    ])
  })
})

describe('a listener of HTTPS', () => {
  const certificates = [certificateFact('a.test'), certificateFact('b.test')]

  it('shows the certificate of the name, and speaks HTTP/2', async () => {
    const target = await echo()
    const { world, address } = worlds.given(...certificates, encrypted(), targetFact('blue', target.port))
    await isHealthy(world, target)
    expect(await askHttps(address, { servername: 'a.test' })).toMatchObject({ subject: 'a.test' })
    const { subject, body } = await askHttps(address, { servername: 'b.test' })
    expect(subject).toBe('b.test')
    expect(JSON.parse(body).headers).toMatchObject({
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '443',
    })
    const client = connectHttp2(`https://${address}`, { ca: pem('ca.pem'), servername: 'a.test' })
    const stream = client.request({ ':path': '/two' })
    const [headers] = await once(stream, 'response')
    expect(headers[':status']).toBe(200)
    // A worker that is replaced says goodbye, and no stream of the client fails.
    const { current } = (await world.workers()) ?? {}
    world.tell([encrypted({ rules: [ruleOf({ type: 'fixed-response', statusCode: 418, body: 'tea' })] })])
    await world.until(async () => (await world.workers())?.current !== current)
    let isOver = false
    client.once('goaway', () => {
      isOver = true
    })
    stream.resume()
    while (!isOver) {
      const next = client.request({ ':path': '/three' })
      const [after] = await once(next, 'response')
      // By the rule of before, until the worker has heard that it is replaced; by the new one from then on.
      expect([200, 418]).toContain(after[':status'])
      next.resume()
      await once(next, 'close')
    }
    client.destroy()
  })
})

describe('a listener of TCP', () => {
  const tcp = { protocol: 'TCP', healthCheck: { ...quickGroup('x').healthCheck, protocol: 'TCP' } } as const

  const listening = async (answer: string): Promise<{ server: Server; port: number }> => {
    const server = createServer(socket => socket.on('error', () => {}).write(answer))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { server, port: (server.address() as AddressInfo).port }
  }

  it('leads connections to a target, and leaves them when the target drains', async () => {
    const { server, port } = await listening('hello')
    const { world, address } = worlds.given(
      loadBalancerFact({ type: 'network' }),
      quickGroup('blue', tcp),
      listenerFact(80, { protocol: 'TCP' }),
      targetFact('blue', port),
    )
    await world.until(() => world.health(port)?.state === 'healthy')
    const client = connect(80, address)
    expect(String((await once(client, 'data'))[0])).toBe('hello')
    world.tell([targetFact('blue', port, { isDraining: true })])
    await world.until(() => world.health(port)?.state === 'draining')
    expect(client.closed).toBe(false)
    client.end()
    await world.until(() => world.health(port)?.state === 'drained')
    server.close()
  })
})
