import { createPrivateKey, X509Certificate } from 'node:crypto'
import { GetCertificateAuthorityCommand } from '@berth/client'
import { beforeEach, describe, expect, it } from 'vitest'
import { AcmEndpoint, bytes, dayMs, importable, loadBalancerArn, refusal } from './acm-endpoint.ts'

let berth: AcmEndpoint
beforeEach(async () => {
  berth = await AcmEndpoint.start()
})

const request = (more?: object) => berth.request(more)
const describeIt = (certificateArn: string) => berth.described(certificateArn)

describe('a requested certificate', () => {
  it('shows at once how its domains would be validated', async () => {
    const CertificateArn = await request({ SubjectAlternativeNames: ['*.example.com', 'example.com'] })
    const certificate = await describeIt(CertificateArn)
    expect(certificate).toMatchObject({
      Status: 'PENDING_VALIDATION',
      Type: 'AMAZON_ISSUED',
      SubjectAlternativeNames: ['www.example.com', '*.example.com', 'example.com'],
      KeyAlgorithm: 'RSA_2048',
      Options: { CertificateTransparencyLoggingPreference: 'ENABLED', Export: 'DISABLED' },
      RenewalEligibility: 'INELIGIBLE',
    })
    const [www, wildcard, apex] = certificate?.DomainValidationOptions ?? []
    expect(www).toEqual({
      DomainName: 'www.example.com',
      ValidationDomain: 'www.example.com',
      ValidationStatus: 'PENDING_VALIDATION',
      ValidationMethod: 'DNS',
      ResourceRecord: {
        Name: expect.stringMatching(/^_[0-9a-f]{32}\.www\.example\.com\.$/),
        Type: 'CNAME',
        Value: expect.stringMatching(/^_[0-9a-f]{32}\.acm-validations\.aws\.$/),
      },
    })
    expect(wildcard?.ResourceRecord).toEqual(apex?.ResourceRecord)
    expect(await refusal(berth.acm.getCertificate({ CertificateArn }))).toMatch(/^RequestInProgressException/)
  })

  it("is issued a moment later by Berth's own authority", async () => {
    const CertificateArn = await request({
      SubjectAlternativeNames: ['*.example.com'],
      KeyAlgorithm: 'EC_prime256v1',
    })
    await berth.issue()
    const certificate = await describeIt(CertificateArn)
    expect(certificate).toMatchObject({
      Status: 'ISSUED',
      IssuedAt: new Date(berth.clock.now()),
      NotAfter: new Date(berth.clock.now() + 198 * dayMs),
      Issuer: 'Berth',
      KeyAlgorithm: 'EC_prime256v1',
      DomainValidationOptions: [{ ValidationStatus: 'SUCCESS' }, { ValidationStatus: 'SUCCESS' }],
    })
    const { Certificate = '', CertificateChain = '' } = await berth.acm.getCertificate({ CertificateArn })
    const [issued, authority] = [new X509Certificate(Certificate), new X509Certificate(CertificateChain)]
    expect(issued.checkIssued(authority) && issued.verify(authority.publicKey)).toBe(true)
    expect([issued.checkHost('www.example.com'), issued.checkHost('a.example.com')]).toEqual([
      'www.example.com',
      '*.example.com',
    ])
    expect(issued.checkPrivateKey(createPrivateKey(berth.served(CertificateArn)?.privateKey ?? ''))).toBe(
      true,
    )
    expect([authority.ca, authority.subject]).toEqual([true, 'CN=Berth 111122223333\nO=Berth'])
  })

  it('is of an authority whose certificate is told for clients to trust', async () => {
    expect(await berth.own.send(new GetCertificateAuthorityCommand({}))).toMatchObject({})
    const CertificateArn = await request()
    await berth.issue()
    const { certificateAuthority } = await berth.own.send(new GetCertificateAuthorityCommand({}))
    const { CertificateChain } = await berth.acm.getCertificate({ CertificateArn })
    expect(certificateAuthority?.certificate).toBe(CertificateChain)
  })

  it('has the same authority as the others of the account', async () => {
    const arns = [await request(), await request({ DomainName: 'other.example.com' })]
    await berth.issue()
    const chains = await Promise.all(
      arns.map(async CertificateArn => (await berth.acm.getCertificate({ CertificateArn })).CertificateChain),
    )
    expect(new Set(chains)).toHaveLength(1)
  })

  it('with the same token is the same', async () => {
    const token = { IdempotencyToken: 'abc' }
    const first = await request(token)
    expect(await request(token)).toBe(first)
    expect(await request({ ...token, DomainName: 'other.example.com' })).not.toBe(first)
    berth.clock.advance(3_600_000)
    expect(await request(token)).not.toBe(first)
  })

  it('validated by mail says whom ACM writes to', async () => {
    const CertificateArn = await request({
      ValidationMethod: 'EMAIL',
      DomainValidationOptions: [{ DomainName: 'www.example.com', ValidationDomain: 'example.com' }],
    })
    const certificate = await describeIt(CertificateArn)
    expect(certificate?.DomainValidationOptions).toEqual([
      {
        DomainName: 'www.example.com',
        ValidationDomain: 'example.com',
        ValidationStatus: 'PENDING_VALIDATION',
        ValidationMethod: 'EMAIL',
        ValidationEmails: ['admin', 'administrator', 'hostmaster', 'postmaster', 'webmaster'].map(
          mailbox => `${mailbox}@example.com`,
        ),
      },
    ])
    const summaries = await berth.acm.listCertificateDomainValidations({ CertificateArn })
    expect(summaries.DomainValidationSummaryList).toMatchObject([
      { DomainName: 'www.example.com', ActiveValidationConfiguration: { ValidationMethod: 'EMAIL' } },
    ])
  })

  it('that cannot be issued has failed', async () => {
    const CertificateArn = await request()
    await berth.issue()
    const failing = await request({ DomainName: 'failing.example.com' })
    await berth.issue('no entropy')
    expect(await describeIt(CertificateArn)).toMatchObject({ Status: 'ISSUED' })
    expect(await describeIt(failing)).toMatchObject({ Status: 'FAILED', FailureReason: 'OTHER' })
  })

  it('waits for an authority that could not be made', async () => {
    const CertificateArn = await request()
    await berth.issue('no entropy')
    expect(await describeIt(CertificateArn)).toMatchObject({ Status: 'PENDING_VALIDATION' })
    berth.clock.advance(60_000)
    await berth.issue()
    expect(await describeIt(CertificateArn)).toMatchObject({ Status: 'ISSUED' })
  })

  it('that is used is renewed before its end, and one that is not ends', async () => {
    const [used, unused] = [await request(), await request({ DomainName: 'unused.example.com' })]
    await berth.issue()
    berth.use(used)
    expect(await describeIt(used)).toMatchObject({
      RenewalEligibility: 'ELIGIBLE',
      InUseBy: [loadBalancerArn],
    })
    const before = berth.served(used)
    berth.clock.advance(137 * dayMs)
    await berth.issue()
    expect(berth.served(used)).toEqual(before)
    berth.clock.advance(dayMs)
    await berth.issue()
    expect(berth.served(used)?.certificate).not.toBe(before?.certificate)
    expect(await describeIt(used)).toMatchObject({
      NotAfter: new Date(berth.clock.now() + 198 * dayMs),
      RenewalSummary: { RenewalStatus: 'SUCCESS', UpdatedAt: new Date(berth.clock.now()) },
    })
    berth.clock.advance(60 * dayMs)
    expect((await describeIt(unused))?.Status).toBe('EXPIRED')
  })

  it('whose renewal failed serves on and is tried again a day later', async () => {
    const used = await request()
    await berth.issue()
    berth.use(used)
    const before = berth.served(used)
    berth.clock.advance(140 * dayMs)
    await berth.issue('no entropy')
    expect(berth.served(used)).toEqual(before)
    expect((await describeIt(used))?.RenewalSummary?.RenewalStatus).toBe('FAILED')
    berth.clock.advance(dayMs)
    await berth.issue()
    expect((await describeIt(used))?.RenewalSummary?.RenewalStatus).toBe('SUCCESS')
  })

  it('is not deleted while a listener has it', async () => {
    const CertificateArn = await request()
    await berth.issue()
    berth.use(CertificateArn)
    expect(await refusal(berth.acm.deleteCertificate({ CertificateArn }))).toBe(
      `ResourceInUseException: Certificate ${CertificateArn} in account 111122223333 is in use.`,
    )
    berth.use(undefined)
    await berth.acm.deleteCertificate({ CertificateArn })
    expect(await refusal(berth.acm.describeCertificate({ CertificateArn }))).toMatch(
      /^ResourceNotFoundException/,
    )
  })

  it('is not wanted any more when it was deleted meanwhile', async () => {
    const CertificateArn = await request()
    berth.settle()
    await berth.acm.deleteCertificate({ CertificateArn })
    await berth.issue()
    expect((await berth.acm.listCertificates({})).CertificateSummaryList).toEqual([])
  })

  it('is exported, under a passphrase, only where it was requested so', async () => {
    const CertificateArn = await request({ Options: { Export: 'ENABLED' } })
    await berth.issue()
    const Passphrase = bytes('a secret')
    const { PrivateKey = '', Certificate = '' } = await berth.acm.exportCertificate({
      CertificateArn,
      Passphrase,
    })
    expect(PrivateKey).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/)
    const key = createPrivateKey({ key: PrivateKey, passphrase: 'a secret' })
    expect(new X509Certificate(Certificate).checkPrivateKey(key)).toBe(true)
    expect(await describeIt(CertificateArn)).toMatchObject({ RenewalEligibility: 'ELIGIBLE' })
    await berth.acm.renewCertificate({ CertificateArn })
    await berth.issue()
    expect((await describeIt(CertificateArn))?.RenewalSummary?.RenewalStatus).toBe('SUCCESS')
    expect(await refusal(berth.acm.exportCertificate({ CertificateArn, Passphrase: bytes('abc') }))).toMatch(
      /^ValidationException: .*passphrase/,
    )
  })

  it('is refused where it is not right', async () => {
    const cases: [object, RegExp][] = [
      [{ DomainName: 'nonsense' }, /^ValidationException: .*'domainName'.*regular expression/],
      [
        { DomainName: `${'a'.repeat(60)}.example.com` },
        /^ValidationException: .*length less than or equal to 64/,
      ],
      [{ SubjectAlternativeNames: ['-a.example.com'] }, /^ValidationException: .*'subjectAlternativeNames'/],
      [{ KeyAlgorithm: 'RSA_4096' }, /^ValidationException: The key algorithm RSA_4096/],
      [{ ValidationMethod: 'HTTP' }, /^InvalidParameterException/],
      [
        { CertificateAuthorityArn: 'arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/x' },
        /^InvalidParameterException: .*Private CA/,
      ],
      [
        { DomainValidationOptions: [{ DomainName: 'www.example.com', ValidationDomain: 'example.org' }] },
        /^InvalidDomainValidationOptionsException/,
      ],
      [{ IdempotencyToken: 'not a word' }, /^ValidationException/],
      [{ Tags: [{ Key: 'aws:reserved' }] }, /^InvalidTagException/],
    ]
    for (const [more, expected] of cases) expect(await refusal(request(more))).toMatch(expected)
    expect((await berth.acm.listCertificates({})).CertificateSummaryList).toEqual([])
  })
})

describe('certificates', () => {
  it('are listed by key type, status and page, RSA keys by default', async () => {
    const rsa = await request()
    const ec = await request({ DomainName: 'ec.example.com', KeyAlgorithm: 'EC_secp384r1' })
    await berth.issue()
    const { issued, authority } = await berth.elsewhere()
    berth.clock.advance(1000)
    const { CertificateArn: imported } = await berth.acm.importCertificate(importable(issued, authority))
    const listed = async (input: Parameters<typeof berth.acm.listCertificates>[0]) =>
      (await berth.acm.listCertificates(input)).CertificateSummaryList?.map(
        ({ CertificateArn }) => CertificateArn,
      )
    expect(await listed({})).toEqual([rsa, imported])
    expect(await listed({ SortBy: 'CREATED_AT', SortOrder: 'DESCENDING' })).toEqual([imported, rsa])
    expect(await listed({ Includes: { keyTypes: ['EC_secp384r1'] } })).toEqual([ec])
    expect(await listed({ Includes: { keyUsage: ['CERTIFICATE_SIGNING'] } })).toEqual([])
    expect(await listed({ CertificateStatuses: ['PENDING_VALIDATION'] })).toEqual([])
    const page = await berth.acm.listCertificates({ MaxItems: 1 })
    expect(page.CertificateSummaryList).toMatchObject([
      { CertificateArn: rsa, Status: 'ISSUED', Type: 'AMAZON_ISSUED', InUse: false, Exported: false },
    ])
    expect(await listed({ MaxItems: 1, NextToken: page.NextToken })).toEqual([imported])
    expect(await refusal(listed({ SortBy: 'CREATED_AT' }))).toMatch(/^ValidationException/)
  })

  it('have tags', async () => {
    const CertificateArn = await request({ Tags: [{ Key: 'a', Value: '1' }] })
    await berth.acm.addTagsToCertificate({ CertificateArn, Tags: [{ Key: 'b' }, { Key: 'c', Value: '3' }] })
    await berth.acm.removeTagsFromCertificate({
      CertificateArn,
      Tags: [{ Key: 'a', Value: 'x' }, { Key: 'c' }],
    })
    const left = [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '' },
    ]
    expect((await berth.acm.listTagsForCertificate({ CertificateArn })).Tags).toEqual(left)
    await berth.acm.untagResource({ ResourceArn: CertificateArn, TagKeys: ['a', 'b'] })
    await berth.acm.tagResource({ ResourceArn: CertificateArn, Tags: [{ Key: 'd', Value: '4' }] })
    expect((await berth.acm.listTagsForResource({ ResourceArn: CertificateArn })).Tags).toEqual([
      { Key: 'd', Value: '4' },
    ])
    const many = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}` }))
    expect(await refusal(berth.acm.addTagsToCertificate({ CertificateArn, Tags: many }))).toMatch(
      /^TooManyTagsException/,
    )
  })

  it('have options, and the account has a configuration', async () => {
    const CertificateArn = await request()
    const Options = { CertificateTransparencyLoggingPreference: 'DISABLED' } as const
    await berth.acm.updateCertificateOptions({ CertificateArn, Options })
    expect((await describeIt(CertificateArn))?.Options).toMatchObject(Options)
    expect(
      await refusal(berth.acm.updateCertificateOptions({ CertificateArn, Options: { Export: 'ENABLED' } })),
    ).toMatch(/^ValidationException/)
    expect((await berth.acm.getAccountConfiguration({})).ExpiryEvents).toEqual({ DaysBeforeExpiry: 45 })
    await berth.acm.putAccountConfiguration({ IdempotencyToken: 'a', ExpiryEvents: { DaysBeforeExpiry: 10 } })
    expect((await berth.acm.getAccountConfiguration({})).ExpiryEvents).toEqual({ DaysBeforeExpiry: 10 })
  })

  it('that are not there, or no certificates, are refused', async () => {
    expect(
      await refusal(
        berth.acm.describeCertificate({ CertificateArn: 'arn:aws:ecs:us-east-1:111122223333:cluster/x' }),
      ),
    ).toMatch(/^InvalidArnException/)
    const CertificateArn = await request()
    expect(await refusal(berth.acm.renewCertificate({ CertificateArn }))).toMatch(/^ValidationException/)
    expect(
      await refusal(
        berth.acm.resendValidationEmail({
          CertificateArn,
          Domain: 'www.example.com',
          ValidationDomain: 'example.com',
        }),
      ),
    ).toMatch(/^InvalidStateException/)
  })

  it('that an ACME endpoint would issue are refused by name', async () => {
    expect(await refusal(berth.acm.listAcmeEndpoints({}))).toMatch(
      /^UnsupportedFeatureException: .*ListAcmeEndpoints/,
    )
  })
})
