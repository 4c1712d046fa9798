/** Acts for certificates of the operator's authority. Private keys leave here sealed. */
import type { KeyObject } from 'node:crypto'
import type { Performer } from '../../control-loop/effects.ts'
import {
  type AcmeSettings,
  acmeAccounts,
  acmeOrders,
  beginValidationKind,
  type CertificateRow,
  certificates,
  completeOrderKind,
  type IssuedCertificate,
  type KeyAlgorithm,
  type OrderRequest,
  type PlacedOrder,
  placeOrderKind,
} from '../../services/acm/index.ts'
import { accountPerformers } from './account-performers.ts'
import { type AcmePerformersParts, Acting } from './acting.ts'
import { type Ask, beginValidation, completeOrder, placeOrder, readIssued } from './orders.ts'

/** What an order's effect acts on. */
interface Obtaining {
  readonly row: CertificateRow
  readonly key: KeyObject
  readonly ask: Ask
}

const obtaining = (acting: Acting, request: unknown, signal: AbortSignal): Obtaining => {
  const { certificateArn, accountRowId } = request as OrderRequest
  const account = acting.found(acmeAccounts, accountRowId)
  const key = acting.keyOf(account)
  const ask: Ask = (url, payload) =>
    acting.connection.post(url, { key, accountUrl: account.url }, payload, signal)
  return { row: acting.found(certificates, certificateArn), key, ask }
}

const keyAlgorithmOf = ({ request }: CertificateRow): KeyAlgorithm => request?.keyAlgorithm ?? 'RSA_2048'

const place = async (
  acting: Acting,
  { row, key, ask }: Obtaining,
  signal: AbortSignal,
): Promise<PlacedOrder> => {
  const { makePrivateKey } = await import('../x509.ts')
  const { newOrder } = await acting.connection.directory(signal)
  const order = await placeOrder(ask, newOrder, key, row.subjectAlternativeNames)
  const privateKey = await makePrivateKey(keyAlgorithmOf(row))
  return { ...order, encryptedPrivateKey: acting.seal(privateKey, row.id) }
}

const complete = async (acting: Acting, { row, ask }: Obtaining): Promise<IssuedCertificate> => {
  const { certificateRequest } = await import('../x509.ts')
  const order = acting.found(acmeOrders, row.id)
  const { encryptedPrivateKey } = order
  const privateKey = acting.open(encryptedPrivateKey, row.id)
  const text = await completeOrder(ask, order, () =>
    certificateRequest(privateKey, row.subjectAlternativeNames, keyAlgorithmOf(row)),
  )
  return { ...readIssued(text, privateKey), encryptedPrivateKey }
}

export const acmePerformers = (
  settings: AcmeSettings,
  parts: AcmePerformersParts,
): Readonly<Record<string, Performer>> => {
  const acting = new Acting(settings, parts)
  return {
    ...accountPerformers(acting),
    [placeOrderKind]: ({ id, request, signal }) =>
      acting.orRefusal(id, () => place(acting, obtaining(acting, request, signal), signal)),
    [beginValidationKind]: ({ id, request, signal }) =>
      acting.orRefusal(id, () => {
        const { row, ask } = obtaining(acting, request, signal)
        return beginValidation(ask, acting.found(acmeOrders, row.id).authorizationUrls)
      }),
    [completeOrderKind]: ({ id, request, signal }) =>
      acting.orRefusal(id, () => complete(acting, obtaining(acting, request, signal))),
  }
}
