import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { isFromHere } from './from-here.ts'

const request = (remoteAddress: string, host: string, origin?: string): IncomingMessage =>
  ({ socket: { remoteAddress }, headers: { host, ...(origin && { origin }) } }) as IncomingMessage

test.each([
  ['127.0.0.1', 'localhost:4566'],
  ['127.8.9.1', '127.0.0.1:4566'],
  ['::1', '[::1]:4566'],
  ['::1', '[::1]'],
  ['::ffff:127.0.0.1', 'LOCALHOST'],
  ['127.0.0.1', 'data-eu.localhost:4566'],
  ['127.0.0.1', 'localhost:4566', 'http://localhost:3000'],
])('%s, Host %s and Origin %s is from here', (address, host, origin?: string) => {
  expect(isFromHere(request(address, host, origin))).toBe(true)
})

test.each([
  ['10.0.0.1', 'localhost:4566'],
  ['::ffff:10.127.0.1', 'localhost:4566'],
  ['127.0.0.1', 'evil.example:4566'],
  ['127.0.0.1', 'localhost.evil.example'],
  ['127.0.0.1', '127.0.0.1.evil.example'],
  ['127.0.0.1', 'evillocalhost'],
  ['127.0.0.1', ''],
  ['127.0.0.1', 'localhost:4566', 'https://evil.example'],
  ['127.0.0.1', 'localhost:4566', 'null'],
])('%s, Host %s and Origin %s is not', (address, host, origin?: string) => {
  expect(isFromHere(request(address, host, origin))).toBe(false)
})
