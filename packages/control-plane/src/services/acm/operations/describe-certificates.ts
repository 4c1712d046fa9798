import type {
  CertificateSummary,
  DescribeCertificateRequest,
  DescribeCertificateResponse,
  DomainValidation,
  DomainValidationSummary,
  Filters,
  ListCertificateDomainValidationsRequest,
  ListCertificateDomainValidationsResponse,
  ListCertificatesRequest,
  ListCertificatesResponse,
} from '@aws-sdk/client-acm'
import { scopeKey } from '@berth/model'
import { takeRows } from '../../row-page.ts'
import { operation } from '../../service.ts'
import { constraint, validationFailed } from '../errors.ts'
import { findCertificate } from '../references.ts'
import { certificateDetail, certificateSummary, domainValidationsOf } from '../responses/certificate.ts'
import type { AcmParts } from '../service-parts.ts'
import { certificates } from '../tables/index.ts'

const mostItems = 1_000
const pageRules = {
  most: mostItems,
  invalidSize: () => constraint('maxItems', `be between 1 and ${mostItems}`),
  invalidToken: () => validationFailed('The NextToken is invalid.'),
}

/** Only these are listed by those who ask for no others. (AWS: ListCertificates) */
const defaultKeyTypes: NonNullable<Filters['keyTypes']> = ['RSA_1024', 'RSA_2048']

/** One of the wanted ones is among what there is; none wanted: anything is right. */
const isAmong = <T>(wanted: readonly T[] | undefined, there: readonly T[]): boolean =>
  !wanted?.length || wanted.some(value => there.includes(value))

const isIncluded = (summary: CertificateSummary, includes: Filters): boolean =>
  isAmong(includes.keyTypes ?? defaultKeyTypes, [summary.KeyAlgorithm]) &&
  isAmong(includes.keyUsage, summary.KeyUsages ?? []) &&
  isAmong(includes.extendedKeyUsage, summary.ExtendedKeyUsages ?? []) &&
  (includes.exportOption === undefined || includes.exportOption === summary.ExportOption) &&
  includes.managedBy === undefined

const checkList = ({ SortBy, SortOrder }: ListCertificatesRequest): void => {
  if ((SortBy === undefined) !== (SortOrder === undefined))
    throw validationFailed('SortBy and SortOrder must be specified together.')
}

export const listCertificates = ({ uses }: AcmParts) =>
  operation<ListCertificatesRequest, ListCertificatesResponse>({
    name: 'ListCertificates',
    effect: 'reads',
    resources: () => ['*'],
    handle: (input, { store, scope, now }) => {
      checkList(input)
      const { CertificateStatuses, CertificateKeyPairOrigins, Includes = {}, SortOrder } = input
      const summaries = new Map(
        [...store.where(certificates, 'byScope', scopeKey(scope))].map(row => [
          row.id,
          certificateSummary(row, uses.usedBy(store, row.id).length > 0, now),
        ]),
      )
      const sign = SortOrder === 'DESCENDING' ? -1 : 1
      const rows = [...store.where(certificates, 'byScope', scopeKey(scope))]
        .filter(({ id }) => {
          const summary = summaries.get(id)
          return (
            summary !== undefined &&
            isAmong(CertificateStatuses, [summary.Status]) &&
            isAmong(CertificateKeyPairOrigins, [summary.CertificateKeyPairOrigin]) &&
            isIncluded(summary, Includes)
          )
        })
        .sort((a, b) => sign * (a.createdAt - b.createdAt) || (a.id < b.id ? -1 : 1))
      const filters = [CertificateStatuses, CertificateKeyPairOrigins, Includes, SortOrder]
      const list = `ListCertificates|${scopeKey(scope)}|${JSON.stringify(filters)}`
      const { items, NextToken } = takeRows(
        list,
        { MaxResults: input.MaxItems, NextToken: input.NextToken },
        rows,
        pageRules,
      )
      return {
        CertificateSummaryList: items.flatMap(({ id }) => summaries.get(id) ?? []),
        ...(NextToken && { NextToken }),
      }
    },
  })

export const describeCertificate = ({ uses }: AcmParts) =>
  operation<DescribeCertificateRequest, DescribeCertificateResponse>({
    name: 'DescribeCertificate',
    effect: 'reads',
    resources: ({ CertificateArn = '' }) => [CertificateArn],
    handle: ({ CertificateArn }, { store, scope, now }) => {
      const row = findCertificate(store, scope, CertificateArn)
      return { Certificate: certificateDetail(row, uses.usedBy(store, row.id), now) }
    },
  })

const validationSummary = (validation: DomainValidation): DomainValidationSummary => ({
  DomainName: validation.DomainName,
  ActiveValidationConfiguration: {
    ValidationMethod: validation.ValidationMethod,
    ValidationStatus: validation.ValidationStatus,
    ValidationChallenge: validation.ResourceRecord
      ? { DnsValidationChallenge: { ResourceRecord: validation.ResourceRecord } }
      : {
          EmailValidationChallenge: {
            ValidationEmails: validation.ValidationEmails,
            ValidationDomain: validation.ValidationDomain,
          },
        },
  },
})

export const listCertificateDomainValidations = operation<
  ListCertificateDomainValidationsRequest,
  ListCertificateDomainValidationsResponse
>({
  name: 'ListCertificateDomainValidations',
  effect: 'reads',
  resources: ({ CertificateArn = '' }) => [CertificateArn],
  handle: ({ CertificateArn, MaxItems, NextToken: token }, { store, scope }) => {
    const row = findCertificate(store, scope, CertificateArn)
    const all = domainValidationsOf(row).map(validation => ({ id: validation.DomainName ?? '', validation }))
    const list = `ListCertificateDomainValidations|${row.id}`
    const { items, NextToken } = takeRows(list, { MaxResults: MaxItems, NextToken: token }, all, pageRules)
    return {
      DomainValidationSummaryList: items.map(({ validation }) => validationSummary(validation)),
      ...(NextToken && { NextToken }),
    }
  },
})
