import type {
  AttachInternetGatewayRequest,
  CreateInternetGatewayRequest,
  CreateInternetGatewayResult,
  DeleteInternetGatewayRequest,
  DescribeInternetGatewaysRequest,
  DetachInternetGatewayRequest,
} from '@aws-sdk/client-ec2'
import type { Scope } from '@berth/model'
import type { View } from '../../../../store/view.ts'
import { ec2Error, invalidParameterValue } from '../../errors.ts'
import { tagFilters } from '../../filters.ts'
import { arnOf, beside, idOf, internetGatewayKind, newId, rowOf, vpcKind } from '../../network/kinds.ts'
import { changing, describing, onOne } from '../../network/operations.ts'
import { internetGatewayResponse } from '../../responses/route-table.ts'
import {
  addresses,
  type InternetGatewayRow,
  internetGateways,
  networkInterfaces,
} from '../../tables/index.ts'
import { specifiedTags } from '../../tags.ts'

const createInternetGateway = changing<CreateInternetGatewayRequest, CreateInternetGatewayResult>({
  name: 'CreateInternetGateway',
  takes: ['TagSpecifications'],
  change: (tx, { TagSpecifications }, call) => {
    const gateway: InternetGatewayRow = {
      id: arnOf(internetGatewayKind, call.scope, newId('igw', call.randomHex)),
      tags: specifiedTags(TagSpecifications, 'internet-gateway'),
    }
    tx.put(internetGateways, gateway)
    return { InternetGateway: internetGatewayResponse(gateway, call) }
  },
})

const attachInternetGateway = changing<AttachInternetGatewayRequest>({
  name: 'AttachInternetGateway',
  takes: ['InternetGatewayId', 'VpcId'],
  resources: onOne(internetGatewayKind, ({ InternetGatewayId }) => InternetGatewayId),
  change: (tx, { InternetGatewayId, VpcId }, { scope }) => {
    const gateway = rowOf(tx, scope, internetGatewayKind, InternetGatewayId, 'internetGatewayId')
    const vpcId = idOf(rowOf(tx, scope, vpcKind, VpcId, 'vpcId'))
    if (gateway.vpcId !== undefined)
      throw ec2Error(
        'Resource.AlreadyAssociated',
        `resource ${InternetGatewayId} is already attached to network ${gateway.vpcId}`,
      )
    if (tx.count(internetGateways, 'byVpc', beside(scope, vpcId)) > 0)
      throw invalidParameterValue(`Network ${vpcId} already has an internet gateway attached`)
    tx.put(internetGateways, { ...gateway, vpcId })
    return {}
  },
})

const hasMappedAddress = (view: View, scope: Scope, vpcId: string): boolean =>
  [...view.where(networkInterfaces, 'byVpc', beside(scope, vpcId))].some(
    row => view.count(addresses, 'byInterface', beside(scope, idOf(row))) > 0,
  )

const detachInternetGateway = changing<DetachInternetGatewayRequest>({
  name: 'DetachInternetGateway',
  takes: ['InternetGatewayId', 'VpcId'],
  effect: 'frees',
  resources: onOne(internetGatewayKind, ({ InternetGatewayId }) => InternetGatewayId),
  change: (tx, { InternetGatewayId, VpcId }, { scope }) => {
    const gateway = rowOf(tx, scope, internetGatewayKind, InternetGatewayId, 'internetGatewayId')
    const vpcId = idOf(rowOf(tx, scope, vpcKind, VpcId, 'vpcId'))
    if (gateway.vpcId !== vpcId)
      throw ec2Error(
        'Gateway.NotAttached',
        `resource ${InternetGatewayId} is not attached to network ${vpcId}`,
      )
    if (hasMappedAddress(tx, scope, vpcId))
      throw ec2Error(
        'DependencyViolation',
        `Network ${vpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
      )
    tx.put(internetGateways, { ...gateway, vpcId: undefined })
    return {}
  },
})

const deleteInternetGateway = changing<DeleteInternetGatewayRequest>({
  name: 'DeleteInternetGateway',
  takes: ['InternetGatewayId'],
  effect: 'frees',
  resources: onOne(internetGatewayKind, ({ InternetGatewayId }) => InternetGatewayId),
  change: (tx, { InternetGatewayId }, { scope }) => {
    const gateway = rowOf(tx, scope, internetGatewayKind, InternetGatewayId, 'internetGatewayId')
    if (gateway.vpcId !== undefined)
      throw ec2Error(
        'DependencyViolation',
        `The internetGateway '${InternetGatewayId}' has dependencies and cannot be deleted.`,
      )
    tx.delete(internetGateways, gateway.id)
    return {}
  },
})

const describeInternetGateways = describing<DescribeInternetGatewaysRequest>()('InternetGateways', {
  name: 'DescribeInternetGateways',
  kind: internetGatewayKind,
  ids: 'InternetGatewayIds',
  filters: ({ scope }) => ({
    'attachment.state': ({ vpcId }) => (vpcId === undefined ? [] : ['available']),
    'attachment.vpc-id': ({ vpcId }) => [vpcId],
    'internet-gateway-id': row => [idOf(row)],
    'owner-id': () => [scope.accountId],
    ...tagFilters(({ tags }: InternetGatewayRow) => tags),
  }),
  item: internetGatewayResponse,
})

export const internetGatewayOperations = [
  createInternetGateway,
  attachInternetGateway,
  detachInternetGateway,
  deleteInternetGateway,
  describeInternetGateways,
]
