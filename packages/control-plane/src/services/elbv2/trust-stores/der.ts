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

const lengthAt = (bytes: Buffer, at: number): { length: number; from: number } => {
  const first = bytes[at]
  if (first === undefined) throw new DerError('a length is missing')
  if (first < 0x80) return { length: first, from: at + 1 }
  const count = first & 0x7f
  if (count === 0 || count > 4 || at + 1 + count > bytes.length) throw new DerError('a length is wrong')
  return { length: bytes.readUIntBE(at + 1, count), from: at + 1 + count }
}

/** The values that follow each other in the bytes, one at a time. Throws DerError where they do not fill them. */
export function* derValues(bytes: Buffer): Generator<DerValue, void, undefined> {
  let at = 0
  while (at < bytes.length) {
    const { length, from } = lengthAt(bytes, at + 1)
    if (from + length > bytes.length) throw new DerError('a value is cut off')
    yield {
      tag: bytes[at] ?? 0,
      content: bytes.subarray(from, from + length),
      whole: bytes.subarray(at, from + length),
    }
    at = from + length
  }
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
