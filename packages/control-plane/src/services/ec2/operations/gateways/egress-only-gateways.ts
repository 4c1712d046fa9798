import type {
  CreateEgressOnlyInternetGatewayRequest,
  CreateEgressOnlyInternetGatewayResult,
  DeleteEgressOnlyInternetGatewayRequest,
  DeleteEgressOnlyInternetGatewayResult,
  DescribeEgressOnlyInternetGatewaysRequest,
  EgressOnlyInternetGateway,
} from '@aws-sdk/client-ec2'
import { invalidParameterValue } from '../../errors.ts'
import { tagFilters } from '../../filters.ts'
import { madeBefore, madeByOf } from '../../network/client-token.ts'
import { arnOf, beside, egressOnlyGatewayKind, idOf, newId, rowOf, vpcKind } from '../../network/kinds.ts'
import { changing, describing, onOne } from '../../network/operations.ts'
import { type EgressOnlyInternetGatewayRow, egressOnlyInternetGateways } from '../../tables/index.ts'
import { specifiedTags, tagResponse } from '../../tags.ts'

const shown = (gateway: EgressOnlyInternetGatewayRow): EgressOnlyInternetGateway => ({
  EgressOnlyInternetGatewayId: idOf(gateway),
  Attachments: [{ State: 'attached', VpcId: gateway.vpcId }],
  Tags: tagResponse(gateway.tags),
})

const answer = (
  gateway: EgressOnlyInternetGatewayRow,
  { ClientToken }: CreateEgressOnlyInternetGatewayRequest,
): CreateEgressOnlyInternetGatewayResult => ({
  EgressOnlyInternetGateway: shown(gateway),
  ...(ClientToken !== undefined && { ClientToken }),
})

/** "You can attach only one egress-only internet gateway to a VPC at a time." (AWS: "Amazon VPC quotas") */
const create = changing<CreateEgressOnlyInternetGatewayRequest, CreateEgressOnlyInternetGatewayResult>({
  name: 'CreateEgressOnlyInternetGateway',
  takes: ['VpcId', 'ClientToken', 'TagSpecifications'],
  resources: onOne(vpcKind, ({ VpcId }) => VpcId),
  change: (tx, input, { scope, randomHex }) => {
    const madeBy = madeByOf(input)
    const before = madeBefore(tx, scope, egressOnlyInternetGateways, madeBy)
    if (before) return answer(before, input)
    const vpcId = idOf(rowOf(tx, scope, vpcKind, input.VpcId, 'vpcId'))
    if (tx.count(egressOnlyInternetGateways, 'byVpc', beside(scope, vpcId)) > 0)
      throw invalidParameterValue(`Network ${vpcId} already has an egress-only internet gateway attached`)
    const gateway: EgressOnlyInternetGatewayRow = {
      id: arnOf(egressOnlyGatewayKind, scope, newId('eigw', randomHex)),
      vpcId,
      ...(madeBy && { madeBy }),
      tags: specifiedTags(input.TagSpecifications, 'egress-only-internet-gateway'),
    }
    tx.put(egressOnlyInternetGateways, gateway)
    return answer(gateway, input)
  },
})

/** Routes to it lead nowhere then. */
const remove = changing<DeleteEgressOnlyInternetGatewayRequest, DeleteEgressOnlyInternetGatewayResult>({
  name: 'DeleteEgressOnlyInternetGateway',
  takes: ['EgressOnlyInternetGatewayId'],
  effect: 'frees',
  resources: onOne(egressOnlyGatewayKind, ({ EgressOnlyInternetGatewayId: id }) => id),
  change: (tx, { EgressOnlyInternetGatewayId: id }, { scope }) => {
    const gateway = rowOf(tx, scope, egressOnlyGatewayKind, id, 'egressOnlyInternetGatewayId')
    tx.delete(egressOnlyInternetGateways, gateway.id)
    return { ReturnCode: true }
  },
})

const describe = describing<DescribeEgressOnlyInternetGatewaysRequest>()('EgressOnlyInternetGateways', {
  name: 'DescribeEgressOnlyInternetGateways',
  kind: egressOnlyGatewayKind,
  ids: 'EgressOnlyInternetGatewayIds',
  leavesOutMissing: true,
  filters: () => tagFilters(({ tags }: EgressOnlyInternetGatewayRow) => tags),
  item: shown,
})

export const egressOnlyGatewayOperations = [create, remove, describe]
