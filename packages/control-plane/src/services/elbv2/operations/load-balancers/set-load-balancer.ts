/** Where a load balancer is, and what filters it: SetSubnets, SetSecurityGroups, SetIpAddressType. */
import type {
  SetIpAddressTypeInput,
  SetIpAddressTypeOutput,
  SetSecurityGroupsInput,
  SetSecurityGroupsOutput,
  SetSubnetsInput,
  SetSubnetsOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { operation } from '../../../service.ts'
import { elbError, invalidConfiguration, notSupported, validationError } from '../../errors.ts'
import { checkIpAddressType } from '../../ip-address-type.ts'
import { loadBalancerKind, rowOf } from '../../references.ts'
import { zonesResponse } from '../../responses/load-balancer.ts'
import { givenSecurityGroups } from '../../security-groups.ts'
import { type LoadBalancerRow, type LoadBalancerZone, loadBalancers } from '../../tables/index.ts'
import { givenZones } from '../../zones.ts'

/** (AWS: SetSubnets, `Subnets`: "You must include all subnets that were enabled previously") */
const checkKeptAddresses = (row: LoadBalancerRow, zones: readonly LoadBalancerZone[]): void => {
  const changed = zones.find(zone => {
    const before = row.zones.find(({ subnetId }) => subnetId === zone.subnetId)
    return before && (before.allocationId !== zone.allocationId || before.privateIp !== zone.privateIp)
  })
  if (changed)
    throw elbError(
      'InvalidConfigurationRequest',
      `The IP addresses of the subnet '${changed.subnetId}' cannot be changed`,
    )
}

const setSubnets = operation<SetSubnetsInput, SetSubnetsOutput>({
  name: 'SetSubnets',
  effect: 'writes',
  resources: ({ LoadBalancerArn = '' }) => [LoadBalancerArn],
  handle: (input, { store, scope }) => {
    if (input.IpAddressType !== undefined) checkIpAddressType(input.IpAddressType)
    if (input.EnablePrefixForIpv6SourceNat === 'on') throw notSupported('EnablePrefixForIpv6SourceNat')
    return store.update(tx => {
      const row = rowOf(tx, scope, loadBalancerKind, input.LoadBalancerArn)
      const { vpcId, zones } = givenZones(tx, scope, input, row, row.zones)
      if (vpcId !== row.vpcId)
        throw elbError('InvalidSubnet', `The specified subnets are not in the VPC ${row.vpcId}`)
      checkKeptAddresses(row, zones)
      const changed = { ...row, zones }
      tx.put(loadBalancers, changed)
      return {
        AvailabilityZones: zonesResponse(changed, tx, scope),
        IpAddressType: row.ipAddressType,
        ...(row.type === 'network' && { EnablePrefixForIpv6SourceNat: 'off' as const }),
      }
    })
  },
})

const setSecurityGroups = operation<SetSecurityGroupsInput, SetSecurityGroupsOutput>({
  name: 'SetSecurityGroups',
  effect: 'writes',
  resources: ({ LoadBalancerArn = '' }) => [LoadBalancerArn],
  handle: (input, { store, scope }) =>
    store.update(tx => {
      const row = rowOf(tx, scope, loadBalancerKind, input.LoadBalancerArn)
      const securityGroupIds = givenSecurityGroups(tx, scope, row.vpcId, input.SecurityGroups ?? [])
      if (row.type === 'network' && row.securityGroupIds.length === 0 && securityGroupIds.length > 0)
        throw invalidConfiguration(
          'Security groups cannot be added to a Network Load Balancer that was created without security groups',
        )
      if (securityGroupIds.length === 0 && row.securityGroupIds.length > 0)
        throw validationError('At least one security group must be specified')
      const asked = input.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic
      if (asked !== undefined && row.filtersPrivateLink === undefined)
        throw invalidConfiguration(
          'EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic needs a Network Load Balancer with security groups',
        )
      const filters = asked === undefined ? row.filtersPrivateLink : asked === 'on'
      const changed = {
        ...row,
        securityGroupIds,
        ...(filters !== undefined && { filtersPrivateLink: filters }),
      }
      tx.put(loadBalancers, changed)
      return {
        SecurityGroupIds: securityGroupIds,
        ...(filters !== undefined && {
          EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: filters ? ('on' as const) : ('off' as const),
        }),
      }
    }),
})

const setIpAddressType = operation<SetIpAddressTypeInput, SetIpAddressTypeOutput>({
  name: 'SetIpAddressType',
  effect: 'writes',
  resources: ({ LoadBalancerArn = '' }) => [LoadBalancerArn],
  handle: ({ LoadBalancerArn, IpAddressType = 'ipv4' }, { store, scope }) => {
    const { ipAddressType } = rowOf(store, scope, loadBalancerKind, LoadBalancerArn)
    checkIpAddressType(IpAddressType)
    return { IpAddressType: ipAddressType }
  },
})

export const setLoadBalancerOperations = [setSubnets, setSecurityGroups, setIpAddressType]
