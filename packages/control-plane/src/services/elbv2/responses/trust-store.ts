import type { TrustStore, TrustStoreRevocation } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Revocation, TrustStoreRow } from '../tables/index.ts'

export const revokedEntries = ({ revocations }: TrustStoreRow): number =>
  revocations.reduce((sum, { entryCount }) => sum + entryCount, 0)

/** Its files are read before there is a row: it is never CREATING. */
export const trustStoreResponse = (row: TrustStoreRow): TrustStore => ({
  Name: row.name,
  TrustStoreArn: row.id,
  Status: 'ACTIVE',
  NumberOfCaCertificates: row.certificateCount,
  TotalRevokedEntries: revokedEntries(row),
})

export const revocationResponse = (
  trustStoreArn: string,
  { revocationId, entryCount }: Revocation,
): TrustStoreRevocation => ({
  TrustStoreArn: trustStoreArn,
  RevocationId: revocationId,
  RevocationType: 'CRL',
  NumberOfRevokedEntries: entryCount,
})
