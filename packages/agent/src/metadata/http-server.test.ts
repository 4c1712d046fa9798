import { once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { json } from './answer.ts'
import { type AnswerRequest, createEndpointServer } from './http-server.ts'

let server: Server
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

const faults: unknown[] = []
const listen = async (answer: AnswerRequest): Promise<number> => {
  server = createEndpointServer(answer, error => faults.push(error)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const echo: AnswerRequest = async request => json(200, request)

it('hands on the path without its query, in the new form of the credentials too', async () => {
  const url = `http://127.0.0.1:${await listen(echo)}`
  const pathOf = async (path: string) => ((await (await fetch(url + path)).json()) as { path: string }).path
  expect(await pathOf('/v4/id/task/?x=1')).toBe('/v4/id/task')
  expect(await pathOf('/v1/credentials?id=abc')).toBe('/v2/credentials/abc')
  expect(await pathOf('/')).toBe('/')
})

const requestFrom = async (localAddress: string, port: number): Promise<string> => {
  const socket = connect({ host: '127.0.0.1', port, localAddress })
  let text = ''
  socket.on('data', chunk => {
    text += chunk
  })
  socket.end('GET /v4/id HTTP/1.0\r\n\r\n')
  await once(socket, 'close')
  return text
}

it('answers a caller that has ended its side of the connection', async () => {
  const late: AnswerRequest = async request => {
    await new Promise(setImmediate)
    return echo(request)
  }
  expect(await requestFrom('127.0.0.1', await listen(late))).toMatch(/^HTTP\/1.1 200 .*"path":"\/v4\/id"/s)
})

it('refuses a body that is larger than any request', async () => {
  const port = await listen(echo)
  const answer = await fetch(`http://127.0.0.1:${port}/x`, { method: 'PUT', body: 'x'.repeat(20_000) })
  expect(answer.status).toBe(413)
})

it('tells a fault to the log, and not to the caller', async () => {
  const port = await listen(() => Promise.reject(new Error('secret detail')))
  const answer = await fetch(`http://127.0.0.1:${port}/x`)
  expect([answer.status, await answer.text()]).toEqual([500, '"failed to answer the request"'])
  expect(String(faults.at(-1))).toContain('secret detail')
})

it('leaves room for other addresses when one opens connections without end', async () => {
  const port = await listen(echo)
  const sockets = Array.from({ length: 101 }, () => connect(port, '127.0.0.1'))
  await Promise.race(sockets.map(socket => once(socket, 'close')))
  const answer = await requestFrom('127.0.0.2', port)
  expect(answer).toMatch(/^HTTP\/1.1 200 /)
  for (const socket of sockets) socket.destroy()
})
