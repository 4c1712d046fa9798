import type {
  AllocateAddressRequest,
  AllocateAddressResult,
  AssociateAddressRequest,
  AssociateAddressResult,
  DescribeAddressesAttributeRequest,
  DescribeAddressesAttributeResult,
  DescribeAddressesRequest,
  DisassociateAddressRequest,
  ReleaseAddressRequest,
} from '@aws-sdk/client-ec2'
import { scopeKey } from '@berth/model'
import { ec2Error, invalidParameterValue, missingParameter } from '../../errors.ts'
import { tagFilters } from '../../filters.ts'
import {
  addressKind,
  arnOf,
  beside,
  idOf,
  networkInterfaceKind,
  newId,
  rowOf,
  rowsInScope,
} from '../../network/kinds.ts'
import { refuseManaged } from '../../network/managed-interfaces.ts'
import { changing, describing, onOne, reading } from '../../network/operations.ts'
import { nextPublicAddress, type PublicAddressSettings } from '../../network/public-addresses.ts'
import { addressResponse } from '../../responses/network-interface.ts'
import { type AddressRow, addresses, internetGateways } from '../../tables/index.ts'
import { specifiedTags } from '../../tags.ts'

/** AWS's quota of 5 rises on request. */
const mostAddresses = 100

const allocateAddress = (settings: PublicAddressSettings) =>
  changing<AllocateAddressRequest, AllocateAddressResult>({
    name: 'AllocateAddress',
    takes: ['Domain', 'TagSpecifications'],
    change: (tx, { Domain = 'vpc', TagSpecifications }, { scope, randomHex }) => {
      if (Domain !== 'vpc') throw invalidParameterValue(`Value (${Domain}) for parameter domain is invalid.`)
      const publicIp = nextPublicAddress(tx, settings)
      if (tx.count(addresses, 'byScope', scopeKey(scope)) >= mostAddresses || publicIp === undefined)
        throw ec2Error('AddressLimitExceeded', 'The maximum number of addresses has been reached.')
      const AllocationId = newId('eipalloc', randomHex)
      tx.put(addresses, {
        id: arnOf(addressKind, scope, AllocationId),
        publicIp,
        tags: specifiedTags(TagSpecifications, 'elastic-ip'),
      })
      return {
        AllocationId,
        PublicIp: publicIp,
        Domain: 'vpc',
        PublicIpv4Pool: 'amazon',
        NetworkBorderGroup: scope.region,
      }
    },
  })

const releaseAddress = changing<ReleaseAddressRequest>({
  name: 'ReleaseAddress',
  takes: ['AllocationId', 'NetworkBorderGroup'],
  effect: 'frees',
  resources: onOne(addressKind, ({ AllocationId }) => AllocationId),
  change: (tx, { AllocationId, NetworkBorderGroup }, { scope }) => {
    const address = rowOf(tx, scope, addressKind, AllocationId, 'allocationId')
    // "If you provide an incorrect network border group, you receive an InvalidAddress.NotFound error." (AWS: ReleaseAddress)
    if (NetworkBorderGroup !== undefined && NetworkBorderGroup !== scope.region)
      throw ec2Error('InvalidAddress.NotFound', `Address '${address.publicIp}' not found.`)
    if (address.association)
      throw ec2Error('InvalidIPAddress.InUse', `Address ${address.publicIp} is in use.`)
    tx.delete(addresses, address.id)
    return {}
  },
})

/** To an interface of a VPC with an internet gateway. */
const associateAddress = changing<AssociateAddressRequest, AssociateAddressResult>({
  name: 'AssociateAddress',
  takes: ['AllocationId', 'NetworkInterfaceId', 'PrivateIpAddress', 'AllowReassociation'],
  resources: onOne(addressKind, ({ AllocationId }) => AllocationId),
  change: (tx, input, { scope, randomHex }) => {
    const address = rowOf(tx, scope, addressKind, input.AllocationId, 'allocationId')
    const row = rowOf(tx, scope, networkInterfaceKind, input.NetworkInterfaceId, 'networkInterfaceId')
    refuseManaged(row)
    const [primary = ''] = row.privateIps
    const privateIp = input.PrivateIpAddress ?? primary
    if (!row.privateIps.includes(privateIp))
      throw invalidParameterValue(`Address ${privateIp} is not of ${input.NetworkInterfaceId}`)
    if (tx.count(internetGateways, 'byVpc', beside(scope, row.vpcId)) === 0)
      throw ec2Error('Gateway.NotAttached', `Network ${row.vpcId} is not attached to any internet gateway`)
    const ofInterface = [...tx.where(addresses, 'byInterface', beside(scope, idOf(row)))].find(
      other => other.association?.privateIp === privateIp,
    )
    const conflict = address.association ? address : ofInterface
    if (conflict?.association && (!input.AllowReassociation || conflict.association.isOfNatGateway))
      throw ec2Error(
        'Resource.AlreadyAssociated',
        `resource ${idOf(conflict)} is already associated with associate-id ${conflict.association.associationId}`,
      )
    if (ofInterface) tx.put(addresses, { ...ofInterface, association: undefined })
    const associationId = newId('eipassoc', randomHex)
    const association = { associationId, networkInterfaceId: idOf(row), privateIp }
    tx.put(addresses, { ...address, association })
    return { AssociationId: associationId }
  },
})

const disassociateAddress = changing<DisassociateAddressRequest>({
  name: 'DisassociateAddress',
  takes: ['AssociationId'],
  effect: 'frees',
  change: (tx, { AssociationId }, { scope }) => {
    if (!AssociationId) throw missingParameter('associationId')
    const [address] = tx.where(addresses, 'byAssociation', beside(scope, AssociationId))
    if (!address)
      throw ec2Error('InvalidAssociationID.NotFound', `The association ID '${AssociationId}' does not exist`)
    if (address.association?.isOfNatGateway)
      throw ec2Error('AuthFailure', 'You do not have permission to access the specified resource.')
    tx.put(addresses, { ...address, association: undefined })
    return {}
  },
})

const describeAddresses = describing<DescribeAddressesRequest>()('Addresses', {
  name: 'DescribeAddresses',
  kind: addressKind,
  ids: 'AllocationIds',
  takes: ['PublicIps'],
  narrow: ({ PublicIps = [] }, { store, scope }) => {
    const known = new Set(rowsInScope(store, scope, addressKind).map(({ publicIp }) => publicIp))
    const unknown = PublicIps.find(ip => !known.has(ip))
    if (unknown !== undefined) throw ec2Error('InvalidAddress.NotFound', `Address '${unknown}' not found.`)
    return ({ publicIp }) => PublicIps.length === 0 || PublicIps.includes(publicIp)
  },
  filters: ({ scope }) => ({
    'allocation-id': row => [idOf(row)],
    'association-id': ({ association }) => [association?.associationId],
    domain: () => ['vpc'],
    'instance-id': () => [],
    'network-border-group': () => [scope.region],
    'network-interface-id': ({ association }) => [association?.networkInterfaceId],
    'network-interface-owner-id': ({ association }) => [association && scope.accountId],
    'private-ip-address': ({ association }) => [association?.privateIp],
    'public-ip': ({ publicIp }) => [publicIp],
    ...tagFilters(({ tags }: AddressRow) => tags),
  }),
  item: addressResponse,
})

/** No address has a name of its own. */
const describeAddressesAttribute = reading<
  DescribeAddressesAttributeRequest,
  DescribeAddressesAttributeResult
>({
  name: 'DescribeAddressesAttribute',
  takes: ['AllocationIds', 'Attribute'],
  read: ({ AllocationIds = [] }, { store, scope }) => {
    const rows =
      AllocationIds.length > 0
        ? AllocationIds.map(id => rowOf(store, scope, addressKind, id, 'allocationId'))
        : rowsInScope(store, scope, addressKind)
    return { Addresses: rows.map(row => ({ AllocationId: idOf(row), PublicIp: row.publicIp })) }
  },
})

export const addressOperations = (settings: PublicAddressSettings) => [
  allocateAddress(settings),
  releaseAddress,
  associateAddress,
  disassociateAddress,
  describeAddresses,
  describeAddressesAttribute,
]
