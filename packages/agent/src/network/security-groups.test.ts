import type { SecurityGroupFact, SecurityGroupRule } from '@berth/model'
import { expect, test } from 'vitest'
import { groupSetChain, namedGroups, securityGroupChains } from './security-groups.ts'

const group = (
  groupId: string,
  ingress: readonly SecurityGroupRule[],
  egress: readonly SecurityGroupRule[] = [],
): SecurityGroupFact => ({ key: `group/${groupId}`, kind: 'group', groupId, ingress, egress })
const http: SecurityGroupRule = {
  protocol: 'tcp',
  fromPort: 80,
  toPort: 80,
  peer: { blocks: ['10.0.0.0/8', '::/0'] },
}
const fromOther: SecurityGroupRule = {
  protocol: '-1',
  fromPort: -1,
  toPort: -1,
  peer: { groupId: 'sg-other' },
}
const chainsOf = (sets: string[][], ...groups: SecurityGroupFact[]) =>
  securityGroupChains(sets, new Map(groups.map(each => [each.groupId, each])))

test('a group is a chain for each direction, whose rules look at the other end', () => {
  const chains = chainsOf([['sg-1']], group('sg-1', [http, fromOther], [http]))
  expect(chains.get('sg-1-ingress')).toEqual([
    'ip saddr { 10.0.0.0/8 } tcp dport 80 accept',
    'meta nfproto ipv6 tcp dport 80 accept',
    'ip saddr @sg-other-4 accept',
    'ip6 saddr @sg-other-6 accept',
  ])
  expect(chains.get('sg-1-egress')).toEqual([
    'ip daddr { 10.0.0.0/8 } tcp dport 80 accept',
    'meta nfproto ipv6 tcp dport 80 accept',
  ])
})

test('interfaces with the same groups share a chain, in whatever order they have them', () => {
  expect(groupSetChain(['sg-2', 'sg-1'], 'ingress')).toBe(groupSetChain(['sg-1', 'sg-2'], 'ingress'))
  const chains = chainsOf([['sg-2', 'sg-1']], group('sg-1', [http]), group('sg-2', []))
  expect(chains.get(groupSetChain(['sg-1', 'sg-2'], 'ingress'))).toEqual([
    'jump sg-1-ingress',
    'jump sg-2-ingress',
    'drop',
  ])
})

test('a group that the host was not told of lets nothing through', () => {
  expect(chainsOf([['sg-1']]).get(groupSetChain(['sg-1'], 'egress'))).toEqual(['drop'])
})

test('the groups that rules name are those whose members count', () => {
  expect([...namedGroups([group('sg-1', [http], [fromOther]), group('sg-2', [])])]).toEqual(['sg-other'])
})
