export type { Endpoint, EndpointOptions } from './endpoint.ts'
export { AwsError, type AwsErrorOptions } from './error.ts'
export type { HttpRequest, HttpResponse } from './http-message.ts'
export {
  type AwsService,
  anonymousIdentity,
  type ClientModule,
  type EnumMembers,
  type FindSigningKey,
  type Identity,
  type OperationHandler,
  type ProtocolName,
  type RequestContext,
  type SigningKey,
} from './service.ts'
