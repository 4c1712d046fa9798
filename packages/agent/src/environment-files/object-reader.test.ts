import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../clock.ts'
import type { BucketSettings } from './buckets.ts'
import { createObjectReader } from './object-reader.ts'

const none: BucketSettings = { places: new Map(), region: 'eu-west-1' }
const object = (key: string, bucket = 'bucket') => ({ bucket, key })

describe('a directory', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'berth-buckets-'))
    mkdirSync(join(directory, 'bucket/deep'), { recursive: true })
    writeFileSync(join(directory, 'bucket/deep/a.env'), 'A=1')
    writeFileSync(join(directory, 'secret.env'), 'B=2')
    symlinkSync(join(directory, 'secret.env'), join(directory, 'bucket/link.env'))
    execFileSync('mkfifo', [join(directory, 'bucket/pipe.env')])
  })
  afterEach(() => rmSync(directory, { recursive: true }))
  const read = (key: string, bucket?: string) =>
    createObjectReader({ ...none, directory }, createManualClock())(object(key, bucket))

  test('holds a directory for each bucket, and in it the objects', async () => {
    expect(String(await read('deep/a.env'))).toBe('A=1')
  })

  test('shows nothing but what is in the bucket’s own directory', async () => {
    for (const key of ['../secret.env', 'link.env', 'pipe.env', 'deep', 'none.env', 'deep/a.env/x.env'])
      await expect(read(key)).rejects.toThrow('StatusCode: 404, NoSuchKey')
    await expect(read('a.env', 'other')).rejects.toThrow('this host has no place for the bucket other')
  })

  test('of one bucket may be named alone', async () => {
    const place = { kind: 'directory', path: join(directory, 'bucket') } as const
    const reader = createObjectReader({ ...none, places: new Map([['mine', place]]) }, createManualClock())
    expect(String(await reader(object('deep/a.env', 'mine')))).toBe('A=1')
    await expect(reader(object('deep/a.env'))).rejects.toThrow('no place for the bucket')
  })

  test('gives no file that is larger than any environment', async () => {
    writeFileSync(join(directory, 'bucket/large.env'), Buffer.alloc(1024 * 1024 + 1))
    await expect(read('large.env')).rejects.toThrow('larger than 1048576 bytes')
  })
})

describe('a service', () => {
  let server: Server
  let requests: IncomingMessage[]
  let answers: { status: number; body?: string | Buffer }[]
  beforeEach(async () => {
    requests = []
    server = createServer((request, response) => {
      requests.push(request)
      const { status, body = '' } = answers.shift() ?? { status: 404 }
      response.writeHead(status).end(body)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterEach(() => void server.close())
  const service = () => new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)

  test('is asked for bucket and key by a signed request', async () => {
    answers = [{ status: 200, body: 'A=1' }]
    const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'key' }
    const read = createObjectReader({ ...none, service: service(), credentials }, createManualClock())
    expect(String(await read(object('deep/a b.env')))).toBe('A=1')
    expect(requests[0]?.url).toBe('/bucket/deep/a%20b.env')
    expect(requests[0]?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIA\/\d{8}\/eu-west-1\/s3\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date/,
    )
  })

  test('is asked without a signature when there is no key', async () => {
    answers = [{ status: 200, body: 'A=1' }]
    await createObjectReader({ ...none, service: service() }, createManualClock())(object('a.env'))
    expect(requests[0]?.headers.authorization).toBeUndefined()
  })

  test('that refuses is asked once, and one that fails three times', async () => {
    const clock = createManualClock()
    const read = createObjectReader({ ...none, service: service() }, clock)
    answers = [{ status: 403 }]
    await expect(read(object('a.env'))).rejects.toThrow('StatusCode: 403, api error Forbidden: bucket/a.env')
    answers = [{ status: 503 }, { status: 500 }, { status: 500 }]
    const refused = expect(read(object('a.env'))).rejects.toThrow('retried 3 time(s)')
    for (const asked of [2, 3, 4]) {
      await expect.poll(() => requests.length).toBe(asked)
      await expect
        .poll(() => clock.advance(5_000).then(() => asked === 4 || requests.length > asked))
        .toBe(true)
    }
    await refused
  })

  test('is never asked for what is outside of the bucket, and never followed elsewhere', async () => {
    const read = createObjectReader({ ...none, service: service() }, createManualClock())
    await expect(read(object('../other/a.env'))).rejects.toThrow('StatusCode: 404, NoSuchKey')
    expect(requests).toEqual([])
    answers = [{ status: 302 }]
    await expect(read(object('a.env'))).rejects.toThrow('StatusCode: 302')
  })

  test('gives no more than any environment holds', async () => {
    answers = [{ status: 200, body: Buffer.alloc(1024 * 1024 + 1) }]
    const read = createObjectReader({ ...none, service: service() }, createManualClock())
    await expect(read(object('a.env'))).rejects.toThrow('larger than 1048576 bytes')
  })
})
