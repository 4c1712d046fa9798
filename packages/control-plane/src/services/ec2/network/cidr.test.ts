import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contains, formatBlock, formatIpv4, lastOf, overlap, parseBlock, parseIpv4 } from './cidr.ts'

const addresses = fc.nat({ max: 2 ** 32 - 1 })
const blocks = fc
  .tuple(addresses, fc.nat({ max: 32 }))
  .map(([address, prefix]) => parseBlock(`${formatIpv4(address)}/${prefix}`)!)

describe('IPv4', () => {
  it('reads every address that it writes', () => {
    fc.assert(fc.property(addresses, address => parseIpv4(formatIpv4(address)) === address))
  })

  it('reads every block that it writes', () => {
    fc.assert(fc.property(blocks, block => void expect(parseBlock(formatBlock(block))).toEqual(block)))
  })

  it('finds that blocks overlap exactly where they share an address', () => {
    fc.assert(
      fc.property(blocks, blocks, (one, other) => {
        const shared = Math.max(one.base, other.base) <= Math.min(lastOf(one), lastOf(other))
        expect(overlap(one, other)).toBe(shared)
        expect(contains(one, other)).toBe(shared && one.prefix <= other.prefix)
      }),
    )
  })

  it.each(['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.4 ', 'a.b.c.d', '::1'])(
    'reads no address in %o',
    text => expect(parseIpv4(text)).toBeUndefined(),
  )

  it.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/08', '10.0.0.0/-1', '/8'])(
    'reads no block in %o',
    text => expect(parseBlock(text)).toBeUndefined(),
  )

  it('clears the bits behind the prefix', () => {
    expect(formatBlock(parseBlock('100.68.0.18/18')!)).toBe('100.68.0.0/18')
    expect(formatBlock(parseBlock('255.255.255.255/0')!)).toBe('0.0.0.0/0')
  })
})
