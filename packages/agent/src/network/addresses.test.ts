import { expect, test } from 'vitest'
import { addressAt, blockOf, ipv6SubnetOf, outermost } from './addresses.ts'
import { freeLinkAddress } from './link-addresses.ts'

test('an address so far behind the first of a block', () => {
  expect(addressAt('10.0.0.0/16', 2)).toBe('10.0.0.2')
  expect(addressAt('10.0.255.254/31', 3)).toBe('10.1.0.1')
})

test('the block of a gateway', () => {
  expect(blockOf('10.0.17.1/20')).toBe('10.0.16.0/20')
  expect(blockOf('192.168.3.1/24')).toBe('192.168.3.0/24')
})

test('the subnet of an IPv6 address', () => {
  expect(ipv6SubnetOf('fd00:1:2:3:4:5:6:7')).toBe('fd00:1:2:3::/64')
  expect(ipv6SubnetOf('fd00:1:2:3::a')).toBe('fd00:1:2:3::/64')
  expect(ipv6SubnetOf('fd00::5:0:0:1')).toBe('fd00::/64')
  expect(ipv6SubnetOf('fd00:0:0:1:ff00::')).toBe('fd00:0:0:1::/64')
})

test('blocks within blocks are left out', () => {
  expect(outermost(['10.0.0.0/24', '10.0.0.0/24', '10.0.0.5/32', '10.0.1.0/24'])).toEqual([
    '10.0.0.0/24',
    '10.0.1.0/24',
  ])
})

test('link addresses are given in order, none twice, until there is none', () => {
  const taken = new Set<string>()
  const free = () => freeLinkAddress(taken, '0000')
  for (let next = free(); next !== undefined; next = free()) taken.add(next)
  expect(taken.size).toBe(1_022)
  expect([...taken].slice(0, 2)).toEqual(['169.254.172.1', '169.254.172.2'])
  expect([...taken].at(-1)).toBe('169.254.175.254')
})

test('agents of one host that do not know of each other yet give different link addresses', () => {
  const none = new Set<string>()
  expect(['0000', '0009', '03fe'].map(tag => freeLinkAddress(none, tag))).toEqual([
    '169.254.172.1',
    '169.254.172.10',
    '169.254.172.1',
  ])
  expect(freeLinkAddress(new Set(['169.254.175.254']), '03fd')).toBe('169.254.172.1')
})
