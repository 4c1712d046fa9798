import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { haproxyFiles } from './configuration/configuration.ts'
import { placesIn } from './configuration/places.ts'
import { viewOf } from './configuration/view.ts'
import {
  forwardTo,
  listenerFact,
  loadBalancerFact,
  ruleOf,
  targetFact,
  usualFacts,
} from './ingress-fixtures.ts'
import { ask, quickGroup, startTarget, startWorld } from './ingress-world.ts'

const namespace = `berth-handover-${process.pid}`
const front = '127.78.0.1'
const port = 8_080

/** A server in a namespace, which keeps no connection: each request to it needs another one. */
const targetInVpc = async (): Promise<void> => {
  execFileSync('ip', ['netns', 'add', namespace])
  onTestFinished(() => {
    execFileSync('ip', ['netns', 'delete', namespace])
  })
  execFileSync('ip', ['-n', namespace, 'link', 'set', 'lo', 'up'])
  const code = `require('http').createServer((request, response) => {
    response.setHeader('connection', 'close')
    response.end('vpc ' + request.headers['x-forwarded-for'])
  }).listen(${port}, '127.0.0.1', () => console.log('listening'))`
  const server = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', code])
  onTestFinished(async () => {
    server.kill('SIGKILL')
    await once(server, 'exit')
  })
  await once(server.stdout, 'data')
}

test('who keeps a connection to a worker that was replaced reaches targets in the VPC, by the new rules', async () => {
  await targetInVpc()
  const blue = await startTarget('blue')
  onTestFinished(() => blue.close())
  const world = startWorld(
    [
      loadBalancerFact({ frontAddress: front, interfaceId: 'eni-1' }),
      listenerFact(80, { rules: [ruleOf(forwardTo(['blue', 1]))] }),
      quickGroup('blue'),
      quickGroup('green'),
      targetFact('blue', blue.port),
      targetFact('green', port, { isInVpc: true }),
    ],
    () => ({ name: namespace, number: 1 }),
  )
  onTestFinished(() => world.stop())
  await world.until(() => world.health(blue.port)?.state === 'healthy')
  const kept = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true })]
  onTestFinished(() => {
    for (const agent of kept) agent.destroy()
  })
  for (const agent of kept) expect(await ask(`http://${front}/`, { agent })).toMatchObject({ body: 'blue' })
  const { current } = (await world.workers()) ?? {}
  world.tell([listenerFact(80, { rules: [ruleOf(forwardTo(['green', 1]))] })])
  await world.until(async () => (await world.workers())?.current !== current)
  await world.until(() => world.health(port)?.state === 'healthy')
  for (const agent of kept)
    expect(await ask(`http://${front}/`, { agent })).toMatchObject({
      status: 200,
      // As the client's own connection says, and once.
      body: 'vpc 127.0.0.1',
      headers: { connection: 'close' },
    })
})

const linesOf = (...usual: Parameters<typeof usualFacts>): string[] =>
  haproxyFiles(viewOf(usualFacts(...usual)), {
    places: placesIn('/berth'),
    slots: () => [],
    namespace: () => undefined,
    keys: () => [],
  })
    .configuration.split('\n')
    .map(line => line.trim())

const successor = 'listener.app.web.50dc6c495c0c9188.0000000000000050.successor'

test('a listener decides nothing of a request that it hands on', () => {
  const lines = linesOf()
  const begin = lines.findIndex(line => line.startsWith('frontend'))
  expect(
    lines.slice(begin).filter(line => /handover|successor|^http-request|use_backend/.test(line)),
  ).toEqual([
    'bind unix@/berth/000000000050.sock mode 600 accept-proxy name handover',
    expect.stringMatching(
      /^http-request set-header Berth-Encryption-Seen [0-9a-f]{64} if \{ stopping \} !\{ so_name -m str handover \}$/,
    ),
    'http-request allow if { stopping }',
    ...lines.filter(line => /^http-request set-header X-/.test(line)),
    'http-request del-header Berth-Encryption-Seen',
    `use_backend ${successor} if { stopping }`,
    'use_backend targetgroup.blue.73e2d6bc24d8a067.open if { nbsrv(targetgroup.blue.73e2d6bc24d8a067) lt 1 }',
    `backend ${successor}`,
    'server successor unix@/berth/000000000050.sock send-proxy-v2',
    ...lines.filter(line => line.includes('disable-l7-retry')),
  ])
})

test('what is known of a client’s encryption is added where its connection is, and not once more', () => {
  const attributes = { 'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': 'true' }
  const lines = linesOf({ protocol: 'HTTPS' }, {}, { attributes })
  const [del, set] = [
    'http-request del-header X-Amzn-TLS-Version',
    'http-request set-header X-Amzn-TLS-Version',
  ]
  expect(lines.filter(line => line.includes('X-Amzn-TLS-Version'))).toEqual([
    `${del} if { stopping } !{ so_name -m str handover }`,
    `${set} '%[ssl_fc_protocol]' if { stopping } !{ so_name -m str handover }`,
    // Of a worker whose listener added something else: what it let pass is the client's.
    expect.stringMatching(
      /^http-request del-header X-Amzn-TLS-Version if !\{ req\.hdr\(Berth-Encryption-Seen\) /,
    ),
    `${set} '%[ssl_fc_protocol]' if !{ so_name -m str handover }`,
  ])
})
