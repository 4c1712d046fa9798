import type { X509Certificate } from 'node:crypto'
import type { ImportCertificateRequest, ImportCertificateResponse } from '@aws-sdk/client-acm'
import { formatArn } from '@berth/model'
import type { Millis } from '../../../store/table.ts'
import { type Call, operation } from '../../service.ts'
import { uuidOf } from '../certificate-arn.ts'
import { constraint, invalidParameter, validationFailed } from '../errors.ts'
import {
  alternativeNamesOf,
  commonNameOf,
  describeCertificate,
  keyAlgorithmOf,
  pemOf,
  readCertificates,
  readPrivateKey,
} from '../pem.ts'
import { findCertificate } from '../references.ts'
import type { AcmParts } from '../service-parts.ts'
import { type CertificateRow, certificates, type KeyAlgorithm } from '../tables/index.ts'
import { givenTags } from '../tags.ts'

const longest = { certificate: 32_768, privateKey: 5_120, chain: 2_097_152 }

interface Imported {
  readonly certificate: X509Certificate
  readonly chain: readonly X509Certificate[]
  /** PEM of PKCS #8. */
  readonly privateKey: string
  readonly keyAlgorithm: KeyAlgorithm
}

const textOf = (bytes: Uint8Array | undefined, member: string, most: number): string => {
  if (!bytes?.length) throw constraint(member, 'have length greater than or equal to 1')
  if (bytes.length > most) throw constraint(member, `have length less than or equal to ${most}`)
  return Buffer.from(bytes).toString('utf8')
}

const checkTimes = (certificate: X509Certificate, what: string, now: Millis): void => {
  if (certificate.validToDate.getTime() < now)
    throw validationFailed(`The ${what} has expired, is not valid.`)
  if (certificate.validFromDate.getTime() > now)
    throw validationFailed(`The ${what} is not in effect yet, is not valid.`)
}

const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)

/** Each certificate of the chain must certify the one before it. (AWS: "Certificate import problems") */
const checkChain = (certificate: X509Certificate, chain: readonly X509Certificate[], now: Millis): void => {
  if (chain.length === 0 && !isIssuedBy(certificate, certificate))
    throw validationFailed(
      'Provided certificate is not a valid self signed. Please provide either a valid self-signed certificate or certificate chain.',
    )
  for (const [index, issuer] of chain.entries()) {
    checkTimes(issuer, 'certificate chain', now)
    if (!isIssuedBy(chain[index - 1] ?? certificate, issuer))
      throw validationFailed('Could not validate the certificate with the certificate chain.')
  }
}

/** (AWS: "Prerequisites for importing ACM certificates") */
const readImported = (input: ImportCertificateRequest, now: Millis): Imported => {
  const found = readCertificates(textOf(input.Certificate, 'certificate', longest.certificate), 'certificate')
  const [certificate] = found
  if (!certificate || found.length > 1)
    throw validationFailed(
      'The certificate field contains more than one certificate. You can specify only one certificate in this field.',
    )
  const key = readPrivateKey(textOf(input.PrivateKey, 'privateKey', longest.privateKey))
  const chain = input.CertificateChain?.length
    ? readCertificates(textOf(input.CertificateChain, 'certificateChain', longest.chain), 'certificate chain')
    : []
  const keyAlgorithm = keyAlgorithmOf(key)
  if (!keyAlgorithm)
    throw validationFailed(
      'The private key is not supported. Only RSA keys of 1024, 2048, 3072 and 4096 bits and EC keys of the curves prime256v1, secp384r1 and secp521r1 are.',
    )
  if (!certificate.checkPrivateKey(key))
    throw validationFailed('The private key does not match the certificate.')
  checkTimes(certificate, 'certificate', now)
  checkChain(certificate, chain, now)
  const privateKey = key.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { certificate, chain, privateKey, keyAlgorithm }
}

const namesOf = (
  certificate: X509Certificate,
): Pick<CertificateRow, 'domainName' | 'subjectAlternativeNames'> => {
  const alternatives = alternativeNamesOf(certificate)
  const domainName = commonNameOf(certificate) ?? alternatives[0] ?? ''
  return { domainName, subjectAlternativeNames: [...new Set([domainName, ...alternatives])] }
}

/** One that replaces another keeps its ARN, its tags and what uses it. */
export const importCertificate = ({ encryption }: AcmParts) => {
  const rowOf = (input: ImportCertificateRequest, { scope, store, now, randomHex }: Call): CertificateRow => {
    const { certificate, chain, privateKey, keyAlgorithm } = readImported(input, now)
    const before = input.CertificateArn ? findCertificate(store, scope, input.CertificateArn) : undefined
    if (before && before.type !== 'IMPORTED')
      throw validationFailed(`Certificate ${before.id} was not imported: it cannot be replaced by an import.`)
    if (before && input.Tags?.length)
      throw invalidParameter('Tags cannot be given for a certificate that is imported again.')
    const id = before?.id ?? formatArn('acm', scope, `certificate/${uuidOf(randomHex(16))}`)
    return {
      id,
      type: 'IMPORTED',
      status: 'ISSUED',
      ...namesOf(certificate),
      createdAt: before?.createdAt ?? now,
      importedAt: now,
      material: {
        ...describeCertificate(certificate),
        chain: pemOf(chain),
        encryptedPrivateKey: encryption.encrypt(Buffer.from(privateKey), id),
        keyAlgorithm,
      },
      tags: before?.tags ?? givenTags([], input.Tags),
    }
  }
  return operation<ImportCertificateRequest, ImportCertificateResponse>({
    name: 'ImportCertificate',
    effect: 'writes',
    resources: ({ CertificateArn }, { scope }) => [
      CertificateArn ?? formatArn('acm', scope, 'certificate/*'),
    ],
    handle: (input, call) => {
      const row = rowOf(input, call)
      call.store.update(tx => tx.put(certificates, row))
      return { CertificateArn: row.id }
    },
  })
}
