import type { Subnet, Vpc, VpcCidrBlockAssociation } from '@aws-sdk/client-ec2'
import { scopeKey } from '@berth/model'
import type { Call } from '../../service.ts'
import { freeAddressesOf } from '../lookups.ts'
import { idOf } from '../network/kinds.ts'
import { zonesOf } from '../network/zones.ts'
import { networkAccounts, type SubnetRow, type VpcBlock, type VpcRow } from '../tables/index.ts'
import { tagResponse } from '../tags.ts'

export const blockResponse = (
  { associationId, cidr }: VpcBlock,
  state: 'associated' | 'associating' | 'disassociating',
): VpcCidrBlockAssociation => ({
  AssociationId: associationId,
  CidrBlock: cidr,
  CidrBlockState: { State: state },
})

export const vpcResponse = (vpc: VpcRow, { store, scope }: Pick<Call, 'store' | 'scope'>): Vpc => ({
  VpcId: idOf(vpc),
  OwnerId: scope.accountId,
  State: 'available',
  CidrBlock: vpc.blocks[0]?.cidr,
  CidrBlockAssociationSet: vpc.blocks.map(block => blockResponse(block, 'associated')),
  Ipv6CidrBlockAssociationSet: [],
  DhcpOptionsId: store.get(networkAccounts, scopeKey(scope))?.dhcpOptionsId,
  InstanceTenancy: 'default',
  IsDefault: vpc.isDefault,
  Tags: tagResponse(vpc.tags),
})

export const subnetResponse = (subnet: SubnetRow, call: Pick<Call, 'store' | 'scope'>): Subnet => ({
  SubnetId: idOf(subnet),
  SubnetArn: subnet.id,
  OwnerId: call.scope.accountId,
  VpcId: subnet.vpcId,
  State: 'available',
  CidrBlock: subnet.cidr,
  Ipv6CidrBlockAssociationSet: [],
  AvailableIpAddressCount: freeAddressesOf(call.store, call.scope, subnet),
  AvailabilityZone: subnet.availabilityZone,
  AvailabilityZoneId: zonesOf(call.scope.region).find(({ name }) => name === subnet.availabilityZone)?.id,
  DefaultForAz: subnet.isDefaultForZone,
  MapPublicIpOnLaunch: subnet.mapPublicIpOnLaunch,
  MapCustomerOwnedIpOnLaunch: false,
  AssignIpv6AddressOnCreation: false,
  EnableDns64: false,
  Ipv6Native: false,
  PrivateDnsNameOptionsOnLaunch: {
    HostnameType: subnet.hostnameType,
    EnableResourceNameDnsARecord: subnet.resourceNameARecord,
    EnableResourceNameDnsAAAARecord: false,
  },
  Tags: tagResponse(subnet.tags),
})
