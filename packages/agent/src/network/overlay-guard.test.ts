import { expect, test } from 'vitest'
import { overlayGuardRules } from './overlay-guard.ts'

const rules = overlayGuardRules([{ number: 7_001, underlays: new Set(['192.0.2.2', '2001:db8::2']) }])

test('a packet of an overlay is believed from the hosts of its VPC alone, by either family', () => {
  expect(rules.chains.get('guard')).toEqual([
    'meta iifkind "bridge" fib saddr . iif oif missing drop',
    '@th,96,24 7001 ip saddr != @ip-hosts-7001 drop',
    '@th,96,24 7001 ip6 saddr != @ip6-hosts-7001 drop',
  ])
  expect([...rules.sets].map(([name, { elements }]) => [name, ...elements])).toEqual([
    ['ip-hosts-7001', '192.0.2.2'],
    ['ip6-hosts-7001', '2001:db8::2'],
  ])
})

test('what this host forwards is looked at like what is for it, and its own processes send nothing', () => {
  expect(['input', 'forward', 'output'].map(name => rules.chains.get(name)?.slice(1))).toEqual([
    ['udp dport 4790 jump guard'],
    ['udp dport 4790 jump guard'],
    ['udp dport 4790 @th,96,24 7001 meta skuid 0-4294967294 drop'],
  ])
})

test('with WireGuard, nothing of an overlay comes or goes by another link', () => {
  const { chains } = overlayGuardRules([{ number: 7_001, underlays: new Set() }], 'bwg1a2b')
  expect(chains.get('guard')).toContain('iifname != "bwg1a2b" @th,96,24 7001 drop')
  expect(chains.get('output')).toContain('udp dport 4790 @th,96,24 7001 oifname != "bwg1a2b" drop')
  expect(chains.get('forward')?.slice(1, 3)).toEqual(['oifname "bwg1a2b" drop', 'iifname "bwg1a2b" drop'])
})
