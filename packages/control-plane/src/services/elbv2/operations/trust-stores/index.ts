import type { Elbv2Parts } from '../../service-parts.ts'
import { changeTrustStoreOperations } from './change-trust-store.ts'
import { describeTrustStoreAssociations, describeTrustStores } from './describe-trust-stores.ts'
import { locationOperations } from './locations.ts'
import { revocationOperations } from './revocations.ts'
import { sharingOperations } from './sharing.ts'

export const trustStoreOperations = (parts: Elbv2Parts) => [
  ...changeTrustStoreOperations(parts),
  describeTrustStores,
  describeTrustStoreAssociations,
  ...revocationOperations(parts),
  ...locationOperations(parts.encryption),
  ...sharingOperations,
]
