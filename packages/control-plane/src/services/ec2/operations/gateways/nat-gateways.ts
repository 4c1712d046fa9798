import type {
  CreateNatGatewayRequest,
  CreateNatGatewayResult,
  DeleteNatGatewayRequest,
  DeleteNatGatewayResult,
  DescribeNatGatewaysRequest,
} from '@aws-sdk/client-ec2'
import type { Transaction } from '../../../../store/view.ts'
import type { Call } from '../../../service.ts'
import { ec2Error, invalidParameterValue, missingParameter } from '../../errors.ts'
import { tagFilters } from '../../filters.ts'
import { madeBefore, madeByOf } from '../../network/client-token.ts'
import { giveAddresses } from '../../network/give-address.ts'
import {
  addressKind,
  arnOf,
  beside,
  idOf,
  natGatewayKind,
  networkInterfaceKind,
  newId,
  rowOf,
  rowsInScope,
  subnetKind,
} from '../../network/kinds.ts'
import { macAddressOf } from '../../network/mac-address.ts'
import { changing, describing, onOne } from '../../network/operations.ts'
import { natGatewayResponse, stateOf } from '../../responses/network-interface.ts'
import {
  type AddressRow,
  addresses,
  internetGateways,
  type NatGatewayRow,
  natGateways,
  networkInterfaces,
  type SubnetRow,
} from '../../tables/index.ts'
import { specifiedTags } from '../../tags.ts'

/** "The entry remains visible for about an hour" (AWS: DeleteNatGateway) */
const shownAfterDeletion = 3_600_000

/** The Elastic IP address of a public gateway. */
const addressOf = (
  tx: Transaction,
  { scope }: Call,
  { ConnectivityType = 'public', AllocationId }: CreateNatGatewayRequest,
  subnet: SubnetRow,
): AddressRow | undefined => {
  if (ConnectivityType === 'private') {
    if (AllocationId === undefined) return undefined
    throw ec2Error('InvalidParameterCombination', 'A private NAT gateway has no Elastic IP address')
  }
  if (ConnectivityType !== 'public')
    throw invalidParameterValue(`Value (${ConnectivityType}) for parameter connectivityType is invalid.`)
  const address = rowOf(tx, scope, addressKind, AllocationId, 'AllocationId')
  if (address.association)
    throw ec2Error(
      'Resource.AlreadyAssociated',
      `resource ${AllocationId} is already associated with associate-id ${address.association.associationId}`,
    )
  if (tx.count(internetGateways, 'byVpc', beside(scope, subnet.vpcId)) === 0)
    throw ec2Error('Gateway.NotAttached', `Network ${subnet.vpcId} has no Internet gateway attached`)
  return address
}

/** What was deleted an hour ago goes as others come and go. */
const forgetOld = (tx: Transaction, { scope, now }: Call): void => {
  for (const { id, deletedAt } of rowsInScope(tx, scope, natGatewayKind))
    if (deletedAt !== undefined && now - deletedAt > shownAfterDeletion) tx.delete(natGateways, id)
}

const createNatGateway = changing<CreateNatGatewayRequest, CreateNatGatewayResult>({
  name: 'CreateNatGateway',
  takes: [
    'SubnetId',
    'AllocationId',
    'ConnectivityType',
    'PrivateIpAddress',
    'TagSpecifications',
    'ClientToken',
  ],
  resources: onOne(subnetKind, ({ SubnetId }) => SubnetId),
  change: (tx, input, call) => {
    const { scope, now, randomHex } = call
    forgetOld(tx, call)
    const madeBy = madeByOf(input)
    const before = madeBefore(tx, scope, natGateways, madeBy)
    if (before) return { NatGateway: natGatewayResponse(before, call) }
    if (!input.SubnetId) throw missingParameter('subnetId')
    const subnet = rowOf(tx, scope, subnetKind, input.SubnetId, 'subnetId')
    const address = addressOf(tx, call, input, subnet)
    const wanted = input.PrivateIpAddress === undefined ? [] : [input.PrivateIpAddress]
    const [privateIp = ''] = giveAddresses(tx, call, subnet, wanted, wanted.length > 0 ? 0 : 1)
    const natGatewayId = newId('nat', randomHex)
    const networkInterfaceId = newId('eni', randomHex)
    tx.put(networkInterfaces, {
      id: arnOf(networkInterfaceKind, scope, networkInterfaceId),
      vpcId: subnet.vpcId,
      subnetId: input.SubnetId,
      availabilityZone: subnet.availabilityZone,
      description: `Interface for NAT Gateway ${natGatewayId}`,
      interfaceType: 'nat_gateway',
      macAddress: macAddressOf(randomHex),
      privateIps: [privateIp],
      groupIds: [],
      sourceDestCheck: false,
      requesterId: natGatewayId,
      tags: [],
    })
    const associationId = newId('eipassoc', randomHex)
    if (address)
      tx.put(addresses, {
        ...address,
        association: { associationId, networkInterfaceId, privateIp, isOfNatGateway: true },
      })
    const gateway: NatGatewayRow = {
      id: arnOf(natGatewayKind, scope, natGatewayId),
      vpcId: subnet.vpcId,
      subnetId: input.SubnetId,
      connectivityType: address ? 'public' : 'private',
      networkInterfaceId,
      privateIp,
      ...(address && { allocationId: idOf(address), publicIp: address.publicIp }),
      createdAt: now,
      ...(madeBy && { madeBy }),
      tags: specifiedTags(input.TagSpecifications, 'natgateway'),
    }
    tx.put(natGateways, gateway)
    return { NatGateway: { ...natGatewayResponse(gateway, call), State: 'pending' } }
  },
})

const deleteNatGateway = changing<DeleteNatGatewayRequest, DeleteNatGatewayResult>({
  name: 'DeleteNatGateway',
  takes: ['NatGatewayId'],
  effect: 'frees',
  resources: onOne(natGatewayKind, ({ NatGatewayId }) => NatGatewayId),
  change: (tx, { NatGatewayId }, call) => {
    const { scope, now } = call
    const gateway = rowOf(tx, scope, natGatewayKind, NatGatewayId, 'natGatewayId')
    forgetOld(tx, call)
    if (gateway.deletedAt !== undefined) return { NatGatewayId }
    for (const address of [...tx.where(addresses, 'byInterface', beside(scope, gateway.networkInterfaceId))])
      tx.put(addresses, { ...address, association: undefined })
    tx.delete(networkInterfaces, arnOf(networkInterfaceKind, scope, gateway.networkInterfaceId))
    tx.put(natGateways, { ...gateway, deletedAt: now })
    return { NatGatewayId }
  },
})

const describeNatGateways = describing<DescribeNatGatewaysRequest>()('NatGateways', {
  name: 'DescribeNatGateways',
  kind: natGatewayKind,
  ids: 'NatGatewayIds',
  narrow:
    (_, { now }) =>
    ({ deletedAt }) =>
      deletedAt === undefined || now - deletedAt <= shownAfterDeletion,
  filters: () => ({
    'nat-gateway-id': row => [idOf(row)],
    state: row => [stateOf(row)],
    'subnet-id': ({ subnetId }) => [subnetId],
    'vpc-id': ({ vpcId }) => [vpcId],
    ...tagFilters(({ tags }: NatGatewayRow) => tags),
  }),
  item: natGatewayResponse,
})

export const natGatewayOperations = [createNatGateway, deleteNatGateway, describeNatGateways]
