/** What comes of certificates of the operator's authority, with an authority that says what each test wants. */
import { beforeEach, describe, expect, it } from 'vitest'
import { effects } from '../../../packages/control-plane/src/control-loop/effects-table.ts'
import { acmeAccounts, acmeOrders } from '../../../packages/control-plane/src/services/acm/index.ts'
import { dayMs, refusal } from './acm-endpoint.ts'
import { AcmeEndpoint } from './acme-endpoint.ts'

const hourMs = 3_600_000
let berth: AcmeEndpoint
beforeEach(async () => {
  berth = await AcmeEndpoint.start()
})

const request = (more?: object) => berth.request(more)
const describeIt = (certificateArn: string) => berth.described(certificateArn)

/** The kinds of what the authority is asked, in order, until nothing is to be done before `until`. */
const asked = async (until = berth.clock.now() + 60_000): Promise<string[]> => {
  const before = berth.authority.asked.length
  await berth.issueUntil(until)
  return berth.authority.asked.slice(before).map(kind => kind.replace('acm.', ''))
}

const issuing = ['placeAcmeOrder', 'beginAcmeValidation', 'completeAcmeOrder']

describe('a certificate of another authority', () => {
  it('waits for a load balancer that could answer, and is issued when the authority has validated its names', async () => {
    const CertificateArn = await request({ SubjectAlternativeNames: ['example.com'] })
    expect(await asked()).toEqual(['makeAcmeAccountKey', 'registerAcmeAccount'])
    expect(await describeIt(CertificateArn)).toMatchObject({ Status: 'PENDING_VALIDATION' })
    berth.carry()
    expect(await asked()).toEqual(issuing)
    expect(await describeIt(CertificateArn)).toMatchObject({
      Status: 'ISSUED',
      Type: 'AMAZON_ISSUED',
      DomainValidationOptions: [{ ValidationStatus: 'SUCCESS' }, { ValidationStatus: 'SUCCESS' }],
    })
    expect(await asked(berth.clock.now() + 30 * dayMs)).toEqual([])
    expect([...berth.store.all(acmeOrders)]).toEqual([])
  })

  it('tells the authority only when load balancers have had the time to answer', async () => {
    berth.carry()
    const CertificateArn = await request()
    await berth.issueUntil(berth.clock.now())
    expect(berth.store.get(acmeOrders, CertificateArn)).toMatchObject({
      answers: [{ token: 'token' }],
      answeredAt: berth.clock.now() + 5_000,
      isBegun: false,
    })
    expect(berth.authority.asked.at(-1)).toBe('acm.placeAcmeOrder')
  })

  it('needs no load balancer to answer where the authority knows its names already', async () => {
    berth.carry()
    berth.authority.answers = []
    await request()
    expect(await asked()).toEqual([
      'makeAcmeAccountKey',
      'registerAcmeAccount',
      'placeAcmeOrder',
      'completeAcmeOrder',
    ])
  })

  it('shares the account with all others', async () => {
    berth.carry()
    await request()
    await asked()
    await request({ DomainName: 'example.org' })
    expect(await asked()).toEqual(issuing)
  })

  it("is Berth's own where the names are not the authority's", async () => {
    const CertificateArn = await request({ DomainName: 'db.internal' })
    await berth.issue()
    expect(await describeIt(CertificateArn)).toMatchObject({ Status: 'ISSUED', Issuer: 'Berth' })
    expect(berth.authority.asked).toEqual([])
  })

  it('is refused for wildcards, and for names of both authorities', async () => {
    expect(await refusal(request({ DomainName: '*.example.com' }))).toBe(
      "InvalidParameterException: *.example.com is not supported: the server's authority validates names by HTTP, which wildcards cannot be.",
    )
    expect(await refusal(request({ SubjectAlternativeNames: ['db.internal'] }))).toBe(
      'InvalidParameterException: A certificate cannot be for www.example.com, which goes to the authority that the server is set up for, and for db.internal, which does not.',
    )
    expect((await berth.acm.listCertificates({})).CertificateSummaryList).toEqual([])
  })

  it('leaves nothing behind when it is deleted while it is validated', async () => {
    berth.carry()
    const CertificateArn = await request()
    await berth.issueUntil(berth.clock.now())
    await berth.acm.deleteCertificate({ CertificateArn })
    expect(await asked()).toEqual([])
    expect([...berth.store.all(acmeOrders), ...berth.store.all(effects)]).toEqual([])
  })
})

describe('a refusal of the authority', () => {
  const refuse = (kind: string, type: string, retryAfterMs = 0) => {
    berth.authority.refusals = { [`acm.${kind}`]: { type, detail: 'no', retryAfterMs } }
  }

  it.each([
    ['caa', 'CAA_ERROR'],
    ['rejectedIdentifier', 'DOMAIN_NOT_ALLOWED'],
    ['unsupportedIdentifier', 'INVALID_PUBLIC_DOMAIN'],
  ])('%s fails the certificate for %s', async (type, FailureReason) => {
    berth.carry()
    refuse('completeAcmeOrder', type)
    const CertificateArn = await request()
    await asked()
    expect(await describeIt(CertificateArn)).toMatchObject({ Status: 'FAILED', FailureReason })
    expect(await asked(berth.clock.now() + dayMs)).toEqual([])
  })

  it('that may pass is followed by new orders, at most five within an hour, for 72 hours', async () => {
    berth.carry()
    refuse('completeAcmeOrder', 'connection')
    const CertificateArn = await request()
    const begun = berth.clock.now()
    const first = await asked(begun + hourMs - 1)
    expect(first.filter(kind => kind === 'placeAcmeOrder')).toHaveLength(5)
    expect(await describeIt(CertificateArn)).toMatchObject({ Status: 'PENDING_VALIDATION' })
    await asked(begun + 72 * hourMs)
    const ended = await describeIt(CertificateArn)
    expect(ended).toMatchObject({
      Status: 'VALIDATION_TIMED_OUT',
      DomainValidationOptions: [{ ValidationStatus: 'FAILED' }],
    })
    expect(ended).not.toHaveProperty('FailureReason')
    expect(await asked(begun + 100 * hourMs)).toEqual([])
    expect([...berth.store.all(acmeOrders)]).toEqual([])
  })

  it('that names a time is heeded', async () => {
    berth.carry()
    refuse('placeAcmeOrder', 'rateLimited', 2 * hourMs)
    await request()
    const begun = berth.clock.now()
    await asked(begun + 2 * hourMs - 1)
    expect(berth.authority.asked.at(-1)).toBe('acm.placeAcmeOrder')
    berth.authority.refusals = {}
    expect(await asked(begun + 2 * hourMs + 60_000)).toEqual(issuing)
  })

  it('of the account is followed by another registration of the same key', async () => {
    refuse('registerAcmeAccount', 'externalAccountRequired')
    await request()
    expect(await asked()).toEqual(['makeAcmeAccountKey', 'registerAcmeAccount'])
    const [before] = berth.store.all(acmeAccounts)
    berth.authority.refusals = {}
    expect(await asked(berth.clock.now() + 700_000)).toEqual(['registerAcmeAccount'])
    const [after] = berth.store.all(acmeAccounts)
    expect(after?.encryptedPrivateKey).toBe(before?.encryptedPrivateKey)
  })

  it('that knows no such account is followed by a new account', async () => {
    berth.carry()
    await request()
    await asked()
    const before = berth.authority.asked.length
    refuse('placeAcmeOrder', 'accountDoesNotExist')
    await request({ DomainName: 'example.org' })
    await berth.issueUntil(berth.clock.now())
    berth.authority.refusals = {}
    await asked(berth.clock.now() + 120_000)
    expect(berth.authority.asked.slice(before).map(kind => kind.replace('acm.', ''))).toEqual([
      'placeAcmeOrder',
      'makeAcmeAccountKey',
      'registerAcmeAccount',
      ...issuing,
    ])
  })

  it('of a renewal leaves the certificate as it is, and is tried again a day later', async () => {
    berth.carry()
    const CertificateArn = await request()
    await asked()
    berth.use(CertificateArn)
    const { Serial, NotAfter } = (await describeIt(CertificateArn)) ?? {}
    refuse('completeAcmeOrder', 'connection')
    const due = (NotAfter?.getTime() ?? 0) - 60 * dayMs
    expect(await asked(due - hourMs)).toEqual([])
    expect(await asked(due + hourMs)).toEqual(issuing)
    expect(await describeIt(CertificateArn)).toMatchObject({
      ...{ Status: 'ISSUED', Serial },
      RenewalSummary: { RenewalStatus: 'FAILED' },
    })
    berth.authority.refusals = {}
    expect(await asked(due + dayMs + hourMs)).toEqual(issuing)
    const renewed = await describeIt(CertificateArn)
    expect(renewed?.RenewalSummary?.RenewalStatus).toBe('SUCCESS')
    expect(renewed?.Serial).not.toBe(Serial)
  })
})
