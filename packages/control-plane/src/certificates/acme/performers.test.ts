/** With Pebble, which asks a web server of this process. */
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { Performer } from '../../control-loop/effects.ts'
import { createEncryption } from '../../encryption/encryption.ts'
import { createMemoryJournal } from '../../journals/memory-journal.ts'
import {
  type AcmeSettings,
  acmeAccounts,
  acmeOrders,
  beginValidationKind,
  type CertificateRow,
  certificates,
  completeOrderKind,
  type IssuedCertificate,
  type MadeAccountKey,
  makeAccountKeyKind,
  type PlacedOrder,
  placeOrderKind,
  type RegisteredAccount,
  registerAccountKind,
} from '../../services/acm/index.ts'
import { createStore, type JournaledStore } from '../../store/journaled-store.ts'
import { type Pebble, startPebble } from './pebble-fixture.ts'
import { acmePerformers } from './performers.ts'
import { NotYet } from './problem.ts'

const encryption = createEncryption(Buffer.alloc(32, 7))
const accountRowId = 'acme-account 111122223333/us-east-1 directory'
const certificateArn = 'arn:aws:acm:us-east-1:111122223333:certificate/1'
const hmacKey = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W'

let web: Server
/** By token; what is not here is answered with another text. */
const pages = new Map<string, string>()
let pebble: Pebble
let store: JournaledStore

const webPort = () => (web.address() as AddressInfo).port

beforeAll(async () => {
  web = createServer(({ url = '' }, response) =>
    response.end(pages.get(url.replace('/.well-known/acme-challenge/', '')) ?? 'welcome'),
  ).listen(0, '127.0.0.1')
  await once(web, 'listening')
  pebble = await startPebble({ address: '127.0.0.1', httpPort: webPort() })
})
afterAll(async () => {
  await pebble?.stop()
  web.close()
  web.closeAllConnections()
})
beforeEach(async () => {
  pages.clear()
  const tables = [acmeAccounts, acmeOrders, certificates]
  store = createStore({ tables, histories: [], journal: createMemoryJournal(), freeze: true })
  await store.load()
})

const performersOf = (more: Partial<AcmeSettings> = {}, authority = pebble) =>
  acmePerformers(
    {
      ...{
        directoryUrl: authority.directoryUrl,
        caFile: authority.caFile,
        contact: 'mailto:ops@example.com',
      },
      ...{ externalAccount: undefined, domains: [], ...more },
    },
    { store, encryption, log: pino({ level: 'silent' }), now: Date.now },
  )

type Performers = Readonly<Record<string, Performer>>
const perform = <T>(performers: Performers, kind: string): Promise<T> =>
  performers[kind]?.({
    ...{ id: 'effect', attempt: 0, request: { certificateArn, accountRowId } },
    signal: AbortSignal.timeout(30_000),
  }) as Promise<T>

const register = async (performers: Performers): Promise<unknown> => {
  const key = await perform<MadeAccountKey>(performers, makeAccountKeyKind)
  store.update(tx => tx.put(acmeAccounts, { id: accountRowId, ...key, createdAt: 0 }))
  const registered = await perform<RegisteredAccount>(performers, registerAccountKind)
  store.update(tx => tx.put(acmeAccounts, { id: accountRowId, ...key, ...registered, createdAt: 0 }))
  return registered
}

const place = async (performers: Performers, names: readonly string[], keyAlgorithm = 'RSA_2048') => {
  const row = { id: certificateArn, subjectAlternativeNames: names, request: { keyAlgorithm } }
  store.update(tx => tx.put(certificates, row as unknown as CertificateRow))
  const placed = await perform<PlacedOrder>(performers, placeOrderKind)
  if ('refused' in placed) return placed
  const order = { id: certificateArn, accountRowId, answeredAt: 0, isBegun: false, ...placed }
  store.update(tx => tx.put(acmeOrders, order))
  return placed
}

/** As the runner of effects does. */
const complete = async (performers: Performers): Promise<unknown> => {
  for (;;) {
    try {
      return await perform(performers, completeOrderKind)
    } catch (error) {
      if (!(error instanceof NotYet)) throw error
    }
  }
}

const answer = (placed: object): void => {
  for (const { token, keyAuthorization } of (placed as PlacedOrder).answers)
    pages.set(token, keyAuthorization)
}

describe('an authority that speaks ACME', () => {
  it.each(['RSA_2048', 'EC_prime256v1', 'EC_secp384r1'])(
    'issues a certificate of a key of %s',
    async algorithm => {
      const performers = performersOf()
      await register(performers)
      const placed = await place(performers, ['a.example.com', 'b.example.com'], algorithm)
      answer(placed)
      expect(placed).toMatchObject({ answers: [{}, {}] })
      await perform(performers, beginValidationKind)
      const issued = (await complete(performers)) as IssuedCertificate
      const certificate = new X509Certificate(issued.certificate)
      expect(certificate.subjectAltName).toBe('DNS:a.example.com, DNS:b.example.com')
      expect(certificate.checkIssued(new X509Certificate(issued.chain))).toBe(true)
      const key = Buffer.from(encryption.decrypt(issued.encryptedPrivateKey, certificateArn)).toString()
      expect(key).toContain('BEGIN PRIVATE KEY')
      // Each step may be done again after a crash.
      expect(await perform(performers, beginValidationKind)).toBeUndefined()
      expect(await complete(performersOf())).toEqual(issued)
    },
  )

  it('knows a key again that it has registered', async () => {
    const performers = performersOf()
    const registered = await register(performers)
    expect(await perform(performersOf(), registerAccountKind)).toEqual(registered)
  })

  it('refuses names that do not answer it', async () => {
    const performers = performersOf()
    await register(performers)
    await place(performers, ['a.example.com'])
    await perform(performers, beginValidationKind)
    expect(await complete(performers)).toMatchObject({
      refused: { type: expect.stringMatching(/unauthorized|incorrectResponse/), retryAfterMs: 0 },
    })
  })

  it('refuses an account that it does not know', async () => {
    const performers = performersOf()
    const { url } = (await register(performers)) as RegisteredAccount
    const [row] = store.all(acmeAccounts)
    store.update(tx => row && tx.put(acmeAccounts, { ...row, url: url.replace(/\w+$/, 'ffff') }))
    expect(await place(performers, ['a.example.com'])).toMatchObject({
      refused: { type: 'accountDoesNotExist' },
    })
  })

  it('is told who its customer is, where it wants to know', async () => {
    const options = { address: '127.0.0.1', httpPort: webPort(), externalAccounts: { 'kid-1': hmacKey } }
    const strict = await startPebble(options)
    onTestFinished(() => strict.stop())
    expect(await register(performersOf({}, strict))).toMatchObject({
      refused: { type: 'externalAccountRequired' },
    })
    const externalAccount = { id: 'kid-1', key: hmacKey }
    expect(await register(performersOf({ externalAccount }, strict))).toEqual({
      url: expect.stringMatching('https://'),
    })
  })

  it('is asked again later when it cannot be reached, or is not who it should be', async () => {
    const away = performersOf({ directoryUrl: 'https://127.0.0.1:1/dir' })
    await expect(register(away)).rejects.toThrow('ECONNREFUSED')
    await expect(register(performersOf({ caFile: undefined }))).rejects.toThrow('self-signed certificate')
  })
})
