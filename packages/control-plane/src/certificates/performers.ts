/** Acts for Berth's certificate authority. Private keys leave here sealed. */
import type { Performer } from '../control-loop/effects.ts'
import {
  type AuthorityRequest,
  type AuthorityRow,
  authorities,
  type IssuedCertificate,
  type IssueRequest,
  issueCertificateKind,
  type MadeAuthority,
  makeAuthorityKind,
} from '../services/acm/index.ts'
import type { Encryption } from '../services/encryption.ts'
import type { Millis } from '../store/table.ts'
import type { View } from '../store/view.ts'

export interface CertificatePerformersParts {
  readonly store: View
  readonly encryption: Encryption
  readonly now: () => Millis
}

export const certificatePerformers = ({
  store,
  encryption,
  now,
}: CertificatePerformersParts): Readonly<Record<string, Performer>> => {
  const seal = (privateKey: string, boundTo: string): string =>
    encryption.encrypt(Buffer.from(privateKey), boundTo)
  const keyOf = ({ id, encryptedPrivateKey }: AuthorityRow): string =>
    Buffer.from(encryption.decrypt(encryptedPrivateKey, id)).toString()
  return {
    [makeAuthorityKind]: async ({ request }): Promise<MadeAuthority> => {
      const { makeAuthority } = await import('./x509.ts')
      const { accountId, authorityId } = request as AuthorityRequest
      const { certificate, privateKey } = await makeAuthority(`Berth ${accountId}`, now())
      return { certificate, encryptedPrivateKey: seal(privateKey, authorityId) }
    },
    [issueCertificateKind]: async ({ request }): Promise<IssuedCertificate> => {
      const { issueCertificate } = await import('./x509.ts')
      const { authorityId, certificateArn, domainNames, keyAlgorithm } = request as IssueRequest
      const row = store.get(authorities, authorityId)
      if (!row) throw new Error(`There is no ${authorityId}`)
      const authority = { certificate: row.certificate, privateKey: keyOf(row) }
      const { certificate, privateKey } = await issueCertificate(authority, domainNames, keyAlgorithm, now())
      return {
        certificate,
        chain: row.certificate,
        encryptedPrivateKey: seal(privateKey, certificateArn),
      }
    },
  }
}
