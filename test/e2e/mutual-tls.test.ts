/** Clients that a load balancer verifies, from the files of a bucket to HAProxy: a control plane and an agent in a network namespace. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  makeAuthority,
  makeCertificate,
  makeRevocationList,
  pem,
  revoke,
} from '../../packages/agent/src/ingress/tls-fixtures.ts'
import { tagOf } from '../../packages/agent/src/network/index.ts'
import { eventually, freePort, region, root } from './berth.ts'
import { NetworkNamespace } from './network-namespace.ts'

const packages = join(import.meta.dirname, '../../packages')
const dataDirectory = mkdtempSync(join(tmpdir(), 'berth-mutual-tls-'))
const files = join(dataDirectory, 'buckets/files')
const credentials = {
  AWS_ACCESS_KEY_ID: root.accessKeyId,
  AWS_SECRET_ACCESS_KEY: root.secretAccessKey,
  AWS_REGION: region,
}
let namespace: NetworkNamespace
let endpoint: string

beforeAll(async () => {
  mkdirSync(files, { recursive: true })
  makeAuthority('strangers')
  makeCertificate('strangers', 'stranger')
  for (const name of ['good', 'gone']) makeCertificate('ca', name)
  revoke('ca', 'gone')
  writeFileSync(join(files, 'list.pem'), makeRevocationList('ca'))
  writeFileSync(join(files, 'ca.pem'), pem('ca.pem'))
  for (const name of ['a.test', 'good', 'gone', 'stranger'])
    for (const kind of ['pem', 'key']) writeFileSync(join(files, `${name}.${kind}`), pem(`${name}.${kind}`))
  namespace = await NetworkNamespace.make(`berth-mtls-${process.pid}`, '')
  const port = await freePort()
  endpoint = `http://127.0.0.1:${port}`
  const server = {
    BERTH_PORT: String(port),
    BERTH_DATA_DIR: join(dataDirectory, 'server'),
    BERTH_S3_DIRECTORY: join(dataDirectory, 'buckets'),
    BERTH_LOG_LEVEL: 'error',
    BERTH_ROOT_ACCESS_KEY_ID: root.accessKeyId,
    BERTH_ROOT_SECRET_ACCESS_KEY: root.secretAccessKey,
  }
  namespace.start(server, join(packages, 'control-plane/src/main.ts')).stdout?.resume()
  const agent = {
    ...credentials,
    BERTH_ENDPOINT: endpoint,
    BERTH_AGENT_DATA_DIR: join(dataDirectory, 'agent'),
    BERTH_INGRESS: 'true',
    BERTH_LOG_LEVEL: 'error',
  }
  namespace.start(agent, join(packages, 'agent/src/main.ts')).stdout?.resume()
})
afterAll(async () => {
  await namespace.remove()
  const prefix = `berth-${tagOf(join(dataDirectory, 'agent'))}-`
  for (const made of readdirSync('/run/netns').filter(one => one.startsWith(prefix)))
    execFileSync('ip', ['netns', 'delete', made])
  rmSync(dataDirectory, { recursive: true, force: true })
})

it('are let in by the trust store, until a list of it revokes them', async () => {
  const settings = { ...credentials, AWS_ENDPOINT_URL: endpoint }
  const name = await namespace.ask<string>(settings, 'make-load-balancer.ts')
  const [{ address }] = await eventually('the name leads somewhere', async () => {
    const [found] = await namespace.ask<[{ address: string }][]>({}, 'ask-resolver.ts', `A ${name}`)
    return Array.isArray(found) && found
  })
  const [before, after] = await namespace.ask<object[]>(settings, 'verify-clients.ts', files, address)
  expect(before).toEqual({ good: 'verified', gone: 'verified' })
  expect(after).toEqual({ good: 'verified' })
})
