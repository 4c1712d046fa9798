/** When requested certificates are issued, and what they are afterwards: whoever their authority is. Pure. */
import type { Millis } from '../../store/table.ts'
import type { IssuedCertificate } from './issuing.ts'
import { describeCertificate, readCertificates } from './pem.ts'
import type { CertificateRow } from './tables/index.ts'

const dayMs = 86_400_000
/** Before its end a certificate is renewed; one that lives less than half a year, when a third of its life is left. */
const renewBeforeMs = 60 * dayMs

/** When a certificate is to be issued: now, later, or, undefined, not at all. */
export const issueAt = (row: CertificateRow, isUsed: boolean): Millis | undefined => {
  const { material, renewal, request, status, issuance } = row
  if (!request) return undefined
  if (!material) return status === 'PENDING_VALIDATION' ? (issuance?.tryAgainAt ?? 0) : undefined
  if (renewal?.status === 'PENDING_AUTO_RENEWAL') return 0
  if (!isUsed && !row.isExported) return undefined
  const due = material.notAfter - Math.min(renewBeforeMs, (material.notAfter - material.notBefore) / 3)
  // One that failed is tried again a day later.
  return renewal?.status === 'FAILED' ? Math.max(due, renewal.updatedAt + dayMs) : due
}

export const issued = (row: CertificateRow, result: IssuedCertificate, now: Millis): CertificateRow => {
  const { certificate, chain, encryptedPrivateKey } = result
  const [read] = readCertificates(certificate, 'certificate')
  if (!read || !row.request) return row
  const { issuance: _, ...rest } = row
  return {
    ...rest,
    status: 'ISSUED',
    issuedAt: row.issuedAt ?? now,
    material: {
      ...describeCertificate(read),
      chain,
      encryptedPrivateKey,
      keyAlgorithm: row.request.keyAlgorithm,
    },
    ...(row.material && { renewal: { status: 'SUCCESS', updatedAt: now } }),
  }
}

/** The old certificate serves on. */
export const renewalFailed = (row: CertificateRow, now: Millis): CertificateRow => ({
  ...row,
  renewal: { status: 'FAILED', updatedAt: now },
})
