/** Reads what is encoded in DER: what Node has no reader for. (ITU-T X.690) */

export interface DerValue {
  readonly tag: number
  readonly content: Buffer
  /** With tag and length. */
  readonly whole: Buffer
}

export const tags = {
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  identifier: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  first: 0xa0,
} as const

/** The bytes are no DER. */
export class DerError extends Error {
  override readonly name = 'DerError'
}

/** Where the content of the value begins that begins here. */
const contentAt = (bytes: Buffer, at: number): number => {
  const first = bytes[at + 1]
  if (first === undefined) throw new DerError('a length is missing')
  const count = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || count > 4 || at + 2 + count > bytes.length) throw new DerError('a length is wrong')
  return at + 2 + count
}

/** Where the value ends that begins here. */
const endAt = (bytes: Buffer, at: number): number => {
  const from = contentAt(bytes, at)
  const count = from - at - 2
  const end = from + (count === 0 ? (bytes[at + 1] ?? 0) : bytes.readUIntBE(at + 2, count))
  if (end > bytes.length) throw new DerError('a value is cut off')
  return end
}

/** The values that follow each other in the bytes, one at a time. Throws DerError where they do not fill them. */
export function* derValues(bytes: Buffer): Generator<DerValue, void, undefined> {
  let at = 0
  while (at < bytes.length) {
    const end = endAt(bytes, at)
    yield {
      tag: bytes[at] ?? 0,
      content: bytes.subarray(contentAt(bytes, at), end),
      whole: bytes.subarray(at, end),
    }
    at = end
  }
}

/** How many sequences follow each other in the bytes, without a look into any. Throws DerError for anything else. */
export const countSequences = (bytes: Buffer): number => {
  let count = 0
  for (let at = 0; at < bytes.length; count++) {
    if (bytes[at] !== tags.sequence) throw new DerError('an entry is no sequence')
    at = endAt(bytes, at)
  }
  return count
}

/** The values within a sequence. Throws DerError for anything else. */
export const sequenceOf = (value: DerValue | undefined): DerValue[] => {
  if (value?.tag !== tags.sequence) throw new DerError('a sequence is missing')
  return [...derValues(value.content)]
}

/** The one value that the bytes are. */
export const derValue = (bytes: Buffer): DerValue => {
  const [value, ...others] = derValues(bytes)
  if (!value || others.length > 0) throw new DerError('there is not one value')
  return value
}

/** An object identifier's bytes in hexadecimal digits. */
export const identifierOf = (value: DerValue | undefined): string => {
  if (value?.tag !== tags.identifier) throw new DerError('an identifier is missing')
  return value.content.toString('hex')
}
