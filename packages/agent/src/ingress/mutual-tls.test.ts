import { execFile } from 'node:child_process'
import { constants } from 'node:crypto'
import { Agent } from 'node:https'
import { connect } from 'node:tls'
import { promisify } from 'node:util'
import type { IngressFact, ListenerFact } from '@berth/model'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { listenerArn, targetFact } from './ingress-fixtures.ts'
import { createWorlds, isHealthy, type World } from './ingress-world.ts'
import {
  askHttps,
  certificateFact,
  encrypted,
  expired,
  makeAuthority,
  makeCertificate,
  makeRevocationList,
  pem,
  revoke,
  trustStoreArn,
  trustStoreFacts,
  valid,
} from './tls-fixtures.ts'

const worlds = createWorlds()
afterEach(worlds.afterEach)

makeAuthority('clients', '/O=Berth', '/CN=clients')
makeAuthority('others')
makeAuthority('strangers')
makeCertificate('clients', 'good', { subject: '/O=Berth, Inc/CN=good' })
makeCertificate('clients', 'late', { validity: expired })
makeCertificate('clients', 'gone')
makeCertificate('others', 'other')
makeCertificate('strangers', 'stranger')
const before = makeRevocationList('clients', { ...valid, from: expired.from })
revoke('clients', 'gone')
const after = makeRevocationList('clients')
const old = makeRevocationList('clients', expired)
const bundle = pem('clients.pem') + pem('others.pem')

const verify = (changes: Partial<NonNullable<ListenerFact['mutualAuthentication']>> = {}): ListenerFact =>
  encrypted({
    mutualAuthentication: {
      mode: 'verify',
      trustStoreArn,
      ignoresExpiry: false,
      advertisesNames: false,
      ...changes,
    },
  })

const shows = (name: string) => ({ servername: 'a.test', cert: pem(`${name}.pem`), key: pem(`${name}.key`) })

/** The headers that the target saw; undefined for a client that was not let in. */
const headersFor = async (
  address: string,
  name?: string,
): Promise<Readonly<Record<string, string>> | undefined> => {
  const client = name === undefined ? { servername: 'a.test' } : shows(name)
  const answer = await askHttps(address, client).catch(() => undefined)
  return answer && JSON.parse(answer.body)
}

const isLetIn = async (address: string, name?: string): Promise<boolean> =>
  (await headersFor(address, name)) !== undefined

interface Visit {
  readonly version: 'TLSv1.2' | 'TLSv1.3'
  readonly port?: number
  /** Whose certificate the client shows. */
  readonly name?: string
  readonly session?: Buffer | undefined
  /** Sessions that the server itself remembers, instead of tickets. */
  readonly remembers?: boolean
}

/** What a client was answered, and the sessions with which it may come back. */
const visit = async (address: string, { version, port = 443, name, session, remembers }: Visit) => {
  const socket = connect({
    ...{ host: address, port, ca: pem('ca.pem'), servername: 'a.test' },
    ...{ minVersion: version, maxVersion: version },
    ...(name !== undefined && shows(name)),
    ...(session && { session }),
    ...(remembers && { secureOptions: constants.SSL_OP_NO_TICKET }),
  })
  const sessions: Buffer[] = []
  let answer = ''
  let isReused = false
  socket.on('session', one => sessions.push(one))
  socket.on('secureConnect', () => {
    isReused = socket.isSessionReused()
  })
  socket.on('data', chunk => {
    answer += chunk
  })
  socket.on('error', () => {})
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  await new Promise(resolve => socket.once('close', resolve))
  return { isAnswered: answer.startsWith('HTTP/1.1 200'), isReused, sessions }
}

const start = async (...facts: IngressFact[]): Promise<{ world: World; address: string }> => {
  const target = await worlds.target('echo', (request, response) => {
    response.end(JSON.stringify(request.headers))
    return true
  })
  const certificates = ['a.test', 'b.test'].map(certificateFact)
  const { world, address } = worlds.given(...certificates, ...facts, targetFact('blue', target.port))
  await isHealthy(world, target)
  return { world, address }
}

describe('a listener that verifies its clients', () => {
  it('lets in those whose certificate an authority of its trust store has issued, and no other', async () => {
    const { address } = await start(...trustStoreFacts(bundle), verify())
    expect(await isLetIn(address, 'good')).toBe(true)
    expect(await isLetIn(address, 'other')).toBe(true)
    for (const name of [undefined, 'stranger', 'late']) expect(await isLetIn(address, name)).toBe(false)
  })

  it('tells the target of the certificate as AWS does', async () => {
    const { address } = await start(...trustStoreFacts(bundle), verify())
    const headers = (await headersFor(address, 'good')) ?? {}
    const [from, to] = [valid.from, valid.to].map(time =>
      time.replace(/(....)(..)(..)(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z'),
    )
    expect(headers).toMatchObject({
      'x-amzn-mtls-clientcert-serial-number': '03A5B1',
      'x-amzn-mtls-clientcert-issuer': 'CN=clients,O=Berth',
      'x-amzn-mtls-clientcert-subject': String.raw`CN=good,O=Berth\, Inc`,
      'x-amzn-mtls-clientcert-validity': `NotBefore=${from};NotAfter=${to}`,
    })
    expect(headers).not.toHaveProperty('x-amzn-mtls-clientcert')
    const leaf = headers['x-amzn-mtls-clientcert-leaf'] ?? ''
    expect(leaf).toMatch(
      /^-----BEGIN%20CERTIFICATE-----%0A[A-Za-z0-9+/=%]+%0A-----END%20CERTIFICATE-----%0A$/,
    )
    expect(decodeURIComponent(leaf)).toBe(pem('good.pem'))
  })

  it('lets in clients whose certificate has expired, if it is told to', async () => {
    const { address } = await start(...trustStoreFacts(bundle), verify({ ignoresExpiry: true }))
    expect(await isLetIn(address, 'late')).toBe(true)
    for (const name of [undefined, 'stranger']) expect(await isLetIn(address, name)).toBe(false)
  })

  it('lets nobody in by a certificate that a list has revoked, while the list is there', async () => {
    const { world, address } = await start(...trustStoreFacts(bundle, { 1: before }), verify())
    expect(await isLetIn(address, 'gone')).toBe(true)
    world.tell(trustStoreFacts(bundle, { 1: before, 2: after }))
    await world.until(async () => !(await isLetIn(address, 'gone')))
    // An authority without a list has revoked nothing.
    for (const name of ['good', 'other']) expect(await isLetIn(address, name)).toBe(true)
    expect(await isLetIn(address, 'late')).toBe(false)
    world.tell(trustStoreFacts(bundle))
    await world.until(() => isLetIn(address, 'gone'))
  })

  it('heeds a list that is past its next update, and goes on', async () => {
    const { address } = await start(...trustStoreFacts(bundle, { 1: old }), verify({ ignoresExpiry: true }))
    expect(await isLetIn(address, 'gone')).toBe(false)
    for (const name of ['good', 'late', 'other']) expect(await isLetIn(address, name)).toBe(true)
  })

  it('goes by another bundle as soon as it is told one', async () => {
    const { world, address } = await start(...trustStoreFacts(bundle), verify())
    world.tell(trustStoreFacts(pem('strangers.pem')))
    await world.until(() => isLetIn(address, 'stranger'))
    expect(await isLetIn(address, 'good')).toBe(false)
  })

  it('is not there before all of its revocation lists are', async () => {
    const [first, second, store] = trustStoreFacts(bundle, { 1: after })
    const { world, address } = await start(...([first, store] as IngressFact[]), verify())
    expect(await isLetIn(address, 'good')).toBe(false)
    world.tell([second as IngressFact])
    await world.until(() => isLetIn(address, 'good'))
    expect(await isLetIn(address, 'gone')).toBe(false)
  })

  it('tells clients the names of its authorities only if it is told to', async () => {
    const { world, address } = await start(...trustStoreFacts(bundle), verify())
    const names = async (): Promise<string> => {
      const args = ['s_client', '-connect', `${address}:443`, '-servername', 'a.test']
      const answer = promisify(execFile)('openssl', args, { timeout: 10_000 })
      answer.child.stdin?.end()
      return answer.then(
        ({ stdout }) => stdout,
        (error: { stdout: string }) => error.stdout,
      )
    }
    expect(await names()).toContain('No client certificate CA names sent')
    world.tell([verify({ advertisesNames: true })])
    await world.until(async () => (await names()).includes('Acceptable client certificate CA names'))
    expect(await names()).toMatch(/CN ?= ?clients/)
  })

  it.each([
    { version: 'TLSv1.2', remembers: false },
    { version: 'TLSv1.2', remembers: true },
    { version: 'TLSv1.3', remembers: false },
    { version: 'TLSv1.3', remembers: true },
  ] as const)(
    'lets nobody come back by a session, of it or of another listener ($version, remembered: $remembers)',
    async kind => {
      const other = encrypted({ key: 'listener/other', arn: listenerArn(8_443), port: 8_443 })
      const { address } = await start(...trustStoreFacts(bundle), verify(), other)
      const unverified = await visit(address, { ...kind, port: 8_443 })
      expect(unverified.isAnswered).toBe(true)
      const session = unverified.sessions.at(-1)
      expect(await visit(address, { ...kind, session })).toMatchObject({ isAnswered: false })
      const verified = await visit(address, { ...kind, name: 'good' })
      expect(verified.isAnswered).toBe(true)
      const again = { ...kind, session: verified.sessions.at(-1) }
      expect(await visit(address, again)).toMatchObject({ isAnswered: false })
      expect(await visit(address, { ...again, name: 'good' })).toMatchObject({
        ...{ isAnswered: true, isReused: false },
      })
    },
  )
})

it('Nobody tells a listener of a certificate on a connection that began before it asked for one', async () => {
  const { world, address } = await start(...trustStoreFacts(bundle), encrypted())
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  const forged = { 'x-amzn-mtls-clientcert-subject': 'CN=root', 'berth-encryption-seen': 'anything' }
  const subjects = async () => {
    const { body } = await askHttps(address, { servername: 'a.test', agent, headers: forged })
    return JSON.parse(body)
  }
  expect(await subjects()).toMatchObject({ 'x-amzn-mtls-clientcert-subject': 'CN=root' })
  world.tell([verify()])
  await world.until(async () => !(await isLetIn(address)))
  const seen = await subjects()
  expect(seen).not.toHaveProperty('x-amzn-mtls-clientcert-subject')
  expect(seen).not.toHaveProperty('berth-encryption-seen')
})

describe('a listener that passes certificates through', () => {
  it('lets everybody in, and tells the target of the certificate', async () => {
    const { address } = await start(verify({ mode: 'passthrough' }))
    expect(await headersFor(address)).not.toHaveProperty('x-amzn-mtls-clientcert')
    const headers = (await headersFor(address, 'stranger')) ?? {}
    expect(decodeURIComponent(headers['x-amzn-mtls-clientcert'] ?? '')).toBe(pem('stranger.pem'))
    expect(headers).not.toHaveProperty('x-amzn-mtls-clientcert-leaf')
  })
})
