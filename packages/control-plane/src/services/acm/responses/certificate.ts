import type {
  CertificateDetail,
  CertificateSummary,
  DomainStatus,
  DomainValidation,
  ExtendedKeyUsageName,
  KeyUsageName,
  RenewalEligibility,
} from '@aws-sdk/client-acm'
import { parseArn } from '@berth/model'
import type { Millis } from '../../../store/table.ts'
import { timestamp } from '../../timestamp.ts'
import { validationEmailsOf, validationRecordOf } from '../domain-names.ts'
import { extendedKeyUsageNames } from '../key-usages.ts'
import type { CertificateRow } from '../tables/index.ts'

/** More are not in a summary. (AWS: CertificateSummary) */
const mostSummaryNames = 100

export const statusOf = ({ status, material }: CertificateRow, now: Millis) =>
  material && material.notAfter <= now ? 'EXPIRED' : status

const domainStatus = {
  PENDING_VALIDATION: 'PENDING_VALIDATION',
  ISSUED: 'SUCCESS',
  FAILED: 'FAILED',
  VALIDATION_TIMED_OUT: 'FAILED',
} as const

/** How each name of a requested certificate is shown to be the caller's. */
export const domainValidationsOf = (row: CertificateRow): DomainValidation[] => {
  const { request } = row
  if (!request) return []
  const accountId = parseArn(row.id)?.accountId ?? ''
  const ValidationStatus: DomainStatus = domainStatus[row.status]
  return row.subjectAlternativeNames.map(DomainName => {
    const { validationMethod: ValidationMethod } = request
    const ValidationDomain = request.validationDomains[DomainName] ?? DomainName.replace(/^\*\./, '')
    return {
      DomainName,
      ValidationDomain,
      ValidationStatus,
      ValidationMethod,
      ...(ValidationMethod === 'DNS'
        ? { ResourceRecord: validationRecordOf(accountId, DomainName) }
        : { ValidationEmails: validationEmailsOf(ValidationDomain) }),
    }
  })
}

/** (AWS: "Managed certificate renewal in AWS Certificate Manager") */
export const renewalEligibilityOf = (
  row: CertificateRow,
  isUsed: boolean,
  now: Millis,
): RenewalEligibility =>
  row.request && row.material && row.material.notAfter > now && (isUsed || row.isExported)
    ? 'ELIGIBLE'
    : 'INELIGIBLE'

const usageName = (oid: string): ExtendedKeyUsageName =>
  (extendedKeyUsageNames[oid] ?? 'CUSTOM') as ExtendedKeyUsageName

const times = (row: CertificateRow) => ({
  CreatedAt: timestamp(row.createdAt),
  ...(row.issuedAt !== undefined && { IssuedAt: timestamp(row.issuedAt) }),
  ...(row.importedAt !== undefined && { ImportedAt: timestamp(row.importedAt) }),
  ...(row.material && {
    NotBefore: timestamp(row.material.notBefore),
    NotAfter: timestamp(row.material.notAfter),
  }),
})

const materialDetail = ({ material, request }: CertificateRow): Partial<CertificateDetail> =>
  material
    ? {
        Serial: material.serial,
        Subject: material.subject,
        Issuer: material.issuer,
        KeyAlgorithm: material.keyAlgorithm,
        SignatureAlgorithm: material.signatureAlgorithm,
        KeyUsages: material.keyUsages.map(Name => ({ Name: Name as KeyUsageName })),
        ExtendedKeyUsages: material.extendedKeyUsages.map(OID => ({ Name: usageName(OID), OID })),
      }
    : { ...(request && { KeyAlgorithm: request.keyAlgorithm }) }

const optionsOf = ({ request }: CertificateRow) =>
  ({
    CertificateTransparencyLoggingPreference: request?.transparencyLogging ?? 'DISABLED',
    Export: request?.isExportable ? 'ENABLED' : 'DISABLED',
  }) as const

export const certificateDetail = (
  row: CertificateRow,
  usedBy: readonly string[],
  now: Millis,
): CertificateDetail => {
  const validations = domainValidationsOf(row)
  return {
    CertificateArn: row.id,
    DomainName: row.domainName,
    SubjectAlternativeNames: [...row.subjectAlternativeNames],
    Status: statusOf(row, now),
    Type: row.type,
    ...times(row),
    ...materialDetail(row),
    InUseBy: [...usedBy],
    RenewalEligibility: renewalEligibilityOf(row, usedBy.length > 0, now),
    Options: optionsOf(row),
    CertificateKeyPairOrigin: row.request ? 'AWS_MANAGED' : 'CUSTOMER_PROVIDED',
    ...(row.request && { DomainValidationOptions: validations }),
    ...(row.failureReason && { FailureReason: row.failureReason }),
    ...(row.renewal && {
      RenewalSummary: {
        RenewalStatus: row.renewal.status,
        DomainValidationOptions: validations,
        UpdatedAt: timestamp(row.renewal.updatedAt),
      },
    }),
  }
}

export const certificateSummary = (row: CertificateRow, isUsed: boolean, now: Millis): CertificateSummary => {
  const names = row.subjectAlternativeNames
  const keyAlgorithm = row.material?.keyAlgorithm ?? row.request?.keyAlgorithm
  return {
    CertificateArn: row.id,
    DomainName: row.domainName,
    SubjectAlternativeNameSummaries: names.slice(0, mostSummaryNames),
    HasAdditionalSubjectAlternativeNames: names.length > mostSummaryNames,
    Status: statusOf(row, now),
    Type: row.type,
    ...(keyAlgorithm && { KeyAlgorithm: keyAlgorithm }),
    KeyUsages: [...(row.material?.keyUsages ?? [])] as KeyUsageName[],
    ExtendedKeyUsages: (row.material?.extendedKeyUsages ?? []).map(usageName),
    ExportOption: row.request?.isExportable ? 'ENABLED' : 'DISABLED',
    InUse: isUsed,
    Exported: row.isExported ?? false,
    RenewalEligibility: renewalEligibilityOf(row, isUsed, now),
    CertificateKeyPairOrigin: row.request ? 'AWS_MANAGED' : 'CUSTOMER_PROVIDED',
    ...times(row),
  }
}
