import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  canonicalIpv6Block,
  containsIpv6,
  formatIpv6,
  formatIpv6Block,
  lastOfIpv6,
  overlapIpv6,
  parseIpv6,
  parseIpv6Block,
} from './ipv6.ts'

const addresses = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n })
const blocks = fc
  .tuple(addresses, fc.nat({ max: 128 }))
  .map(([address, prefix]) => parseIpv6Block(`${formatIpv6(address)}/${prefix}`)!)

describe('IPv6', () => {
  it.each([
    ['::/0', '::/0'],
    ['2001:DB8:0:0::1/32', '2001:db8::/32'],
    ['2001:db8:1234:5678:9abc:def0:1234:5678/64', '2001:db8:1234:5678::/64'],
    ['::ffff:1.2.3.4/128', '::ffff:102:304/128'],
    ['fe80::1/128', 'fe80::1/128'],
  ])('makes one form of %s', (text, canonical) => expect(canonicalIpv6Block(text)).toBe(canonical))

  it.each(['::', '::/129', 'fe80::1%eth0/64', '10.0.0.0/8', ':::/0', '::/0/0'])(
    'reads no block in %o',
    text => expect(canonicalIpv6Block(text)).toBeUndefined(),
  )

  it('reads every address that it writes', () => {
    fc.assert(fc.property(addresses, address => parseIpv6(formatIpv6(address)) === address))
  })

  it('reads every block that it writes', () => {
    fc.assert(
      fc.property(blocks, block => void expect(parseIpv6Block(formatIpv6Block(block))).toEqual(block)),
    )
  })

  it('finds that blocks overlap exactly where they share an address', () => {
    const near = fc
      .tuple(fc.bigInt({ min: 0n, max: 1_000n }), fc.integer({ min: 116, max: 128 }))
      .map(([address, prefix]) => parseIpv6Block(`${formatIpv6(address)}/${prefix}`)!)
    fc.assert(
      fc.property(near, near, (one, other) => {
        const shared = one.base <= lastOfIpv6(other) && other.base <= lastOfIpv6(one)
        expect(overlapIpv6(one, other)).toBe(shared)
        expect(containsIpv6(one, other)).toBe(shared && one.prefix <= other.prefix)
      }),
    )
  })
})
