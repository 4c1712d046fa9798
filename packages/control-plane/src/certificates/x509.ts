/** Keys and certificates, made with Web Crypto. Loaded when the first one is asked for: few servers ever issue any. */
import 'reflect-metadata'
import { createPublicKey, randomBytes, webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import type { KeyAlgorithm } from '../services/acm/index.ts'
import type { Millis } from '../store/table.ts'

const dayMs = 86_400_000
/** Clocks of clients may be behind. */
const earlierMs = 3_600_000
const authorityDays = 3_650
/** As long as public ones may be valid. (AWS: "AWS Certificate Manager public certificate characteristics and limitations") */
const certificateDays = 198

const authorityKey = { name: 'ECDSA', namedCurve: 'P-256' }
const authoritySignature = { name: 'ECDSA', hash: 'SHA-256' }

const rsa = (modulusLength: number) => ({
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: 'SHA-256',
})
const keyParameters: Readonly<Record<KeyAlgorithm, RsaParameters | EcParameters>> = {
  RSA_1024: rsa(1024),
  RSA_2048: rsa(2048),
  RSA_3072: rsa(3072),
  RSA_4096: rsa(4096),
  EC_prime256v1: { name: 'ECDSA', namedCurve: 'P-256' },
  EC_secp384r1: { name: 'ECDSA', namedCurve: 'P-384' },
  EC_secp521r1: { name: 'ECDSA', namedCurve: 'P-521' },
}
type RsaParameters = webcrypto.RsaHashedKeyGenParams
type EcParameters = webcrypto.EcKeyGenParams

/** PEM; the private key as PKCS #8. */
export interface CertificateAndKey {
  readonly certificate: string
  readonly privateKey: string
}

const { subtle } = webcrypto

const generateKeys = (parameters: RsaParameters | EcParameters): Promise<webcrypto.CryptoKeyPair> =>
  subtle.generateKey(parameters, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>

const pemOfKey = async (key: webcrypto.CryptoKey): Promise<string> =>
  `${PemConverter.encode(await subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`

const pemOf = (certificate: X509Certificate): string => `${certificate.toString('pem')}\n`

/** Positive, and never the same twice. (RFC 5280, 4.1.2.2) */
const newSerial = (): string => {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex')
}

/** A certificate authority that may sign certificates of servers, and no further authorities. */
export const makeAuthority = async (name: string, now: Millis): Promise<CertificateAndKey> => {
  const keys = await generateKeys(authorityKey)
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: [{ CN: [name] }, { O: ['Berth'] }],
    notBefore: new Date(now - earlierMs),
    notAfter: new Date(now + authorityDays * dayMs),
    keys,
    signingAlgorithm: authoritySignature,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificate: pemOf(certificate), privateKey: await pemOfKey(keys.privateKey) }
}

const signingKeyOf = (privateKey: string): Promise<webcrypto.CryptoKey> =>
  subtle.importKey('pkcs8', PemConverter.decodeFirst(privateKey), authorityKey, false, ['sign'])

/** An elliptic curve's key encrypts no other key. */
const keyUsagesOf = (keyAlgorithm: KeyAlgorithm): KeyUsageFlags =>
  keyAlgorithm.startsWith('RSA')
    ? KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment
    : KeyUsageFlags.digitalSignature

/** A certificate of a server with the given names, and its key. */
export const issueCertificate = async (
  authority: CertificateAndKey,
  domainNames: readonly string[],
  keyAlgorithm: KeyAlgorithm,
  now: Millis,
): Promise<CertificateAndKey> => {
  const issuer = new X509Certificate(authority.certificate)
  const keys = await generateKeys(keyParameters[keyAlgorithm])
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: [{ CN: [domainNames[0] ?? ''] }],
    issuer: issuer.subject,
    notBefore: new Date(now - earlierMs),
    notAfter: new Date(Math.min(now + certificateDays * dayMs, issuer.notAfter.getTime())),
    publicKey: keys.publicKey,
    signingKey: await signingKeyOf(authority.privateKey),
    signingAlgorithm: authoritySignature,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(keyUsagesOf(keyAlgorithm), true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      new SubjectAlternativeNameExtension(domainNames.map(value => ({ type: 'dns', value }))),
      await AuthorityKeyIdentifierExtension.create(issuer),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificate: pemOf(certificate), privateKey: await pemOfKey(keys.privateKey) }
}

/** PKCS #8 as PEM. */
export const makePrivateKey = async (keyAlgorithm: KeyAlgorithm): Promise<string> =>
  pemOfKey((await generateKeys(keyParameters[keyAlgorithm])).privateKey)

/** What another authority makes a certificate of: PKCS #10 as DER. */
export const certificateRequest = async (
  privateKey: string,
  domainNames: readonly string[],
  keyAlgorithm: KeyAlgorithm,
): Promise<Buffer> => {
  const parameters = keyParameters[keyAlgorithm]
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [domainNames[0] ?? ''] }],
    keys: {
      privateKey: await subtle.importKey('pkcs8', PemConverter.decodeFirst(privateKey), parameters, false, [
        'sign',
      ]),
      publicKey: await subtle.importKey('spki', publicKey, parameters, true, ['verify']),
    },
    signingAlgorithm: { ...parameters, hash: 'SHA-256' },
    extensions: [new SubjectAlternativeNameExtension(domainNames.map(value => ({ type: 'dns', value })))],
  })
  return Buffer.from(request.rawData)
}
