import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toHttpRequest, verifySignature } from '@berth/aws-api'
import { acsCloseCodes } from '@berth/model'
import { afterEach, describe, expect, it } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { systemClock } from '../clock.ts'
import { silentLog } from '../log.ts'
import { type Connection, createConnection } from './connection.ts'

const credentials = { accessKeyId: 'key', secretAccessKey: 'secret', sessionToken: 'to/ken+=' }
const identity = { accountId: '0', arn: 'arn', userId: 'u', accessKeyId: 'key', isRoot: true }

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

const given = async (refusal?: string) => {
  const http = createServer()
  const sockets = new WebSocketServer({ noServer: true })
  const sessions: WebSocket[] = []
  const upgrades: IncomingMessage[] = []
  http.on('upgrade', (request, socket, head) => {
    upgrades.push(request)
    if (refusal !== undefined && upgrades.length === 1)
      socket.end(`HTTP/1.1 400 Bad Request\r\nContent-Length: ${refusal.length}\r\n\r\n${refusal}`)
    else sockets.handleUpgrade(request, socket, head, session => sessions.push(session))
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo
  const delays: number[] = []
  const events: string[] = []
  const opened: (() => void)[] = []
  const clock = {
    now: systemClock.now,
    after: (delayMs: number, run: () => void) => {
      delays.push(delayMs)
      return systemClock.after(delayMs > 30_000 ? delayMs : 0, run)
    },
  }
  const connection: Connection = createConnection({
    clock,
    random: () => 1,
    log: silentLog,
    region: 'eu-west-1',
    credentials,
    url: async () =>
      new URL(
        `ws://127.0.0.1:${port}/acs/ws?agentVersion=0.1.0&dockerVersion=DockerVersion%3A%2020.10&seqNum=1`,
      ),
    opened: () => {
      events.push('opened')
      for (const resolve of opened.splice(0)) resolve()
    },
    closed: () => events.push('closed'),
    received: text => events.push(text) > 0,
    refused: code => events.push(`refused ${code}`),
  })
  connection.start()
  ends.push(() => {
    connection.stop()
    for (const session of sessions) session.terminate()
    http.close()
  })
  const nextOpen = () => new Promise<void>(resolve => opened.push(resolve))
  return { connection, sessions, upgrades, events, delays, nextOpen }
}

describe('the connection to the control plane', () => {
  it('signs its upgrade as the control plane verifies it', async () => {
    const { upgrades, nextOpen } = await given()
    await nextOpen()
    const [upgrade] = upgrades
    const signer = verifySignature(toHttpRequest(upgrade as IncomingMessage, new Uint8Array()), {
      now: Date.now,
      findSigningKey: id =>
        id === 'key' ? { identity, secretAccessKey: 'secret', sessionToken: 'to/ken+=' } : undefined,
    })
    expect(signer).toMatchObject({ region: 'eu-west-1', service: 'ecs' })
  })

  it('connects again, sooner than a host counts as lost, when the connection breaks', async () => {
    const { sessions, events, delays, nextOpen } = await given()
    await nextOpen()
    const again = nextOpen()
    sessions[0]?.terminate()
    await again
    expect(events).toEqual(['opened', 'closed', 'opened'])
    expect(delays.filter(delayMs => delayMs < 30_000)).toEqual([100])
  })

  it('tells why it was refused, and tries again', async () => {
    const { events, nextOpen } = await given('{"InvalidInstanceException":"unknown"}')
    await nextOpen()
    expect(events).toEqual(['refused InvalidInstanceException', 'opened'])
  })

  it('waits for minutes when another agent has taken its identity', async () => {
    const { sessions, delays, nextOpen } = await given()
    await nextOpen()
    const closed = once(sessions[0] as WebSocket, 'close')
    sessions[0]?.close(acsCloseCodes.replaced)
    await closed
    await expect.poll(() => delays.at(-1)).toBeGreaterThanOrEqual(120_000)
  })
})
