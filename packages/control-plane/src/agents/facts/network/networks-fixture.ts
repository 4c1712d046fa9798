/** Networks in a store, for tests of what hosts are told of them. */
import type { NetworkFact } from '@berth/model'
import { createMemoryJournal } from '../../../journals/memory-journal.ts'
import { ec2Service } from '../../../services/ec2/index.ts'
import { makeSubnet, makeVpc } from '../../../services/ec2/network/default-network.ts'
import {
  arnOf,
  idOf,
  networkInterfaceKind,
  securityGroupKind,
  securityGroupRuleKind,
} from '../../../services/ec2/network/kinds.ts'
import {
  type NetworkInterfaceRow,
  type RulePeer,
  type SubnetRow,
  securityGroupRules,
  securityGroups,
  type VpcRow,
} from '../../../services/ec2/tables/index.ts'
import { given, instanceArn, scope } from '../../../services/ecs/fixtures/rows.ts'
import { ecsTables } from '../../../services/ecs/index.ts'
import { containerInstances } from '../../../services/ecs/tables/index.ts'
import { createStore } from '../../../store/journaled-store.ts'
import type { Transaction, View } from '../../../store/view.ts'
import { networkTopic } from './network-topic.ts'

export const hostOf = (n: number, underlay: string | undefined = `192.0.2.${n}`) =>
  given.instance(n, {
    attributes: underlay === undefined ? [] : [{ name: 'berth.underlay-address', value: underlay }],
  })

/** Two VPCs with two subnets and two groups each, three hosts, and nothing on them. */
export const openNetworks = async () => {
  const tables = [...new Set([...ecsTables.tables, ...ec2Service.tables])]
  const { histories } = ecsTables
  const store = createStore({ tables, histories, journal: createMemoryJournal(), freeze: true })
  await store.load()
  let count = 0
  const randomHex = (bytes: number) => (++count).toString(16).padStart(bytes * 2, '0')
  const maker = { scope, randomHex }
  const networks = store.update((tx): readonly [Network, Network] => {
    for (const n of [1, 2, 3]) tx.put(containerInstances, hostOf(n))
    const network = (n: number): Network => {
      const vpc = makeVpc(tx, maker, { cidr: `10.${n}.0.0/16`, isDefault: false, routes: [], tags: [] })
      const vpcId = idOf(vpc)
      const subnet = (m: number) =>
        makeSubnet(tx, maker, {
          ...{ vpcId, cidr: `10.${n}.${m}.0/24`, availabilityZone: 'eu-central-1a', tags: [] },
          ...{ isDefaultForZone: false, mapPublicIpOnLaunch: false },
        })
      const groups = [`sg-${n}0`, `sg-${n}1`] as const
      for (const id of groups)
        tx.put(securityGroups, {
          ...{ id: arnOf(securityGroupKind, scope, id), vpcId, name: id, description: id, tags: [] },
        })
      return { vpc, vpcId, subnets: [subnet(0), subnet(1)], groups }
    }
    return [network(0), network(1)]
  })
  return { store, networks, randomHex }
}

export interface Network {
  readonly vpc: VpcRow
  readonly vpcId: string
  readonly subnets: readonly [SubnetRow, SubnetRow]
  readonly groups: readonly [string, string]
}

export const interfaceOf = (
  n: number,
  { vpcId, subnets }: Network,
  host: number | undefined,
  groupIds: readonly string[],
): NetworkInterfaceRow => ({
  id: arnOf(networkInterfaceKind, scope, `eni-${n}`),
  vpcId,
  subnetId: idOf(subnets[0]),
  availabilityZone: 'eu-central-1a',
  description: '',
  interfaceType: 'interface',
  macAddress: `02:00:00:00:00:0${n}`,
  privateIps: [subnets[0].cidr.replace('0/24', String(10 + n))],
  groupIds,
  sourceDestCheck: true,
  holder: { kind: 'task', taskArn: `task/${n}` },
  ...(host !== undefined && { containerInstanceArn: instanceArn(host) }),
  tags: [],
})

export const putRule = (tx: Transaction, id: string, groupId: string, peer: RulePeer, isEgress = false) =>
  tx.put(securityGroupRules, {
    ...{ id: arnOf(securityGroupRuleKind, scope, id), groupId, isEgress, peer, tags: [] },
    ...{ protocol: 'tcp', fromPort: 80, toPort: 80 },
  })

/** What a host is told from nothing, by key. */
export const factsOf = (store: View, host: number): Map<string, NetworkFact> => {
  const all = new Map<string, NetworkFact>()
  for (const audience of networkTopic.audiencesOf(store, instanceArn(host)))
    for (let from: string | undefined, isEnd = false; !isEnd; ) {
      const page = networkTopic.pageOf(store, audience, from)
      for (const fact of page.facts) all.set(fact.key, fact)
      from = page.next
      isEnd = from === undefined
    }
  return all
}
