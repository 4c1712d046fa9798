/** The zones of a load balancer: one subnet each. */
import type { SubnetMapping } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Scope } from '@berth/model'
import type { View } from '../../store/view.ts'
import {
  findAddress,
  findSubnet,
  freeAddressesOf,
  hasInternetGateway,
  isFreeAddress,
  isInSubnet,
} from '../ec2/index.ts'
import { elbError, invalidConfiguration, notSupported, validationError } from './errors.ts'
import type { LoadBalancerRow, LoadBalancerZone } from './tables/index.ts'

export interface GivenSubnets {
  readonly Subnets?: readonly string[] | undefined
  readonly SubnetMappings?: readonly SubnetMapping[] | undefined
}

/** (AWS: "Application Load Balancers", Subnets for your load balancer) */
const fewestFree = 8

const mappingsOf = ({ Subnets, SubnetMappings }: GivenSubnets): readonly SubnetMapping[] => {
  if (Subnets?.length && SubnetMappings?.length)
    throw validationError('Only one of subnets or subnet mappings can be specified')
  if (SubnetMappings?.length) return SubnetMappings
  return (Subnets ?? []).map(SubnetId => ({ SubnetId }))
}

const foundSubnet = (view: View, scope: Scope, id: string | undefined) => {
  if (!id) throw validationError('A subnet ID must be specified')
  const subnet = findSubnet(view, scope, id)
  if (!subnet) throw elbError('SubnetNotFound', `The subnet ID '${id}' does not exist`)
  return subnet
}

type Wanted = Pick<LoadBalancerRow, 'type' | 'scheme'>

const checkMapping = (mapping: SubnetMapping, { type, scheme }: Wanted): void => {
  if (mapping.IPv6Address !== undefined) throw notSupported('IPv6Address')
  if (mapping.SourceNatIpv6Prefix !== undefined) throw notSupported('SourceNatIpv6Prefix')
  const { AllocationId, PrivateIPv4Address } = mapping
  if (type === 'application' && (AllocationId ?? PrivateIPv4Address) !== undefined)
    throw invalidConfiguration(
      `${AllocationId === undefined ? 'Private IP addresses' : 'Elastic IPs'} are not supported for load balancers with type 'application'`,
    )
  if (AllocationId !== undefined && scheme === 'internal')
    throw invalidConfiguration("Elastic IPs are not supported for load balancers with scheme 'internal'")
  if (PrivateIPv4Address !== undefined && scheme === 'internet-facing')
    throw invalidConfiguration(
      "Private IP addresses are not supported for load balancers with scheme 'internet-facing'",
    )
}

const zoneOf = (view: View, scope: Scope, mapping: SubnetMapping, wanted: Wanted) => {
  const subnet = foundSubnet(view, scope, mapping.SubnetId)
  checkMapping(mapping, wanted)
  const { SubnetId = '', AllocationId, PrivateIPv4Address } = mapping
  if (AllocationId !== undefined) {
    const address = findAddress(view, scope, AllocationId)
    if (!address) throw elbError('AllocationIdNotFound', `The allocation IDs '${AllocationId}' do not exist`)
  }
  if (PrivateIPv4Address !== undefined && !isInSubnet(subnet, PrivateIPv4Address))
    throw invalidConfiguration(
      `The private IP address '${PrivateIPv4Address}' is not within the CIDR range of the subnet '${SubnetId}'`,
    )
  const zone: LoadBalancerZone = {
    availabilityZone: subnet.availabilityZone,
    subnetId: SubnetId,
    ...(AllocationId !== undefined && { allocationId: AllocationId }),
    ...(PrivateIPv4Address !== undefined && { privateIp: PrivateIPv4Address }),
  }
  return { subnet, zone }
}

/** `before`: the zones that the load balancer has already, whose subnets need no more room. */
export const givenZones = (
  view: View,
  scope: Scope,
  given: GivenSubnets,
  wanted: Wanted,
  before: readonly LoadBalancerZone[] = [],
): { vpcId: string; zones: readonly LoadBalancerZone[] } => {
  const found = mappingsOf(given).map(mapping => zoneOf(view, scope, mapping, wanted))
  const names = new Set(found.map(({ zone }) => zone.availabilityZone))
  const fewest = wanted.type === 'application' ? 2 : 1
  if (names.size < found.length)
    throw invalidConfiguration(
      'A load balancer cannot be attached to multiple subnets in the same Availability Zone',
    )
  if (found.length < fewest)
    throw validationError(
      fewest === 2
        ? 'At least two subnets in two different Availability Zones must be specified'
        : 'At least one subnet must be specified',
    )
  const [vpcId = '', ...others] = new Set(found.map(({ subnet }) => subnet.vpcId))
  if (others.length > 0) throw elbError('InvalidSubnet', 'The specified subnets are not in the same VPC')
  if (wanted.scheme === 'internet-facing' && !hasInternetGateway(view, scope, vpcId))
    throw elbError('InvalidSubnet', `VPC ${vpcId} has no internet gateway`)
  const added = found.filter(({ zone }) => !before.some(({ subnetId }) => subnetId === zone.subnetId))
  const full = added.find(({ subnet }) => freeAddressesOf(view, scope, subnet) < fewestFree)
  if (full)
    throw elbError(
      'InvalidSubnet',
      `Not enough IP space available in ${full.zone.subnetId}. ELB requires at least ${fewestFree} free IP addresses in each subnet.`,
    )
  for (const { subnet, zone } of added)
    if (zone.privateIp !== undefined && !isFreeAddress(view, scope, subnet, zone.privateIp))
      throw invalidConfiguration(
        `The private IP address '${zone.privateIp}' is not available in the subnet '${zone.subnetId}'`,
      )
  const zones = found.map(({ zone }) => zone)
  return { vpcId, zones: zones.sort((a, b) => (a.availabilityZone < b.availabilityZone ? -1 : 1)) }
}
