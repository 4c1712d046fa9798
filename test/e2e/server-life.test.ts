import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CreateClusterCommand, ListClustersCommand } from '@aws-sdk/client-ecs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freePort, root } from './berth.ts'
import { ServerProcess, type ServerSettings } from './server-process.ts'
import { sign } from './sign.ts'

let settings: ServerSettings
const running: ServerProcess[] = []
beforeEach(async () => {
  settings = { port: await freePort(), dataDir: mkdtempSync(join(tmpdir(), 'berth-life-')) }
})
afterEach(async () => {
  for (const server of running.splice(0)) await server.end()
  rmSync(settings.dataDir, { recursive: true, force: true })
})

const start = async (change: Partial<ServerSettings> = {}): Promise<ServerProcess> => {
  const server = await ServerProcess.start({ ...settings, ...change })
  running.push(server)
  return server
}

/** What a server that cannot start says, and nothing else. */
const refusedStart = async (change: Partial<ServerSettings> = {}): Promise<string> => {
  const server = new ServerProcess({ ...settings, ...change })
  running.push(server)
  expect(await server.ended()).toBe(1)
  expect(server.stderr.trim().split('\n')).toHaveLength(1)
  return server.stderr.trim()
}

describe('a second server', () => {
  it('on the data directory of the first is refused, and harms it not', async () => {
    const first = await start()
    // As a segment is that the first server is about to finish: a start would sweep it away.
    const unfinished = join(settings.dataDir, 'logs', 'segment-0000000099')
    writeFileSync(unfinished, '')
    expect(await refusedStart({ port: await freePort() })).toBe(
      `berth server: The data directory ${settings.dataDir} is in use by another Berth server. Stop that one first, or choose another directory.`,
    )
    expect(existsSync(unfinished)).toBe(true)
    await first.ecs().send(new CreateClusterCommand({ clusterName: 'still-here' }))
  })

  it('on the port of the first is refused', async () => {
    await start()
    const dataDir = join(settings.dataDir, 'other')
    expect(await refusedStart({ dataDir })).toBe(
      `berth server: listen EADDRINUSE: address already in use 127.0.0.1:${settings.port}: another program has the port. Choose another one with --port.`,
    )
  })

  it('may start at once where the first was killed', async () => {
    const first = await start()
    await first.ecs().send(new CreateClusterCommand({ clusterName: 'kept' }))
    await first.end('SIGKILL')
    const second = await start()
    const { clusterArns } = await second.ecs().send(new ListClustersCommand({}))
    expect(clusterArns).toEqual(['arn:aws:ecs:us-east-1:000000000000:cluster/kept'])
  })
})

describe('a server that cannot start', () => {
  it.each([
    [{ BERTH_HOST: '192.0.2.1' }, 'this machine has no such address. Choose another one with --host.'],
    [{ BERTH_HOST: 'nowhere.invalid' }, 'nowhere.invalid'],
    [{ BERTH_PORT: 'http' }, 'BERTH_PORT must be a whole number, not http.'],
    [{ BERTH_DATA_DIR: '/dev/null/berth' }, "ENOTDIR: not a directory, mkdir '/dev/null/berth'"],
  ])('for %j says so in a sentence', async (environment, sentence) => {
    expect(await refusedStart({ environment })).toContain(sentence)
  })

  it('because a newer release wrote the database says so, and leaves it as it is', async () => {
    await (await start()).end('SIGTERM')
    const path = join(settings.dataDir, 'berth.db')
    const change = (sql: string) => {
      const database = new DatabaseSync(path)
      database.exec(sql)
      database.close()
    }
    change('PRAGMA user_version = 99')
    expect(await refusedStart()).toBe(
      `berth server: ${path} is newer than this release of Berth (layout 99, this release knows 2). Start the newer release, or restore a backup of this one.`,
    )
    change("PRAGMA user_version = 2; UPDATE tables SET version = 99 WHERE name LIKE '%tasks'")
    expect(await refusedStart()).toMatch(/newer/)
    change("UPDATE tables SET version = 1 WHERE name LIKE '%tasks'")
    await start()
  })

  it('because its database is damaged says so', async () => {
    await (await start()).end('SIGTERM')
    const path = join(settings.dataDir, 'berth.db')
    rmSync(path)
    mkdirSync(path)
    expect(await refusedStart()).toContain(settings.dataDir)
  })
})

describe('SIGTERM', () => {
  it('lets requests under way be answered, takes no new ones, and ends with 0', async () => {
    const server = await start()
    const ecs = server.ecs()
    // The head of a request, and the rest of it only after the signal.
    const url = new URL(server.endpoint)
    const body = JSON.stringify({ clusterName: 'late' })
    const call = httpRequest(url, {
      method: 'POST',
      headers: {
        ...sign(url, {
          body,
          headers: {
            'content-type': 'application/x-amz-json-1.1',
            'x-amz-target': 'AmazonEC2ContainerServiceV20141113.CreateCluster',
          },
        }),
        'content-length': body.length,
      },
    })
    call.write(body.slice(0, 5))
    const acknowledged: string[] = []
    const working = Array.from({ length: 8 }, async (_, worker) => {
      for (let n = 0; ; n++) {
        const clusterName = `w${worker}-${n}`
        await ecs.send(new CreateClusterCommand({ clusterName }))
        acknowledged.push(clusterName)
        if (acknowledged.length === 40) void server.end('SIGTERM').then(code => ended.resolve(code))
      }
    })
    const ended = Promise.withResolvers<number | string>()
    const stopping = (async () => {
      while (!server.stdout.includes('Stopping')) await new Promise(resolve => setImmediate(resolve))
      call.end(body.slice(5))
      const [response] = (await once(call, 'response')) as [IncomingMessage]
      response.resume()
      return response.statusCode
    })()
    const refusals = await Promise.allSettled(working)
    // Nobody was cut off in the middle: who was not answered had not been heard.
    for (const refusal of refusals)
      expect(refusal).toMatchObject({ reason: { code: expect.stringMatching(/^ECONN(REFUSED|RESET)$/) } })
    expect(await stopping).toBe(200)
    expect(await ended.promise).toBe(0)
    expect(server.stderr).toBe('')

    const next = await start()
    const clusters: string[] = []
    let nextToken: string | undefined
    do {
      const page = await next.ecs().send(new ListClustersCommand(nextToken ? { nextToken } : {}))
      clusters.push(...(page.clusterArns ?? []).map(arn => arn.split('/')[1] ?? ''))
      nextToken = page.nextToken
    } while (nextToken)
    expect(clusters.toSorted()).toEqual([...acknowledged, 'late'].toSorted())
  })

  it('does not wait for ever for who says nothing', async () => {
    const server = await start()
    const sent = Promise.withResolvers<void>()
    const silent = server.exchange(socket =>
      socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n', () => sent.resolve()),
    )
    await sent.promise
    expect(await server.end('SIGTERM')).toBe(0)
    await silent
  })
})

describe('on this machine', () => {
  it('no other user reads the files', async () => {
    rmSync(settings.dataDir, { recursive: true })
    mkdirSync(settings.dataDir, { mode: 0o755 })
    const server = await start()
    await server.ecs().send(new CreateClusterCommand({}))
    const files = readdirSync(settings.dataDir, { recursive: true, encoding: 'utf8' })
    expect(files).toEqual(expect.arrayContaining(['berth.db', 'credentials.json', 'logs']))
    for (const file of files)
      expect([file, statSync(join(settings.dataDir, file)).mode & 0o077]).toEqual([file, 0])
  })

  it('no secret is printed', async () => {
    const server = await start({ environment: { BERTH_LOG_LEVEL: 'trace' } })
    await server.ecs().send(new CreateClusterCommand({}))
    const url = new URL('/nothing', server.endpoint)
    await fetch(url, { method: 'POST', headers: sign(url) })
    await server.end('SIGTERM')
    expect(server.stdout).toContain('Berth answers')
    for (const secret of [root.secretAccessKey, 'Signature=']) expect(server.stdout).not.toContain(secret)
  })
})

/** The status that a request with these headers gets. */
const statusOf = async (url: string, headers: Record<string, string>, method = 'POST'): Promise<number> => {
  const call = httpRequest(url, { method, headers }).end()
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  response.resume()
  return response.statusCode ?? 0
}

const listClusters = {
  'content-type': 'application/x-amz-json-1.1',
  'x-amz-target': 'AmazonEC2ContainerServiceV20141113.ListClusters',
  authorization:
    'AWS4-HMAC-SHA256 Credential=ANY/20260101/eu-west-1/ecs/aws4_request, SignedHeaders=host, Signature=0',
  'x-amz-date': '20260101T000000Z',
}

describe('--insecure-any-credentials', () => {
  it('takes what only looks signed, with a warning, but from this machine alone', async () => {
    const server = await start({ environment: { BERTH_INSECURE_ANY_CREDENTIALS: 'true' } })
    expect(server.stderr).toBe(
      'WARNING: --insecure-any-credentials takes every signed request as the root of the account.\n',
    )
    const { endpoint } = server
    const local = { ...listClusters, 'content-length': '0' }
    expect(await statusOf(endpoint, local)).toBe(200)
    expect(await statusOf(endpoint, { ...local, host: `localhost:${settings.port}` })).toBe(200)
    expect(await statusOf(endpoint, { ...local, host: 'rebound.example' })).toBe(403)
    expect(await statusOf(endpoint, { ...local, origin: 'https://page.example' })).toBe(403)
  })

  it('is refused on any other address', async () => {
    const environment = { BERTH_INSECURE_ANY_CREDENTIALS: 'true', BERTH_HOST: '0.0.0.0' }
    expect(await refusedStart({ environment })).toBe(
      'berth server: --insecure-any-credentials works on loopback only, and the host is 0.0.0.0.',
    )
  })
})

describe('paths of its own', () => {
  it('forget everything on POST /_berth/reset only with --in-memory, and for no page of another site', async () => {
    const server = await start({ environment: { BERTH_IN_MEMORY: '1' } })
    const reset = `${server.endpoint}/_berth/reset`
    await server.ecs().send(new CreateClusterCommand({ clusterName: 'gone' }))
    expect(await statusOf(reset, { origin: 'https://page.example' })).toBe(403)
    expect((await server.ecs().send(new ListClustersCommand({}))).clusterArns).toHaveLength(1)
    expect(await statusOf(reset, {})).toBe(200)
    expect((await server.ecs().send(new ListClustersCommand({}))).clusterArns).toEqual([])
    expect(readdirSync(settings.dataDir)).toEqual([])
    const kept = await start({ port: await freePort() })
    expect(await statusOf(`${kept.endpoint}/_berth/reset`, {})).toBe(403)
  })

  it('tell metrics on loopback alone', async () => {
    const server = await start({ environment: { BERTH_HOST: '0.0.0.0' } })
    const text = await server.metrics()
    for (const name of [
      'berth_event_loop_delay_seconds{quantile="0.99"}',
      'berth_disk_level',
      'berth_disk_free_bytes',
    ])
      expect(text).toContain(name)
    const addresses = Object.values(networkInterfaces())
      .flat()
      .filter(found => found?.family === 'IPv4' && !found.internal)
    for (const address of addresses)
      expect(await statusOf(`http://${address?.address}:${settings.port}/metrics`, {}, 'GET')).toBe(403)
  })
})
