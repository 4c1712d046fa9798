import type { BerthFacts, NetworkFact } from '@berth/model'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ManualClock } from '../../../control-loop/manual-clock.ts'
import {
  addressKind,
  arnOf,
  beside,
  egressOnlyGatewayKind,
  internetGatewayKind,
  networkInterfaceKind,
  prefixListKind,
  securityGroupRuleKind,
} from '../../../services/ec2/network/kinds.ts'
import {
  addresses,
  egressOnlyInternetGateways,
  internetGateways,
  networkAcls,
  networkInterfaces,
  prefixLists,
  routeTables,
  securityGroupRules,
  subnets,
  vpcs,
} from '../../../services/ec2/tables/index.ts'
import { instanceArn, scope } from '../../../services/ecs/fixtures/rows.ts'
import { containerInstances } from '../../../services/ecs/tables/index.ts'
import type { Transaction } from '../../../store/view.ts'
import { DurableOutbox } from '../../durable-outbox.ts'
import { FactFeeds } from '../fact-feeds.ts'
import { networkTopic } from './network-topic.ts'
import { factsOf, hostOf, interfaceOf, openNetworks, putRule } from './networks-fixture.ts'

type Networks = Awaited<ReturnType<typeof openNetworks>>['networks']
/** What may happen, with numbers below 4. */
type Happening = (tx: Transaction, networks: Networks, numbers: readonly [number, number, number]) => void

const interfaceArn = (n: number) => arnOf(networkInterfaceKind, scope, `eni-${n}`)
const gatewayArn = arnOf(internetGatewayKind, scope, 'igw-1')

const happenings: Readonly<Record<string, Happening>> = {
  interface: (tx, networks, [n, host, group]) => {
    const network = networks[group % 2] ?? networks[0]
    const groups = group < 2 ? [network.groups[0]] : network.groups
    tx.put(networkInterfaces, interfaceOf(n, network, host === 0 ? undefined : host, groups))
  },
  noInterface: (tx, _, [n]) => tx.delete(networkInterfaces, interfaceArn(n)),
  rule: (tx, networks, [n, group, peer]) => {
    const { groups } = networks[n % 2] ?? networks[0]
    const [one, other] = group % 2 === 0 ? groups : [groups[1], groups[0]]
    putRule(
      tx,
      `sgr-${n}`,
      one,
      peer < 2 ? { kind: 'group', groupId: other } : { kind: 'prefix-list', prefixListId: 'pl-1' },
    )
  },
  prefixList: (tx, _, [n]) =>
    tx.put(prefixLists, {
      ...{ id: arnOf(prefixListKind, scope, 'pl-1'), name: 'list', addressFamily: 'IPv4', tags: [] },
      ...{ maxEntries: 9, state: 'create-complete' },
      versions: [{ number: 1, entries: [{ cidr: `10.${n}.0.0/16` }] }],
    }),
  noRule: (tx, _, [n]) => tx.delete(securityGroupRules, arnOf(securityGroupRuleKind, scope, `sgr-${n}`)),
  route: (tx, [{ vpcId }], [hasRoute]) => {
    for (const table of [...tx.where(routeTables, 'mainOfVpc', beside(scope, vpcId))])
      tx.put(routeTables, {
        ...table,
        routes:
          hasRoute < 2
            ? []
            : [
                {
                  destination: { kind: 'ipv4', cidr: '0.0.0.0/0' },
                  target: { kind: 'internet-gateway', id: 'igw-1' },
                },
              ],
      })
  },
  ipv6Interface: (tx, networks, [n, host, address]) => {
    const [network] = networks
    const row = interfaceOf(n, network, host === 0 ? undefined : host, network.groups)
    tx.put(networkInterfaces, { ...row, ...(address > 0 && { ipv6Addresses: [`fd00::${n}${address}`] }) })
  },
  ipv6Blocks: (
    tx,
    [
      {
        vpc,
        subnets: [subnet],
      },
    ],
    [hasBlock],
  ) => {
    const block = (cidr: string) => ({ associationId: cidr, cidr })
    tx.put(vpcs, { ...vpc, ipv6Blocks: hasBlock < 2 ? [] : [block('fd00::/56')] })
    tx.put(subnets, { ...subnet, ipv6Block: hasBlock < 2 ? undefined : block(`fd00:0:0:${hasBlock}::/64`) })
  },
  ipv6Route: (tx, [{ vpcId }], [kind]) => {
    const id = kind < 3 ? 'eigw-1' : 'igw-1'
    const target = { kind: kind < 3 ? 'egress-only-gateway' : 'internet-gateway', id } as const
    for (const table of [...tx.where(routeTables, 'mainOfVpc', beside(scope, vpcId))])
      tx.put(routeTables, { ...table, routes: [{ destination: { kind: 'ipv6', cidr: '::/0' }, target }] })
  },
  egressOnlyGateway: (tx, [{ vpcId }], [isThere]) => {
    const id = arnOf(egressOnlyGatewayKind, scope, 'eigw-1')
    if (isThere < 2) tx.delete(egressOnlyInternetGateways, id)
    else tx.put(egressOnlyInternetGateways, { id, vpcId, tags: [] })
  },
  gateway: (tx, [{ vpcId }], [isAttached]) =>
    tx.put(internetGateways, { id: gatewayArn, vpcId: isAttached < 2 ? undefined : vpcId, tags: [] }),
  dns: (tx, [{ vpc }], [isOn]) => tx.put(vpcs, { ...vpc, enableDnsSupport: isOn < 2 }),
  acl: (tx, [{ vpcId }], [from]) => {
    for (const acl of [...tx.where(networkAcls, 'byVpc', beside(scope, vpcId))]) {
      const [entry] = acl.entries
      if (entry) tx.put(networkAcls, { ...acl, entries: [{ ...entry, ports: { from, to: 9 } }] })
    }
  },
  host: (tx, _, [n, address]) =>
    tx.put(containerInstances, hostOf(n, address === 0 ? undefined : `198.51.100.${address}`)),
  elastic: (tx, _, [n, isOn]) => {
    const row = tx.get(networkInterfaces, interfaceArn(n))
    const association = isOn >= 2 &&
      row && {
        associationId: 'a',
        networkInterfaceId: `eni-${n}`,
        privateIp: row.privateIps[0] ?? '',
      }
    const id = arnOf(addressKind, scope, 'eipalloc-1')
    tx.put(addresses, { id, publicIp: '198.18.0.1', ...(association && { association }), tags: [] })
  },
}

const number = fc.integer({ min: 0, max: 3 })
const steps = fc.array(
  fc.tuple(fc.constantFrom(...Object.keys(happenings)), fc.tuple(number, number, number)),
  {
    maxLength: 40,
    size: 'max',
  },
)

test('Whatever changes, hosts that are told of changes know what they would be told from nothing', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async run => {
      const { store, networks } = await openNetworks()
      const clock = new ManualClock(0)
      const outbox = new DurableOutbox({
        durable: () => Promise.resolve(),
        onProgress: () => {},
        onFailure: error => expect.unreachable(String(error)),
        onFault: error => expect.unreachable(String(error)),
      })
      const feeds = new FactFeeds({ store, clock, outbox, topics: [networkTopic] })
      store.watch(commit => feeds.note(commit))
      const known = [1, 2, 3].map(host => {
        const facts = new Map<string, NetworkFact>()
        feeds.open(instanceArn(host), text => {
          const { message } = JSON.parse(text) as { message: BerthFacts<'network'> }
          for (const key of message.gone) facts.delete(key)
          for (const fact of message.facts) facts.set(fact.key, fact)
        })
        return facts
      })
      const settle = async () => {
        for (let turn = 0; turn < 6; turn++) {
          clock.advance(60)
          await new Promise(resolve => setImmediate(resolve))
        }
      }
      for (const [index, [name, numbers]] of run.entries()) {
        store.update(tx => happenings[name]?.(tx, networks, numbers))
        if (index % 4 === 3) await settle()
      }
      await settle()
      for (const [index, facts] of known.entries())
        expect(new Map([...facts].sort())).toEqual(new Map([...factsOf(store, index + 1)].sort()))
    }),
    { numRuns: 200 },
  )
})
