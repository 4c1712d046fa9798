/** Certificates of listeners, which are AWS Certificate Manager's. */
import type { Certificate } from '@aws-sdk/client-elastic-load-balancing-v2'
import { type Scope, scopeKey, scopeOfArn } from '@berth/model'
import type { View } from '../../store/view.ts'
import { elbError, validationError } from './errors.ts'

/** Whether a listener can present the certificate of this ARN; undefined when there is none. */
export type CanServe = (view: View, arn: string) => boolean | undefined

export interface CertificatePlace {
  readonly view: View
  readonly scope: Scope
  readonly canServe: CanServe
}

const checkCertificate = ({ view, scope, canServe }: CertificatePlace, arn: string): void => {
  const isOwn = scopeKey(scopeOfArn(arn)) === scopeKey(scope)
  const serves = isOwn ? canServe(view, arn) : undefined
  if (serves === undefined) throw elbError('CertificateNotFound', `Certificate '${arn}' not found`)
  if (!serves)
    throw elbError(
      'UnsupportedCertificate',
      `The certificate '${arn}' must have a fully-qualified domain name, a supported signature, and a supported key size.`,
    )
}

/** Their ARNs. Throws CertificateNotFound, and UnsupportedCertificate for one that is not issued. */
export const givenCertificates = (place: CertificatePlace, given: readonly Certificate[] = []): string[] =>
  given.map(({ CertificateArn = '', IsDefault }) => {
    if (IsDefault !== undefined)
      throw validationError('You cannot set the isDefault parameter for a certificate')
    checkCertificate(place, CertificateArn)
    return CertificateArn
  })
