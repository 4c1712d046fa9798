import { ObjectError } from '@berth/aws-api'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  fileAt,
  revocationPieces,
  trustStores,
} from '../../../packages/control-plane/src/services/elbv2/index.ts'
import { accountId, region } from '../service-endpoint.ts'
import { makeCertificate, makeList } from './certificate-files.ts'
import { Elbv2Endpoint, encryption, https, ok, refusal } from './elbv2-endpoint.ts'
import { bundle, goneTrustStore, startTrustStores } from './trust-store-calls.ts'

const one = makeCertificate('one')
const two = makeCertificate('two')
const rsa = makeCertificate('rsa', { key: ['rsa:2048'] })
const pss = makeCertificate('pss', {
  key: ['rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048', '-sigopt', 'rsa_padding_mode:pss'],
})
const leaf = makeCertificate('leaf', { options: ['-addext', 'basicConstraints=critical,CA:FALSE'] })
const weak = makeCertificate('weak', { key: ['rsa:1024'] })
const old = makeCertificate('old', { options: ['-sha1'] })
const wide = makeCertificate('wide', { options: ['-addext', `nsComment=${'x'.repeat(16_000)}`] })
const listOfOne = makeList('one', { entryCount: 3 })

let world: Awaited<ReturnType<typeof startTrustStores>>
let berth: Elbv2Endpoint
beforeEach(async () => {
  world = await startTrustStores({ 'one.pem': one, 'two.pem': one + two, 'one.crl': listOfOne })
  berth = world.berth
})

const newListener = async (TrustStoreArn: string, loadBalancer = 'web') => {
  const LoadBalancerArn = await berth.newLoadBalancer({ Name: loadBalancer })
  const MutualAuthentication = { Mode: 'verify', TrustStoreArn }
  const listener = await berth.createListener({
    LoadBalancerArn,
    ...https,
    MutualAuthentication,
    DefaultActions: [ok],
  })
  return { LoadBalancerArn, listener }
}

const nothing = { TrustStoreArn: goneTrustStore }

describe('Trust stores', () => {
  it('are made from a bundle in S3', async () => {
    const made = await world.create('clients', 'two.pem', { Tags: [{ Key: 'a', Value: 'b' }] })
    expect(made).toEqual({
      Name: 'clients',
      TrustStoreArn: expect.stringMatching(
        new RegExp(`^arn:aws:elasticloadbalancing:${region}:${accountId}:truststore/clients/[0-9a-f]{16}$`),
      ),
      Status: 'ACTIVE',
      NumberOfCaCertificates: 2,
      TotalRevokedEntries: 0,
    })
    const arn = made?.TrustStoreArn ?? ''
    expect(await world.told(arn)).toEqual(made)
    const { TagDescriptions } = await berth.elb.describeTags({ ResourceArns: [arn] })
    expect(TagDescriptions).toEqual([{ ResourceArn: arn, Tags: [{ Key: 'a', Value: 'b' }] }])
  })

  it('take the version of the object that is named', async () => {
    world.bucket.objects.set('one.pem?v2', one + two)
    expect(await world.create('clients', '', bundle('one.pem', 'v2'))).toMatchObject({
      NumberOfCaCertificates: 2,
    })
    expect(await refusal(world.create('others', '', bundle('one.pem', 'v3')))).toMatch(
      /^CaCertificatesBundleNotFoundException/,
    )
  })

  it.each([
    ['', /^ValidationError: Trust store name cannot be empty/],
    ['a'.repeat(33), /^ValidationError: .*cannot be longer than '32' characters/],
    ['a_b', /^ValidationError: .*alphanumeric/],
    ['a--b', /^ValidationError: .*two hyphens in a row/],
    ['-a', /^ValidationError: .*cannot begin or end with '-'/],
  ])('are not called %s', async (Name, refused) => {
    expect(await refusal(world.create(Name))).toMatch(refused)
    expect([...berth.store.all(trustStores)]).toEqual([])
  })

  it('have a name of their own, and are 20 at most', async () => {
    await world.create('clients')
    expect(await refusal(world.create('clients'))).toBe(
      "DuplicateTrustStoreNameException: A trust store with the name 'clients' already exists",
    )
    for (let n = 1; n < 20; n++) await world.create(`n${n}`)
    expect(await refusal(world.create('more'))).toMatch(/^TooManyTrustStoresException/)
  })

  it('are made once, when two ask at once', async () => {
    const answers = await Promise.all([refusal(world.create()), refusal(world.create())])
    expect(answers.sort()).toEqual([
      "DuplicateTrustStoreNameException: A trust store with the name 'clients' already exists",
      'not refused',
    ])
  })

  it('need tags that are given once each', async () => {
    const Tags = [
      { Key: 'a', Value: '1' },
      { Key: 'a', Value: '2' },
    ]
    expect(await refusal(world.create('clients', 'one.pem', { Tags }))).toMatch(/^DuplicateTagKeysException/)
  })

  it.each([
    ['one.pem', 1, one],
    ['with words around', 2, `# The first\n${one}\r\nand the second, größer:\n${two}`],
    ['of RSA', 2, rsa + pss],
    ['of 25', 25, one.repeat(25)],
  ])('take a bundle %s', async (_, count, text) => {
    world.bucket.objects.set('bundle', text)
    expect(await world.create('clients', 'bundle')).toMatchObject({ NumberOfCaCertificates: count })
  })

  it.each([
    ['that is empty', '', /must hold certificates in PEM/],
    ['without an end', one.replace('-----END CERTIFICATE-----', ''), /must hold certificates in PEM/],
    ['with a list', one + listOfOne, /must hold certificates in PEM, and nothing else/],
    ['of other bytes', one.replace(/\n[A-Za-z0-9+/]{64}\n/, '\nAAAA\n'), /holds what is no certificate/],
    ['with a leaf', one + leaf, /the certificate 'CN=leaf' is not a certificate of an authority/],
    ['with a weak key', weak, /'CN=weak' has a key that is not supported/],
    ['signed with SHA-1', old, /'CN=old' has a signature algorithm that is not supported/],
    ['with a large certificate', wide, /'CN=wide' is larger than 16384 bytes/],
    ['of 26', one.repeat(26), /has more than 25 certificates/],
  ])('take no bundle %s', async (_, text, why) => {
    world.bucket.objects.set('bundle', text)
    const refused = await refusal(world.create('clients', 'bundle'))
    expect(refused).toMatch(
      /^InvalidCaCertificatesBundleException: The specified CA certificate bundle is in an invalid format, or corrupt: /,
    )
    expect(refused).toMatch(why)
    expect([...berth.store.all(trustStores)]).toEqual([])
  })

  it.each([
    [
      'unknown',
      /^CaCertificatesBundleNotFoundException: The specified CA certificate bundle does not exist: x$/,
    ],
    ['too-large', /^InvalidCaCertificatesBundleException/],
    ['refused', /^InvalidConfigurationRequestException: The specified file cannot be read: x$/],
    ['unavailable', /^ServiceUnavailable.*: x$/],
  ] as const)('are not made from an object that is %s', async (reason, refused) => {
    world.bucket.objects.set('bundle', new ObjectError(reason, 'x'))
    expect(await refusal(world.create('clients', 'bundle'))).toMatch(refused)
    expect([...berth.store.all(trustStores)]).toEqual([])
  })

  it('are refused by name where no place for buckets is known', async () => {
    berth = await Elbv2Endpoint.start()
    expect(await refusal(berth.elb.createTrustStore({ Name: 'clients', ...bundle('one.pem') }))).toMatch(
      /^UnsupportedOperation: .*no place for buckets: its operator sets BERTH_S3_BUCKETS, BERTH_S3_DIRECTORY or/,
    )
  })

  it('get another bundle, and keep their lists', async () => {
    const TrustStoreArn = await world.newStore()
    await world.add(TrustStoreArn, 'one.crl')
    const { TrustStores } = await berth.elb.modifyTrustStore({ TrustStoreArn, ...bundle('two.pem') })
    expect(TrustStores).toMatchObject([{ TrustStoreArn, NumberOfCaCertificates: 2, TotalRevokedEntries: 3 }])
    world.bucket.objects.set('one.pem', leaf)
    expect(await refusal(berth.elb.modifyTrustStore({ TrustStoreArn, ...bundle('one.pem') }))).toMatch(
      /^InvalidCaCertificatesBundle/,
    )
    expect(await world.told(TrustStoreArn)).toMatchObject({ NumberOfCaCertificates: 2 })
    expect(await refusal(berth.elb.modifyTrustStore({ ...nothing, ...bundle('one.pem') }))).toMatch(
      /^TrustStoreNotFound/,
    )
  })

  it('are listed by name, by ARN or all, in pages', async () => {
    const arns = [await world.newStore(), (await world.create('others'))?.TrustStoreArn ?? '']
    const names = async (input: object) => {
      const { TrustStores = [] } = await berth.elb.describeTrustStores(input)
      return TrustStores.map(({ Name }) => Name)
    }
    expect(await names({})).toEqual(['clients', 'others'])
    expect(await names({ Names: ['others'] })).toEqual(['others'])
    expect(await names({ TrustStoreArns: arns.slice(0, 1) })).toEqual(['clients'])
    const { NextMarker } = await berth.elb.describeTrustStores({ PageSize: 1 })
    expect(await names({ PageSize: 1, Marker: NextMarker })).toEqual(['others'])
    const describe = (input: object) => refusal(berth.elb.describeTrustStores(input))
    const none = 'TrustStoreNotFoundException: One or more trust stores not found'
    expect(await describe({ Names: ['x'] })).toBe(none)
    expect(await describe({ TrustStoreArns: [goneTrustStore] })).toBe(none)
    expect(await describe({ TrustStoreArns: ['x'] })).toMatch(
      /^ValidationError: 'x' is not a valid trust store/,
    )
    expect(await describe({ Names: ['clients'], TrustStoreArns: arns })).toMatch(/^ValidationError/)
  })

  it('are not deleted while a listener has them, and with their lists then', async () => {
    const TrustStoreArn = await world.newStore()
    await world.add(TrustStoreArn, 'one.crl')
    const { listener } = await newListener(TrustStoreArn)
    expect(listener?.MutualAuthentication).toEqual({
      Mode: 'verify',
      TrustStoreArn,
      TrustStoreAssociationStatus: 'active',
      IgnoreClientCertificateExpiry: false,
      AdvertiseTrustStoreCaNames: 'off',
    })
    expect(await refusal(berth.elb.deleteTrustStore({ TrustStoreArn }))).toMatch(/^TrustStoreInUseException/)
    await berth.elb.modifyListener({
      ListenerArn: listener?.ListenerArn,
      MutualAuthentication: { Mode: 'off' },
    })
    await berth.elb.deleteTrustStore({ TrustStoreArn })
    expect(await refusal(berth.elb.deleteTrustStore({ TrustStoreArn }))).toMatch(/^TrustStoreNotFound/)
    expect([...berth.store.all(revocationPieces)]).toEqual([])
  })

  it('have the load balancers as associations whose listeners have them', async () => {
    const TrustStoreArn = await world.newStore()
    const associations = async (more: object = {}) =>
      berth.elb.describeTrustStoreAssociations({ TrustStoreArn, ...more })
    expect((await associations()).TrustStoreAssociations).toEqual([])
    const all = [(await newListener(TrustStoreArn)).LoadBalancerArn]
    all.push((await newListener(TrustStoreArn, 'other')).LoadBalancerArn)
    const expected = all.sort().map(ResourceArn => ({ ResourceArn }))
    expect((await associations()).TrustStoreAssociations).toEqual(expected)
    const { NextMarker, TrustStoreAssociations } = await associations({ PageSize: 1 })
    expect(TrustStoreAssociations).toEqual(expected.slice(0, 1))
    const rest = await associations({ PageSize: 1, Marker: NextMarker })
    expect(rest.TrustStoreAssociations).toEqual(expected.slice(1))
    expect(await refusal(berth.elb.describeTrustStoreAssociations(nothing))).toMatch(/^TrustStoreNotFound/)
  })

  it('are shared by nobody', async () => {
    const TrustStoreArn = await world.newStore()
    expect(await berth.elb.getResourcePolicy({ ResourceArn: TrustStoreArn })).not.toHaveProperty('Policy')
    expect(await refusal(berth.elb.getResourcePolicy({ ResourceArn: goneTrustStore }))).toMatch(
      /^ResourceNotFoundException/,
    )
    const { LoadBalancerArn } = await newListener(TrustStoreArn)
    const end = (input: { TrustStoreArn: string; ResourceArn: string }) =>
      refusal(berth.elb.deleteSharedTrustStoreAssociation(input))
    expect(await end({ TrustStoreArn, ResourceArn: LoadBalancerArn })).toMatch(
      /^DeleteAssociationSameAccountException/,
    )
    expect(await end({ TrustStoreArn, ResourceArn: goneTrustStore })).toMatch(
      /^TrustStoreAssociationNotFoundException/,
    )
    expect(await end({ ...nothing, ResourceArn: LoadBalancerArn })).toMatch(/^TrustStoreNotFoundException/)
  })

  it('are one of the account’s limits', async () => {
    const { Limits } = await berth.elb.describeAccountLimits({})
    expect(Limits).toContainEqual({ Name: 'trust-stores', Max: '20' })
  })
})

describe('The files of a trust store', () => {
  const fetched = (location: string | undefined, now = berth.clock.now()) =>
    fileAt(berth.store, encryption, new URL(location ?? '').pathname, now)?.join('')

  it('may be fetched for ten minutes, from the server itself', async () => {
    const TrustStoreArn = await world.newStore()
    world.bucket.objects.set('one.crl', `A list:\n${listOfOne}`)
    await world.add(TrustStoreArn, 'one.crl')
    const ofBundle = await berth.elb.getTrustStoreCaCertificatesBundle({ TrustStoreArn })
    expect(ofBundle.Location).toMatch(/^http:\/\/localhost(:4566)?\/_berth\/trust-stores\/[A-Za-z0-9_-]+$/)
    expect(fetched(ofBundle.Location)).toBe(one)
    const ofList = await berth.elb.getTrustStoreRevocationContent({ TrustStoreArn, RevocationId: 1 })
    expect(fetched(ofList.Location)).toBe(listOfOne)
    const later = berth.clock.now() + 600_001
    expect(fetched(ofBundle.Location, later)).toBeUndefined()
    await berth.elb.removeTrustStoreRevocations({ TrustStoreArn, RevocationIds: [1] })
    expect(fetched(ofList.Location)).toBeUndefined()
    await berth.elb.deleteTrustStore({ TrustStoreArn })
    expect(fetched(ofBundle.Location)).toBeUndefined()
    expect(await refusal(berth.elb.getTrustStoreCaCertificatesBundle({ TrustStoreArn }))).toMatch(
      /^TrustStoreNotFound/,
    )
  })

  it('are nobody’s by a path that was made up', async () => {
    await world.newStore()
    const sealed = Buffer.from(encryption.encrypt(Buffer.from('{}'), 'something else')).toString('base64url')
    for (const token of ['', 'x', sealed])
      expect(fetched(`http://localhost/_berth/trust-stores/${token}`)).toBeUndefined()
  })
})

it.each([
  ['ModifyIpPools', (LoadBalancerArn: string) => berth.elb.modifyIpPools({ LoadBalancerArn })],
  [
    'ModifyCapacityReservation',
    (LoadBalancerArn: string) => berth.elb.modifyCapacityReservation({ LoadBalancerArn }),
  ],
])('%s is refused by name', async (name, call) => {
  expect(await refusal(call(await berth.newLoadBalancer()))).toBe(
    `UnsupportedOperation: ${name} is not supported by Berth yet.`,
  )
})
