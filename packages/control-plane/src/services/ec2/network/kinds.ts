/** What EC2 calls the parts of a network: their ids, and the codes with which a wrong id is refused. */
import type { ResourceType } from '@aws-sdk/client-ec2'
import type { Tag } from '@aws-sdk/client-ecs'
import type { AwsError } from '@berth/aws-api'
import { formatArn, lastSegment, type Scope, scopeKey } from '@berth/model'
import type { Row, Table } from '../../../store/table.ts'
import type { View } from '../../../store/view.ts'
import { ec2Error, missingParameter } from '../errors.ts'
import {
  addresses,
  egressOnlyInternetGateways,
  internetGateways,
  natGateways,
  networkAcls,
  networkInterfaces,
  prefixLists,
  routeTables,
  securityGroupRules,
  securityGroups,
  subnets,
  vpcs,
} from '../tables/index.ts'

export interface TaggedRow extends Row {
  readonly tags: readonly Tag[]
}

type ScopeIndex<R> = { readonly byScope: (row: R) => string | undefined }

export interface Kind<R extends TaggedRow> {
  readonly type: ResourceType
  /** What stands before the dash in ids. */
  readonly prefix: string
  readonly table: Table<R, ScopeIndex<R>>
  readonly malformed: string
  readonly notFound: string
  /** The refusal's message. */
  readonly missing: (id: string) => string
}

const kind = <R extends TaggedRow>(made: Kind<R>): Kind<R> => made

export const vpcKind = kind({
  type: 'vpc',
  prefix: 'vpc',
  table: vpcs,
  malformed: 'InvalidVpcID.Malformed',
  notFound: 'InvalidVpcID.NotFound',
  missing: id => `The vpc ID '${id}' does not exist`,
})
export const subnetKind = kind({
  type: 'subnet',
  prefix: 'subnet',
  table: subnets,
  malformed: 'InvalidSubnetID.Malformed',
  notFound: 'InvalidSubnetID.NotFound',
  missing: id => `The subnet ID '${id}' does not exist`,
})
export const securityGroupKind = kind({
  type: 'security-group',
  prefix: 'sg',
  table: securityGroups,
  malformed: 'InvalidGroupId.Malformed',
  notFound: 'InvalidGroup.NotFound',
  missing: id => `The security group '${id}' does not exist`,
})
export const securityGroupRuleKind = kind({
  type: 'security-group-rule',
  prefix: 'sgr',
  table: securityGroupRules,
  malformed: 'InvalidSecurityGroupRuleId.Malformed',
  notFound: 'InvalidSecurityGroupRuleId.NotFound',
  missing: id => `The security group rule ID '${id}' does not exist`,
})
export const internetGatewayKind = kind({
  type: 'internet-gateway',
  prefix: 'igw',
  table: internetGateways,
  malformed: 'InvalidInternetGatewayId.Malformed',
  notFound: 'InvalidInternetGatewayID.NotFound',
  missing: id => `The internetGateway ID '${id}' does not exist`,
})
export const egressOnlyGatewayKind = kind({
  type: 'egress-only-internet-gateway',
  prefix: 'eigw',
  table: egressOnlyInternetGateways,
  malformed: 'InvalidEgressOnlyInternetGatewayId.Malformed',
  notFound: 'InvalidEgressOnlyInternetGatewayId.NotFound',
  missing: id => `The egress-only internet gateway ID '${id}' does not exist`,
})
export const routeTableKind = kind({
  type: 'route-table',
  prefix: 'rtb',
  table: routeTables,
  malformed: 'InvalidRouteTableId.Malformed',
  notFound: 'InvalidRouteTableID.NotFound',
  missing: id => `The routeTable ID '${id}' does not exist`,
})
export const natGatewayKind = kind({
  type: 'natgateway',
  prefix: 'nat',
  table: natGateways,
  malformed: 'NatGatewayMalformed',
  notFound: 'NatGatewayNotFound',
  missing: id => `NAT gateway ${id} was not found`,
})
export const addressKind = kind({
  type: 'elastic-ip',
  prefix: 'eipalloc',
  table: addresses,
  malformed: 'InvalidAllocationID.NotFound',
  notFound: 'InvalidAllocationID.NotFound',
  missing: id => `The allocation ID '${id}' does not exist`,
})
export const networkInterfaceKind = kind({
  type: 'network-interface',
  prefix: 'eni',
  table: networkInterfaces,
  malformed: 'InvalidNetworkInterfaceId.Malformed',
  notFound: 'InvalidNetworkInterfaceID.NotFound',
  missing: id => `The networkInterface ID '${id}' does not exist`,
})
export const networkAclKind = kind({
  type: 'network-acl',
  prefix: 'acl',
  table: networkAcls,
  malformed: 'InvalidNetworkAclId.Malformed',
  notFound: 'InvalidNetworkAclID.NotFound',
  missing: id => `The networkAcl ID '${id}' does not exist`,
})
export const prefixListKind = kind({
  type: 'prefix-list',
  prefix: 'pl',
  table: prefixLists,
  malformed: 'InvalidPrefixListId.Malformed',
  notFound: 'InvalidPrefixListID.NotFound',
  missing: id => `The prefix list ID '${id}' does not exist`,
})

/** All that have tags. */
// biome-ignore lint/suspicious/noExplicitAny: each kind has a row of its own
export const networkKinds: readonly Kind<any>[] = [
  vpcKind,
  subnetKind,
  securityGroupKind,
  securityGroupRuleKind,
  internetGatewayKind,
  egressOnlyGatewayKind,
  routeTableKind,
  natGatewayKind,
  addressKind,
  networkInterfaceKind,
  networkAclKind,
  prefixListKind,
]

type AnyKind = Pick<Kind<never>, 'type' | 'prefix'>

export const arnOf = ({ type }: AnyKind, scope: Scope, id: string): string =>
  formatArn('ec2', scope, `${type}/${id}`)

/** `vpc-0123…` of the ARN. */
export const idOf = ({ id }: Row): string => lastSegment(id)

/** As every id of EC2: a prefix and 17 hexadecimal digits. */
export const newId = (prefix: string, randomHex: (bytes: number) => string): string =>
  `${prefix}-${randomHex(9).slice(1)}`

export const notFoundError = <R extends TaggedRow>(of: Kind<R>, id: string): AwsError =>
  ec2Error(of.notFound, of.missing(id))

/** Throws MissingParameter, and the kind's own codes for what is malformed or not there. */
export const rowOf = <R extends TaggedRow>(
  view: View,
  scope: Scope,
  of: Kind<R>,
  id: string | undefined,
  parameter: string,
): R => {
  if (!id) throw missingParameter(parameter)
  if (!new RegExp(`^${of.prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`).test(id))
    throw ec2Error(of.malformed, `Invalid id: "${id}" (expecting "${of.prefix}-...")`)
  const row = view.get(of.table, arnOf(of, scope, id))
  if (!row) throw notFoundError(of, id)
  return row
}

export const rowsInScope = <R extends TaggedRow>(view: View, scope: Scope, of: Kind<R>): R[] => [
  ...view.where(of.table, 'byScope', scopeKey(scope)),
]

/** An index key of an id of EC2. */
export const beside = (scope: Scope, id: string): string => `${scopeKey(scope)}|${id}`
