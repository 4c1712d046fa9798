import type { GetCertificateAuthorityResponse } from '@berth/client'
import { scopeKey } from '@berth/model'
import { authorities, authorityId } from '../../acm/index.ts'
import { operation } from '../../service.ts'
import { timestamp } from '../../timestamp.ts'

/** For those who are to trust the certificates that Berth issues. (docs/certificates.md) */
export const getCertificateAuthority = operation<object, GetCertificateAuthorityResponse>({
  name: 'GetCertificateAuthority',
  effect: 'reads',
  resources: () => ['*'],
  handle: (_, { store, scope }) => {
    const row = store.get(authorities, authorityId(scopeKey(scope)))
    return row
      ? { certificateAuthority: { certificate: row.certificate, createdAt: timestamp(row.createdAt) } }
      : {}
  },
})
