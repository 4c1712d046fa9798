import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { sign } from './sign.ts'
import { connectHost, sessionUrl } from './simulated-agent.ts'
import { useUnharmedServer } from './unharmed-server.ts'

const used = useUnharmedServer()

/** What an upgrade is refused with: the status, and the one key of the answer's object. */
const refusedUpgrade = async (url: URL, headers: Record<string, string>): Promise<[number, string]> => {
  const socket = new WebSocket(url, { headers })
  socket.on('error', () => undefined)
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  let text = ''
  for await (const chunk of response) text += chunk
  return [response.statusCode ?? 0, Object.keys(JSON.parse(text))[0] ?? '']
}

describe('an agent', () => {
  const get = { method: 'GET' }
  const url = (path: '/acs/ws' | '/tcs/ws', instance = used.host) =>
    sessionUrl(used.server.endpoint, path, instance)
  const agentKey = () =>
    JSON.parse(readFileSync(join(used.settings.dataDir, 'credentials.json'), 'utf8')).agent

  it.each(['/acs/ws', '/tcs/ws'] as const)('must sign to get into %s, for its own instance', async path => {
    const here = url(path)
    expect(await refusedUpgrade(here, {})).toEqual([400, 'MissingAuthenticationTokenException'])
    expect(await refusedUpgrade(here, { authorization: 'Bearer x' })).toEqual([
      400,
      'IncompleteSignatureException',
    ])
    const wrong = { accessKeyId: agentKey().accessKeyId, secretAccessKey: 'wrong' }
    expect((await refusedUpgrade(here, sign(here, { ...get, accessKey: wrong })))[1]).toBe(
      'InvalidSignatureException',
    )
    const stranger = { accessKeyId: 'AKIASTRANGER', secretAccessKey: 'wrong' }
    expect((await refusedUpgrade(here, sign(here, { ...get, accessKey: stranger })))[1]).toBe(
      'UnrecognizedClientException',
    )
    expect((await refusedUpgrade(here, sign(here, { ...get, service: 'logs' })))[1]).toBe(
      'InvalidSignatureException',
    )
    // The instance is registered, but not with this key.
    expect(await refusedUpgrade(here, sign(here, { ...get, accessKey: agentKey() }))).toEqual([
      403,
      'AccessDeniedException',
    ])
    const nowhere = url(path, `${used.host.slice(0, -32)}${'0'.repeat(32)}`)
    expect(await refusedUpgrade(nowhere, sign(nowhere, get))).toEqual([400, 'InvalidInstanceException'])
    const elsewhere = url(path)
    elsewhere.searchParams.set('clusterArn', 'other')
    expect(await refusedUpgrade(elsewhere, sign(elsewhere, get))).toEqual([400, 'InvalidClusterException'])
  })

  it('finds no other path to upgrade on', async () => {
    const here = new URL('/other', used.server.endpoint.replace('http', 'ws'))
    expect((await refusedUpgrade(here, sign(here, get)))[0]).toBe(404)
  })

  it('that upgrades without a WebSocket key is refused', async () => {
    const here = url('/acs/ws')
    const lines = Object.entries(sign(here, get)).map(([name, value]) => `${name}: ${value}\r\n`)
    const answer = await used.server.exchange(socket =>
      socket.write(
        `GET ${here.pathname}${here.search} HTTP/1.1\r\n${lines.join('')}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      ),
    )
    expect(answer).toMatch(/^HTTP\/1.1 400 /)
  })

  it('that is refused and does not hang up is hung up on', async () => {
    const answer = await used.server.exchange(socket => {
      socket.write('GET /acs/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    })
    expect(answer).toMatch(/^HTTP\/1.1 400 /)
  })

  it('that sends nonsense in a session loses it at most', async () => {
    const huge = `{"type":"${'x'.repeat(17 * 1024 * 1024)}"}`
    const nonsense = [
      '',
      '{',
      'null',
      '[]',
      '{}',
      '{"type":1}',
      '{"type":"AckRequest"}',
      '{"type":"Nonsense","message":{}}',
    ]
    const messages = [
      'BerthStateChanges',
      'BerthHeartbeat',
      'AckRequest',
      'HeartbeatAckRequest',
      'TaskStopVerificationMessage',
    ]
    for (const type of messages)
      for (const message of [null, 1, [], {}, { changes: 1 }, { messageId: {}, taskArns: 'x', tasks: {} }])
        nonsense.push(JSON.stringify({ type, message }))
    for (const text of [...nonsense, Buffer.from([1, 2, 3]), huge]) {
      const socket = await connectHost(used.server.endpoint, used.host)
      socket.on('error', () => undefined)
      socket.send(text)
      socket.ping()
      await Promise.race([once(socket, 'pong'), once(socket, 'close')])
      socket.terminate()
    }
  })
})
