/** What a VPC is made with, and the default VPC that every account has from the start. (AWS: "Default VPCs") */
import type { Tag } from '@aws-sdk/client-ecs'
import { type Scope, scopeKey } from '@berth/model'
import type { Transaction, View } from '../../../store/view.ts'
import type { Call } from '../../service.ts'
import {
  internetGateways,
  networkAccounts,
  networkAcls,
  overlayNumberOf,
  type RouteEntry,
  routeTables,
  type SecurityGroupRuleRow,
  type SubnetRow,
  securityGroupRules,
  securityGroups,
  subnets,
  type VpcRow,
  vpcs,
} from '../tables/index.ts'
import {
  arnOf,
  beside,
  idOf,
  internetGatewayKind,
  networkAclKind,
  newId,
  routeTableKind,
  securityGroupKind,
  securityGroupRuleKind,
  subnetKind,
  vpcKind,
} from './kinds.ts'
import { zonesOf } from './zones.ts'

type Maker = Pick<Call, 'scope' | 'randomHex'>

const defaultCidr = '172.31.0.0/16'

export const hasNetwork = (view: View, scope: Scope): boolean =>
  view.get(networkAccounts, scopeKey(scope)) !== undefined

/** The default VPC of an account is made with the first call that could see it: who deletes it, does so for good. */
export const ensureNetwork = (tx: Transaction, maker: Maker): void => {
  const { scope, randomHex } = maker
  if (hasNetwork(tx, scope)) return
  tx.put(networkAccounts, { id: scopeKey(scope), dhcpOptionsId: newId('dopt', randomHex) })
  makeDefaultVpc(tx, maker)
}

/** With an internet gateway, a route to it, and a subnet in each zone that gives public addresses. */
export const makeDefaultVpc = (tx: Transaction, maker: Maker): VpcRow => {
  const { scope, randomHex } = maker
  const internetGatewayId = newId('igw', randomHex)
  const outside: RouteEntry = {
    destination: { kind: 'ipv4', cidr: '0.0.0.0/0' },
    target: { kind: 'internet-gateway', id: internetGatewayId },
  }
  const vpc = makeVpc(tx, maker, { cidr: defaultCidr, isDefault: true, routes: [outside], tags: [] })
  const vpcId = idOf(vpc)
  tx.put(internetGateways, { id: arnOf(internetGatewayKind, scope, internetGatewayId), vpcId, tags: [] })
  for (const [index, zone] of zonesOf(scope.region).entries())
    makeSubnet(tx, maker, {
      vpcId,
      cidr: `172.31.${index * 16}.0/20`,
      availabilityZone: zone.name,
      isDefaultForZone: true,
      mapPublicIpOnLaunch: true,
      tags: [],
    })
  return vpc
}

interface NewVpc {
  readonly cidr: string
  readonly isDefault: boolean
  readonly routes: readonly RouteEntry[]
  readonly tags: readonly Tag[]
}

/** One with an overlay number that is free. */
const newVpcId = (view: View, maker: Maker): string => {
  const id = newId('vpc', maker.randomHex)
  const number = overlayNumberOf({ id })
  const isTaken = number === 0 || view.count(vpcs, 'byOverlayNumber', String(number)) > 0
  return isTaken ? newVpcId(view, maker) : id
}

/** With its main route table, its default security group and its default network ACL. (AWS: CreateVpc) */
export const makeVpc = (tx: Transaction, maker: Maker, { cidr, isDefault, routes, tags }: NewVpc): VpcRow => {
  const { scope, randomHex } = maker
  const vpcId = newVpcId(tx, maker)
  const vpc: VpcRow = {
    id: arnOf(vpcKind, scope, vpcId),
    blocks: [{ associationId: newId('vpc-cidr-assoc', randomHex), cidr }],
    isDefault,
    enableDnsSupport: true,
    enableDnsHostnames: isDefault,
    tags,
  }
  tx.put(vpcs, vpc)
  tx.put(routeTables, {
    id: arnOf(routeTableKind, scope, newId('rtb', randomHex)),
    vpcId,
    routes,
    associations: [{ associationId: newId('rtbassoc', randomHex) }],
    tags: [],
  })
  const everything = { action: 'allow', protocol: '-1', cidr: '0.0.0.0/0', ruleNumber: 100 } as const
  tx.put(networkAcls, {
    id: arnOf(networkAclKind, scope, newId('acl', randomHex)),
    vpcId,
    isDefault: true,
    entries: [
      { ...everything, isEgress: true },
      { ...everything, isEgress: false },
    ],
    associations: [],
    tags: [],
  })
  const groupId = newId('sg', randomHex)
  tx.put(securityGroups, {
    id: arnOf(securityGroupKind, scope, groupId),
    vpcId,
    name: 'default',
    description: 'default VPC security group',
    tags: [],
  })
  allowEverything(tx, maker, groupId, { isEgress: false, peer: { kind: 'group', groupId } })
  allowEverything(tx, maker, groupId, everywhere)
  return vpc
}

/** What every new security group lets out. */
export const everywhere = { isEgress: true, peer: { kind: 'ipv4', cidr: '0.0.0.0/0' } } as const

export const allowEverything = (
  tx: Transaction,
  { scope, randomHex }: Maker,
  groupId: string,
  rule: Pick<SecurityGroupRuleRow, 'isEgress' | 'peer'>,
): void =>
  tx.put(securityGroupRules, {
    id: arnOf(securityGroupRuleKind, scope, newId('sgr', randomHex)),
    groupId,
    protocol: '-1',
    fromPort: -1,
    toPort: -1,
    tags: [],
    ...rule,
  })

interface NewSubnet
  extends Pick<
    SubnetRow,
    'vpcId' | 'cidr' | 'availabilityZone' | 'isDefaultForZone' | 'mapPublicIpOnLaunch' | 'tags'
  > {
  readonly ipv6Cidr?: string
}

/** Within the default network ACL of its VPC. */
export const makeSubnet = (
  tx: Transaction,
  { scope, randomHex }: Maker,
  { ipv6Cidr, ...subnet }: NewSubnet,
): SubnetRow => {
  const subnetId = newId('subnet', randomHex)
  const row: SubnetRow = {
    id: arnOf(subnetKind, scope, subnetId),
    hostnameType: 'ip-name',
    resourceNameARecord: false,
    ...subnet,
    ...(ipv6Cidr !== undefined && {
      ipv6Block: { associationId: newId('subnet-cidr-assoc', randomHex), cidr: ipv6Cidr },
    }),
  }
  tx.put(subnets, row)
  for (const acl of tx.where(networkAcls, 'defaultOfVpc', beside(scope, subnet.vpcId))) {
    const link = { associationId: newId('aclassoc', randomHex), subnetId }
    tx.put(networkAcls, { ...acl, associations: [...acl.associations, link] })
  }
  return row
}
