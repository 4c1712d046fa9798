import type { InterfaceFact, SubnetFact, VpcFact } from '@berth/model'
import { expect, test } from 'vitest'
import { routerRules } from './router-rules.ts'
import { emptyView } from './vpc-view.ts'

const vpc: VpcFact = {
  key: 'vpc/vpc-1',
  kind: 'vpc',
  vpcId: 'vpc-1',
  number: 1,
  blocks: ['10.0.0.0/16'],
  hasDns: true,
}
const guard =
  routerRules(
    { vpc, held: [], view: emptyView, hostLeadsOutside: false, reachesInstanceMetadata: false },
    'fdbe::1',
  ).chains.get('guard') ?? []
const outwards = guard.filter(line => line.includes('oifname "up0"') && line.includes('iifname "eni*"'))

test('what belongs to no connection does not go outside', () => {
  expect(outwards[0]).toBe('iifname "eni*" oifname "up0" ct state invalid drop')
})

test('nothing begins to speak with the outside that its subnet does not lead there, tracked or not', () => {
  expect(outwards).toContain(
    'iifname "eni*" oifname "up0" meta nfproto ipv4 iifname != @outside ct state { new, untracked } drop',
  )
})

test('a task cannot send a host what passes for a packet of an overlay', () => {
  expect(outwards).toContain('iifname "eni*" oifname "up0" udp dport 4790 drop')
})

const subnet: SubnetFact = {
  key: 'subnet/subnet-1',
  kind: 'subnet',
  subnetId: 'subnet-1',
  vpcId: 'vpc-1',
  block: '10.0.1.0/24',
  ipv6Block: 'fd00:0:0:1::/64',
  aclId: 'acl-1',
  outside: 'none',
  outsideIpv6: 'egress-only-gateway',
}
const fact: InterfaceFact = {
  key: 'interface/eni-1',
  kind: 'interface',
  interfaceId: 'eni-1',
  vpcId: 'vpc-1',
  subnetId: 'subnet-1',
  macAddress: '02:00:00:00:00:01',
  address: '10.0.1.5',
  ipv6Address: 'fd00:0:0:1::5',
  groupIds: [],
  holder: { kind: 'task', taskArn: 'task-1' },
}
const rulesOf = (hostLeadsOutside: boolean, of = subnet, one = fact) =>
  routerRules(
    {
      vpc,
      held: [{ fact: one, subnet: of, vpc, linkAddress: '169.254.172.1' }],
      view: emptyView,
      hostLeadsOutside,
      reachesInstanceMetadata: false,
    },
    'fdbe::1',
  )

test('by IPv6 goes outside what its subnet leads there, on a host that does, in the router’s name', () => {
  const outside6 = (rules: ReturnType<typeof rulesOf>) => [...(rules.sets.get('outside6')?.elements ?? [])]
  const { outsideIpv6, ...closed } = subnet
  expect(outside6(rulesOf(true))).toEqual(['"eni1"'])
  expect(outside6(rulesOf(false))).toEqual([])
  expect(outside6(rulesOf(true, closed))).toEqual([])
  expect(rulesOf(true).chains.get('source')).toContain('oifname "up0" snat ip6 to fdbe::1')
})

test('what does not go outside by IPv6 is refused, not dropped', () => {
  const { chains } = rulesOf(true)
  expect(chains.get('guard')).toContain(
    'iifname "eni*" oifname "up0" meta nfproto ipv6 iifname != @outside6 ct state { new, untracked } jump refuse',
  )
  expect(chains.get('refuse')).toEqual([
    'meta l4proto tcp reject with tcp reset',
    'reject with icmpv6 type no-route',
  ])
})

test('a source that is not the interface’s own is dropped before anything else is looked at', () => {
  const { chains, sets } = rulesOf(true)
  expect(chains.get('guard')?.[2]).toBe('iifname "eni*" meta nfproto ipv6 iifname . ip6 saddr != @own6 drop')
  expect([...(sets.get('own6')?.elements ?? [])]).toEqual(['"eni1" . fd00:0:0:1::5'])
})

test('a VPC whose interfaces have IPv4 alone has no rules of IPv6 that lead outside', () => {
  const { ipv6Address, ...ofIpv4 } = fact
  const { chains } = rulesOf(true, subnet, ofIpv4)
  expect(
    [...chains]
      .filter(([name]) => name !== 'refuse')
      .flatMap(([, lines]) => lines)
      .join('\n'),
  ).not.toMatch(/snat ip6|refuse/)
})

test('instance metadata is reached where the operator lets tasks, whatever groups and ACLs say, and else by none', () => {
  const chainsOf = (reachesInstanceMetadata: boolean) =>
    routerRules(
      { vpc, held: [], view: emptyView, hostLeadsOutside: false, reachesInstanceMetadata },
      'fdbe::1',
    ).chains
  const saysOf = (reachesInstanceMetadata: boolean) =>
    [...chainsOf(reachesInstanceMetadata)].flatMap(([name, lines]) =>
      lines.some(line => line.includes('169.254.169.254')) ? [name] : [],
    )
  expect(saysOf(false)).toEqual([])
  expect(saysOf(true)).toEqual(['guard', 'leaving-subnet', 'entering-subnet', 'leaving', 'entering'])
})
