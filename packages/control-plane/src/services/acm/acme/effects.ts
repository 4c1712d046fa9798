/** What is asked of an authority by ACME: effects, each of which may be done again after a crash. (RFC 8555) */
import type { Millis } from '../../../store/table.ts'

/** Makes the account's key; its result is a MadeAccountKey. */
export const makeAccountKeyKind = 'acm.makeAcmeAccountKey'
/** Registers the key, or finds its account; its result is a RegisteredAccount or a Refusal. */
export const registerAccountKind = 'acm.registerAcmeAccount'
/** Makes an order, and the certificate's key; its result is a PlacedOrder or a Refusal. */
export const placeOrderKind = 'acm.placeAcmeOrder'
/** Tells the authority that the challenges are answered; its result is empty or a Refusal. */
export const beginValidationKind = 'acm.beginAcmeValidation'
/** Waits for the validation, and has the certificate issued; its result is an IssuedCertificate or a Refusal. */
export const completeOrderKind = 'acm.completeAcmeOrder'

export interface AccountRequest {
  /** Of the row of the account. */
  readonly accountRowId: string
}

export interface OrderRequest extends AccountRequest {
  readonly certificateArn: string
}

export interface MadeAccountKey {
  /** Bound to the id of the account's row. */
  readonly encryptedPrivateKey: string
}

export interface RegisteredAccount {
  readonly url: string
}

export interface ChallengeAnswer {
  /** The last part of the path that the authority asks for. */
  readonly token: string
  /** What it must get. */
  readonly keyAuthorization: string
}

export interface PlacedOrder {
  readonly url: string
  readonly finalizeUrl: string
  readonly authorizationUrls: readonly string[]
  readonly answers: readonly ChallengeAnswer[]
  /** Bound to the certificate's ARN. */
  readonly encryptedPrivateKey: string
}

/** The authority has said no. */
export interface Refusal {
  readonly refused: {
    /** `rejectedIdentifier`: ACME's error types, without their prefix. (RFC 8555, 6.7) */
    readonly type: string
    readonly detail: string
    readonly retryAfterMs: Millis
  }
}

export const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' && value !== null && 'refused' in value
