/** Where what a trust store was made of may be fetched. */
import type {
  GetTrustStoreCaCertificatesBundleInput,
  GetTrustStoreCaCertificatesBundleOutput,
  GetTrustStoreRevocationContentInput,
  GetTrustStoreRevocationContentOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Encryption } from '../../../encryption.ts'
import { operation } from '../../../service.ts'
import { elbError } from '../../errors.ts'
import { rowOf, trustStoreKind } from '../../references.ts'
import { locationOf } from '../../trust-stores/locations.ts'

const getTrustStoreCaCertificatesBundle = (encryption: Encryption) =>
  operation<GetTrustStoreCaCertificatesBundleInput, GetTrustStoreCaCertificatesBundleOutput>({
    name: 'GetTrustStoreCaCertificatesBundle',
    effect: 'reads',
    resources: ({ TrustStoreArn = '' }) => [TrustStoreArn],
    handle: ({ TrustStoreArn }, call) => {
      const { id } = rowOf(call.store, call.scope, trustStoreKind, TrustStoreArn)
      return { Location: locationOf(encryption, call, { trustStoreArn: id }) }
    },
  })

const getTrustStoreRevocationContent = (encryption: Encryption) =>
  operation<GetTrustStoreRevocationContentInput, GetTrustStoreRevocationContentOutput>({
    name: 'GetTrustStoreRevocationContent',
    effect: 'reads',
    resources: ({ TrustStoreArn = '' }) => [TrustStoreArn],
    handle: ({ TrustStoreArn, RevocationId }, call) => {
      const { id, revocations } = rowOf(call.store, call.scope, trustStoreKind, TrustStoreArn)
      const found = revocations.find(({ revocationId }) => revocationId === RevocationId)
      if (!found)
        throw elbError(
          'RevocationIdNotFound',
          `The specified revocation ID '${RevocationId ?? ''}' does not exist`,
        )
      const { revocationId } = found
      return { Location: locationOf(encryption, call, { trustStoreArn: id, revocationId }) }
    },
  })

export const locationOperations = (encryption: Encryption) => [
  getTrustStoreCaCertificatesBundle(encryption),
  getTrustStoreRevocationContent(encryption),
]
