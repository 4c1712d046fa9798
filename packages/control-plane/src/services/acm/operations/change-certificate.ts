import type {
  DeleteCertificateRequest,
  RenewCertificateRequest,
  ResendValidationEmailRequest,
  UpdateCertificateOptionsRequest,
} from '@aws-sdk/client-acm'
import { operation } from '../../service.ts'
import { certificateInUse, invalidParameter, invalidState, validationFailed } from '../errors.ts'
import { findCertificate } from '../references.ts'
import type { AcmParts } from '../service-parts.ts'
import { certificates } from '../tables/index.ts'

export const deleteCertificate = ({ uses }: AcmParts) =>
  operation<DeleteCertificateRequest, object>({
    name: 'DeleteCertificate',
    effect: 'frees',
    resources: ({ CertificateArn = '' }) => [CertificateArn],
    handle: ({ CertificateArn }, { store, scope }) =>
      store.update(tx => {
        const { id } = findCertificate(tx, scope, CertificateArn)
        if (uses.usedBy(tx, id).length > 0) throw certificateInUse(id)
        tx.delete(certificates, id)
        return {}
      }),
  })

/** Only what has been exported: the others are renewed where they are used. (AWS: RenewCertificate) */
export const renewCertificate = operation<RenewCertificateRequest, object>({
  name: 'RenewCertificate',
  effect: 'writes',
  resources: ({ CertificateArn = '' }) => [CertificateArn],
  handle: ({ CertificateArn }, { store, scope, now }) =>
    store.update(tx => {
      const row = findCertificate(tx, scope, CertificateArn)
      if (!row.request || !row.material || !row.isExported)
        throw validationFailed(`Certificate ${row.id} is not eligible for renewal: it has not been exported.`)
      tx.put(certificates, { ...row, renewal: { status: 'PENDING_AUTO_RENEWAL', updatedAt: now } })
      return {}
    }),
})

export const updateCertificateOptions = operation<UpdateCertificateOptionsRequest, object>({
  name: 'UpdateCertificateOptions',
  effect: 'writes',
  resources: ({ CertificateArn = '' }) => [CertificateArn],
  handle: ({ CertificateArn, Options = {} }, { store, scope }) =>
    store.update(tx => {
      const row = findCertificate(tx, scope, CertificateArn)
      if (!row.request) throw invalidState(`Certificate ${row.id} was imported: it has no options.`)
      if (Options.ValidationMethod !== undefined)
        throw invalidParameter(
          'Options.ValidationMethod is not supported: nothing validates domains by DNS or mail.',
        )
      if (Options.Export !== undefined && (Options.Export === 'ENABLED') !== row.request.isExportable)
        throw validationFailed('The export option of a certificate cannot be changed.')
      const transparencyLogging =
        Options.CertificateTransparencyLoggingPreference ?? row.request.transparencyLogging
      tx.put(certificates, { ...row, request: { ...row.request, transparencyLogging } })
      return {}
    }),
})

/** No domain is validated by mail: there is never a message to send again. */
export const resendValidationEmail = operation<ResendValidationEmailRequest, object>({
  name: 'ResendValidationEmail',
  effect: 'writes',
  resources: ({ CertificateArn = '' }) => [CertificateArn],
  handle: ({ CertificateArn }, { store, scope }) => {
    const row = findCertificate(store, scope, CertificateArn)
    throw invalidState(
      `No validation email is sent for certificate ${row.id}: domains are not validated by mail.`,
    )
  },
})
