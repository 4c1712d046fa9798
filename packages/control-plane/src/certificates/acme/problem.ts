/** What an ACME authority says when it does not do what it was asked. (RFC 8555, 6.7; RFC 7807) */
import type { Millis } from '../../store/table.ts'

const prefix = 'urn:ietf:params:acme:error:'

export interface ProblemDocument {
  readonly type?: string
  readonly detail?: string
  readonly subproblems?: readonly ProblemDocument[]
}

/** It would answer the same the next moment. */
export class AcmeProblem extends Error {
  override readonly name = 'AcmeProblem'
  /** `rejectedIdentifier`, without the prefix of ACME's types. */
  readonly type: string
  /** As long the authority wants to be left alone. */
  readonly retryAfterMs: Millis

  constructor(type: string, detail: string, retryAfterMs: Millis = 0) {
    super(detail)
    this.type = type
    this.retryAfterMs = retryAfterMs
  }
}

/** One that stands for several speaks for the first of them. */
export const problemOf = (document: ProblemDocument = {}, retryAfterMs: Millis = 0): AcmeProblem => {
  const { type = '', detail = 'The authority does not say why', subproblems: [first] = [] } = document
  const name = type.startsWith(prefix) ? type.slice(prefix.length) : type
  return name === 'compound' && first
    ? problemOf(first, retryAfterMs)
    : new AcmeProblem(name, detail, retryAfterMs)
}

/** The authority is still at work; it is asked again later. */
export class NotYet extends Error {
  override readonly name = 'NotYet'
  readonly retryAfterMs: Millis

  constructor(what: string, retryAfterMs: Millis) {
    super(what)
    this.retryAfterMs = retryAfterMs
  }
}
