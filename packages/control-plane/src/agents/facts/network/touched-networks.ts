/** Which facts of networks a change may have altered. Pure. */
import { isDeepStrictEqual } from 'node:util'
import { type Scope, scopeOfArn } from '@berth/model'
import { arnOf, beside, idOf, networkInterfaceKind } from '../../../services/ec2/network/kinds.ts'
import {
  type AddressRow,
  addresses,
  type EgressOnlyInternetGatewayRow,
  egressOnlyInternetGateways,
  type InternetGatewayRow,
  internetGateways,
  type NatGatewayRow,
  type NetworkAclRow,
  type NetworkInterfaceRow,
  natGateways,
  networkAcls,
  networkInterfaces,
  type PrefixListRow,
  prefixLists,
  type RouteTableRow,
  routeTables,
  type SecurityGroupRuleRow,
  type SubnetRow,
  securityGroupRules,
  securityGroups,
  subnets,
  vpcs,
} from '../../../services/ec2/tables/index.ts'
import { type ContainerInstanceRow, containerInstances } from '../../../services/ecs/tables/index.ts'
import type { Row, Table } from '../../../store/table.ts'
import type { Change, View } from '../../../store/view.ts'
import type { Touch } from '../topic.ts'
import { nameOf, onHost } from './audiences.ts'
import { addressKeys, interfaceKey, memberKeys, peerKey, underlayOf } from './network-facts.ts'

interface Changed<R> {
  readonly before: R | undefined
  readonly after: R | undefined
  /** Both, as far as they are. */
  readonly rows: readonly R[]
  readonly scope: Scope
  readonly view: View
}

type Touches<R> = (changed: Changed<R>) => readonly Touch[]

const vpcsOf = <R extends { readonly vpcId?: string | undefined }>({
  rows,
  scope,
}: Changed<R>): readonly Touch[] =>
  rows.flatMap(({ vpcId }) => (vpcId === undefined ? [] : [{ audience: nameOf('vpc', scope, vpcId) }]))

const interfaceTouches: Touches<NetworkInterfaceRow> = ({ before, after, rows, scope }) => {
  const isElsewhere =
    before?.containerInstanceArn !== after?.containerInstanceArn ||
    before?.groupIds.join() !== after?.groupIds.join()
  return rows.flatMap(row => {
    const { containerInstanceArn: host, vpcId, groupIds } = row
    if (host === undefined) return []
    const inVpc = nameOf('addresses', scope, vpcId)
    return [
      { audience: onHost(host), key: interfaceKey(row) },
      ...(isElsewhere ? [{ host }, { audience: inVpc, key: peerKey(vpcId, host) }] : []),
      ...addressKeys(row).map(key => ({ audience: inVpc, key })),
      ...groupIds.flatMap(id =>
        memberKeys(id, row).map(key => ({ audience: nameOf('members', scope, id), key })),
      ),
    ]
  })
}

/** Its last addresses are written with each that it gives: that alters nothing that hosts know. */
const subnetTouches: Touches<SubnetRow> = changed =>
  blocksOf(changed.before) === blocksOf(changed.after) ? [] : vpcsOf(changed)

const blocksOf = (row: SubnetRow | undefined): string => `${row?.cidr} ${row?.ipv6Block?.cidr}`

/** The public address of an interface. */
const elasticAddressTouches: Touches<AddressRow> = ({ rows, scope, view }) =>
  rows.flatMap(({ association }) => {
    const id = association && arnOf(networkInterfaceKind, scope, association.networkInterfaceId)
    const row = id === undefined ? undefined : view.get(networkInterfaces, id)
    return row?.containerInstanceArn === undefined
      ? []
      : [{ audience: onHost(row.containerInstanceArn), key: interfaceKey(row) }]
  })

const ruleTouches: Touches<SecurityGroupRuleRow> = ({ rows, scope }) =>
  rows.flatMap(({ groupId, peer }): readonly Touch[] => {
    const group = nameOf('group', scope, groupId)
    return peer.kind === 'group' ? [{ audience: group }, { hostsOf: group }] : [{ audience: group }]
  })

/** The groups whose rules name it. */
const prefixListTouches: Touches<PrefixListRow> = ({ rows, scope, view }) =>
  rows.slice(0, 1).flatMap(row =>
    [...view.where(securityGroupRules, 'byPrefixList', beside(scope, idOf(row)))].map(({ groupId }) => ({
      audience: nameOf('group', scope, groupId),
    })),
  )

const hostTouches: Touches<ContainerInstanceRow> = ({ before, after, rows, scope, view }) => {
  const host = rows[0]?.id
  const isSame = isDeepStrictEqual(before && underlayOf(before), after && underlayOf(after))
  if (host === undefined || isSame) return []
  const inVpcs = new Set([...view.where(networkInterfaces, 'byHost', host)].map(({ vpcId }) => vpcId))
  return [...inVpcs].map(vpcId => ({
    audience: nameOf('addresses', scope, vpcId),
    key: peerKey(vpcId, host),
  }))
}

const of = <R extends Row>(table: Table<R>, touches: Touches<R>): [string, Touches<never>] => [
  table.name,
  touches as Touches<never>,
]

const byTable: ReadonlyMap<string, Touches<never>> = new Map([
  of(networkInterfaces, interfaceTouches),
  of(vpcs, ({ rows, scope }) => rows.map(row => ({ audience: nameOf('vpc', scope, idOf(row)) }))),
  of(subnets, subnetTouches),
  of<NetworkAclRow>(networkAcls, vpcsOf),
  of<RouteTableRow>(routeTables, vpcsOf),
  of<InternetGatewayRow>(internetGateways, vpcsOf),
  of<EgressOnlyInternetGatewayRow>(egressOnlyInternetGateways, vpcsOf),
  of<NatGatewayRow>(natGateways, vpcsOf),
  of(addresses, elasticAddressTouches),
  of(securityGroups, ({ rows, scope }) => rows.map(row => ({ audience: nameOf('group', scope, idOf(row)) }))),
  of(securityGroupRules, ruleTouches),
  of(prefixLists, prefixListTouches),
  of(containerInstances, hostTouches),
])

export const touchedNetworks = ({ table, id, before, after }: Change, view: View): readonly Touch[] => {
  const touches = byTable.get(table.name) as Touches<Row> | undefined
  if (touches === undefined) return []
  const rows = [before, after].filter(row => row !== undefined)
  return touches({ before, after, rows, scope: scopeOfArn(id), view })
}
