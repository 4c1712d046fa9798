/** What other services ask of networks: they refuse what is not there under codes of their own. */
import type { Scope } from '@berth/model'
import type { View } from '../../store/view.ts'
import { contains, parseBlock } from './network/cidr.ts'
import { availableAddresses } from './network/free-address.ts'
import { addressKind, arnOf, beside, idOf, securityGroupKind, subnetKind, vpcKind } from './network/kinds.ts'
import { groupOfName } from './network/permissions.ts'
import {
  type AddressRow,
  addresses,
  internetGateways,
  networkInterfaces,
  type SecurityGroupRow,
  type SubnetRow,
  securityGroups,
  subnets,
  type VpcRow,
  vpcs,
} from './tables/index.ts'

export const findVpc = (view: View, scope: Scope, id: string): VpcRow | undefined =>
  view.get(vpcs, arnOf(vpcKind, scope, id))

export const findSubnet = (view: View, scope: Scope, id: string): SubnetRow | undefined =>
  view.get(subnets, arnOf(subnetKind, scope, id))

export const findSecurityGroup = (view: View, scope: Scope, id: string): SecurityGroupRow | undefined =>
  view.get(securityGroups, arnOf(securityGroupKind, scope, id))

export const defaultSecurityGroupId = (view: View, scope: Scope, vpcId: string): string | undefined => {
  const group = groupOfName(view, scope, vpcId, 'default')
  return group && idOf(group)
}

export const findAddress = (view: View, scope: Scope, allocationId: string): AddressRow | undefined =>
  view.get(addresses, arnOf(addressKind, scope, allocationId))

export const hasInternetGateway = (view: View, scope: Scope, vpcId: string): boolean =>
  view.count(internetGateways, 'byVpc', beside(scope, vpcId)) > 0

/** How many addresses of a subnet nothing has. */
export const freeAddressesOf = (view: View, scope: Scope, subnet: SubnetRow): number => {
  const block = parseBlock(subnet.cidr)
  const taken = view.total(networkInterfaces, 'addresses', beside(scope, idOf(subnet)))
  return block ? availableAddresses(block, taken) : 0
}

/** Whether an address is one of a subnet's. */
export const isInSubnet = (subnet: SubnetRow, address: string): boolean => {
  const [outer, inner] = [parseBlock(subnet.cidr), parseBlock(`${address}/32`)]
  return outer !== undefined && inner !== undefined && contains(outer, inner)
}

/** The subnet of a VPC that an address is of. */
export const subnetOfAddress = (
  view: View,
  scope: Scope,
  vpcId: string,
  address: string,
): SubnetRow | undefined =>
  [...view.where(subnets, 'byVpc', beside(scope, vpcId))].find(subnet => isInSubnet(subnet, address))

/** Whether an address is in one of a VPC's blocks. */
export const isInVpc = (vpc: VpcRow, address: string): boolean => {
  const inner = parseBlock(`${address}/32`)
  const outer = vpc.blocks.flatMap(({ cidr }) => parseBlock(cidr) ?? [])
  return inner !== undefined && outer.some(block => contains(block, inner))
}

/** (RFC 1918, RFC 6598) */
const privateBlocks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'].flatMap(
  text => parseBlock(text) ?? [],
)

export const isPrivateAddress = (address: string): boolean => {
  const inner = parseBlock(`${address}/32`)
  return inner !== undefined && privateBlocks.some(block => contains(block, inner))
}
