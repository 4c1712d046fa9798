/** What a call of the control plane failed with, as the SDK tells it. */
export interface ServiceError {
  readonly name?: string
  readonly message?: string
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string }
}
