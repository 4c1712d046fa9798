import type { NetworkAclFact, SubnetFact } from '@berth/model'
import { expect, test } from 'vitest'
import { aclChains } from './network-acls.ts'

const subnet: SubnetFact = {
  key: 'subnet/subnet-1',
  kind: 'subnet',
  subnetId: 'subnet-1',
  vpcId: 'vpc-1',
  block: '10.0.1.0/24',
  aclId: 'acl-1',
  outside: 'none',
}
const acl: NetworkAclFact = {
  key: 'acl/acl-1',
  kind: 'acl',
  aclId: 'acl-1',
  entries: [
    {
      isEgress: false,
      action: 'deny',
      protocol: '6',
      block: '10.0.2.0/24',
      ports: { from: 22, to: 22 },
    },
    { isEgress: true, action: 'allow', protocol: '1', block: '0.0.0.0/0', icmp: { type: 8, code: -1 } },
    { isEgress: false, action: 'allow', protocol: '-1', block: '0.0.0.0/0' },
  ],
}

test('entries are asked in their order, within the subnet none, and what none decides is dropped', () => {
  const chains = aclChains(subnet, acl)
  expect(chains.get('subnet-1-ingress')).toEqual([
    'ip saddr { 10.0.1.0/24 } accept',
    'ip saddr { 10.0.2.0/24 } tcp dport 22 drop',
    'meta nfproto ipv4 accept',
    'drop',
  ])
  expect(chains.get('subnet-1-egress')).toEqual([
    'ip daddr { 10.0.1.0/24 } accept',
    'meta nfproto ipv4 icmp type 8 accept',
    'drop',
  ])
})

test('a subnet whose ACL the host was not told of is closed at its border', () => {
  expect(aclChains(subnet, undefined).get('subnet-1-ingress')).toEqual([
    'ip saddr { 10.0.1.0/24 } accept',
    'drop',
  ])
})

test('of IPv6, the subnet’s own block is within it, and entries of each family say nothing of the other', () => {
  const both: NetworkAclFact = {
    ...acl,
    entries: [
      { isEgress: false, action: 'allow', protocol: '-1', block: '0.0.0.0/0' },
      { isEgress: false, action: 'deny', protocol: '6', block: 'fd00::/64', ports: { from: 22, to: 22 } },
      { isEgress: false, action: 'allow', protocol: '58', block: '::/0', icmp: { type: 2, code: 0 } },
    ],
  }
  expect(aclChains({ ...subnet, ipv6Block: 'fd00:0:0:1::/64' }, both).get('subnet-1-ingress')).toEqual([
    'ip saddr { 10.0.1.0/24 } accept',
    'ip6 saddr { fd00:0:0:1::/64 } accept',
    'meta nfproto ipv4 accept',
    'ip6 saddr { fd00::/64 } tcp dport 22 drop',
    'meta nfproto ipv6 icmpv6 type 2 icmpv6 code 0 accept',
    'drop',
  ])
})
