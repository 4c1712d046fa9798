/** Why somebody is not logged in. (AWS: Access logs for your Application Load Balancer, Error reason codes) */
export type RefusalReason =
  | 'AuthInvalidAWSALBAuthNonce'
  | 'AuthInvalidGrantError'
  | 'AuthInvalidIdToken'
  | 'AuthInvalidStateParam'
  | 'AuthInvalidUserinfoResponse'
  | 'AuthMissingAWSALBAuthNonce'
  | 'AuthMissingCodeParam'
  | 'AuthMissingHostHeader'
  | 'AuthMissingStateParam'
  | 'AuthTokenEpRequestFailed'
  | 'AuthTokenEpRequestTimeout'
  | 'AuthUserinfoEpRequestFailed'
  | 'AuthUserinfoEpRequestTimeout'
  | 'AuthUserinfoResponseSizeExceeded'
  | 'AuthUnhandledException'

/**
 * 401: the request or what came of it is not valid; 500: the identity provider is not reached or its answer is too large;
 * 561: it answers with an error. (AWS: Troubleshoot your Application Load Balancers)
 */
export class Refusal extends Error {
  readonly status: 401 | 500 | 507 | 561
  readonly reason: RefusalReason

  constructor(status: Refusal['status'], reason: RefusalReason, message = reason as string, cause?: unknown) {
    super(message, { cause })
    this.name = 'Refusal'
    this.status = status
    this.reason = reason
  }
}
