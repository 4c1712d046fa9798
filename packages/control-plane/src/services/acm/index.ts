/** AWS Certificate Manager: certificates for listeners, imported, or issued by Berth's own authority or the operator's. (docs/certificates.md) */
import { effects } from '../../control-loop/effects-table.ts'
import type { View } from '../../store/view.ts'
import type { Encryption } from '../encryption.ts'
import type { Service } from '../service.ts'
import { accountConfigurationOperations } from './operations/account-configuration.ts'
import {
  deleteCertificate,
  renewCertificate,
  resendValidationEmail,
  updateCertificateOptions,
} from './operations/change-certificate.ts'
import {
  describeCertificate,
  listCertificateDomainValidations,
  listCertificates,
} from './operations/describe-certificates.ts'
import { exportCertificate, getCertificate } from './operations/get-certificate.ts'
import { importCertificate } from './operations/import-certificate.ts'
import { requestCertificate } from './operations/request-certificate.ts'
import { tagOperations } from './operations/tags.ts'
import { acmeAccountReconciler } from './reconcilers/acme-accounts.ts'
import { acmeOrderReconciler } from './reconcilers/acme-orders.ts'
import { authorityReconciler } from './reconcilers/authority.ts'
import { certificateReconciler } from './reconcilers/certificates.ts'
import type { AcmParts } from './service-parts.ts'
import { accountConfigurations, acmeAccounts, acmeOrders, authorities, certificates } from './tables/index.ts'

export {
  type AccountRequest,
  beginValidationKind,
  type ChallengeAnswer,
  completeOrderKind,
  type MadeAccountKey,
  makeAccountKeyKind,
  type OrderRequest,
  type PlacedOrder,
  placeOrderKind,
  type Refusal,
  type RegisteredAccount,
  registerAccountKind,
} from './acme/effects.ts'
export { type AcmeSettings, readAcmeSettings } from './acme/settings.ts'
export {
  type AuthorityRequest,
  type IssuedCertificate,
  type IssueRequest,
  issueCertificateKind,
  type MadeAuthority,
  makeAuthorityKind,
} from './issuing.ts'
export type { CertificateUses } from './service-parts.ts'
export {
  type AcmeAccountRow,
  type AcmeOrderRow,
  type AuthorityRow,
  acmeAccounts,
  acmeOrders,
  authorities,
  authorityId,
  type CertificateRow,
  certificates,
  type KeyAlgorithm,
} from './tables/index.ts'

export const createAcmService = (parts: AcmParts): Service => ({
  name: 'acm',
  client: { signingName: 'acm', load: () => import('@aws-sdk/client-acm') },
  unsupportedCode: 'UnsupportedFeatureException',
  operations: [
    ...accountConfigurationOperations,
    deleteCertificate(parts),
    describeCertificate(parts),
    exportCertificate(parts),
    getCertificate,
    importCertificate(parts),
    listCertificateDomainValidations,
    listCertificates(parts),
    renewCertificate,
    requestCertificate(parts),
    resendValidationEmail,
    updateCertificateOptions,
    ...tagOperations,
  ],
  tables: [accountConfigurations, acmeAccounts, acmeOrders, authorities, certificates, effects],
  histories: [],
  reconcilers: [
    authorityReconciler,
    certificateReconciler(parts.uses),
    acmeAccountReconciler(parts.acme),
    acmeOrderReconciler(parts),
  ],
})

/** What a listener serves a certificate with: PEM, the private key readable. */
export interface ServedCertificate {
  readonly certificate: string
  /** Empty: the certificate has issued itself. */
  readonly chain: string
  readonly privateKey: string
}

/** False when it is not issued; undefined when there is none. */
export const canServeCertificate = (view: View, certificateArn: string): boolean | undefined => {
  const row = view.get(certificates, certificateArn)
  return row && row.material !== undefined
}

/**
 * Undefined when there is none, when it is not issued yet, and when another server's key has sealed its private key, which the
 * operator was told at the start.
 */
export const servedCertificate = (
  view: View,
  encryption: Encryption,
  certificateArn: string,
): ServedCertificate | undefined => {
  const material = view.get(certificates, certificateArn)?.material
  if (!material || !encryption.isOwn(material.encryptedPrivateKey)) return undefined
  const privateKey = Buffer.from(encryption.decrypt(material.encryptedPrivateKey, certificateArn)).toString()
  return { certificate: material.certificate, chain: material.chain, privateKey }
}
