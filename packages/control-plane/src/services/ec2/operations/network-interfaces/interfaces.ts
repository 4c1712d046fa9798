import type {
  CreateNetworkInterfaceRequest,
  CreateNetworkInterfaceResult,
  DeleteNetworkInterfaceRequest,
  DescribeNetworkInterfacesRequest,
  ModifyNetworkInterfaceAttributeRequest,
} from '@aws-sdk/client-ec2'
import type { Transaction } from '../../../../store/view.ts'
import type { Call } from '../../../service.ts'
import { ec2Error, invalidParameterValue } from '../../errors.ts'
import { type FilterTexts, tagFilters } from '../../filters.ts'
import { madeBefore, madeByOf } from '../../network/client-token.ts'
import { giveAddresses } from '../../network/give-address.ts'
import {
  arnOf,
  beside,
  idOf,
  networkInterfaceKind,
  newId,
  rowOf,
  securityGroupKind,
  subnetKind,
} from '../../network/kinds.ts'
import { macAddressOf } from '../../network/mac-address.ts'
import { refuseManaged } from '../../network/managed-interfaces.ts'
import { changing, describing, onOne } from '../../network/operations.ts'
import { groupOfName } from '../../network/permissions.ts'
import { networkInterfaceResponse } from '../../responses/network-interface.ts'
import { addresses, type NetworkInterfaceRow, networkInterfaces } from '../../tables/index.ts'
import { specifiedTags } from '../../tags.ts'
import { ipv6OfNewInterface } from './ipv6-addresses.ts'

/** (AWS: "Amazon VPC quotas", security groups per network interface) */
const mostGroups = 5

/** Those of the VPC that are named, or its default one. */
const groupsOf = (
  tx: Transaction,
  { scope }: Call,
  vpcId: string,
  ids: readonly string[] | undefined,
): readonly string[] => {
  const group = ids?.length ? undefined : groupOfName(tx, scope, vpcId, 'default')
  const given = group ? [idOf(group)] : [...new Set(ids)]
  for (const id of given)
    if (rowOf(tx, scope, securityGroupKind, id, 'groupId').vpcId !== vpcId)
      throw ec2Error('InvalidGroup.NotFound', `The security group '${id}' does not exist`)
  if (given.length > mostGroups)
    throw ec2Error(
      'SecurityGroupsPerInterfaceLimitExceeded',
      `You may specify up to ${mostGroups} security groups for a network interface`,
    )
  return given
}

/** The addresses that a request names, its primary one first. (AWS: CreateNetworkInterface, `PrivateIpAddresses`) */
const wantedAddresses = ({
  PrivateIpAddress,
  PrivateIpAddresses = [],
  SecondaryPrivateIpAddressCount,
}: CreateNetworkInterfaceRequest): string[] => {
  const primary = PrivateIpAddresses.filter(({ Primary }) => Primary)
  if (primary.length > 1)
    throw invalidParameterValue('Only one private IP address may be designated as primary.')
  const isTwofold = PrivateIpAddress !== undefined && primary.length > 0
  const isCounted = SecondaryPrivateIpAddressCount !== undefined && PrivateIpAddresses.length > 1
  if (isTwofold || isCounted)
    throw ec2Error(
      'InvalidParameterCombination',
      'The private IP addresses of the network interface are specified in more than one way.',
    )
  const others = PrivateIpAddresses.filter(({ Primary }) => !Primary)
  return [{ PrivateIpAddress }, ...primary, ...others].flatMap(given => given.PrivateIpAddress ?? [])
}

const createNetworkInterface = changing<CreateNetworkInterfaceRequest, CreateNetworkInterfaceResult>({
  name: 'CreateNetworkInterface',
  takes: [
    'SubnetId',
    'Description',
    'PrivateIpAddress',
    'PrivateIpAddresses',
    'SecondaryPrivateIpAddressCount',
    'Groups',
    'Ipv6Addresses',
    'Ipv6AddressCount',
    'TagSpecifications',
    'ClientToken',
  ],
  resources: onOne(subnetKind, ({ SubnetId }) => SubnetId),
  change: (tx, input, call) => {
    const { scope, randomHex } = call
    const madeBy = madeByOf(input)
    const before = madeBefore(tx, scope, networkInterfaces, madeBy)
    if (before) return { NetworkInterface: networkInterfaceResponse(before, call) }
    const subnet = rowOf(tx, scope, subnetKind, input.SubnetId, 'subnetId')
    const { SecondaryPrivateIpAddressCount: others = 0 } = input
    if (others < 0)
      throw invalidParameterValue(
        `Value (${others}) for parameter secondaryPrivateIpAddressCount is invalid.`,
      )
    const wanted = wantedAddresses(input)
    const privateIps = giveAddresses(tx, call, subnet, wanted, (wanted.length > 0 ? 0 : 1) + others)
    const ipv6Addresses = ipv6OfNewInterface(tx, call, subnet, input)
    const row: NetworkInterfaceRow = {
      id: arnOf(networkInterfaceKind, scope, newId('eni', randomHex)),
      vpcId: subnet.vpcId,
      subnetId: idOf(subnet),
      availabilityZone: subnet.availabilityZone,
      description: input.Description ?? '',
      interfaceType: 'interface',
      macAddress: macAddressOf(randomHex),
      privateIps,
      ...(ipv6Addresses.length > 0 && { ipv6Addresses }),
      groupIds: groupsOf(tx, call, subnet.vpcId, input.Groups),
      sourceDestCheck: true,
      ...(madeBy && { madeBy }),
      tags: specifiedTags(input.TagSpecifications, 'network-interface'),
    }
    tx.put(networkInterfaces, row)
    return { NetworkInterface: networkInterfaceResponse(row, call) }
  },
})

const deleteNetworkInterface = changing<DeleteNetworkInterfaceRequest>({
  name: 'DeleteNetworkInterface',
  takes: ['NetworkInterfaceId'],
  effect: 'frees',
  resources: onOne(networkInterfaceKind, ({ NetworkInterfaceId }) => NetworkInterfaceId),
  change: (tx, { NetworkInterfaceId }, { scope }) => {
    const row = rowOf(tx, scope, networkInterfaceKind, NetworkInterfaceId, 'networkInterfaceId')
    if (row.requesterId !== undefined)
      throw ec2Error(
        'InvalidNetworkInterface.InUse',
        `Network interface '${NetworkInterfaceId}' is currently in use.`,
      )
    for (const address of [...tx.where(addresses, 'byInterface', beside(scope, idOf(row)))])
      tx.put(addresses, { ...address, association: undefined })
    tx.delete(networkInterfaces, row.id)
    return {}
  },
})

const modifyNetworkInterfaceAttribute = changing<ModifyNetworkInterfaceAttributeRequest>({
  name: 'ModifyNetworkInterfaceAttribute',
  takes: ['NetworkInterfaceId', 'Description', 'Groups', 'SourceDestCheck'],
  resources: onOne(networkInterfaceKind, ({ NetworkInterfaceId }) => NetworkInterfaceId),
  change: (tx, input, call) => {
    const row = rowOf(tx, call.scope, networkInterfaceKind, input.NetworkInterfaceId, 'networkInterfaceId')
    refuseManaged(row)
    const { Description, Groups, SourceDestCheck } = input
    if ([Description, Groups, SourceDestCheck].filter(given => given !== undefined).length !== 1)
      throw ec2Error(
        'InvalidParameterCombination',
        'Exactly one attribute of an interface is modified at a time',
      )
    tx.put(networkInterfaces, {
      ...row,
      description: Description?.Value ?? row.description,
      sourceDestCheck: SourceDestCheck?.Value ?? row.sourceDestCheck,
      groupIds: Groups ? groupsOf(tx, call, row.vpcId, Groups) : row.groupIds,
    })
    return {}
  },
})

const filters = (call: Call): FilterTexts<NetworkInterfaceRow> => {
  const shown = (row: NetworkInterfaceRow) => networkInterfaceResponse(row, call)
  return {
    'addresses.private-ip-address': ({ privateIps }) => privateIps,
    'association.allocation-id': row => [shown(row).Association?.AllocationId],
    'association.association-id': row => [shown(row).Association?.AssociationId],
    'association.public-ip': row => [shown(row).Association?.PublicIp],
    'attachment.attachment-id': ({ attachment }) => [attachment?.attachmentId],
    'attachment.instance-owner-id': row => [shown(row).Attachment?.InstanceOwnerId],
    'attachment.instance-id': ({ attachment }) => [attachment?.instanceId],
    'attachment.status': ({ attachment }) => [attachment && 'attached'],
    'availability-zone': ({ availabilityZone }) => [availabilityZone],
    description: ({ description }) => [description],
    'group-id': ({ groupIds }) => groupIds,
    'group-name': row => shown(row).Groups?.map(({ GroupName }) => GroupName) ?? [],
    'interface-type': ({ interfaceType }) => [interfaceType],
    'ipv6-addresses.ipv6-address': ({ ipv6Addresses = [] }) => ipv6Addresses,
    'mac-address': ({ macAddress }) => [macAddress],
    'network-interface-id': row => [idOf(row)],
    'owner-id': () => [call.scope.accountId],
    'private-dns-name': row => [shown(row).PrivateDnsName],
    'private-ip-address': ({ privateIps }) => privateIps.slice(0, 1),
    'requester-id': ({ requesterId }) => [requesterId],
    'requester-managed': ({ requesterId }) => [String(requesterId !== undefined)],
    'source-dest-check': ({ sourceDestCheck }) => [String(sourceDestCheck)],
    status: row => [shown(row).Status],
    'subnet-id': ({ subnetId }) => [subnetId],
    'vpc-id': ({ vpcId }) => [vpcId],
    ...tagFilters(({ tags }: NetworkInterfaceRow) => tags),
  }
}

const describeNetworkInterfaces = describing<DescribeNetworkInterfacesRequest>()('NetworkInterfaces', {
  name: 'DescribeNetworkInterfaces',
  kind: networkInterfaceKind,
  ids: 'NetworkInterfaceIds',
  filters,
  item: networkInterfaceResponse,
})

export const networkInterfaceOperations = [
  createNetworkInterface,
  deleteNetworkInterface,
  modifyNetworkInterfaceAttribute,
  describeNetworkInterfaces,
]
