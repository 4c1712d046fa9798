import { createPrivateKey } from 'node:crypto'
import type {
  ExportCertificateRequest,
  ExportCertificateResponse,
  GetCertificateRequest,
  GetCertificateResponse,
} from '@aws-sdk/client-acm'
import { operation } from '../../service.ts'
import { constraint, inProgress, validationFailed } from '../errors.ts'
import { findCertificate } from '../references.ts'
import type { AcmParts } from '../service-parts.ts'
import { type CertificateMaterial, type CertificateRow, certificates } from '../tables/index.ts'

/** Throws RequestInProgressException. */
const materialOf = ({ id, material }: CertificateRow): CertificateMaterial => {
  if (!material) throw inProgress(id)
  return material
}

const shown = ({ certificate, chain }: CertificateMaterial) => ({
  Certificate: certificate,
  ...(chain && { CertificateChain: chain }),
})

export const getCertificate = operation<GetCertificateRequest, GetCertificateResponse>({
  name: 'GetCertificate',
  effect: 'reads',
  resources: ({ CertificateArn = '' }) => [CertificateArn],
  handle: ({ CertificateArn }, { store, scope }) =>
    shown(materialOf(findCertificate(store, scope, CertificateArn))),
})

const passphraseOf = ({ Passphrase }: ExportCertificateRequest): string => {
  const passphrase = Buffer.from(Passphrase ?? []).toString('latin1')
  if (passphrase.length < 4 || passphrase.length > 128)
    throw constraint('passphrase', 'have a length between 4 and 128')
  if (/[#$%]/.test(passphrase)) throw validationFailed('The passphrase must not contain #, $ and %.')
  return passphrase
}

/** The private key leaves under the caller's passphrase only. (AWS: ExportCertificate) */
export const exportCertificate = ({ encryption }: AcmParts) =>
  operation<ExportCertificateRequest, ExportCertificateResponse>({
    name: 'ExportCertificate',
    effect: 'reads',
    resources: ({ CertificateArn = '' }) => [CertificateArn],
    handle: (input, { store, scope }) => {
      const row = findCertificate(store, scope, input.CertificateArn)
      if (!row.request?.isExportable)
        throw validationFailed(`Certificate ARN: ${row.id} is not a private certificate`)
      const material = materialOf(row)
      const passphrase = passphraseOf(input)
      const key = createPrivateKey(Buffer.from(encryption.decrypt(material.encryptedPrivateKey, row.id)))
      const PrivateKey = key
        .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
        .toString()
      if (!row.isExported)
        store.update(tx => tx.put(certificates, { ...findCertificate(tx, scope, row.id), isExported: true }))
      return { ...shown(material), PrivateKey }
    },
  })
