import type { Catalog, Operation } from '../catalog.ts'
import { AwsError } from '../error.ts'
import { type HttpRequest, type HttpResponse, splitUrl } from '../http-message.ts'
import type { Route } from '../route.ts'
import { checkMembers, readDocument, readValue } from '../shapes/from-json.ts'
import { readText } from '../shapes/from-text.ts'
import { InputFault, within } from '../shapes/input-fault.ts'
import type { Member, StructureShape } from '../shapes/shape.ts'
import { writeDocument } from '../shapes/to-json.ts'
import { writeText } from '../shapes/to-text.ts'
import { parseJson } from './json.ts'
import {
  type Call,
  errorDocument,
  headerText,
  type Protocol,
  type Refusal,
  unknownOperation,
} from './protocol.ts'
import { UnrecognisedCall } from './unrecognised.ts'

/** REST with JSON bodies: method and path name the operation, and hold some of its members. */
export const restJsonProtocol: Protocol = {
  recognise: request => (splitUrl(request.url).path === '/' ? undefined : new RestJsonCall(request)),
}

type Labels = Readonly<Record<string, string>>

class RestJsonCall implements Call {
  readonly protocol = 'rest-json'
  readonly #request: HttpRequest
  #labels: Labels = {}
  /** Undefined until the service was looked for. */
  #isOfRestService: boolean | undefined

  constructor(request: HttpRequest) {
    this.#request = request
  }

  find(catalog: Catalog, signingName: string): Operation {
    const { method, url } = this.#request
    const service = catalog.bySigningName(signingName)
    this.#isOfRestService = (service?.routes.length ?? 0) > 0
    if (!this.#isOfRestService) return new UnrecognisedCall(this.#request).find()
    const { path } = splitUrl(url)
    for (const route of service?.routes ?? []) {
      const labels = route.method === method ? matchOf(route, path) : undefined
      const operation = labels && service?.operation(route.operation)
      if (!operation) continue
      this.#labels = labels
      return operation
    }
    throw unknownOperation(`${method.slice(0, 32)} ${path.slice(0, 128)} names no operation`, 404)
  }

  readInput({ input }: Operation): unknown {
    const { query } = splitUrl(this.#request.url)
    const structure: Record<string, unknown> = { ...this.#readBody(input) }
    const parameters = new URLSearchParams(query)
    checkKnown(input, parameters)
    for (const member of input.members) {
      const value = this.#readBound(member, parameters)
      if (value !== undefined) structure[member.name] = value
    }
    checkMembers(input, structure, Object.keys(structure).length)
    return structure
  }

  writeOutput(operation: Operation, output: unknown, requestId: string): HttpResponse {
    const given = (output ?? {}) as Record<string, unknown>
    const headers: Record<string, string> = { 'x-amzn-requestid': requestId }
    let { statusCode } = operation
    for (const member of operation.output.members) {
      const value = given[member.name]
      if (value === undefined || value === null) continue
      if (member.http?.in === 'header') headers[member.http.name] = headerText(writeText(member.shape, value))
      else if (member.http?.in === 'status') statusCode = Number(value)
    }
    if (statusCode === 204) return { statusCode, headers, body: '' }
    const body = JSON.stringify(documentOf(operation.output, given))
    return { statusCode, headers: { 'content-type': 'application/json', ...headers }, body }
  }

  writeError(refusal: Refusal, requestId: string): HttpResponse {
    // Who signed is a client of AWS's, and reads JSON; a browser that went astray is told as before.
    const isOfRestService = this.#isOfRestService ?? this.#request.headers['authorization'] !== undefined
    if (!isOfRestService) return new UnrecognisedCall(this.#request).writeError(refusal, requestId)
    return {
      statusCode: refusal.statusCode,
      headers: {
        'content-type': 'application/json',
        ...refusal.headers,
        'x-amzn-requestid': requestId,
        'x-amzn-errortype': headerText(refusal.code),
      },
      body: JSON.stringify(errorDocument(refusal)),
    }
  }

  #readBody(input: StructureShape): object {
    const payload = input.members.find(({ http }) => http?.in === 'payload')
    const { body } = this.#request
    if (!payload) return readDocument(bodyShape(input), parseJson(body))
    if (body.length === 0) return {}
    if (payload.shape.kind === 'blob') return { [payload.name]: new Uint8Array(body) }
    if (payload.shape.kind === 'string') return { [payload.name]: Buffer.from(body).toString('utf8') }
    return { [payload.name]: readValue(payload.shape, parseJson(body), payload.allowed, 0) }
  }

  #readBound(member: Member, parameters: URLSearchParams): unknown {
    const { name, http } = member
    try {
      if (http?.in === 'label') return readTexts(member, [this.#labels[name] ?? ''])
      if (http?.in === 'query') return readTexts(member, parameters.getAll(http.name))
      if (http?.in !== 'header') return undefined
      const header = this.#request.headers[http.name]
      return header === undefined ? undefined : readTexts(member, [header])
    } catch (fault) {
      throw within(fault, name)
    }
  }
}

/** A path that is not percent-encoded UTF-8 is none of ours. */
const matchOf = (route: Route, path: string): Labels | undefined => {
  try {
    return route.match(path)
  } catch {
    throw new AwsError('SerializationException', 'The path is not percent-encoded UTF-8')
  }
}

const readTexts = ({ shape, allowed }: Member, texts: readonly string[]): unknown => {
  if (shape.kind === 'list') {
    const { element } = shape
    return texts.length === 0 ? undefined : texts.map(text => readText(element, text, allowed))
  }
  const [text] = texts
  return text === undefined ? undefined : readText(shape, text, allowed)
}

const checkKnown = (input: StructureShape, parameters: URLSearchParams): void => {
  const known = new Set(input.members.map(({ http }) => (http?.in === 'query' ? http.name : undefined)))
  for (const name of parameters.keys())
    if (!known.has(name) && !/^x-amz-/i.test(name) && name !== 'x-id')
      throw new InputFault('malformed', `Unknown parameter '${name.slice(0, 128)}' of ${input.name}`)
}

const bodies = new WeakMap<StructureShape, StructureShape>()

/** The members that are bound to nothing else. */
const bodyShape = (shape: StructureShape): StructureShape => {
  const known = bodies.get(shape)
  if (known) return known
  const members = shape.members.filter(({ http }) => http === undefined)
  const byName = new Map(members.map(member => [member.name, member]))
  const body = { ...shape, members, byName }
  bodies.set(shape, body)
  return body
}

const documentOf = (shape: StructureShape, given: Record<string, unknown>): unknown => {
  const payload = shape.members.find(({ http }) => http?.in === 'payload')
  if (!payload) return writeDocument(bodyShape(shape), given)
  const value = given[payload.name]
  return payload.shape.kind === 'structure' ? writeDocument(payload.shape, value ?? {}) : (value ?? {})
}
