import type {
  Address,
  NatGateway,
  NetworkInterface,
  NetworkInterfaceAssociation,
  NetworkInterfaceAttachment,
} from '@aws-sdk/client-ec2'
import type { Call } from '../../service.ts'
import { timestamp } from '../../timestamp.ts'
import { arnOf, beside, idOf, securityGroupKind } from '../network/kinds.ts'
import { privateNameOf } from '../network/private-names.ts'
import {
  type AddressRow,
  addresses,
  type InterfaceAttachment,
  type NatGatewayRow,
  type NetworkInterfaceRow,
  securityGroups,
} from '../tables/index.ts'
import { tagResponse } from '../tags.ts'

type Seen = Pick<Call, 'store' | 'scope'>

const associationOf = (
  row: NetworkInterfaceRow,
  privateIp: string,
  { store, scope }: Seen,
): NetworkInterfaceAssociation | undefined => {
  const address = [...store.where(addresses, 'byInterface', beside(scope, idOf(row)))].find(
    ({ association }) => association?.privateIp === privateIp,
  )
  return (
    address && {
      ...(address.isOfTask
        ? { IpOwnerId: 'amazon' }
        : {
            AllocationId: idOf(address),
            AssociationId: address.association?.associationId,
            IpOwnerId: scope.accountId,
          }),
      PublicIp: address.publicIp,
    }
  )
}

/** EC2 itself has nothing more to do for it; whether its host has it, ECS tells of its task. */
const attachmentOf = (
  { attachmentId, attachedAt, instanceId }: InterfaceAttachment,
  InstanceOwnerId: string,
): NetworkInterfaceAttachment => ({
  AttachmentId: attachmentId,
  AttachTime: timestamp(attachedAt),
  DeleteOnTermination: false,
  DeviceIndex: 1,
  InstanceOwnerId,
  ...(instanceId !== undefined && { InstanceId: instanceId }),
  Status: 'attached',
})

export const networkInterfaceResponse = (row: NetworkInterfaceRow, call: Seen): NetworkInterface => {
  const { scope, store } = call
  const [primary = ''] = row.privateIps
  const association = associationOf(row, primary, call)
  return {
    NetworkInterfaceId: idOf(row),
    OwnerId: scope.accountId,
    VpcId: row.vpcId,
    SubnetId: row.subnetId,
    AvailabilityZone: row.availabilityZone,
    Description: row.description,
    // EC2 writes it so; the model's enumeration has another spelling.
    InterfaceType: row.interfaceType as 'natGateway',
    MacAddress: row.macAddress,
    PrivateIpAddress: primary,
    PrivateDnsName: privateNameOf(primary, scope.region),
    PrivateIpAddresses: row.privateIps.map((ip, index) => {
      const own = associationOf(row, ip, call)
      return {
        Primary: index === 0,
        PrivateIpAddress: ip,
        PrivateDnsName: privateNameOf(ip, scope.region),
        ...(own && { Association: own }),
      }
    }),
    Ipv6Addresses: (row.ipv6Addresses ?? []).map(Ipv6Address => ({ Ipv6Address, IsPrimaryIpv6: false })),
    Groups: row.groupIds.map(GroupId => ({
      GroupId,
      GroupName: store.get(securityGroups, arnOf(securityGroupKind, scope, GroupId))?.name,
    })),
    SourceDestCheck: row.sourceDestCheck,
    RequesterManaged: row.requesterId !== undefined,
    ...(row.requesterId !== undefined && { RequesterId: row.requesterId }),
    Status: row.requesterId === undefined ? 'available' : 'in-use',
    ...(row.attachment && { Attachment: attachmentOf(row.attachment, scope.accountId) }),
    ...(association && { Association: association }),
    TagSet: tagResponse(row.tags),
  }
}

export const addressResponse = (row: AddressRow, { scope }: Pick<Call, 'scope'>): Address => ({
  AllocationId: idOf(row),
  PublicIp: row.publicIp,
  Domain: 'vpc',
  PublicIpv4Pool: 'amazon',
  NetworkBorderGroup: scope.region,
  ...(row.association && {
    AssociationId: row.association.associationId,
    NetworkInterfaceId: row.association.networkInterfaceId,
    NetworkInterfaceOwnerId: scope.accountId,
    PrivateIpAddress: row.association.privateIp,
  }),
  Tags: tagResponse(row.tags),
})

export const stateOf = ({ deletedAt }: NatGatewayRow): 'available' | 'deleted' =>
  deletedAt === undefined ? 'available' : 'deleted'

export const natGatewayResponse = (row: NatGatewayRow, { store, scope }: Seen): NatGateway => {
  const address = [...store.where(addresses, 'byInterface', beside(scope, row.networkInterfaceId))].at(0)
  return {
    NatGatewayId: idOf(row),
    VpcId: row.vpcId,
    SubnetId: row.subnetId,
    State: stateOf(row),
    ConnectivityType: row.connectivityType,
    CreateTime: timestamp(row.createdAt),
    ...(row.deletedAt !== undefined && { DeleteTime: timestamp(row.deletedAt) }),
    NatGatewayAddresses: [
      {
        NetworkInterfaceId: row.networkInterfaceId,
        PrivateIp: row.privateIp,
        IsPrimary: true,
        Status: 'succeeded',
        ...(row.allocationId !== undefined && { AllocationId: row.allocationId, PublicIp: row.publicIp }),
        ...(address?.association && { AssociationId: address.association.associationId }),
      },
    ],
    Tags: tagResponse(row.tags),
  }
}
