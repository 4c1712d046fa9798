import { parseArn, type Scope } from '@berth/model'
import type { View } from '../../store/view.ts'
import { certificateNotFound, invalidArn } from './errors.ts'
import { type CertificateRow, certificates } from './tables/index.ts'

/** Throws InvalidArnException and ResourceNotFoundException. */
export const findCertificate = (view: View, scope: Scope, arn = ''): CertificateRow => {
  const parsed = parseArn(arn)
  if (parsed?.service !== 'acm' || !/^certificate\/[\w-]+$/.test(parsed.resource)) throw invalidArn(arn)
  const isHere = parsed.accountId === scope.accountId && parsed.region === scope.region
  const row = isHere ? view.get(certificates, arn) : undefined
  if (!row) throw certificateNotFound(arn)
  return row
}
