import type { Catalog, Operation } from '../catalog.ts'
import { AwsError } from '../error.ts'
import { type HttpRequest, type HttpResponse, splitUrl } from '../http-message.ts'
import { readForm } from '../shapes/from-form.ts'
import { element, escapeXml, writeMembers } from '../shapes/to-xml.ts'
import { mediaType } from './json.ts'
import type { Call, Protocol, Refusal } from './protocol.ts'

const formType = 'application/x-www-form-urlencoded'

/** AWS Query: a form with Action and Version in the body, or, presigned or by GET, in the URL; answers in XML. */
export const queryProtocol: Protocol = {
  recognise(request) {
    const isForm = mediaType(request) === formType
    return isForm || /(^|&)Action=/.test(splitUrl(request.url).query) ? new QueryCall(request) : undefined
  },
}

/** Fields of the signature and of the protocol, which are no members of the input. */
const reserved = /^(Action|Version|X-Amz-.*)$/i
const mostFields = 100_000

class QueryCall implements Call {
  readonly protocol = 'query'
  readonly #request: HttpRequest
  #fields: Map<string, string> | undefined

  constructor(request: HttpRequest) {
    this.#request = request
  }

  find(catalog: Catalog, signingName: string): Operation {
    const { method } = this.#request
    if (method !== 'POST' && method !== 'GET') {
      throw new AwsError('InvalidAction', `The method must be GET or POST, not ${method.slice(0, 32)}`, {
        statusCode: 405,
      })
    }
    this.#fields = readFields(this.#request)
    const action = this.#fields.get('Action')
    const version = this.#fields.get('Version')
    if (!action)
      throw new AwsError('MissingAction', 'The request is missing an action or a required parameter.')
    const operation = catalog.byVersion(version, signingName)?.operation(action)
    if (!operation) {
      const shown = version === undefined ? 'NO_VERSION_SPECIFIED' : version.slice(0, 64)
      throw new AwsError(
        'InvalidAction',
        `Could not find operation ${action.slice(0, 128)} for version ${shown}`,
      )
    }
    return operation
  }

  readInput(operation: Operation): unknown {
    const members = new Map<string, string>()
    for (const [name, value] of this.#fields ?? readFields(this.#request)) {
      if (!reserved.test(name)) members.set(name, value)
    }
    return readForm(operation.input, members, operation.service.formDialect)
  }

  writeOutput(operation: Operation, output: unknown, requestId: string): HttpResponse {
    const { name, service } = operation
    if (service.formDialect === 'ec2') return ec2Output(operation, output, requestId)
    const result =
      operation.output.members.length === 0 && operation.output.name === 'Unit'
        ? ''
        : element(`${name}Result`, writeMembers(operation.output, output))
    const metadata = element('ResponseMetadata', element('RequestId', escapeXml(requestId)))
    const namespace = escapeXml(service.xmlNamespace)
    return xmlResponse(200, `<${name}Response xmlns="${namespace}">${result}${metadata}</${name}Response>`, {
      'x-amzn-requestid': requestId,
    })
  }

  writeError(refusal: Refusal, requestId: string): HttpResponse {
    return this.#isEc2(refusal) ? ec2Error(refusal, requestId) : xmlError(refusal, requestId)
  }

  /** Where the service was never looked for, because the signature was refused, the version tells. */
  #isEc2({ service }: Refusal): boolean {
    if (service) return service.formDialect === 'ec2'
    try {
      return (this.#fields ?? readFields(this.#request)).get('Version') === ec2Version
    } catch {
      // Fields that cannot be read are what is being refused.
      return false
    }
  }
}

/** EC2's, which no other service has. */
const ec2Version = '2016-11-15'

/** EC2's answers have no result element, and name the request first. (Smithy: "AWS EC2 query protocol") */
function ec2Output(
  { name, service, output: shape }: Operation,
  output: unknown,
  requestId: string,
): HttpResponse {
  const content = element('requestId', escapeXml(requestId)) + writeMembers(shape, output)
  const namespace = escapeXml(`${service.xmlNamespace.replace(/\/$/, '')}/`)
  return xmlResponse(200, `<${name}Response xmlns="${namespace}">${content}</${name}Response>`, {
    'x-amzn-requestid': requestId,
  })
}

function ec2Error(refusal: Refusal, requestId: string): HttpResponse {
  const { code, statusCode } = ec2Code(refusal)
  const error = element('Code', escapeXml(code)) + element('Message', escapeXml(refusal.message))
  return xmlResponse(
    statusCode,
    `<Response>${element('Errors', element('Error', error))}${element('RequestID', escapeXml(requestId))}</Response>`,
    { ...refusal.headers, 'x-amzn-requestid': requestId },
  )
}

/** The Query protocol's answer to an error; also what a request of no known protocol gets. */
export function xmlError(refusal: Refusal, requestId: string): HttpResponse {
  const { code, statusCode } = queryCode(refusal)
  const namespace = refusal.service ? ` xmlns="${escapeXml(refusal.service.xmlNamespace)}"` : ''
  const messageName = refusal.model?.shape.byName.has('message') ? 'message' : 'Message'
  const { [messageName]: _, ...members } = refusal.members
  const error =
    element('Type', refusal.fault === 'server' ? 'Receiver' : 'Sender') +
    element('Code', escapeXml(code)) +
    element('Message', escapeXml(refusal.message)) +
    (refusal.model ? writeMembers(refusal.model.shape, members) : '')
  return xmlResponse(
    statusCode,
    `<ErrorResponse${namespace}>${element('Error', error)}${element('RequestId', escapeXml(requestId))}</ErrorResponse>`,
    { ...refusal.headers, 'x-amzn-requestid': requestId },
  )
}

/** EC2 has names of its own for some of the common errors. (AWS: "Error codes for the Amazon EC2 API") */
const ec2Codes: ReadonlyMap<string, string> = new Map([
  ['UnrecognizedClientException', 'AuthFailure'],
  ['InvalidSignatureException', 'AuthFailure'],
  ['AccessDeniedException', 'UnauthorizedOperation'],
  ['ThrottlingException', 'RequestLimitExceeded'],
  ['SerializationException', 'InvalidParameterValue'],
  ['ValidationException', 'InvalidParameterValue'],
])

function ec2Code(refusal: Refusal): { code: string; statusCode: number } {
  const common = queryCode(refusal)
  return { ...common, code: ec2Codes.get(refusal.code) ?? common.code }
}

/** The common errors, by their JSON spelling: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html */
const commonCodes: ReadonlyMap<string, readonly [code: string, statusCode: number]> = new Map([
  ['MissingAuthenticationTokenException', ['MissingAuthenticationToken', 403]],
  ['IncompleteSignatureException', ['IncompleteSignature', 400]],
  ['UnrecognizedClientException', ['InvalidClientTokenId', 403]],
  ['InvalidSignatureException', ['SignatureDoesNotMatch', 403]],
  ['ExpiredTokenException', ['ExpiredToken', 403]],
  ['AccessDeniedException', ['AccessDenied', 403]],
  ['ThrottlingException', ['Throttling', 400]],
  ['ValidationException', ['ValidationError', 400]],
  ['SerializationException', ['MalformedInput', 400]],
  ['UnknownOperationException', ['InvalidAction', 400]],
  ['RequestEntityTooLargeException', ['RequestEntityTooLarge', 413]],
  ['ServiceUnavailableException', ['ServiceUnavailable', 503]],
])

function queryCode(refusal: Refusal): { code: string; statusCode: number } {
  const { model, statusCode } = refusal
  if (model) return { code: model.queryCode ?? model.name, statusCode }
  const common = commonCodes.get(refusal.code)
  if (!common) return { code: refusal.code, statusCode }
  // 400 is what an error has whose thrower chose no status.
  return { code: common[0], statusCode: statusCode === 400 ? common[1] : statusCode }
}

function xmlResponse(statusCode: number, xml: string, headers: Record<string, string>): HttpResponse {
  return { statusCode, headers: { 'content-type': 'text/xml', ...headers }, body: xml }
}

/** The URL's fields and the body's; the same name twice is refused. Throws AwsError MalformedQueryString. */
function readFields(request: HttpRequest): Map<string, string> {
  const fields = new Map<string, string>()
  addFields(fields, splitUrl(request.url).query)
  if (mediaType(request) === formType) {
    addFields(
      fields,
      Buffer.from(request.body.buffer, request.body.byteOffset, request.body.length).toString('utf8'),
    )
  }
  return fields
}

function addFields(fields: Map<string, string>, form: string): void {
  for (const pair of form.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decode(equals < 0 ? pair : pair.slice(0, equals))
    if (fields.has(name)) throw malformed(`The parameter ${name.slice(0, 128)} occurs twice`)
    if (fields.size >= mostFields) throw malformed(`The request has more than ${mostFields} parameters`)
    fields.set(name, decode(equals < 0 ? '' : pair.slice(equals + 1)))
  }
}

/** In forms a plus is a space. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw malformed('The request is not percent-encoded UTF-8')
  }
}

function malformed(message: string): AwsError {
  return new AwsError('MalformedQueryString', message)
}
