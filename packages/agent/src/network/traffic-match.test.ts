import { expect, test } from 'vitest'
import { blockMatches, protocolMatch } from './traffic-match.ts'

test.each([
  ['-1', -1, -1, ''],
  ['tcp', 80, 80, 'tcp dport 80'],
  ['6', 80, 90, 'tcp dport 80-90'],
  ['udp', 0, 65_535, 'meta l4proto udp'],
  ['17', -1, -1, 'meta l4proto udp'],
  ['icmp', -1, -1, 'meta l4proto icmp'],
  ['1', 8, -1, 'icmp type 8'],
  ['icmp', 3, 4, 'icmp type 3 icmp code 4'],
  ['icmpv6', 128, -1, 'icmpv6 type 128'],
  ['58', -1, -1, 'meta l4proto ipv6-icmp'],
  ['50', -1, -1, 'meta l4proto 50'],
])('protocol %s from %d to %d is "%s"', (protocol, from, to, expected) => {
  expect(protocolMatch(protocol, from, to)).toBe(expected)
})

test('blocks are matched by family, without those that lie within others', () => {
  expect(blockMatches('saddr', ['10.0.1.0/24', '10.0.0.0/16', 'fd00::/8', '192.168.0.1/32'])).toEqual([
    'ip saddr { 10.0.0.0/16, 192.168.0.1/32 }',
    'ip6 saddr { fd00::/8 }',
  ])
  expect(blockMatches('daddr', ['0.0.0.0/0', '10.0.0.0/8', '::/0'])).toEqual([
    'meta nfproto ipv4',
    'meta nfproto ipv6',
  ])
})
