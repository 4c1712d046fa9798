import { expect, test } from 'vitest'
import {
  arnOf,
  beside,
  egressOnlyGatewayKind,
  idOf,
  networkInterfaceKind,
} from '../../../services/ec2/network/kinds.ts'
import {
  egressOnlyInternetGateways,
  networkAcls,
  networkInterfaces,
  overlayNumberOf,
  routeTables,
  subnets,
  vpcs,
} from '../../../services/ec2/tables/index.ts'
import { instanceArn, scope } from '../../../services/ecs/fixtures/rows.ts'
import { containerInstances } from '../../../services/ecs/tables/index.ts'
import type { Transaction } from '../../../store/view.ts'
import { networkTopic } from './network-topic.ts'
import { factsOf, hostOf, interfaceOf, openNetworks, putRule } from './networks-fixture.ts'

test('A host is told of the VPCs that something on it is in: what they are, who is in them, and what may pass', async () => {
  const { store, networks } = await openNetworks()
  const [network] = networks
  const { vpc, vpcId, groups } = network
  const [own, other] = groups
  store.update(tx => {
    putRule(tx, 'sgr-1', own, { kind: 'group', groupId: other })
    putRule(tx, 'sgr-2', own, { kind: 'ipv4', cidr: '0.0.0.0/0' }, true)
    tx.put(networkInterfaces, interfaceOf(1, network, 1, [own]))
    tx.put(networkInterfaces, interfaceOf(2, network, 2, [other]))
    tx.put(networkInterfaces, interfaceOf(3, network, undefined, [other]))
  })
  const [acl] = store.where(networkAcls, 'byVpc', beside(scope, vpcId))
  const aclId = idOf(acl!)
  const shared = { vpcId, macAddress: '02:00:00:00:00:01', address: '10.0.0.11' }
  const everything = { action: 'allow', protocol: '-1', block: '0.0.0.0/0' }
  const here = instanceArn(1)
  const there = instanceArn(2)
  expect([...factsOf(store, 1).values()]).toEqual([
    {
      ...{ key: 'interface/eni-1', kind: 'interface', interfaceId: 'eni-1', ...shared },
      ...{ subnetId: idOf(network.subnets[0]), groupIds: [own] },
      holder: { kind: 'task', taskArn: 'task/1' },
    },
    {
      ...{ key: `vpc/${vpcId}`, kind: 'vpc', vpcId, number: overlayNumberOf(vpc) },
      ...{ blocks: ['10.0.0.0/16'], hasDns: true },
    },
    {
      ...{ key: `acl/${aclId}`, kind: 'acl', aclId },
      entries: [
        { ...everything, isEgress: true },
        { ...everything, isEgress: false },
      ],
    },
    ...network.subnets.map(subnet => ({
      ...{ key: `subnet/${idOf(subnet)}`, kind: 'subnet', subnetId: idOf(subnet), vpcId },
      ...{ block: subnet.cidr, aclId, outside: 'none' },
    })),
    ...[1, 2].map(n => ({
      ...{ key: `peer/${vpcId}/${instanceArn(n)}`, kind: 'peer', vpcId },
      ...{ hostArn: instanceArn(n), underlayAddress: `192.0.2.${n}` },
    })),
    { key: `address/${vpcId}/10.0.0.11`, kind: 'address', ...shared, hostArn: here },
    {
      ...{ key: `address/${vpcId}/10.0.0.12`, kind: 'address', vpcId, address: '10.0.0.12' },
      ...{ macAddress: '02:00:00:00:00:02', hostArn: there },
    },
    {
      ...{ key: `group/${own}`, kind: 'group', groupId: own },
      ingress: [{ protocol: 'tcp', fromPort: 80, toPort: 80, peer: { groupId: other } }],
      egress: [{ protocol: 'tcp', fromPort: 80, toPort: 80, peer: { blocks: ['0.0.0.0/0'] } }],
    },
    { key: `member/${other}/10.0.0.12`, kind: 'member', groupId: other, address: '10.0.0.12' },
  ])
  expect(factsOf(store, 3).size).toBe(0)
})

test('A host is told of IPv6 where there is any: blocks, the way out, addresses and members', async () => {
  const { store, networks } = await openNetworks()
  const [network] = networks
  const { vpc, vpcId, groups } = network
  const [own, other] = groups
  const [subnet] = network.subnets
  store.update(tx => {
    const block = (cidr: string) => ({ associationId: 'a', cidr })
    tx.put(vpcs, { ...vpc, ipv6Blocks: [block('fd00::/56')] })
    tx.put(subnets, { ...subnet, ipv6Block: block('fd00:0:0:1::/64') })
    tx.put(egressOnlyInternetGateways, {
      ...{ id: arnOf(egressOnlyGatewayKind, scope, 'eigw-1'), vpcId, tags: [] },
    })
    for (const table of [...tx.where(routeTables, 'mainOfVpc', beside(scope, vpcId))])
      tx.put(routeTables, {
        ...table,
        routes: [
          {
            destination: { kind: 'ipv6', cidr: '::/0' },
            target: { kind: 'egress-only-gateway', id: 'eigw-1' },
          },
        ],
      })
    putRule(tx, 'sgr-1', own, { kind: 'group', groupId: other })
    const ipv6Addresses = ['fd00:0:0:1::4']
    tx.put(networkInterfaces, { ...interfaceOf(1, network, 1, [own]), ipv6Addresses })
    tx.put(networkInterfaces, {
      ...{ ...interfaceOf(2, network, 2, [other]), ipv6Addresses: ['fd00:0:0:1::5'] },
    })
  })
  const facts = factsOf(store, 1)
  expect(facts.get(`vpc/${vpcId}`)).toMatchObject({ blocks: ['10.0.0.0/16', 'fd00::/56'] })
  expect(facts.get(`subnet/${idOf(subnet)}`)).toMatchObject({
    ...{ ipv6Block: 'fd00:0:0:1::/64', outside: 'none', outsideIpv6: 'egress-only-gateway' },
  })
  expect(facts.get('interface/eni-1')).toMatchObject({ ipv6Address: 'fd00:0:0:1::4' })
  expect(facts.get(`address/${vpcId}/10.0.0.12`)).toMatchObject({ ipv6Address: 'fd00:0:0:1::5' })
  expect([...facts.keys()].filter(key => key.startsWith('member/'))).toEqual([
    `member/${other}/10.0.0.12`,
    `member/${other}/fd00:0:0:1::5`,
  ])
})

test('A task that starts touches nothing but its host, and who is told of its VPC and its groups', async () => {
  const { store, networks } = await openNetworks()
  const [network] = networks
  const touched: object[] = []
  store.watch(({ changes }) => {
    for (const change of changes) touched.push(...networkTopic.touched(change, store))
  })
  const { vpcId } = network
  store.update(tx => {
    tx.put(subnets, { ...network.subnets[0], lastGiven: '10.0.0.11' })
    tx.put(networkInterfaces, interfaceOf(1, network, 1, ['sg-00']))
  })
  const host = instanceArn(1)
  const inVpc = `addresses 123456789012/eu-central-1 ${vpcId}`
  expect(touched).toEqual([
    { audience: `interfaces 123456789012/eu-central-1 ${host}`, key: 'interface/eni-1' },
    { host },
    { audience: inVpc, key: `peer/${vpcId}/${host}` },
    { audience: inVpc, key: `address/${vpcId}/10.0.0.11` },
    { audience: 'members 123456789012/eu-central-1 sg-00', key: 'member/sg-00/10.0.0.11' },
  ])
})

test('A subnet that gets IPv6, and what leads it outside, touch who is told of their VPC', async () => {
  const { store, networks } = await openNetworks()
  const [{ vpcId, subnets: ofVpc }] = networks
  const touched: object[] = []
  store.watch(({ changes }) => {
    for (const change of changes) touched.push(...networkTopic.touched(change, store))
  })
  const told = (change: (tx: Transaction) => void): readonly object[] => {
    touched.length = 0
    store.update(change)
    return touched.slice(0, 1)
  }
  const inVpc = [{ audience: `vpc 123456789012/eu-central-1 ${vpcId}` }]
  const ipv6Block = { associationId: 'a', cidr: 'fd00:0:0:1::/64' }
  const id = arnOf(egressOnlyGatewayKind, scope, 'eigw-1')
  expect(told(tx => tx.put(subnets, { ...ofVpc[0], ipv6Block }))).toEqual(inVpc)
  const lastGiven = 'fd00:0:0:1::4'
  expect(told(tx => tx.put(subnets, { ...ofVpc[0], ipv6Block: { ...ipv6Block, lastGiven } }))).toEqual([])
  expect(told(tx => tx.put(egressOnlyInternetGateways, { id, vpcId, tags: [] }))).toEqual(inVpc)
  expect(told(tx => tx.delete(egressOnlyInternetGateways, id))).toEqual(inVpc)
})

test('An address that another interface has now is told as the one that it is', async () => {
  const { store, networks } = await openNetworks()
  const [network] = networks
  const row = interfaceOf(1, network, 1, [])
  const { vpcId } = network
  const key = `address/${vpcId}/10.0.0.11`
  const audience = `addresses 123456789012/eu-central-1 ${vpcId}`
  store.update(tx => tx.put(networkInterfaces, row))
  const id = arnOf(networkInterfaceKind, scope, 'eni-9')
  store.update(tx => {
    tx.delete(networkInterfaces, row.id)
    tx.put(networkInterfaces, { ...row, id, containerInstanceArn: instanceArn(2) })
  })
  expect(networkTopic.factOf(store, audience, key)).toMatchObject({ hostArn: instanceArn(2) })
})

test('hosts are told of another one’s key for WireGuard, and where it is reached, as its agent says', async () => {
  const { store, networks } = await openNetworks()
  const [network] = networks
  const touched: object[] = []
  const row = hostOf(1)
  store.update(tx => tx.put(networkInterfaces, interfaceOf(1, network, 1, [])))
  store.watch(({ changes }) => {
    for (const change of changes) touched.push(...networkTopic.touched(change, store))
  })
  const key = `peer/${network.vpcId}/${instanceArn(1)}`
  const told = (attributes: readonly { name: string; value: string }[]) => {
    touched.length = 0
    store.update(tx => tx.put(containerInstances, { ...row, attributes: [...row.attributes, ...attributes] }))
    expect(touched).toEqual([{ audience: `addresses 123456789012/eu-central-1 ${network.vpcId}`, key }])
    return factsOf(store, 1).get(key)
  }
  const publicKey = { name: 'berth.wireguard-key', value: 'AAAA' }
  const endpoint = { name: 'berth.wireguard-endpoint', value: '192.0.2.1:51820' }
  expect(told([publicKey])).toMatchObject({ underlayAddress: '192.0.2.1', wireGuard: { publicKey: 'AAAA' } })
  expect(told([publicKey, endpoint])).toMatchObject({
    wireGuard: { publicKey: 'AAAA', endpoint: '192.0.2.1:51820' },
  })
})
