/** Certificates and keys as PEM: read, checked and described. Pure computation. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { validationFailed } from './errors.ts'
import { keyUsagesOf } from './key-usages.ts'
import type { CertificateMaterial, KeyAlgorithm } from './tables/index.ts'

const blocks = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** Throws ValidationException; `what` is `certificate` or `certificate chain`. */
export const readCertificates = (text: string, what: string): readonly X509Certificate[] => {
  const notValid = () => validationFailed(`The ${what} is not PEM-encoded or is not valid.`)
  const found = text.match(blocks) ?? []
  // Nothing but certificates: a key in the wrong field is not kept among what everybody may read.
  if (found.length === 0 || text.replace(blocks, '').trim() !== '') throw notValid()
  try {
    return found.map(block => new X509Certificate(block))
  } catch {
    throw notValid()
  }
}

/** Throws ValidationException. Encrypted keys are none: they cannot be read. */
export const readPrivateKey = (text: string): KeyObject => {
  try {
    return createPrivateKey({ key: text, format: 'pem' })
  } catch {
    throw validationFailed('The private key is not PEM-encoded or is not valid.')
  }
}

const curves: Readonly<Record<string, KeyAlgorithm>> = {
  prime256v1: 'EC_prime256v1',
  secp384r1: 'EC_secp384r1',
  secp521r1: 'EC_secp521r1',
}
const moduli: Readonly<Record<number, KeyAlgorithm>> = {
  1024: 'RSA_1024',
  2048: 'RSA_2048',
  3072: 'RSA_3072',
  4096: 'RSA_4096',
}

/** Undefined for a key that ACM does not take. (AWS: "Prerequisites for importing ACM certificates") */
export const keyAlgorithmOf = (key: KeyObject): KeyAlgorithm | undefined => {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'rsa') return moduli[modulusLength]
  return key.asymmetricKeyType === 'ec' ? curves[namedCurve] : undefined
}

/** `CN=example.com,O=Example`, the attributes in their order. */
const nameOf = (name: string | undefined): string => (name ?? '').split('\n').filter(Boolean).join(',')

const attributeOf = (name: string | undefined, attribute: string): string | undefined =>
  (name ?? '')
    .split('\n')
    .find(line => line.startsWith(`${attribute}=`))
    ?.slice(attribute.length + 1)

/** As ACM writes them: `SHA256WITHRSA`. */
const signatureNameOf = (certificate: X509Certificate): string => {
  const name = certificate.signatureAlgorithm ?? ''
  const digest = /sha-?(\d+)/i.exec(name)?.[1] ?? ''
  return `SHA${digest}WITH${/ecdsa/i.test(name) ? 'ECDSA' : 'RSA'}`
}

/** Host names and addresses that it is for. */
export const alternativeNamesOf = (certificate: X509Certificate): readonly string[] =>
  (certificate.subjectAltName ?? '')
    .split(', ')
    .flatMap(entry => /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1] ?? [])

export const commonNameOf = (certificate: X509Certificate): string | undefined =>
  attributeOf(certificate.subject, 'CN')

/** PEM with one line end, as it is given out again. */
export const pemOf = (certificates: readonly X509Certificate[]): string =>
  certificates.map(certificate => certificate.toString()).join('')

export const describeCertificate = (
  certificate: X509Certificate,
): Omit<CertificateMaterial, 'chain' | 'encryptedPrivateKey' | 'keyAlgorithm'> => ({
  certificate: pemOf([certificate]),
  serial: (certificate.serialNumber.toLowerCase().match(/../g) ?? []).join(':'),
  subject: nameOf(certificate.subject),
  issuer:
    attributeOf(certificate.issuer, 'O') ??
    attributeOf(certificate.issuer, 'CN') ??
    nameOf(certificate.issuer),
  notBefore: certificate.validFromDate.getTime(),
  notAfter: certificate.validToDate.getTime(),
  signatureAlgorithm: signatureNameOf(certificate),
  keyUsages: keyUsagesOf(certificate.raw),
  extendedKeyUsages: certificate.keyUsage ?? [],
})
