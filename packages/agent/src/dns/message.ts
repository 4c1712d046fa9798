/**
 * Queries and answers as bytes. What a query asks is read without trust: only what is needed, and the question's bytes go into
 * the answer as they came. (RFC 1035, RFC 6891)
 */
import packet, { type Answer } from 'dns-packet'

export interface Edns {
  /** Bytes of a datagram that the asker takes. */
  readonly payloadSize: number
  readonly version: number
}

export interface Query {
  readonly kind: 'query'
  /** The whole of it, as it came. */
  readonly bytes: Buffer
  /** Its only question, as it came. */
  readonly question: Buffer
  /** In lower case, without the last dot; undefined when it holds what no name of a table holds. */
  readonly name: string | undefined
  /** `A`, or `UNKNOWN_65`. */
  readonly type: string
  readonly isInternetClass: boolean
  readonly edns?: Edns
}

/** What cannot be gone into: answered with a header alone. */
export interface Refusal {
  readonly kind: 'refusal'
  readonly bytes: Buffer
  readonly rcode: keyof typeof rcodes
}

export const rcodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, BADVERS: 16 }

export interface Reply {
  readonly rcode: keyof typeof rcodes
  readonly isAuthoritative: boolean
  readonly answers: readonly Answer[]
  readonly authorities: readonly Answer[]
}

const headerBytes = 12
const longestName = 255
const longestLabel = 63
/** What travels without fragments everywhere. (DNS flag day 2020) */
const largestDatagram = 1232
const smallestDatagram = 512
/** OPT, and a signature of the transaction. */
const mostAdditionals = 2

const bits = { response: 0x8000, authoritative: 0x0400, truncated: 0x0200, recursionAvailable: 0x0080 }
/** Of the query, which an answer repeats: opcode, recursion desired, checking disabled. */
const repeatedBits = 0x7910

interface Question {
  readonly bytes: Buffer
  readonly name: string | undefined
}

/** Undefined: not one whole question. A name of a first question cannot be compressed: nothing stands before it. */
const readQuestion = (bytes: Buffer): Question | undefined => {
  const labels: string[] = []
  let at = headerBytes
  for (;;) {
    const length = bytes[at]
    if (length === undefined || length > longestLabel) return undefined
    at += 1
    if (length === 0) break
    labels.push(bytes.toString('latin1', at, at + length))
    at += length
    if (at - headerBytes >= longestName) return undefined
  }
  const end = at + 4
  if (end > bytes.length) return undefined
  const isPlain = labels.every(label => /^[!-\-/-~]+$/.test(label))
  return {
    bytes: bytes.subarray(headerBytes, end),
    name: isPlain ? labels.join('.').toLowerCase() : undefined,
  }
}

const ednsOf = (additionals: readonly Answer[]): Edns | undefined => {
  const options = additionals.filter(record => record.type === 'OPT')
  if (options.length > 1) throw new Error('more than one OPT record')
  const [option] = options
  return option && { payloadSize: option.udpPayloadSize, version: option.ednsVersion }
}

/** Undefined for what is not answered at all: no header, or an answer itself. */
export const readQuery = (bytes: Buffer): Query | Refusal | undefined => {
  if (bytes.length < headerBytes || bytes.readUInt16BE(2) & bits.response) return undefined
  if (bytes.readUInt16BE(2) & 0x7800) return { kind: 'refusal', bytes, rcode: 'NOTIMP' }
  const malformed: Refusal = { kind: 'refusal', bytes, rcode: 'FORMERR' }
  const [questions, answers, authorities, additionals] = [4, 6, 8, 10].map(at => bytes.readUInt16BE(at))
  // The counts are looked at before anything is made of them.
  if (questions !== 1 || answers !== 0 || authorities !== 0 || (additionals ?? 0) > mostAdditionals)
    return malformed
  const question = readQuestion(bytes)
  if (!question) return malformed
  try {
    const decoded = packet.decode(bytes)
    const edns = ednsOf(decoded.additionals ?? [])
    return {
      kind: 'query',
      bytes,
      question: question.bytes,
      name: question.name,
      type: decoded.questions?.[0]?.type ?? '',
      isInternetClass: question.bytes.readUInt16BE(question.bytes.length - 2) === 1,
      ...(edns && { edns }),
    }
  } catch {
    return malformed
  }
}

const flagsOf = (query: Buffer, rcode: number, more = 0): number =>
  bits.response | bits.recursionAvailable | (query.readUInt16BE(2) & repeatedBits) | more | (rcode & 0xf)

const optionRecord = (rcode: number): Answer => ({
  type: 'OPT',
  name: '.',
  udpPayloadSize: largestDatagram,
  extendedRcode: rcode >> 4,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
})

/** The question's bytes stand in the answer as they came, whatever they are. */
const assemble = (
  query: Query,
  flags: number,
  reply: Pick<Reply, 'answers' | 'authorities'>,
  rcode: number,
): Buffer => {
  const records = packet.encode({
    type: 'response',
    answers: [...reply.answers],
    authorities: [...reply.authorities],
    additionals: query.edns ? [optionRecord(rcode)] : [],
  })
  query.bytes.copy(records, 0, 0, 2)
  records.writeUInt16BE(flags, 2)
  records.writeUInt16BE(1, 4)
  return Buffer.concat([records.subarray(0, headerBytes), query.question, records.subarray(headerBytes)])
}

export const refusalBytes = ({ bytes, rcode }: Refusal): Buffer => {
  const answer = Buffer.alloc(headerBytes)
  bytes.copy(answer, 0, 0, 2)
  answer.writeUInt16BE(flagsOf(bytes, rcodes[rcode]), 2)
  return answer
}

/** How much the asker takes in one datagram. */
export const datagramLimit = ({ edns }: Query): number =>
  Math.min(Math.max(edns?.payloadSize ?? smallestDatagram, smallestDatagram), largestDatagram)

/** What is longer than `limit` is left out and marked so: the asker comes again by TCP. */
export const replyBytes = (query: Query, reply: Reply, limit: number): Buffer => {
  const rcode = rcodes[reply.rcode]
  const flags = flagsOf(query.bytes, rcode, reply.isAuthoritative ? bits.authoritative : 0)
  const whole = assemble(query, flags, reply, rcode)
  if (whole.length <= limit) return whole
  return assemble(query, flags | bits.truncated, { answers: [], authorities: [] }, rcode)
}
