/** The certificates of authorities that a trust store has. (AWS: "Mutual authentication with TLS in Application Load Balancer") */
import { X509Certificate } from 'node:crypto'
import { elbError } from '../errors.ts'
import { limits } from '../limits.ts'
import { DerError, derValue, sequenceOf, tags } from './der.ts'
import { pemBlocks } from './pem.ts'
import { signatureAlgorithmOf } from './signatures.ts'

export interface CaBundle {
  readonly certificates: readonly X509Certificate[]
  /** PEM. */
  readonly text: string
}

const invalid = (why: string) =>
  elbError(
    'InvalidCaCertificatesBundle',
    `The specified CA certificate bundle is in an invalid format, or corrupt: ${why}`,
  )

const curves: ReadonlySet<string | undefined> = new Set(['prime256v1', 'secp384r1', 'secp521r1'])

const hasKnownKey = ({ publicKey }: X509Certificate): boolean => {
  const { modulusLength = 0, namedCurve } = publicKey.asymmetricKeyDetails ?? {}
  if (publicKey.asymmetricKeyType === 'ec') return curves.has(namedCurve)
  const isRsa = publicKey.asymmetricKeyType === 'rsa' || publicKey.asymmetricKeyType === 'rsa-pss'
  return isRsa && modulusLength >= 2_048 && modulusLength <= 8_192
}

interface CertificateParts {
  readonly isVersion3: boolean
  readonly isSignedAsKnown: boolean
  /** DER. */
  readonly subject: Buffer
}

/** (RFC 5280, 4.1) */
const partsOf = ({ raw }: X509Certificate): CertificateParts => {
  const [body, algorithm] = sequenceOf(derValue(raw))
  const [first, ...rest] = sequenceOf(body)
  const isVersion3 = first?.tag === tags.first && first.content.at(-1) === 2
  const subject = isVersion3 ? rest[4] : rest[3]
  return {
    isVersion3,
    isSignedAsKnown: signatureAlgorithmOf(algorithm) !== undefined,
    subject: subject?.whole ?? Buffer.alloc(0),
  }
}

/** As DER: what a revocation list names its issuer by. */
export const subjectOf = (certificate: X509Certificate): Buffer => partsOf(certificate).subject

/** What is wrong with a certificate; undefined: nothing. */
const faultOf = (certificate: X509Certificate): string | undefined => {
  const { isVersion3, isSignedAsKnown } = partsOf(certificate)
  if (certificate.raw.length > limits.caCertificateBytes)
    return `is larger than ${limits.caCertificateBytes} bytes`
  if (!isVersion3) return 'is not an X.509 version 3 certificate'
  if (!certificate.ca) return 'is not a certificate of an authority'
  if (!hasKnownKey(certificate)) return 'has a key that is not supported'
  return isSignedAsKnown ? undefined : 'has a signature algorithm that is not supported'
}

const nameOf = ({ subject }: X509Certificate): string => subject?.replaceAll('\n', ', ') ?? ''

const readCertificates = (text: string): X509Certificate[] => {
  const blocks = pemBlocks(text, 'CERTIFICATE')
  if (!blocks) throw invalid('it must hold certificates in PEM, and nothing else')
  try {
    return blocks.map(der => new X509Certificate(der))
  } catch {
    throw invalid('it holds what is no certificate')
  }
}

const checkSizes = (certificates: readonly X509Certificate[]): void => {
  if (certificates.length > limits.caCertificatesPerTrustStore)
    throw invalid(`it has more than ${limits.caCertificatesPerTrustStore} certificates`)
  const subjects = certificates.reduce((sum, certificate) => sum + subjectOf(certificate).length, 0)
  if (subjects > limits.caSubjectBytesPerTrustStore)
    throw invalid(`its subjects have more than ${limits.caSubjectBytesPerTrustStore} bytes`)
}

/** Throws InvalidCaCertificatesBundle. */
export const readCaBundle = (text: string): CaBundle => {
  const certificates = readCertificates(text)
  try {
    for (const certificate of certificates) {
      const fault = faultOf(certificate)
      if (fault !== undefined) throw invalid(`the certificate '${nameOf(certificate)}' ${fault}`)
    }
    checkSizes(certificates)
  } catch (error) {
    throw error instanceof DerError ? invalid(error.message) : error
  }
  return { certificates, text: certificates.map(certificate => certificate.toString()).join('') }
}
