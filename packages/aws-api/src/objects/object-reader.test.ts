import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { anonymousIdentity } from '../service.ts'
import { verifySignature } from '../signature/verify-signature.ts'
import { type BucketSettings, readBucketSettings } from './buckets.ts'
import { createObjectReader } from './object-reader.ts'

const none: BucketSettings = { places: new Map(), region: 'eu-west-1' }
const options = { mostBytes: 1024 * 1024, wait: async () => {} }
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
    createObjectReader({ ...none, directory }, options)(object(key, bucket))

  test('holds a directory for each bucket, and in it the objects', async () => {
    expect(String(await read('deep/a.env'))).toBe('A=1')
  })

  test('shows nothing but what is in the bucket’s own directory', async () => {
    for (const key of ['../secret.env', 'link.env', 'pipe.env', 'deep', 'none.env', 'deep/a.env/x.env'])
      await expect(read(key)).rejects.toThrow('StatusCode: 404, NoSuchKey')
    await expect(read('a.env', 'other')).rejects.toThrow('there is no place for the bucket other')
    for (const bucket of ['..', '.', '', 'bucket/deep', `../${basename(directory)}`])
      await expect(read('a.env', bucket)).rejects.toThrow(`there is no place for the bucket ${bucket}`)
    await expect(read(`${basename(directory)}/secret.env`, '..')).rejects.toThrow('there is no place')
  })

  test('of one bucket may be named alone', async () => {
    const place = { kind: 'directory', path: join(directory, 'bucket') } as const
    const reader = createObjectReader({ ...none, places: new Map([['mine', place]]) }, options)
    expect(String(await reader(object('deep/a.env', 'mine')))).toBe('A=1')
    await expect(reader(object('deep/a.env'))).rejects.toThrow('no place for the bucket')
  })

  test('has no versions but the one that S3 calls null', async () => {
    const reader = createObjectReader({ ...none, directory }, options)
    expect(String(await reader({ ...object('deep/a.env'), version: 'null' }))).toBe('A=1')
    await expect(reader({ ...object('deep/a.env'), version: '2' })).rejects.toMatchObject({
      reason: 'unknown',
    })
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
    const read = createObjectReader({ ...none, service: service(), credentials }, options)
    expect(String(await read(object('deep/a b.env')))).toBe('A=1')
    expect(requests[0]?.url).toBe('/bucket/deep/a%20b.env')
    expect(requests[0]?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIA\/\d{8}\/eu-west-1\/s3\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date/,
    )
  })

  test('is asked without a signature when there is no key', async () => {
    answers = [{ status: 200, body: 'A=1' }]
    await createObjectReader({ ...none, service: service() }, options)(object('a.env'))
    expect(requests[0]?.headers.authorization).toBeUndefined()
  })

  test('is asked for the version that is named, by a signature that covers it', async () => {
    answers = [{ status: 200, body: 'A=1' }]
    const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'key' }
    const read = createObjectReader({ ...none, service: service(), credentials }, options)
    await read({ ...object('a.env'), version: 'v/1' })
    const { url, headers } = requests[0] ?? {}
    expect(url).toBe('/bucket/a.env?versionId=v%2F1')
    const verified = await verifySignature(
      {
        method: 'GET',
        url: url ?? '',
        headers: headers as Record<string, string>,
        body: Buffer.alloc(0),
        sourceAddress: '127.0.0.1',
      },
      { now: Date.now, findSigningKey: () => ({ secretAccessKey: 'key', identity: anonymousIdentity }) },
    )
    expect(verified).toMatchObject({ service: 's3' })
  })

  test('that refuses is asked once, and one that fails three times', async () => {
    const waits: number[] = []
    const wait = async (ms: number) => void waits.push(ms)
    const read = createObjectReader({ ...none, service: service() }, { ...options, wait })
    answers = [{ status: 403 }]
    await expect(read(object('a.env'))).rejects.toMatchObject({
      reason: 'refused',
      message: expect.stringContaining('StatusCode: 403, api error Forbidden: bucket/a.env'),
    })
    answers = [{ status: 503 }, { status: 500 }, { status: 500 }]
    await expect(read(object('a.env'))).rejects.toMatchObject({
      reason: 'unavailable',
      message: expect.stringContaining('retried 3 time(s)'),
    })
    expect(requests).toHaveLength(4)
    expect(waits).toEqual([1_000, 3_000])
  })

  test('is never asked for what is outside of the bucket, and never followed elsewhere', async () => {
    const read = createObjectReader({ ...none, service: service() }, options)
    await expect(read(object('../other/a.env'))).rejects.toThrow('StatusCode: 404, NoSuchKey')
    expect(requests).toEqual([])
    answers = [{ status: 302 }]
    await expect(read(object('a.env'))).rejects.toThrow('StatusCode: 302')
  })

  test('gives no more than any environment holds', async () => {
    answers = [{ status: 200, body: Buffer.alloc(1024 * 1024 + 1) }]
    const read = createObjectReader({ ...none, service: service() }, options)
    await expect(read(object('a.env'))).rejects.toThrow('larger than 1048576 bytes')
  })
})

describe('what an operator says of buckets', () => {
  test('is places for single ones, and for all others', () => {
    const problems: string[] = []
    const settings = readBucketSettings(
      {
        BERTH_S3_BUCKETS: 'config=/srv/config,keys=https://s3.internal',
        BERTH_S3_DIRECTORY: '/srv/buckets',
        BERTH_S3_ENDPOINT: 'http://minio:9000',
        BERTH_S3_ACCESS_KEY_ID: 'AKIA',
        BERTH_S3_SECRET_ACCESS_KEY: 'key',
      },
      'eu-west-1',
      problem => problems.push(problem),
    )
    expect(problems).toEqual([])
    expect(settings).toEqual({
      places: new Map([
        ['config', { kind: 'directory', path: '/srv/config' }],
        ['keys', { kind: 'service', url: new URL('https://s3.internal') }],
      ]),
      directory: '/srv/buckets',
      service: new URL('http://minio:9000'),
      credentials: { accessKeyId: 'AKIA', secretAccessKey: 'key' },
      region: 'eu-west-1',
    })
  })

  test.each([
    ['BERTH_S3_BUCKETS', 'config', 'BERTH_S3_BUCKETS holds "config"; it must be bucket=place,…'],
    ['BERTH_S3_BUCKETS', 'config=srv', /^BERTH_S3_BUCKETS has "srv" for config; it must be the path/],
    ['BERTH_S3_DIRECTORY', 'srv', /^BERTH_S3_DIRECTORY is "srv"; it must be the whole path/],
    ['BERTH_S3_ENDPOINT', 'minio:9000', /^BERTH_S3_ENDPOINT is "minio:9000"; it must be an http or https/],
    ['BERTH_S3_ACCESS_KEY_ID', 'AKIA', /go together$/],
  ])('is refused where %s is %s', (name, value, problem) => {
    const problems: string[] = []
    readBucketSettings({ [name]: value }, 'eu-west-1', text => problems.push(text))
    expect(problems).toEqual([typeof problem === 'string' ? problem : expect.stringMatching(problem)])
  })
})
