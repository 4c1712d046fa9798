import type { Service } from '../../../service.ts'
import type { Ipv6Settings } from '../../network/provided-ipv6-blocks.ts'
import { vpcAttributeOperations } from './attributes.ts'
import { vpcBlockOperations } from './blocks.ts'
import { describeDhcpOptions } from './dhcp-options.ts'
import { regionOperations } from './regions.ts'
import { subnetBlockOperations } from './subnet-blocks.ts'
import { subnetOperations } from './subnets.ts'
import { vpcOperations } from './vpcs.ts'

export const vpcFolder = (settings: Ipv6Settings): Service['operations'] => [
  ...vpcOperations(settings),
  ...vpcAttributeOperations,
  ...vpcBlockOperations(settings),
  ...subnetOperations,
  ...subnetBlockOperations,
  ...regionOperations,
  describeDhcpOptions,
]
