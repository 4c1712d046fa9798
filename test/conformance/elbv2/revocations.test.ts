import { beforeEach, describe, expect, it } from 'vitest'
import { revocationPieces } from '../../../packages/control-plane/src/services/elbv2/index.ts'
import { makeCertificate, makeList } from './certificate-files.ts'
import { type Elbv2Endpoint, refusal } from './elbv2-endpoint.ts'
import { goneTrustStore, list, startTrustStores } from './trust-store-calls.ts'

const one = makeCertificate('one')
makeCertificate('two')
makeCertificate('impostor', { commonName: 'one' })
const rsa = makeCertificate('rsa', { key: ['rsa:2048'] })
const pss = makeCertificate('pss', {
  key: ['rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048', '-sigopt', 'rsa_padding_mode:pss'],
})
const listOfOne = makeList('one', { entryCount: 3 })

let world: Awaited<ReturnType<typeof startTrustStores>>
let berth: Elbv2Endpoint
beforeEach(async () => {
  world = await startTrustStores({ 'one.pem': one, 'one.crl': listOfOne })
  berth = world.berth
})

describe('Revocation lists of a trust store', () => {
  it('are added with an id each, described and removed', async () => {
    world.bucket.objects.set('two.crl?v1', makeList('two', { entryCount: 2 }))
    const TrustStoreArn = await world.newStore()
    const both = [list('one.crl'), { ...list('two.crl', 'v1'), RevocationType: 'CRL' as const }]
    const { TrustStoreRevocations } = await berth.elb.addTrustStoreRevocations({
      TrustStoreArn,
      RevocationContents: both,
    })
    const [first, second] = [
      { TrustStoreArn, RevocationId: 1, RevocationType: 'CRL', NumberOfRevokedEntries: 3 },
      { TrustStoreArn, RevocationId: 2, RevocationType: 'CRL', NumberOfRevokedEntries: 2 },
    ]
    expect(TrustStoreRevocations).toEqual([first, second])
    expect(await world.told(TrustStoreArn)).toMatchObject({ TotalRevokedEntries: 5 })
    const describe = async (more: object = {}) =>
      berth.elb.describeTrustStoreRevocations({ TrustStoreArn, ...more })
    expect((await describe()).TrustStoreRevocations).toEqual([first, second])
    expect((await describe({ RevocationIds: [2] })).TrustStoreRevocations).toEqual([second])
    const { NextMarker } = await describe({ PageSize: 1 })
    expect((await describe({ PageSize: 1, Marker: NextMarker })).TrustStoreRevocations).toEqual([second])
    await berth.elb.removeTrustStoreRevocations({ TrustStoreArn, RevocationIds: [1] })
    expect((await describe()).TrustStoreRevocations).toEqual([second])
    // An id is never given again.
    await berth.elb.removeTrustStoreRevocations({ TrustStoreArn, RevocationIds: [2] })
    expect([...berth.store.all(revocationPieces)]).toEqual([])
    expect((await world.add(TrustStoreArn, 'one.crl')).TrustStoreRevocations).toMatchObject([
      { RevocationId: 3 },
    ])
  })

  it.each([
    ['without entries', 0, () => makeList('one', { entryCount: 0 })],
    ['of an authority that the trust store has not', 1, () => makeList('two')],
    ['of several authorities', 2, () => makeList('one') + makeList('two')],
  ])('may be %s', async (_, NumberOfRevokedEntries, text) => {
    world.bucket.objects.set('list', text())
    const { TrustStoreRevocations } = await world.add(await world.newStore(), 'list')
    expect(TrustStoreRevocations).toMatchObject([{ NumberOfRevokedEntries }])
  })

  it.each(['rsa', 'pss'])('may be signed by a key of %s', async name => {
    world.bucket.objects.set('bundle', rsa + pss)
    const store = await world.create('clients', 'bundle')
    world.bucket.objects.set('list', makeList(name))
    expect(await refusal(world.add(store?.TrustStoreArn ?? '', 'list'))).toBe('not refused')
  })

  it.each([
    ['that are empty', () => '', /must hold certificate revocation lists in PEM/],
    ['that are certificates', () => one, /must hold certificate revocation lists in PEM, and nothing else/],
    [
      'that are cut off',
      () => listOfOne.replace(/\n[A-Za-z0-9+/]{64}\n/, '\n'),
      /cut off|wrong|missing|not one/,
    ],
    ['that are delta lists', () => makeList('one', { isDelta: true }), /delta lists are not supported/],
    ['signed with SHA-1', () => makeList('one', { digest: 'sha1' }), /signature algorithm is not supported/],
    ['signed by somebody else', () => makeList('impostor'), /not signed by the authority/],
  ])('are refused %s', async (_, text, why) => {
    world.bucket.objects.set('list', text())
    const TrustStoreArn = await world.newStore()
    const refused = await refusal(world.add(TrustStoreArn, 'one.crl', 'list'))
    expect(refused).toMatch(
      /^InvalidRevocationContentException: The provided revocation file is an invalid format, or uses an incorrect algorithm: /,
    )
    expect(refused).toMatch(why)
    expect(await world.told(TrustStoreArn)).toMatchObject({ TotalRevokedEntries: 0 })
  })

  it('are refused when nobody has them, or the trust store', async () => {
    const TrustStoreArn = await world.newStore()
    expect(await refusal(world.add(TrustStoreArn, 'x'))).toMatch(
      /^RevocationContentNotFoundException: The specified revocation file does not exist: /,
    )
    expect(await refusal(world.add(TrustStoreArn))).toMatch(
      /^ValidationError: A revocation file must be specified/,
    )
    const RevocationContents = [{ S3Bucket: 'files' }]
    expect(await refusal(berth.elb.addTrustStoreRevocations({ TrustStoreArn, RevocationContents }))).toMatch(
      /^ValidationError: An S3 bucket and an S3 key must be specified/,
    )
    expect(await refusal(world.add(goneTrustStore, 'one.crl'))).toMatch(/^TrustStoreNotFound/)
    const unknown = "RevocationIdNotFoundException: The specified revocation ID '7' does not exist"
    const RevocationIds = [7]
    expect(await refusal(berth.elb.describeTrustStoreRevocations({ TrustStoreArn, RevocationIds }))).toBe(
      unknown,
    )
    expect(await refusal(berth.elb.removeTrustStoreRevocations({ TrustStoreArn, RevocationIds }))).toBe(
      unknown,
    )
    expect(await refusal(berth.elb.getTrustStoreRevocationContent({ TrustStoreArn, RevocationId: 7 }))).toBe(
      unknown,
    )
  })

  it('are 30 at most', async () => {
    const TrustStoreArn = await world.newStore()
    await world.add(TrustStoreArn, ...Array<string>(30).fill('one.crl'))
    expect(await refusal(world.add(TrustStoreArn, 'none.crl'))).toMatch(
      /^TooManyTrustStoreRevocationEntriesException/,
    )
  })

  it('have 500,000 entries at most', async () => {
    const TrustStoreArn = await world.newStore()
    world.bucket.objects.set('large', makeList('one', { entryCount: 100_000 }))
    await world.add(TrustStoreArn, 'large', 'large', 'large', 'large')
    await world.add(TrustStoreArn, 'large')
    expect(await world.told(TrustStoreArn)).toMatchObject({ TotalRevokedEntries: 500_000 })
    // What there is no room for is not read: the next file does not even exist.
    expect(await refusal(world.add(TrustStoreArn, 'one.crl', 'none.crl'))).toMatch(
      /^TooManyTrustStoreRevocationEntriesException/,
    )
  })
})
