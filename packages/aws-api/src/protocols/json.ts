import type { Catalog, Operation } from '../catalog.ts'
import { AwsError } from '../error.ts'
import type { HttpRequest, HttpResponse } from '../http-message.ts'
import { readDocument } from '../shapes/from-json.ts'
import { writeDocument } from '../shapes/to-json.ts'
import {
  type Call,
  errorDocument,
  headerText,
  type Protocol,
  type Refusal,
  unknownOperation,
} from './protocol.ts'

type JsonVersion = '1.0' | '1.1'

const contentTypes: Readonly<Record<string, JsonVersion>> = {
  'application/x-amz-json-1.0': '1.0',
  'application/x-amz-json-1.1': '1.1',
}

/** AWS JSON 1.0 and 1.1: X-Amz-Target names service and operation, the content type the version. */
export const jsonProtocol: Protocol = {
  recognise(request) {
    const version = contentTypes[mediaType(request)]
    if (version === undefined && request.headers['x-amz-target'] === undefined) return undefined
    return new JsonCall(request, version)
  },
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

class JsonCall implements Call {
  readonly #request: HttpRequest
  /** undefined where the content type is none of JSON's: such a call finds no operation. */
  readonly #version: JsonVersion | undefined

  constructor(request: HttpRequest, version: JsonVersion | undefined) {
    this.#request = request
    this.#version = version
  }

  get protocol(): 'json-1.0' | 'json-1.1' {
    return this.#version === '1.0' ? 'json-1.0' : 'json-1.1'
  }

  find(catalog: Catalog): Operation {
    const { method, headers } = this.#request
    if (method !== 'POST')
      throw unknownOperation(`X-Amz-Target needs the method POST, not ${method.slice(0, 32)}`, 405)
    if (this.#version === undefined) {
      const given = mediaType(this.#request).slice(0, 128)
      const known = Object.keys(contentTypes).join(' or ')
      throw unknownOperation(
        `The content type of a request with X-Amz-Target must be ${known}, not '${given}'`,
        404,
      )
    }
    const target = headers['x-amz-target'] ?? ''
    const dot = target.lastIndexOf('.')
    const operation = catalog.byTarget(target.slice(0, Math.max(dot, 0)))?.operation(target.slice(dot + 1))
    if (!operation) throw unknownOperation(`Unknown operation: X-Amz-Target is '${target.slice(0, 256)}'`)
    return operation
  }

  readInput(operation: Operation): unknown {
    return readDocument(operation.input, parseJson(this.#request.body))
  }

  writeOutput(operation: Operation, output: unknown, requestId: string): HttpResponse {
    return this.#response(200, writeDocument(operation.output, output), { 'x-amzn-requestid': requestId })
  }

  writeError(refusal: Refusal, requestId: string): HttpResponse {
    const queryCode = refusal.model?.queryCode ?? refusal.code
    const isQueryCompatible =
      refusal.model?.queryCode !== undefined || 'x-amzn-query-mode' in this.#request.headers
    const type = refusal.fault === 'server' ? 'Receiver' : 'Sender'
    return this.#response(
      refusal.statusCode,
      { __type: this.#typeOf(refusal), ...errorDocument(refusal) },
      {
        ...refusal.headers,
        'x-amzn-requestid': requestId,
        'x-amzn-errortype': headerText(refusal.code),
        ...(isQueryCompatible ? { 'x-amzn-query-error': headerText(`${queryCode};${type}`) } : {}),
      },
    )
  }

  /** JSON 1.0 services send an error's full name, JSON 1.1 services the bare one. */
  #typeOf(refusal: Refusal): string {
    if (this.#version !== '1.0') return refusal.code
    const isModelled = refusal.model !== undefined && refusal.service !== undefined
    return `${isModelled ? refusal.service?.namespace : 'com.amazon.coral.service'}#${refusal.code}`
  }

  #response(statusCode: number, document: object, headers: Record<string, string>): HttpResponse {
    const contentType = `application/x-amz-json-${this.#version ?? '1.1'}`
    return {
      statusCode,
      headers: { 'content-type': contentType, ...headers },
      body: JSON.stringify(document),
    }
  }
}

/** An absent body is an empty structure: clients send nothing for operations without input. */
export function parseJson(body: Uint8Array): unknown {
  if (body.length === 0) return {}
  try {
    return JSON.parse(utf8.decode(body))
  } catch {
    throw new AwsError('SerializationException', 'The request body is not JSON in UTF-8')
  }
}

export function mediaType(request: HttpRequest): string {
  const value = request.headers['content-type'] ?? ''
  const semicolon = value.indexOf(';')
  return (semicolon < 0 ? value : value.slice(0, semicolon)).trim().toLowerCase()
}
