import type { AwsError } from './error.ts'
import type { HttpRequest, HttpResponse } from './http-message.ts'
import type { AwsService, FindSigningKey, Identity, RequestContext } from './service.ts'

export interface EndpointOptions {
  readonly services: readonly AwsService[]
  readonly findSigningKey: FindSigningKey
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly newRequestId: () => string
  /** Largest request body taken, in bytes; default 8 MiB (a full PutLogEvents batch, escaped). */
  readonly bodyLimitBytes?: number
  /** Any request that looks signed is taken as this identity; signatures are not checked. */
  readonly acceptAnyCredentials?: Identity
  /** Told of every exception that is our own fault; the caller only sees an InternalFailure. */
  readonly onFault?: (error: unknown, context: RequestContext | undefined) => void
}

export interface Endpoint {
  readonly bodyLimitBytes: number
  /** Never rejects: every failure is an answer. */
  handle(request: HttpRequest): Promise<HttpResponse>
  /** The answer that tells `error` in the protocol of a request whose body need not be complete. */
  refuse(request: HttpRequest, error: AwsError): HttpResponse
}
