/** Who signed a request. */
export interface Identity {
  readonly accountId: string
  readonly arn: string
  readonly userId: string
  readonly accessKeyId: string
  readonly isRoot: boolean
}

/** Operations that AWS lets anyone call (AssumeRoleWithWebIdentity) run as this when nobody signed. */
export const anonymousIdentity: Identity = {
  accountId: '',
  arn: '',
  userId: 'anonymous',
  accessKeyId: '',
  isRoot: false,
}

export interface SigningKey {
  readonly secretAccessKey: string
  /** Temporary credentials: the request must carry exactly this token. */
  readonly sessionToken?: string
  /** Milliseconds since the epoch, after which the key is refused as expired. */
  readonly expiresAt?: number
  readonly identity: Identity
}

/** `sessionToken` is what the request carries, not yet verified: what it says counts only when the key it leads to signed it. */
export type FindSigningKey = (accessKeyId: string, sessionToken?: string) => SigningKey | undefined

export type ProtocolName = 'json-1.0' | 'json-1.1' | 'query' | 'rest-json'

export interface RequestContext {
  readonly requestId: string
  readonly identity: Identity
  /** From the credential scope; empty for an anonymous request. */
  readonly region: string
  /** The signing name: ecs, logs, elasticloadbalancing, sts. */
  readonly service: string
  readonly operation: string
  readonly protocol: ProtocolName
  readonly sourceAddress: string
  readonly userAgent: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Timestamps are Date, blobs Uint8Array, both ways, as in the SDK's own types:
 * `const runTask: OperationHandler<ecs.RunTaskRequest, ecs.RunTaskResponse> = …`
 */
export type OperationHandler<Input = never, Output = unknown> = (
  input: Input,
  context: RequestContext,
) => Output | Promise<Output>

/** The namespace object of an `@aws-sdk/client-*` package: `import * as ecs from '@aws-sdk/client-ecs'`. */
export type ClientModule = Readonly<Record<string, unknown>>

/** A client package that is too large to be loaded before somebody calls its service. */
export interface DeferredClient {
  /** The service name in a credential scope. */
  readonly signingName: string
  readonly load: () => Promise<ClientModule>
}

/**
 * Which enum a structure's member (or the elements of its list, or the values of its map) belongs to, by structure
 * name: `{ RunTaskRequest: { launchType: 'LaunchType' } }`. The enum's values are the client module's own export.
 */
export type EnumMembers = Readonly<Record<string, Readonly<Record<string, string>>>>

/**
 * Text members that a service's clients send although the published model does not have them, by structure name:
 * `{ DiscoverPollEndpointRequest: ['zoneId'] }`. They are handed to the handler like any other member.
 */
export type ExtraMembers = Readonly<Record<string, readonly string[]>>

/** Values by the name of their enumeration. */
export type ExtraEnumValues = Readonly<Record<string, readonly string[]>>

/**
 * A service's number members that are no 32-bit integers, by structure name: `{ doubles: { Scale: ['value'] } }`. The
 * published schemas know numbers only; their types are in the service's API reference.
 */
export interface NumberMembers {
  readonly doubles: Readonly<Record<string, readonly string[]>>
  readonly longs: Readonly<Record<string, readonly string[]>>
}

export interface AwsService {
  readonly client: ClientModule | DeferredClient
  /** `input` has passed the model's checks. Throws AwsError for the caller's faults; anything else is a 500. */
  readonly handle: (operation: string, input: unknown, context: RequestContext) => Promise<unknown>
  /** Default: the map generated for the client, where there is one. */
  readonly enumMembers?: EnumMembers
  readonly extraMembers?: ExtraMembers
  /** Values that the service takes and its client package does not know. */
  readonly extraEnumValues?: ExtraEnumValues
  /** Where it is given, every number that it does not name must be a 32-bit integer; without it, any number passes. */
  readonly numberMembers?: NumberMembers
  /** Code for input that the model refuses; default: what the service's model declares, else ValidationException. */
  readonly validationErrorCode?: string
}
