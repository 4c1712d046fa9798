import { Catalog, type Operation, type ServiceModel } from './catalog.ts'
import { AwsError } from './error.ts'
import type { HttpRequest, HttpResponse } from './http-message.ts'
import { jsonProtocol } from './protocols/json.ts'
import { type Call, type Protocol, refusalOf } from './protocols/protocol.ts'
import { queryProtocol } from './protocols/query.ts'
import { restJsonProtocol } from './protocols/rest-json.ts'
import { UnrecognisedCall } from './protocols/unrecognised.ts'
import {
  type AwsService,
  anonymousIdentity,
  type FindSigningKey,
  type Identity,
  type RequestContext,
} from './service.ts'
import { InputFault, inputError } from './shapes/input-fault.ts'
import { readSignature } from './signature/read-signature.ts'
import { type Signer, verifyReadSignature } from './signature/verify-signature.ts'

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

/** 8 MiB: a PutLogEvents batch may hold 1 MiB of text, of which JSON can make six. */
const defaultBodyLimitBytes = 8 * 1024 * 1024

/** In the order in which they are asked; a request is of the first one that recognises it. */
const protocols: readonly Protocol[] = [jsonProtocol, queryProtocol, restJsonProtocol]

/**
 * AWS's endpoint for all the given services: verifies, dispatches, decodes, validates, and writes the answers.
 * Throws when a client module is not one.
 */
export function createEndpoint(options: EndpointOptions): Endpoint {
  return new ServiceEndpoint(options)
}

class ServiceEndpoint implements Endpoint {
  readonly bodyLimitBytes: number
  readonly #options: EndpointOptions
  readonly #catalog: Catalog

  constructor(options: EndpointOptions) {
    this.bodyLimitBytes = options.bodyLimitBytes ?? defaultBodyLimitBytes
    this.#options = options
    this.#catalog = new Catalog(options.services)
  }

  async handle(request: HttpRequest): Promise<HttpResponse> {
    const requestId = this.#options.newRequestId()
    const call = recognise(request)
    let operation: Operation | undefined
    let context: RequestContext | undefined
    try {
      if (request.body.length > this.bodyLimitBytes) throw bodyTooLarge(this.bodyLimitBytes)
      const signer = authenticate(request, call, this.#catalog, this.#options)
      const loading = this.#catalog.loading(signer.service)
      if (loading) await loading
      operation = findOperation(call, this.#catalog, signer, this.#options)
      context = makeContext(request, call, operation, signer, requestId)
      const input = call.readInput(operation)
      const output = await operation.service.service.handle(operation.name, input, context)
      return call.writeOutput(operation, output, requestId)
    } catch (error) {
      return this.#answerError(error, call, operation?.service, context, requestId)
    }
  }

  refuse(request: HttpRequest, error: AwsError): HttpResponse {
    return recognise(request).writeError(refusalOf(error, undefined), this.#options.newRequestId())
  }

  #answerError(
    error: unknown,
    call: Call,
    service: ServiceModel | undefined,
    context: RequestContext | undefined,
    requestId: string,
  ): HttpResponse {
    const known = callersFault(error, service)
    try {
      if (known) return call.writeError(refusalOf(known, service), requestId)
      this.#report(error, context)
    } catch (broken) {
      // The error's own members are not what the model says.
      this.#report(broken, context)
    }
    return call.writeError(refusalOf(internalFailure(), undefined), requestId)
  }

  /** An observer that fails must not take the answer with it. */
  #report(error: unknown, context: RequestContext | undefined): void {
    try {
      this.#options.onFault?.(error, context)
    } catch (failure) {
      process.emitWarning(failure instanceof Error ? failure : 'the observer of faults failed')
    }
  }
}

function recognise(request: HttpRequest): Call {
  for (const protocol of protocols) {
    const call = protocol.recognise(request)
    if (call) return call
  }
  return new UnrecognisedCall(request)
}

function authenticate(request: HttpRequest, call: Call, catalog: Catalog, options: EndpointOptions): Signer {
  const signature = readSignature(request)
  if (signature) return verifyReadSignature(request, signature, options)
  const operation = findUnsigned(call, catalog)
  if (!operation?.allowsAnonymous) {
    throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token')
  }
  return { identity: anonymousIdentity, region: '', service: operation.service.signingName }
}

/** To who has not signed, an operation that does not exist is the same as one that needs a signature. */
function findUnsigned(call: Call, catalog: Catalog): Operation | undefined {
  try {
    return call.find(catalog, '')
  } catch (error) {
    if (error instanceof AwsError) return undefined
    throw error
  }
}

function findOperation(call: Call, catalog: Catalog, signer: Signer, options: EndpointOptions): Operation {
  const operation = call.find(catalog, signer.service)
  const { signingName } = operation.service
  if (signingName !== '' && signer.service !== signingName && !options.acceptAnyCredentials) {
    throw new AwsError(
      'InvalidSignatureException',
      `Credential should be scoped to correct service: '${signingName}'. `,
    )
  }
  if (operation.isStreaming) {
    throw new AwsError(
      'UnsupportedOperationException',
      `${operation.name} streams events, which is not supported here`,
    )
  }
  return operation
}

function makeContext(
  request: HttpRequest,
  call: Call,
  operation: Operation,
  signer: Signer,
  requestId: string,
): RequestContext {
  return {
    requestId,
    identity: signer.identity,
    region: signer.region,
    service: operation.service.signingName || signer.service,
    operation: operation.name,
    protocol: call.protocol,
    sourceAddress: request.sourceAddress,
    userAgent: request.headers['user-agent'] ?? '',
    headers: request.headers,
  }
}

/** undefined when the error is not the caller's, and its text not for the caller's eyes. */
function callersFault(error: unknown, service: ServiceModel | undefined): AwsError | undefined {
  if (error instanceof AwsError) return error
  if (error instanceof InputFault)
    return inputError(error, service?.validationErrorCode ?? 'ValidationException')
  return undefined
}

function internalFailure(): AwsError {
  const message = 'The request processing has failed because of an unknown error, exception or failure.'
  return new AwsError('InternalFailure', message, { statusCode: 500 })
}

export function bodyTooLarge(limitBytes: number): AwsError {
  return new AwsError(
    'RequestEntityTooLargeException',
    `The request body is larger than ${limitBytes} bytes`,
    {
      statusCode: 413,
    },
  )
}
