import type {
  CreateRouteTableRequest,
  CreateRouteTableResult,
  DeleteRouteTableRequest,
  DescribeRouteTablesRequest,
} from '@aws-sdk/client-ec2'
import type { Call } from '../../../service.ts'
import { ec2Error } from '../../errors.ts'
import { type FilterTexts, tagFilters } from '../../filters.ts'
import { madeBefore, madeByOf } from '../../network/client-token.ts'
import { arnOf, idOf, newId, routeTableKind, rowOf, vpcKind } from '../../network/kinds.ts'
import { changing, describing, onOne } from '../../network/operations.ts'
import { routesOf, routeTableResponse } from '../../responses/route-table.ts'
import { type RouteTableRow, routeTables } from '../../tables/index.ts'
import { specifiedTags } from '../../tags.ts'

const createRouteTable = changing<CreateRouteTableRequest, CreateRouteTableResult>({
  name: 'CreateRouteTable',
  takes: ['VpcId', 'TagSpecifications', 'ClientToken'],
  resources: onOne(vpcKind, ({ VpcId }) => VpcId),
  change: (tx, input, call) => {
    const { VpcId, TagSpecifications } = input
    const madeBy = madeByOf(input)
    const before = madeBefore(tx, call.scope, routeTables, madeBy)
    if (before) return { RouteTable: routeTableResponse(before, call) }
    const table: RouteTableRow = {
      id: arnOf(routeTableKind, call.scope, newId('rtb', call.randomHex)),
      vpcId: idOf(rowOf(tx, call.scope, vpcKind, VpcId, 'vpcId')),
      routes: [],
      associations: [],
      ...(madeBy && { madeBy }),
      tags: specifiedTags(TagSpecifications, 'route-table'),
    }
    tx.put(routeTables, table)
    return { RouteTable: routeTableResponse(table, call) }
  },
})

const deleteRouteTable = changing<DeleteRouteTableRequest>({
  name: 'DeleteRouteTable',
  takes: ['RouteTableId'],
  effect: 'frees',
  resources: onOne(routeTableKind, ({ RouteTableId }) => RouteTableId),
  change: (tx, { RouteTableId }, { scope }) => {
    const table = rowOf(tx, scope, routeTableKind, RouteTableId, 'routeTableId')
    if (table.associations.length > 0)
      throw ec2Error(
        'DependencyViolation',
        `The routeTable '${RouteTableId}' has dependencies and cannot be deleted.`,
      )
    tx.delete(routeTables, table.id)
    return {}
  },
})

const filters = (call: Call): FilterTexts<RouteTableRow> => ({
  'association.gateway-id': () => [],
  'association.main': ({ associations }) => associations.map(link => String(link.subnetId === undefined)),
  'association.route-table-association-id': ({ associations }) =>
    associations.map(link => link.associationId),
  'association.route-table-id': row => (row.associations.length > 0 ? [idOf(row)] : []),
  'association.subnet-id': ({ associations }) => associations.map(({ subnetId }) => subnetId),
  'owner-id': () => [call.scope.accountId],
  'route-table-id': row => [idOf(row)],
  'route.destination-cidr-block': row => routesOf(row, call).map(route => route.DestinationCidrBlock),
  'route.destination-ipv6-cidr-block': row =>
    routesOf(row, call).map(route => route.DestinationIpv6CidrBlock),
  'route.egress-only-internet-gateway-id': row =>
    routesOf(row, call).map(route => route.EgressOnlyInternetGatewayId),
  'route.gateway-id': row => routesOf(row, call).map(route => route.GatewayId),
  'route.nat-gateway-id': row => routesOf(row, call).map(route => route.NatGatewayId),
  'route.origin': row => routesOf(row, call).map(route => route.Origin),
  'route.state': row => routesOf(row, call).map(route => route.State),
  'vpc-id': ({ vpcId }) => [vpcId],
  ...tagFilters(({ tags }: RouteTableRow) => tags),
})

const describeRouteTables = describing<DescribeRouteTablesRequest>()('RouteTables', {
  name: 'DescribeRouteTables',
  kind: routeTableKind,
  ids: 'RouteTableIds',
  filters,
  item: routeTableResponse,
})

export const routeTableOperations = [createRouteTable, deleteRouteTable, describeRouteTables]
