import { defineTable, type Millis, type Row } from '../../../store/table.ts'
import type { ChallengeAnswer } from '../acme/effects.ts'

/**
 * The account at an authority that the operator has named. Its id is `acme-account SCOPE DIRECTORY`. Written by the reconciler
 * of accounts; that of orders deletes one which the authority does not know.
 */
export interface AcmeAccountRow extends Row {
  /** PEM of PKCS #8, by the server's key, bound to the row's id. */
  readonly encryptedPrivateKey: string
  /** Absent until the authority has registered it. */
  readonly url?: string
  readonly tryAgainAt?: Millis
  readonly createdAt: Millis
}

export const acmeAccountId = (scope: string, directoryUrl: string): string =>
  `acme-account ${scope} ${directoryUrl}`

export const scopeOfAcmeAccount = (id: string): string => id.split(' ')[1] ?? ''

export const acmeAccounts = defineTable<AcmeAccountRow>()({ name: 'acm.acme-accounts', indexes: {} })

/** A certificate that is being obtained. Its id is the certificate's ARN. Written by the reconciler. */
export interface AcmeOrderRow extends Row {
  readonly accountRowId: string
  readonly url: string
  readonly finalizeUrl: string
  readonly authorizationUrls: readonly string[]
  /** What load balancers answer; empty where the authority has validated every name a while ago. */
  readonly answers: readonly ChallengeAnswer[]
  /** Of the certificate: PEM of PKCS #8, by the server's key, bound to the certificate's ARN. */
  readonly encryptedPrivateKey: string
  /** By then the load balancers answer. */
  readonly answeredAt: Millis
  /** The authority knows that they do. */
  readonly isBegun: boolean
}

export const acmeOrders = defineTable<AcmeOrderRow>()({ name: 'acm.acme-orders', indexes: {} })
