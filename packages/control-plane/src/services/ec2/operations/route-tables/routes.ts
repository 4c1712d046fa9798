import type {
  CreateRouteRequest,
  CreateRouteResult,
  DeleteRouteRequest,
  ReplaceRouteRequest,
} from '@aws-sdk/client-ec2'
import type { View } from '../../../../store/view.ts'
import type { Call } from '../../../service.ts'
import { ec2Error, invalidParameterValue, missingParameter } from '../../errors.ts'
import { contains, formatBlock, parseBlock } from '../../network/cidr.ts'
import { canonicalIpv6Block, containsIpv6, parseIpv6Block } from '../../network/ipv6.ts'
import {
  arnOf,
  egressOnlyGatewayKind,
  internetGatewayKind,
  type Kind,
  natGatewayKind,
  networkInterfaceKind,
  prefixListKind,
  routeTableKind,
  rowOf,
  type TaggedRow,
  vpcKind,
} from '../../network/kinds.ts'
import { changing, onOne } from '../../network/operations.ts'
import {
  type RouteDestination,
  type RouteTableRow,
  type RouteTarget,
  routeTables,
  type VpcBlock,
  type VpcRow,
  vpcs,
} from '../../tables/index.ts'

interface GivenDestination {
  readonly DestinationCidrBlock?: string | undefined
  readonly DestinationIpv6CidrBlock?: string | undefined
  readonly DestinationPrefixListId?: string | undefined
}

/** Throws MissingParameter, InvalidParameterCombination, InvalidParameterValue, InvalidPrefixListID.NotFound. */
const destinationOf = (view: View, { scope }: Call, given: GivenDestination): RouteDestination => {
  const { DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId } = given
  const all = [DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId]
  const [text, ...others] = all.filter(destination => destination !== undefined)
  if (others.length > 0) throw ec2Error('InvalidParameterCombination', 'A route has exactly one destination.')
  if (text === undefined) throw missingParameter('destinationCidrBlock')
  if (DestinationPrefixListId !== undefined) {
    rowOf(view, scope, prefixListKind, DestinationPrefixListId, 'destinationPrefixListId')
    return { kind: 'prefix-list', prefixListId: DestinationPrefixListId }
  }
  const block = DestinationCidrBlock === undefined ? undefined : parseBlock(DestinationCidrBlock)
  const cidr = DestinationCidrBlock === undefined ? canonicalIpv6Block(text) : block && formatBlock(block)
  if (!cidr)
    throw invalidParameterValue(
      `Value (${text}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.`,
    )
  return { kind: DestinationCidrBlock === undefined ? 'ipv6' : 'ipv4', cidr }
}

interface GivenTarget {
  readonly GatewayId?: string | undefined
  readonly EgressOnlyInternetGatewayId?: string | undefined
  readonly NatGatewayId?: string | undefined
  readonly NetworkInterfaceId?: string | undefined
  readonly RouteTableId?: string | undefined
}

/** One that is in the table's VPC. Throws MissingParameter, InvalidParameterCombination, InvalidParameterValue. */
const targetOf = (view: View, { scope }: Call, given: GivenTarget, vpcId: string): RouteTarget => {
  const { GatewayId, EgressOnlyInternetGatewayId, NatGatewayId, NetworkInterfaceId, RouteTableId } = given
  const all = [GatewayId, EgressOnlyInternetGatewayId, NatGatewayId, NetworkInterfaceId]
  const targets = all.filter(id => id !== undefined)
  const [id] = targets
  if (id === undefined)
    throw missingParameter('gatewayId, egressOnlyInternetGatewayId, natGatewayId or networkInterfaceId')
  if (targets.length > 1)
    throw ec2Error('InvalidParameterCombination', 'Only one target of a route may be specified.')
  const checked = <R extends TaggedRow & { readonly vpcId?: string | undefined }>(
    kind: Kind<R>,
    parameter: string,
    called: string,
  ): string => {
    if (rowOf(view, scope, kind, id, parameter).vpcId !== vpcId)
      throw invalidParameterValue(
        `route table ${RouteTableId} and ${called} ${id} belong to different networks`,
      )
    return id
  }
  if (GatewayId !== undefined)
    return { kind: 'internet-gateway', id: checked(internetGatewayKind, 'gatewayId', 'network gateway') }
  if (EgressOnlyInternetGatewayId !== undefined) {
    const eigw = checked(egressOnlyGatewayKind, 'egressOnlyInternetGatewayId', 'network gateway')
    return { kind: 'egress-only-gateway', id: eigw }
  }
  if (NatGatewayId !== undefined)
    return { kind: 'nat-gateway', id: checked(natGatewayKind, 'natGatewayId', 'NAT gateway') }
  return { kind: 'network-interface', id: checked(networkInterfaceKind, 'networkInterfaceId', 'interface') }
}

/** As the routes of a table name it. */
const textOf = (destination: RouteDestination): string =>
  destination.kind === 'prefix-list' ? destination.prefixListId : destination.cidr

const isSame = (one: RouteDestination, other: RouteDestination): boolean => textOf(one) === textOf(other)

const blocksOf = (view: View, { scope }: Call, { vpcId }: RouteTableRow): string[] =>
  localBlocks(view.get(vpcs, arnOf(vpcKind, scope, vpcId))).map(({ cidr }) => cidr)

const localBlocks = (vpc: VpcRow | undefined): VpcBlock[] =>
  vpc ? [...vpc.blocks, ...(vpc.ipv6Blocks ?? [])] : []

const isWithin = (outer: string, inner: string): boolean => {
  const [one, other] = [parseBlock(outer), parseBlock(inner)]
  if (one && other) return contains(one, other)
  const [long, short] = [parseIpv6Block(outer), parseIpv6Block(inner)]
  return long !== undefined && short !== undefined && containsIpv6(long, short)
}

/** NAT gateways have IPv4 alone, and egress-only gateways IPv6. */
const checkFamily = ({ kind }: RouteDestination, target: RouteTarget): void => {
  if (kind === 'ipv6' && target.kind === 'nat-gateway')
    throw ec2Error('UnsupportedOperation', 'IPv6 through NAT gateways is not supported by Berth yet.')
  if (kind === 'ipv4' && target.kind === 'egress-only-gateway')
    throw invalidParameterValue(
      `The egress-only internet gateway ${target.id} can be the target of IPv6 routes only.`,
    )
}

/** What lies within the VPC may go to an interface only. (AWS: "Route tables", more specific routes) */
const checkDestination = (
  view: View,
  call: Call,
  table: RouteTableRow,
  destination: RouteDestination,
  target: RouteTarget,
): void => {
  checkFamily(destination, target)
  const cidr = textOf(destination)
  for (const outer of blocksOf(view, call, table)) {
    if (target.kind !== 'network-interface' && isWithin(outer, cidr))
      throw invalidParameterValue(
        `The destination CIDR block ${cidr} is equal to or more specific than one of this VPC's CIDR blocks. This route can target only an interface or an instance.`,
      )
  }
}

const members = [
  'RouteTableId',
  'DestinationCidrBlock',
  'DestinationIpv6CidrBlock',
  'DestinationPrefixListId',
  'GatewayId',
  'EgressOnlyInternetGatewayId',
  'NatGatewayId',
  'NetworkInterfaceId',
] as const

const createRoute = changing<CreateRouteRequest, CreateRouteResult>({
  name: 'CreateRoute',
  takes: members,
  resources: onOne(routeTableKind, ({ RouteTableId }) => RouteTableId),
  change: (tx, input, call) => {
    const table = rowOf(tx, call.scope, routeTableKind, input.RouteTableId, 'routeTableId')
    const destination = destinationOf(tx, call, input)
    const target = targetOf(tx, call, input, table.vpcId)
    const isLocal = blocksOf(tx, call, table).includes(textOf(destination))
    if (isLocal || table.routes.some(route => isSame(route.destination, destination)))
      throw ec2Error('RouteAlreadyExists', `The route identified by ${textOf(destination)} already exists.`)
    checkDestination(tx, call, table, destination, target)
    tx.put(routeTables, { ...table, routes: [...table.routes, { destination, target }] })
    return { Return: true }
  },
})

const replaceRoute = changing<ReplaceRouteRequest>({
  name: 'ReplaceRoute',
  takes: members,
  resources: onOne(routeTableKind, ({ RouteTableId }) => RouteTableId),
  change: (tx, input, call) => {
    const table = rowOf(tx, call.scope, routeTableKind, input.RouteTableId, 'routeTableId')
    const destination = destinationOf(tx, call, input)
    const target = targetOf(tx, call, input, table.vpcId)
    if (!table.routes.some(route => isSame(route.destination, destination)))
      throw invalidParameterValue(
        `There is no route defined for '${textOf(destination)}' in the route table. Use CreateRoute instead.`,
      )
    checkDestination(tx, call, table, destination, target)
    const routes = table.routes.map(route =>
      isSame(route.destination, destination) ? { ...route, target } : route,
    )
    tx.put(routeTables, { ...table, routes })
    return {}
  },
})

const deleteRoute = changing<DeleteRouteRequest>({
  name: 'DeleteRoute',
  takes: ['RouteTableId', 'DestinationCidrBlock', 'DestinationIpv6CidrBlock', 'DestinationPrefixListId'],
  effect: 'frees',
  resources: onOne(routeTableKind, ({ RouteTableId }) => RouteTableId),
  change: (tx, input, call) => {
    const table = rowOf(tx, call.scope, routeTableKind, input.RouteTableId, 'routeTableId')
    const destination = destinationOf(tx, call, input)
    const routes = table.routes.filter(route => !isSame(route.destination, destination))
    if (routes.length === table.routes.length) {
      if (blocksOf(tx, call, table).includes(textOf(destination)))
        throw invalidParameterValue(
          `cannot remove local route ${textOf(destination)} in route table ${input.RouteTableId}`,
        )
      throw ec2Error(
        'InvalidRoute.NotFound',
        `no route with destination-cidr-block ${textOf(destination)} in route table ${input.RouteTableId}`,
      )
    }
    tx.put(routeTables, { ...table, routes })
    return {}
  },
})

export const routeOperations = [createRoute, replaceRoute, deleteRoute]
