import type { Catalog, ErrorModel, Operation, ServiceModel } from '../catalog.ts'
import { AwsError } from '../error.ts'
import type { HttpRequest, HttpResponse } from '../http-message.ts'
import type { ProtocolName } from '../service.ts'
import { writeDocument } from '../shapes/to-json.ts'

/** A wire protocol: recognises its requests, and writes their answers. */
export interface Protocol {
  /** undefined for a request of another protocol. Never throws. */
  recognise(request: HttpRequest): Call | undefined
}

/** One request, in the words of its protocol. */
export interface Call {
  readonly protocol: ProtocolName
  /** `signingName` decides between services that the request itself does not tell apart. Throws AwsError. */
  find(catalog: Catalog, signingName: string): Operation
  /** Throws InputFault for input that the model refuses, AwsError for what is no input at all. */
  readInput(operation: Operation): unknown
  /** Throws TypeError when the output is not what the model says. */
  writeOutput(operation: Operation, output: unknown, requestId: string): HttpResponse
  writeError(refusal: Refusal, requestId: string): HttpResponse
}

/** An error with what its service's model knows of it. */
export interface Refusal {
  /** The exception's name in the model, or a common error's in its JSON spelling. */
  readonly code: string
  readonly message: string
  readonly statusCode: number
  readonly fault: 'client' | 'server'
  readonly members: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>
  readonly model: ErrorModel | undefined
  readonly service: ServiceModel | undefined
}

export function refusalOf(error: AwsError, service: ServiceModel | undefined): Refusal {
  const model = service?.errors.get(error.code)
  return {
    code: model?.name ?? error.code,
    message: error.message,
    statusCode: error.statusCode ?? model?.statusCode ?? (error.fault === 'server' ? 500 : 400),
    fault: model?.fault ?? error.fault,
    members: error.members,
    headers: error.headers,
    model,
    service,
  }
}

/** The body of a modelled error; its message goes where the model has it, or is called `message`. */
export function errorDocument(refusal: Refusal): Record<string, unknown> {
  const shape = refusal.model?.shape
  if (!shape) return { message: refusal.message }
  const messageName = shape.byName.has('Message') ? 'Message' : 'message'
  const members = writeDocument(shape, refusal.members)
  return { ...members, [messageName]: refusal.message }
}

/** What may stand in a header: a code comes from a handler, and a header must never break an answer. */
export function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?')
}

export function unknownOperation(message: string, statusCode = 400): AwsError {
  return new AwsError('UnknownOperationException', message, { statusCode })
}
