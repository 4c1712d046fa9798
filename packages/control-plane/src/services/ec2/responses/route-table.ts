import type { InternetGateway, NetworkAcl, NetworkAclEntry, Route, RouteTable } from '@aws-sdk/client-ec2'
import type { Call } from '../../service.ts'
import { arnOf, idOf, vpcKind } from '../network/kinds.ts'
import { hasIpv6 } from '../network/vpc-ipv6.ts'
import { isActive } from '../network/ways-out.ts'
import {
  type AclEntry,
  type InternetGatewayRow,
  type NetworkAclRow,
  type RouteEntry,
  type RouteTableRow,
  vpcs,
} from '../tables/index.ts'
import { tagResponse } from '../tags.ts'

const targetResponse = ({ target }: RouteEntry): Route => {
  if (target.kind === 'local') return { GatewayId: 'local' }
  if (target.kind === 'internet-gateway') return { GatewayId: target.id }
  if (target.kind === 'egress-only-gateway') return { EgressOnlyInternetGatewayId: target.id }
  return target.kind === 'nat-gateway' ? { NatGatewayId: target.id } : { NetworkInterfaceId: target.id }
}

const destinationResponse = ({ destination }: RouteEntry): Route => {
  if (destination.kind === 'prefix-list') return { DestinationPrefixListId: destination.prefixListId }
  return destination.kind === 'ipv4'
    ? { DestinationCidrBlock: destination.cidr }
    : { DestinationIpv6CidrBlock: destination.cidr }
}

export const routesOf = (table: RouteTableRow, call: Pick<Call, 'store' | 'scope'>): Route[] => {
  const { blocks = [], ipv6Blocks = [] } = call.store.get(vpcs, arnOf(vpcKind, call.scope, table.vpcId)) ?? {}
  const local = { GatewayId: 'local', Origin: 'CreateRouteTable', State: 'active' } as const
  return [
    ...blocks.map(({ cidr }): Route => ({ DestinationCidrBlock: cidr, ...local })),
    ...ipv6Blocks.map(({ cidr }): Route => ({ DestinationIpv6CidrBlock: cidr, ...local })),
    ...table.routes.map(
      (route): Route => ({
        ...destinationResponse(route),
        ...targetResponse(route),
        Origin: 'CreateRoute',
        State: isActive(call.store, call.scope, table.vpcId, route) ? 'active' : 'blackhole',
      }),
    ),
  ]
}

export const routeTableResponse = (
  table: RouteTableRow,
  call: Pick<Call, 'store' | 'scope'>,
): RouteTable => ({
  RouteTableId: idOf(table),
  VpcId: table.vpcId,
  OwnerId: call.scope.accountId,
  Routes: routesOf(table, call),
  Associations: table.associations.map(({ associationId, subnetId }) => ({
    RouteTableAssociationId: associationId,
    RouteTableId: idOf(table),
    Main: subnetId === undefined,
    ...(subnetId !== undefined && { SubnetId: subnetId }),
    AssociationState: { State: 'associated' },
  })),
  PropagatingVgws: [],
  Tags: tagResponse(table.tags),
})

export const internetGatewayResponse = (
  gateway: InternetGatewayRow,
  { scope }: Pick<Call, 'scope'>,
): InternetGateway => ({
  InternetGatewayId: idOf(gateway),
  OwnerId: scope.accountId,
  // EC2 says `available` here, which is no value of the model's enumeration.
  Attachments:
    gateway.vpcId === undefined ? [] : [{ State: 'available' as 'attached', VpcId: gateway.vpcId }],
  Tags: tagResponse(gateway.tags),
})

const entryResponse = (entry: AclEntry): NetworkAclEntry => ({
  RuleNumber: entry.ruleNumber,
  Egress: entry.isEgress,
  RuleAction: entry.action,
  Protocol: entry.protocol,
  ...(entry.cidr !== undefined && { CidrBlock: entry.cidr }),
  ...(entry.ipv6Cidr !== undefined && { Ipv6CidrBlock: entry.ipv6Cidr }),
  ...(entry.ports && { PortRange: { From: entry.ports.from, To: entry.ports.to } }),
  ...(entry.icmp && { IcmpTypeCode: { Type: entry.icmp.type, Code: entry.icmp.code } }),
})

/** What no other entry matches is denied. (AWS: "Network ACL rules") */
const lastRule = 32_767
const lastRuleOfIpv6 = 32_768
const denied = { action: 'deny', protocol: '-1' } as const

export const aclEntriesOf = (
  { entries, vpcId }: NetworkAclRow,
  { store, scope }: Pick<Call, 'store' | 'scope'>,
): NetworkAclEntry[] => {
  const vpc = store.get(vpcs, arnOf(vpcKind, scope, vpcId))
  return [true, false].flatMap(isEgress =>
    [
      ...entries
        .filter(entry => entry.isEgress === isEgress)
        .sort((one, other) => one.ruleNumber - other.ruleNumber),
      { ...denied, ruleNumber: lastRule, isEgress, cidr: '0.0.0.0/0' },
      ...(vpc && hasIpv6(vpc) ? [{ ...denied, ruleNumber: lastRuleOfIpv6, isEgress, ipv6Cidr: '::/0' }] : []),
    ].map(entryResponse),
  )
}

export const networkAclResponse = (acl: NetworkAclRow, call: Pick<Call, 'store' | 'scope'>): NetworkAcl => ({
  NetworkAclId: idOf(acl),
  VpcId: acl.vpcId,
  OwnerId: call.scope.accountId,
  IsDefault: acl.isDefault,
  Entries: aclEntriesOf(acl, call),
  Associations: acl.associations.map(({ associationId, subnetId }) => ({
    NetworkAclAssociationId: associationId,
    NetworkAclId: idOf(acl),
    SubnetId: subnetId,
  })),
  Tags: tagResponse(acl.tags),
})
