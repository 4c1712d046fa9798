/** What an AwsError carries besides its code and message. */
export interface AwsErrorOptions {
  /** HTTP status. Default: what the service's model says of the code, else 400 (500 for a server fault). */
  readonly statusCode?: number
  /** Whose fault: the caller's (client, the default) or the service's. */
  readonly fault?: 'client' | 'server'
  /** Further members of a modelled error; those that the model does not know are dropped. */
  readonly members?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
}

/**
 * An answer that refuses: what a handler throws, and what the wire layer throws itself.
 * `code` is the exception's name in the service's model (ClusterNotFoundException), or one of AWS's common
 * errors in its JSON spelling (AccessDeniedException); the Query protocol's own names are made from it.
 */
export class AwsError extends Error {
  readonly code: string
  readonly statusCode: number | undefined
  readonly fault: 'client' | 'server'
  readonly members: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>

  constructor(code: string, message: string, options: AwsErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = code
    this.code = code
    this.fault = options.fault ?? ((options.statusCode ?? 400) >= 500 ? 'server' : 'client')
    this.statusCode = options.statusCode
    this.members = options.members ?? {}
    this.headers = options.headers ?? {}
  }
}
