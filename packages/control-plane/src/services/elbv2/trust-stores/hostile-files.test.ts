import { AwsError } from '@berth/aws-api'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCaBundle } from './ca-bundle.ts'
import { countSequences, DerError, derValue } from './der.ts'
import { pemBlocks, pemOf } from './pem.ts'
import { readRevocationList } from './revocation-list.ts'

/** An attempt's refusal; undefined when there is none. Whatever is no refusal is thrown on. */
const refusalOf = (attempt: () => unknown): string | undefined => {
  try {
    attempt()
    return undefined
  } catch (error) {
    if (error instanceof AwsError) return error.code
    throw error
  }
}

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  // Sequences in sequences, with lengths that are right, and what stands in lists.
  fc.letrec<{ value: Uint8Array }>(tie => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc
        .tuple(fc.constantFrom(2, 3, 4, 6, 23, 48, 160), fc.uint8Array({ maxLength: 20 }))
        .map(([tag, content]) => Uint8Array.from([tag, content.length, ...content])),
      fc
        .array(tie('value'), { maxLength: 5 })
        .map(parts => parts.flatMap(part => [...part]).slice(0, 127))
        .map(content => Uint8Array.from([48, content.length, ...content])),
    ),
  })).value,
)

describe('a file that somebody has made up', () => {
  it('is refused by name, whatever is in it', () => {
    fc.assert(
      fc.property(bytes, made => {
        const der = Buffer.from(made)
        expect(refusalOf(() => readCaBundle(pemOf(der, 'CERTIFICATE')))).toBe('InvalidCaCertificatesBundle')
        expect(refusalOf(() => readRevocationList(pemOf(der, 'X509 CRL'), []))).toBe(
          'InvalidRevocationContent',
        )
      }),
      { numRuns: 2_000 },
    )
  })

  it('is refused by name when it is any text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), text => {
        expect(refusalOf(() => readCaBundle(text))).toBe('InvalidCaCertificatesBundle')
        expect(refusalOf(() => readRevocationList(text, []))).toBe('InvalidRevocationContent')
      }),
    )
  })
})

describe('PEM', () => {
  it('says what was put into it', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1 }), all => {
        const blocks = all.map(part => Buffer.from(part))
        const text = blocks.map(block => `words\n${pemOf(block, 'X509 CRL')}`).join('\r\n')
        expect(pemBlocks(text, 'X509 CRL')).toEqual(blocks)
        expect(Math.max(...text.split('\n').map(line => line.length))).toBeLessThanOrEqual(64)
        expect(pemBlocks(text, 'CERTIFICATE')).toBeUndefined()
      }),
    )
  })
})

describe('DER', () => {
  it.each([
    ['30', 'a length is missing'],
    ['30030201010500', 'there is not one value'],
    ['3080', 'a length is wrong'],
    ['308500000000', 'a length is wrong'],
    ['3082ff', 'a length is wrong'],
    ['300501', 'a value is cut off'],
    ['3084ffffffff', 'a value is cut off'],
  ])('is not %s: %s', (hex, why) => {
    expect(() => derValue(Buffer.from(hex, 'hex'))).toThrow(new DerError(why))
  })

  it('counts sequences with lengths of every size', () => {
    const empty = Buffer.from('3000', 'hex')
    const long = Buffer.concat([Buffer.from('3081c8', 'hex'), Buffer.alloc(200)])
    const longer = Buffer.concat([Buffer.from('30820200', 'hex'), Buffer.alloc(512)])
    expect(countSequences(Buffer.concat([empty, long, longer, empty]))).toBe(4)
    expect(() => countSequences(Buffer.concat([empty, Buffer.from('0500', 'hex')]))).toThrow(DerError)
  })
})
