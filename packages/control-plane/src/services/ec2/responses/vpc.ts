import type {
  Subnet,
  SubnetIpv6CidrBlockAssociation,
  Vpc,
  VpcCidrBlockAssociation,
  VpcIpv6CidrBlockAssociation,
} from '@aws-sdk/client-ec2'
import { type Scope, scopeKey } from '@berth/model'
import type { Call } from '../../service.ts'
import { freeAddressesOf } from '../lookups.ts'
import { idOf } from '../network/kinds.ts'
import { zonesOf } from '../network/zones.ts'
import {
  networkAccounts,
  type SubnetIpv6Block,
  type SubnetRow,
  type VpcBlock,
  type VpcRow,
} from '../tables/index.ts'
import { tagResponse } from '../tags.ts'

type BlockState = 'associated' | 'associating' | 'disassociating'

export const blockResponse = (
  { associationId, cidr }: VpcBlock,
  state: BlockState,
): VpcCidrBlockAssociation => ({
  AssociationId: associationId,
  CidrBlock: cidr,
  CidrBlockState: { State: state },
})

/** The pool of blocks that Amazon provides. */
export const ipv6Pool = 'Amazon'

/** Unique local addresses are nobody's on the Internet. (RFC 4193) */
const attributeOf = (cidr: string) => ({
  Ipv6AddressAttribute: /^f[cd]/.test(cidr) ? ('private' as const) : ('public' as const),
  IpSource: 'amazon' as const,
})

export const ipv6BlockResponse = (
  { associationId, cidr }: VpcBlock,
  { region }: Scope,
  state: BlockState,
): VpcIpv6CidrBlockAssociation => ({
  AssociationId: associationId,
  Ipv6CidrBlock: cidr,
  Ipv6CidrBlockState: { State: state },
  NetworkBorderGroup: region,
  Ipv6Pool: ipv6Pool,
  ...attributeOf(cidr),
})

export const subnetIpv6Response = (
  { associationId, cidr }: SubnetIpv6Block,
  state: BlockState,
): SubnetIpv6CidrBlockAssociation => ({
  AssociationId: associationId,
  Ipv6CidrBlock: cidr,
  Ipv6CidrBlockState: { State: state },
  ...attributeOf(cidr),
})

export const vpcResponse = (
  vpc: VpcRow,
  { store, scope }: Pick<Call, 'store' | 'scope'>,
  ipv6State: BlockState = 'associated',
): Vpc => ({
  VpcId: idOf(vpc),
  OwnerId: scope.accountId,
  State: 'available',
  CidrBlock: vpc.blocks[0]?.cidr,
  CidrBlockAssociationSet: vpc.blocks.map(block => blockResponse(block, 'associated')),
  Ipv6CidrBlockAssociationSet: (vpc.ipv6Blocks ?? []).map(block =>
    ipv6BlockResponse(block, scope, ipv6State),
  ),
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
  Ipv6CidrBlockAssociationSet: subnet.ipv6Block ? [subnetIpv6Response(subnet.ipv6Block, 'associated')] : [],
  AvailableIpAddressCount: freeAddressesOf(call.store, call.scope, subnet),
  AvailabilityZone: subnet.availabilityZone,
  AvailabilityZoneId: zonesOf(call.scope.region).find(({ name }) => name === subnet.availabilityZone)?.id,
  DefaultForAz: subnet.isDefaultForZone,
  MapPublicIpOnLaunch: subnet.mapPublicIpOnLaunch,
  MapCustomerOwnedIpOnLaunch: false,
  AssignIpv6AddressOnCreation: subnet.assignsIpv6 === true,
  EnableDns64: false,
  Ipv6Native: false,
  PrivateDnsNameOptionsOnLaunch: {
    HostnameType: subnet.hostnameType,
    EnableResourceNameDnsARecord: subnet.resourceNameARecord,
    EnableResourceNameDnsAAAARecord: subnet.resourceNameAaaaRecord === true,
  },
  Tags: tagResponse(subnet.tags),
})
