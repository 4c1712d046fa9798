export { ClientMessageError, encodeChannelClosed, flag, payloadType } from './data-channel/client-message.ts'
export { MessageStream } from './data-channel/message-stream.ts'
export { createEndpoint, type Endpoint, type EndpointOptions } from './endpoint.ts'
export { AwsError, type AwsErrorOptions } from './error.ts'
export { httpListener, toHttpRequest } from './http-listener.ts'
export { type HttpRequest, type HttpResponse, splitUrl } from './http-message.ts'
export {
  type BucketSettings,
  hasBuckets,
  type ObjectName,
  readBucketSettings,
} from './objects/buckets.ts'
export { createObjectReader, ObjectError, type ReadObject } from './objects/object-reader.ts'
export {
  type AwsService,
  anonymousIdentity,
  type ClientModule,
  type DeferredClient,
  type EnumMembers,
  type ExtraMembers,
  type FindSigningKey,
  type Identity,
  type NumberMembers,
  type OperationHandler,
  type ProtocolName,
  type RequestContext,
  type SigningKey,
} from './service.ts'
export { soonInShortTurns } from './short-turns.ts'
export { agentAccessKeyId, agentSecretAccessKey, isAgentAccessKeyId } from './signature/agent-key.ts'
export { Sha256 } from './signature/sha256.ts'
export { verifySignedFrame } from './signature/signed-frame.ts'
export { type SignatureOptions, type Signer, verifySignature } from './signature/verify-signature.ts'
