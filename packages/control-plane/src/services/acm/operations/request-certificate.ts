import type { RequestCertificateRequest, RequestCertificateResponse } from '@aws-sdk/client-acm'
import { formatArn, type Scope, scopeKey } from '@berth/model'
import type { Millis } from '../../../store/table.ts'
import type { View } from '../../../store/view.ts'
import { type Call, operation } from '../../service.ts'
import { type AcmeSettings, isOfAcme } from '../acme/settings.ts'
import { uuidOf } from '../certificate-arn.ts'
import { checkDomainName, isAbove } from '../domain-names.ts'
import { constraint, invalidDomainValidation, invalidParameter, validationFailed } from '../errors.ts'
import type { AcmParts } from '../service-parts.ts'
import {
  type CertificateRequest,
  type CertificateRow,
  certificates,
  type KeyAlgorithm,
  tokenKey,
} from '../tables/index.ts'
import { givenTags } from '../tags.ts'

const mostNames = 100
const hourMs = 3_600_000
/** Those that ACM issues public certificates for. (AWS: RequestCertificate) */
const requestable: readonly KeyAlgorithm[] = ['RSA_2048', 'EC_prime256v1', 'EC_secp384r1']

const namesOf = ({
  DomainName = '',
  SubjectAlternativeNames = [],
}: RequestCertificateRequest): readonly string[] => {
  checkDomainName(DomainName, 'domainName', true)
  for (const name of SubjectAlternativeNames) checkDomainName(name, 'subjectAlternativeNames', false)
  if (SubjectAlternativeNames.length > mostNames)
    throw constraint('subjectAlternativeNames', `have length less than or equal to ${mostNames}`)
  return [...new Set([DomainName, ...SubjectAlternativeNames].map(name => name.toLowerCase()))]
}

const keyAlgorithmOf = (given: string = 'RSA_2048'): KeyAlgorithm => {
  const known = requestable.find(algorithm => algorithm === given)
  if (!known)
    throw validationFailed(`The key algorithm ${given} is not supported for requested certificates.`)
  return known
}

const checkSupported = (input: RequestCertificateRequest): void => {
  if (input.CertificateAuthorityArn !== undefined)
    throw invalidParameter('CertificateAuthorityArn is not supported: there is no AWS Private CA.')
  if (input.ManagedBy !== undefined)
    throw invalidParameter('ManagedBy is not supported: there is no CloudFront.')
  if (input.ValidationMethod === 'HTTP')
    throw invalidParameter('The validation method HTTP is for certificates of CloudFront only.')
  if (input.Options?.ValidationMethod !== undefined)
    throw invalidParameter('Options.ValidationMethod is for certificates that there are already.')
  if (input.IdempotencyToken !== undefined && !/^\w{1,32}$/.test(input.IdempotencyToken))
    throw constraint('idempotencyToken', 'satisfy regular expression pattern: \\w{1,32}')
}

const validationDomainsOf = (
  input: RequestCertificateRequest,
  names: readonly string[],
): Readonly<Record<string, string>> => {
  const given = (input.DomainValidationOptions ?? []).map(({ DomainName = '', ValidationDomain = '' }) => {
    const name = DomainName.toLowerCase()
    if (!names.includes(name) || !isAbove(ValidationDomain.toLowerCase(), name))
      throw invalidDomainValidation(
        `The validation domain ${ValidationDomain} is neither the domain ${DomainName} of the request nor a superdomain of it.`,
      )
    return [name, ValidationDomain.toLowerCase()] as const
  })
  return Object.fromEntries(given)
}

const requestOf = (
  input: RequestCertificateRequest,
  names: readonly string[],
  acme: AcmeSettings | undefined,
): CertificateRequest => ({
  ...(isOfAcme(acme, names) && { isOfAcme: true }),
  keyAlgorithm: keyAlgorithmOf(input.KeyAlgorithm),
  validationMethod: input.ValidationMethod === 'DNS' ? 'DNS' : 'EMAIL',
  validationDomains: validationDomainsOf(input, names),
  transparencyLogging: input.Options?.CertificateTransparencyLoggingPreference ?? 'ENABLED',
  isExportable: input.Options?.Export === 'ENABLED',
  ...(input.IdempotencyToken !== undefined && { idempotencyToken: input.IdempotencyToken }),
})

/** What an earlier call with the token made: ACM keeps tokens for an hour. */
const earlier = (
  view: View,
  scope: Scope,
  names: readonly string[],
  { idempotencyToken: token }: CertificateRequest,
  now: Millis,
): CertificateRow | undefined => {
  if (token === undefined) return undefined
  for (const row of view.where(certificates, 'byToken', tokenKey(scopeKey(scope), token)))
    if (now - row.createdAt < hourMs && row.subjectAlternativeNames.join() === names.join()) return row
  return undefined
}

const newRow = (
  names: readonly string[],
  request: CertificateRequest,
  tags: CertificateRow['tags'],
  { scope, now, randomHex }: Call,
): CertificateRow => ({
  id: formatArn('acm', scope, `certificate/${uuidOf(randomHex(16))}`),
  type: 'AMAZON_ISSUED',
  status: 'PENDING_VALIDATION',
  domainName: names[0] ?? '',
  subjectAlternativeNames: names,
  createdAt: now,
  request,
  tags,
})

/** Issued a moment later by Berth's own authority, or when the operator's has validated its names. (docs/certificates.md) */
export const requestCertificate = ({ acme }: AcmParts) =>
  operation<RequestCertificateRequest, RequestCertificateResponse>({
    name: 'RequestCertificate',
    effect: 'writes',
    resources: (_, { scope }) => [formatArn('acm', scope, 'certificate/*')],
    handle: (input, call) => {
      checkSupported(input)
      const names = namesOf(input)
      const request = requestOf(input, names, acme)
      const tags = givenTags([], input.Tags)
      const { id } = call.store.update(tx => {
        const known = earlier(tx, call.scope, names, request, call.now)
        if (known) return known
        const row = newRow(names, request, tags, call)
        tx.put(certificates, row)
        return row
      })
      return { CertificateArn: id }
    },
  })
