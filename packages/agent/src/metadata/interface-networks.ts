/**
 * What the metadata endpoints say of the network of a task with an interface of its own. (AWS: "Amazon ECS task metadata v4 JSON
 * response", and the examples of tasks in awsvpc mode; version 3 has the addresses alone. The official agent tells the router of
 * IPv6 of interfaces alone that have no IPv4.)
 */
import type { PayloadNetworkInterface } from '@berth/model'
import { blockOf, ipv6SubnetOf } from '../network/index.ts'
import { networkModeOf } from '../tasks/container-spec/index.ts'
import type { TaskState } from '../tasks/task-state.ts'
import type { MetadataVersion } from './container-metadata.ts'

const networkOf = (version: MetadataVersion, one: PayloadNetworkInterface): object => {
  const ipv6Addresses = (one.ipv6Addresses ?? []).map(({ address }) => address)
  const [ipv6Address] = ipv6Addresses
  return {
    NetworkMode: 'awsvpc',
    IPv4Addresses: one.ipv4Addresses.map(({ privateAddress }) => privateAddress),
    ...(ipv6Addresses.length > 0 && { IPv6Addresses: ipv6Addresses }),
    ...(version === 'v4' && {
      AttachmentIndex: one.index,
      MACAddress: one.macAddress,
      IPv4SubnetCIDRBlock: blockOf(one.subnetGatewayIpv4Address),
      ...(ipv6Address !== undefined && { IPv6SubnetCIDRBlock: ipv6SubnetOf(ipv6Address) }),
      ...(one.domainNameServers.length > 0 && { DomainNameServers: one.domainNameServers }),
      ...(one.domainName.length > 0 && { DomainNameSearchList: one.domainName }),
      PrivateDNSName: one.privateDnsName,
      SubnetGatewayIpv4Address: one.subnetGatewayIpv4Address,
    }),
  }
}

/** Undefined for a task without one: the engine knows its networks. */
export const interfaceNetworks = (
  version: MetadataVersion,
  { payload }: TaskState,
): readonly object[] | undefined =>
  networkModeOf(payload) === 'awsvpc'
    ? (payload.elasticNetworkInterfaces ?? []).map(one => networkOf(version, one))
    : undefined
