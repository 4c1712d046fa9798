import { generateKeyPairSync } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { AcmEndpoint, bytes, dayMs, importable, refusal } from './acm-endpoint.ts'

let berth: AcmEndpoint
beforeEach(async () => {
  berth = await AcmEndpoint.start()
})

const imported = async (): Promise<string> => {
  const { issued, authority } = await berth.elsewhere()
  const { CertificateArn = '' } = await berth.acm.importCertificate(importable(issued, authority))
  return CertificateArn
}

describe('an imported certificate', () => {
  it('is described by what it says of itself', async () => {
    const CertificateArn = await imported()
    expect(CertificateArn).toMatch(
      /^arn:aws:acm:us-east-1:111122223333:certificate\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    )
    const { Certificate } = await berth.acm.describeCertificate({ CertificateArn })
    expect(Certificate).toEqual({
      CertificateArn,
      DomainName: 'www.example.com',
      SubjectAlternativeNames: ['www.example.com', '*.example.com'],
      Status: 'ISSUED',
      Type: 'IMPORTED',
      CreatedAt: new Date(berth.clock.now()),
      ImportedAt: new Date(berth.clock.now()),
      NotBefore: new Date(berth.clock.now() - 3_600_000),
      NotAfter: new Date(berth.clock.now() + 198 * dayMs),
      Serial: expect.stringMatching(/^[0-9a-f]{2}(:[0-9a-f]{2}){15}$/),
      Subject: 'CN=www.example.com',
      Issuer: 'Berth',
      KeyAlgorithm: 'RSA_2048',
      SignatureAlgorithm: 'SHA256WITHECDSA',
      KeyUsages: [{ Name: 'DIGITAL_SIGNATURE' }, { Name: 'KEY_ENCIPHERMENT' }],
      ExtendedKeyUsages: [
        { Name: 'TLS_WEB_SERVER_AUTHENTICATION', OID: '1.3.6.1.5.5.7.3.1' },
        { Name: 'TLS_WEB_CLIENT_AUTHENTICATION', OID: '1.3.6.1.5.5.7.3.2' },
      ],
      InUseBy: [],
      RenewalEligibility: 'INELIGIBLE',
      Options: { CertificateTransparencyLoggingPreference: 'DISABLED', Export: 'DISABLED' },
      CertificateKeyPairOrigin: 'CUSTOMER_PROVIDED',
    })
  })

  it('is given out with its chain, and its key to listeners alone', async () => {
    const { issued, authority } = await berth.elsewhere('EC_prime256v1')
    const { CertificateArn = '' } = await berth.acm.importCertificate(importable(issued, authority))
    expect(await berth.acm.getCertificate({ CertificateArn })).toMatchObject({
      Certificate: issued.certificate,
      CertificateChain: authority.certificate,
    })
    expect(berth.served(CertificateArn)).toEqual({ ...issued, chain: authority.certificate })
    const kept = JSON.stringify([...berth.store.all(berth.certificates)])
    expect(kept).not.toContain('PRIVATE KEY')
    expect(await refusal(berth.acm.exportCertificate({ CertificateArn, Passphrase: bytes('secret') }))).toBe(
      `ValidationException: Certificate ARN: ${CertificateArn} is not a private certificate`,
    )
  })

  it('may have issued itself', async () => {
    const { authority } = await berth.elsewhere()
    const { CertificateArn } = await berth.acm.importCertificate(importable(authority))
    expect((await berth.acm.getCertificate({ CertificateArn })).CertificateChain).toBeUndefined()
  })

  it('replaces another under its ARN and keeps the tags', async () => {
    const { issued, authority } = await berth.elsewhere()
    const Tags = [{ Key: 'stage', Value: 'test' }]
    const { CertificateArn } = await berth.acm.importCertificate({ ...importable(issued, authority), Tags })
    const other = await berth.elsewhere('RSA_2048', ['other.example.com'])
    const again = { ...importable(other.issued, other.authority), CertificateArn }
    expect((await berth.acm.importCertificate(again)).CertificateArn).toBe(CertificateArn)
    const { Certificate } = await berth.acm.describeCertificate({ CertificateArn })
    expect(Certificate?.DomainName).toBe('other.example.com')
    expect((await berth.acm.listTagsForCertificate({ CertificateArn })).Tags).toEqual(Tags)
    expect(await refusal(berth.acm.importCertificate({ ...again, Tags }))).toMatch(
      /^InvalidParameterException/,
    )
  })

  it('is expired once its time has come', async () => {
    const CertificateArn = await imported()
    berth.clock.advance(199 * dayMs)
    const { Certificate } = await berth.acm.describeCertificate({ CertificateArn })
    expect(Certificate?.Status).toBe('EXPIRED')
  })

  it('is refused when it is not right, and nothing is kept', async () => {
    const { issued, authority } = await berth.elsewhere()
    const other = await berth.elsewhere()
    const old = await berth.elsewhere('RSA_2048', ['old.example.com'], -300 * dayMs)
    const early = await berth.elsewhere('RSA_2048', ['early.example.com'], 2 * dayMs)
    const good = importable(issued, authority)
    const { privateKey } = generateKeyPairSync('ed25519')
    const edwards = bytes(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
    const cases: [string, object, string][] = [
      ['no PEM', { Certificate: bytes('nonsense') }, 'The certificate is not PEM-encoded or is not valid.'],
      [
        'a key in it',
        { Certificate: bytes(issued.certificate + issued.privateKey) },
        'The certificate is not PEM-encoded or is not valid.',
      ],
      [
        'two certificates',
        { Certificate: bytes(issued.certificate + authority.certificate) },
        'The certificate field contains more than one certificate. You can specify only one certificate in this field.',
      ],
      ['no key', { PrivateKey: bytes('nonsense') }, 'The private key is not PEM-encoded or is not valid.'],
      [
        'another key',
        { PrivateKey: bytes(other.issued.privateKey) },
        'The private key does not match the certificate.',
      ],
      [
        'a key of another kind',
        { PrivateKey: edwards },
        'The private key is not supported. Only RSA keys of 1024, 2048, 3072 and 4096 bits and EC keys of the curves prime256v1, secp384r1 and secp521r1 are.',
      ],
      [
        'no chain',
        { CertificateChain: undefined },
        'Provided certificate is not a valid self signed. Please provide either a valid self-signed certificate or certificate chain.',
      ],
      [
        'another chain',
        { CertificateChain: bytes(other.authority.certificate) },
        'Could not validate the certificate with the certificate chain.',
      ],
      [
        'no chain of certificates',
        { CertificateChain: bytes('nonsense') },
        'The certificate chain is not PEM-encoded or is not valid.',
      ],
      ['too old', importable(old.issued, old.authority), 'The certificate has expired, is not valid.'],
      [
        'too early',
        importable(early.issued, early.authority),
        'The certificate is not in effect yet, is not valid.',
      ],
    ]
    for (const [what, change, message] of cases)
      expect([what, await refusal(berth.acm.importCertificate({ ...good, ...change }))]).toEqual([
        what,
        `ValidationException: ${message}`,
      ])
    const missing = 'arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012'
    expect(await refusal(berth.acm.importCertificate({ ...good, CertificateArn: missing }))).toBe(
      `ResourceNotFoundException: Could not find certificate ${missing} in account 111122223333.`,
    )
    expect((await berth.acm.listCertificates({})).CertificateSummaryList).toEqual([])
  })

  it('with a key that is protected by a passphrase is refused', async () => {
    const { issued, authority } = await berth.elsewhere()
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const sealed = privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'secret',
    })
    const PrivateKey = bytes(sealed.toString())
    expect(await refusal(berth.acm.importCertificate({ ...importable(issued, authority), PrivateKey }))).toBe(
      'ValidationException: The private key is not PEM-encoded or is not valid.',
    )
  })
})
