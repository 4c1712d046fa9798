import type { InterfaceFact, NetworkFact, SubnetFact, VpcFact } from '@berth/model'
import { expect, test } from 'vitest'
import { overlayPeers, pathsOf } from './routes.ts'
import { emptyView, viewAfter } from './vpc-view.ts'

const vpc: VpcFact = {
  key: 'vpc/vpc-1',
  kind: 'vpc',
  vpcId: 'vpc-1',
  number: 1,
  blocks: ['10.0.0.0/16', 'fd50::/56'],
  hasDns: true,
}
const subnet: SubnetFact = {
  key: 'subnet/subnet-1',
  kind: 'subnet',
  subnetId: 'subnet-1',
  vpcId: 'vpc-1',
  block: '10.0.1.0/24',
  ipv6Block: 'fd50::/64',
  aclId: 'acl-1',
  outside: 'none',
}
const fact: InterfaceFact = {
  key: 'interface/eni-1',
  kind: 'interface',
  interfaceId: 'eni-1',
  vpcId: 'vpc-1',
  subnetId: 'subnet-1',
  macAddress: '02:00:00:00:00:01',
  address: '10.0.1.5',
  groupIds: [],
  holder: { kind: 'task', taskArn: 'task-1' },
}
const address = (hostArn: string, at: string, ipv6Address?: string): NetworkFact => ({
  key: `address/vpc-1/${at}`,
  kind: 'address',
  vpcId: 'vpc-1',
  address: at,
  ...(ipv6Address !== undefined && { ipv6Address }),
  macAddress: '02:00:00:00:00:02',
  hostArn,
})
const peer = (hostArn: string, underlayAddress: string): NetworkFact => ({
  key: `peer/vpc-1/${hostArn}`,
  kind: 'peer',
  vpcId: 'vpc-1',
  hostArn,
  underlayAddress,
})
const given = (own: Partial<InterfaceFact>, ...facts: NetworkFact[]) =>
  pathsOf(
    vpc,
    [{ fact: { ...fact, ...own }, subnet, vpc, linkAddress: '169.254.172.1' }],
    overlayPeers('vpc-1', viewAfter(emptyView, { changed: facts, gone: [] }), {
      address: '192.0.2.1',
      mtu: 1500,
    }),
  )

test('both addresses of an interface lead to its link, and what nobody has leads nowhere', () => {
  const { routes, neighbours } = given({ ipv6Address: 'fd50::5' })
  expect([...routes]).toEqual([
    'default via 169.254.1.254 dev up0 onlink',
    'default via fe80::2 dev up0 onlink',
    'blackhole 10.0.0.0/16',
    'blackhole fd50::/56',
    '10.0.1.5 dev eni1',
    'fd50::5 dev eni1',
  ])
  expect([...neighbours]).toEqual([
    '169.254.1.254 lladdr ee:ee:ee:ee:ee:01 dev up0',
    'fe80::2 lladdr ee:ee:ee:ee:ee:01 dev up0',
    '10.0.1.5 lladdr 02:00:00:00:00:01 dev eni1',
    'fd50::5 lladdr 02:00:00:00:00:01 dev eni1',
  ])
})

test('an IPv6 address leads nowhere any more once the IPv4 address beside it has another one, or none', () => {
  const told = (view: typeof emptyView, ipv6Address?: string) =>
    viewAfter(view, { changed: [address('host-2', '10.0.1.9', ipv6Address)], gone: [] })
  const leading = (view: typeof emptyView) => [
    ...overlayPeers('vpc-1', view, { address: '192.0.2.1', mtu: 1500 }).addresses.keys(),
  ]
  const before = told(viewAfter(emptyView, { changed: [peer('host-2', '192.0.2.2')], gone: [] }), 'fd50::9')
  expect(leading(before)).toEqual(['10.0.1.9', 'fd50::9'])
  expect(leading(told(before, 'fd50::a'))).toEqual(['10.0.1.9', 'fd50::a'])
  expect(leading(told(before))).toEqual(['10.0.1.9'])
})

test('a host has a next hop of IPv6 once it has an IPv6 address of the VPC', () => {
  const facts = [peer('host-2', '192.0.2.2'), peer('host-3', '192.0.2.3')]
  const { routes, neighbours, overlay } = given(
    {},
    ...facts,
    address('host-2', '10.0.1.6'),
    address('host-3', '10.0.1.7', 'fd50::7'),
  )
  expect([...routes].slice(-3)).toEqual([
    '10.0.1.6 via 192.0.2.2 dev vx0 onlink',
    '10.0.1.7 via 192.0.2.3 dev vx0 onlink',
    'fd50::7 via fe80::be:c000:203 dev vx0 onlink',
  ])
  expect([...neighbours].slice(-3)).toEqual([
    '192.0.2.2 lladdr 02:be:c0:00:02:02 dev vx0',
    '192.0.2.3 lladdr 02:be:c0:00:02:03 dev vx0',
    'fe80::be:c000:203 lladdr 02:be:c0:00:02:03 dev vx0',
  ])
  expect(overlay.size).toBe(2)
})
