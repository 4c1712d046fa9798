import type { HttpRequest, HttpResponse } from '../http-message.ts'
import { jsonProtocol } from './json.ts'
import { type Call, type Refusal, unknownOperation } from './protocol.ts'
import { xmlError } from './query.ts'

/** A request of no protocol that is spoken here: a browser's GET or OPTIONS, a health check, a REST path. */
export class UnrecognisedCall implements Call {
  readonly protocol = 'query'
  readonly #request: HttpRequest

  constructor(request: HttpRequest) {
    this.#request = request
  }

  find(): never {
    const { method, url } = this.#request
    const place = `${method.slice(0, 32)} ${url.slice(0, 128)}`
    throw unknownOperation(`${place} names no operation: neither X-Amz-Target nor Action is there`, 404)
  }

  readInput(): never {
    return this.find()
  }

  writeOutput(): never {
    return this.find()
  }

  /** In JSON for who asks for it, else in XML. */
  writeError(refusal: Refusal, requestId: string): HttpResponse {
    const { headers } = this.#request
    if (!/\bjson\b/.test(`${headers['accept'] ?? ''} ${headers['content-type'] ?? ''}`))
      return xmlError(refusal, requestId)
    const asJson = jsonProtocol.recognise({
      ...this.#request,
      headers: { 'content-type': 'application/x-amz-json-1.1' },
    })
    return asJson?.writeError(refusal, requestId) ?? xmlError(refusal, requestId)
  }
}
