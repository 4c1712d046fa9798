import type { AvailabilityZone, LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Scope } from '@berth/model'
import type { View } from '../../../store/view.ts'
import { findAddress } from '../../ec2/index.ts'
import { timestamp } from '../../timestamp.ts'
import { hostedZoneId } from '../hosted-zones.ts'
import type { LoadBalancerRow, LoadBalancerZone } from '../tables/index.ts'

const zoneResponse = (
  { availabilityZone, subnetId, allocationId, privateIp }: LoadBalancerZone,
  view: View,
  scope: Scope,
): AvailabilityZone => {
  const address = {
    ...(allocationId !== undefined && {
      IpAddress: findAddress(view, scope, allocationId)?.publicIp,
      AllocationId: allocationId,
    }),
    ...(privateIp !== undefined && { PrivateIPv4Address: privateIp }),
  }
  return {
    ZoneName: availabilityZone,
    SubnetId: subnetId,
    LoadBalancerAddresses: Object.keys(address).length > 0 ? [address] : [],
  }
}

export const zonesResponse = (row: LoadBalancerRow, view: View, scope: Scope): AvailabilityZone[] =>
  row.zones.map(zone => zoneResponse(zone, view, scope))

export const loadBalancerResponse = (row: LoadBalancerRow, view: View, scope: Scope): LoadBalancer => ({
  LoadBalancerArn: row.id,
  DNSName: row.dnsName,
  CanonicalHostedZoneId: hostedZoneId(row.type, scope.region),
  CreatedTime: timestamp(row.createdAt),
  LoadBalancerName: row.name,
  Scheme: row.scheme,
  VpcId: row.vpcId,
  State: { Code: row.state.code, Reason: row.state.reason },
  Type: row.type,
  AvailabilityZones: zonesResponse(row, view, scope),
  SecurityGroups: row.securityGroupIds.length > 0 ? [...row.securityGroupIds] : undefined,
  IpAddressType: row.ipAddressType,
  ...(row.filtersPrivateLink !== undefined && {
    EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: row.filtersPrivateLink ? 'on' : 'off',
  }),
  ...(row.type === 'network' && { EnablePrefixForIpv6SourceNat: 'off' as const }),
})
