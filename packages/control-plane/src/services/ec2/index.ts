/** Of Amazon EC2, the volumes that ECS gives tasks, their snapshots, and networks. */
import type { Service } from '../service.ts'
import { type HostInstances, noHostInstances } from './host-instances.ts'
import type { Ipv6Settings } from './network/provided-ipv6-blocks.ts'
import type { PublicAddressSettings } from './network/public-addresses.ts'
import { deleteVolume } from './operations/delete-volume.ts'
import { describeVolumes } from './operations/describe-volumes.ts'
import { addressOperations } from './operations/gateways/addresses.ts'
import { egressOnlyGatewayOperations } from './operations/gateways/egress-only-gateways.ts'
import { internetGatewayOperations } from './operations/gateways/internet-gateways.ts'
import { natGatewayOperations } from './operations/gateways/nat-gateways.ts'
import { describeInstances } from './operations/instances/describe.ts'
import { networkAclFolder } from './operations/network-acls/index.ts'
import { networkInterfaceFolder } from './operations/network-interfaces/index.ts'
import { prefixListFolder } from './operations/prefix-lists/index.ts'
import { routeTableFolder } from './operations/route-tables/index.ts'
import { securityGroupFolder } from './operations/security-groups/index.ts'
import { snapshotOperations } from './operations/snapshots.ts'
import { tagOperations } from './operations/tags.ts'
import { vpcFolder } from './operations/vpcs/index.ts'
import {
  addresses,
  egressOnlyInternetGateways,
  internetGateways,
  natGateways,
  networkAccounts,
  networkAcls,
  networkInterfaces,
  prefixLists,
  routeTables,
  securityGroupRules,
  securityGroups,
  snapshots,
  subnets,
  volumes,
  vpcs,
} from './tables/index.ts'

export type { HostInstance, HostInstances } from './host-instances.ts'
export {
  defaultSecurityGroupId,
  findAddress,
  findSecurityGroup,
  findSubnet,
  findVpc,
  freeAddressesOf,
  hasInternetGateway,
  isInSubnet,
  isInVpc,
  isPrivateAddress,
  subnetOfAddress,
} from './lookups.ts'
export { type Block, formatIpv4, parseBlock, sizeOfBlock } from './network/cidr.ts'
export { nextIpv6Address, withLastGivenIpv6 } from './network/give-ipv6-address.ts'
export {
  gatewayOf,
  isFreeAddress,
  managedInterface,
  nameServersOf,
  networkInterfaceIdOf,
  nextAddress,
  routerOfIpv6,
} from './network/managed-interfaces.ts'
export { privateDomainOf, privateNameOf } from './network/private-names.ts'
export {
  addressesOfInterface,
  nextPublicAddress,
  type PublicAddressSettings,
  taskAddress,
} from './network/public-addresses.ts'
export { zonesOf } from './network/zones.ts'
export { findSnapshot } from './references.ts'
export {
  addresses,
  type NetworkInterfaceRow,
  networkInterfaces,
  newVolumeId,
  type SnapshotRow,
  type SubnetRow,
  securityGroups,
  snapshotArn,
  snapshotIdOf,
  snapshots,
  subnets,
  type VolumeRow,
  type VolumeType,
  volumeArn,
  volumeIdOf,
  volumes,
  volumeTypes,
  vpcs,
} from './tables/index.ts'

interface Ec2Settings extends PublicAddressSettings, Ipv6Settings {
  /** What DescribeInstances shows; default: none. */
  readonly instances?: HostInstances
}

export const createEc2Service = ({ instances = noHostInstances, ...settings }: Ec2Settings): Service => ({
  name: 'ec2',
  // It takes some 100 MB: who never calls EC2 never has it.
  client: { signingName: 'ec2', load: () => import('@aws-sdk/client-ec2') },
  unsupportedCode: 'UnsupportedOperation',
  operations: [
    deleteVolume,
    describeVolumes,
    ...snapshotOperations,
    ...tagOperations,
    ...vpcFolder(settings),
    ...securityGroupFolder,
    ...internetGatewayOperations,
    ...egressOnlyGatewayOperations,
    ...natGatewayOperations,
    ...addressOperations(settings),
    ...networkInterfaceFolder,
    ...routeTableFolder,
    ...networkAclFolder,
    ...prefixListFolder,
    describeInstances(instances),
  ],
  tables: [
    addresses,
    egressOnlyInternetGateways,
    internetGateways,
    natGateways,
    networkAccounts,
    networkAcls,
    networkInterfaces,
    prefixLists,
    routeTables,
    securityGroupRules,
    securityGroups,
    snapshots,
    subnets,
    volumes,
    vpcs,
  ],
  histories: [],
  reconcilers: [],
})

export const ec2Service = createEc2Service({})
