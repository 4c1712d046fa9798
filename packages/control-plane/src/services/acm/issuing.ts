/** What Berth's authority is asked to do: effects, for keys are made outside. */
import type { KeyAlgorithm } from './tables/index.ts'

/** Makes the authority of an account and region; its result is a MadeAuthority. */
export const makeAuthorityKind = 'acm.makeAuthority'

export interface AuthorityRequest {
  readonly authorityId: string
  readonly accountId: string
}

export interface MadeAuthority {
  /** PEM. */
  readonly certificate: string
  /** Bound to the authority's id. */
  readonly encryptedPrivateKey: string
}

/** Makes a key and a certificate; its result is an IssuedCertificate. */
export const issueCertificateKind = 'acm.issueCertificate'

export interface IssueRequest {
  readonly certificateArn: string
  readonly authorityId: string
  /** The first is the common name. */
  readonly domainNames: readonly string[]
  readonly keyAlgorithm: KeyAlgorithm
}

export interface IssuedCertificate {
  /** PEM. */
  readonly certificate: string
  /** PEM, of the authority. */
  readonly chain: string
  /** Bound to the certificate's ARN. */
  readonly encryptedPrivateKey: string
}
