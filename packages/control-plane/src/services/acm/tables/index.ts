import { scopeKey, scopeOfArn } from '@berth/model'
import { defineTable, type Millis, type Row } from '../../../store/table.ts'
import type { KeyValueTag } from '../../key-value-tags.ts'

export {
  type AcmeAccountRow,
  type AcmeOrderRow,
  acmeAccountId,
  acmeAccounts,
  acmeOrders,
  scopeOfAcmeAccount,
} from './acme.ts'

/** What a certificate says of itself, and its private key. */
export interface CertificateMaterial {
  /** PEM. */
  readonly certificate: string
  /** PEM, the issuer of the certificate first; empty: it has issued itself. */
  readonly chain: string
  /** PEM of PKCS #8, by the server's key, bound to the row's id. */
  readonly encryptedPrivateKey: string
  /** `0f:9a:…` */
  readonly serial: string
  /** `CN=example.com,O=Example` */
  readonly subject: string
  readonly issuer: string
  readonly notBefore: Millis
  readonly notAfter: Millis
  readonly keyAlgorithm: KeyAlgorithm
  readonly signatureAlgorithm: string
  readonly keyUsages: readonly string[]
  /** By OID. */
  readonly extendedKeyUsages: readonly string[]
}

export type KeyAlgorithm =
  | 'RSA_1024'
  | 'RSA_2048'
  | 'RSA_3072'
  | 'RSA_4096'
  | 'EC_prime256v1'
  | 'EC_secp384r1'
  | 'EC_secp521r1'

/**
 * (AWS: ACM API reference, CertificateDetail). Its id is the ARN. Written by operations; `status`, `failureReason`, `issuedAt`,
 * `material`, `issuance` and `renewal` of a requested certificate by the reconcilers.
 */
export interface CertificateRow extends Row {
  readonly type: 'IMPORTED' | 'AMAZON_ISSUED'
  readonly status: 'PENDING_VALIDATION' | 'ISSUED' | 'FAILED' | 'VALIDATION_TIMED_OUT'
  readonly domainName: string
  /** The domain name first. */
  readonly subjectAlternativeNames: readonly string[]
  readonly createdAt: Millis
  readonly importedAt?: Millis
  readonly issuedAt?: Millis
  readonly failureReason?: FailureReason
  /** Of one that another authority has refused for now. */
  readonly issuance?: { readonly failures: number; readonly tryAgainAt: Millis }
  readonly material?: CertificateMaterial
  /** Of a requested certificate. */
  readonly request?: CertificateRequest
  readonly renewal?: {
    readonly status: 'PENDING_AUTO_RENEWAL' | 'SUCCESS' | 'FAILED'
    readonly updatedAt: Millis
  }
  /** Its private key was given out. */
  readonly isExported?: boolean
  readonly tags: readonly KeyValueTag[]
}

/** (AWS: ACM API reference, CertificateDetail) */
export type FailureReason = 'CAA_ERROR' | 'DOMAIN_NOT_ALLOWED' | 'INVALID_PUBLIC_DOMAIN' | 'OTHER'

export interface CertificateRequest {
  /** Of an authority that the operator has named; absent: Berth's own issues it. */
  readonly isOfAcme?: true
  readonly keyAlgorithm: KeyAlgorithm
  readonly validationMethod: 'DNS' | 'EMAIL'
  /** By domain name, whose mail is asked; of validation by mail. */
  readonly validationDomains: Readonly<Record<string, string>>
  readonly transparencyLogging: 'ENABLED' | 'DISABLED'
  readonly isExportable: boolean
  readonly idempotencyToken?: string
}

const scopeKeyOf = (arn: string): string => scopeKey(scopeOfArn(arn))

/** Of idempotency tokens. */
export const tokenKey = (scope: string, token: string): string => `${scope}|${token}`

export const certificates = defineTable<CertificateRow>()({
  name: 'acm.certificates',
  indexes: {
    byScope: row => scopeKeyOf(row.id),
    byToken: row =>
      row.request?.idempotencyToken && tokenKey(scopeKeyOf(row.id), row.request.idempotencyToken),
    /** Those that wait for Berth's authority of their account and region. */
    byWaitingScope: row =>
      row.status === 'PENDING_VALIDATION' && !row.request?.isOfAcme ? scopeKeyOf(row.id) : undefined,
    byAcmeScope: row => row.request?.isOfAcme && scopeKeyOf(row.id),
  },
})

/**
 * Berth's own certificate authority of an account and region. Its id is `authority SCOPE`. Written by the reconciler; it is made
 * when it is first needed.
 */
export interface AuthorityRow extends Row {
  /** PEM. */
  readonly certificate: string
  /** PEM of PKCS #8, by the server's key, bound to the row's id. */
  readonly encryptedPrivateKey: string
  readonly createdAt: Millis
}

export const authorityId = (scope: string): string => `authority ${scope}`

export const authorities = defineTable<AuthorityRow>()({ name: 'acm.authorities', indexes: {} })

/** Its id is the account and region. Written by PutAccountConfiguration. */
export interface AccountConfigurationRow extends Row {
  readonly daysBeforeExpiry: number
}

export const accountConfigurations = defineTable<AccountConfigurationRow>()({
  name: 'acm.account-configurations',
  indexes: {},
})
