/** What comes of a certificate that an authority has refused. Pure. */
import type { Millis } from '../../../store/table.ts'
import { renewalFailed } from '../issuance.ts'
import type { CertificateRow, FailureReason } from '../tables/index.ts'
import type { Refusal } from './effects.ts'

const minuteMs = 60_000
/** Between attempts: at most five within an hour, which public authorities allow of a name. (Let's Encrypt: Rate Limits) */
const pausesMs = [1, 5, 15, 30, 60].map(minutes => minutes * minuteMs)
const longestPauseMs = 60 * minuteMs

/** What does not pass by itself. (AWS: CertificateDetail, FailureReason; RFC 8555, 6.7) */
const finalReasons: Readonly<Record<string, FailureReason>> = {
  caa: 'CAA_ERROR',
  rejectedIdentifier: 'DOMAIN_NOT_ALLOWED',
  unsupportedIdentifier: 'INVALID_PUBLIC_DOMAIN',
  badCSR: 'OTHER',
  badPublicKey: 'OTHER',
}

/** `refused` undefined: nothing was heard of the authority. */
export const notIssued = (
  row: CertificateRow,
  refused: Refusal['refused'] | undefined,
  now: Millis,
): CertificateRow => {
  if (row.material) return renewalFailed(row, now)
  const { type = '', retryAfterMs = 0 } = refused ?? {}
  const failureReason = Object.hasOwn(finalReasons, type) ? finalReasons[type] : undefined
  if (failureReason !== undefined) {
    const { issuance: _, ...rest } = row
    return { ...rest, status: 'FAILED', failureReason }
  }
  const failures = (row.issuance?.failures ?? 0) + 1
  const pause = pausesMs[failures - 1] ?? longestPauseMs
  return { ...row, issuance: { failures, tryAgainAt: now + Math.max(pause, retryAfterMs) } }
}
