import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Connection } from './connection.ts'
import { createWebSocketAcceptor } from './websocket.ts'

/** Sends these texts to a client of its own, and resolves with what arrived before the connection was closed. */
const receivedOf = async (texts: readonly string[]): Promise<readonly string[]> => {
  const accept = createWebSocketAcceptor(error => {
    throw error
  })
  const sendAll = (connection: Connection): void => {
    for (const text of texts) connection.send(text)
    connection.close(4000, 'That is all.')
    connection.send('behind the end')
  }
  const server = createServer().on('upgrade', (request, socket, head) =>
    accept(request, socket, head, sendAll),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const received: string[] = []
  client.on('message', data => received.push(String(data)))
  const [code] = await once(client, 'close')
  server.close()
  expect(code).toBe(4000)
  return received
}

it('sends texts of any length and any characters whole and in order, and none behind the close', async () => {
  const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000]
  const texts = [...lengths.map(length => 'x'.repeat(length)), 'Ä€😀', '😀'.repeat(40), 'é'.repeat(40_000)]
  expect(await receivedOf(texts)).toEqual(texts)
})
