import { vpcAttributeOperations } from './attributes.ts'
import { vpcBlockOperations } from './blocks.ts'
import { describeDhcpOptions } from './dhcp-options.ts'
import { regionOperations } from './regions.ts'
import { subnetOperations } from './subnets.ts'
import { vpcOperations } from './vpcs.ts'

export const vpcFolder = [
  ...vpcOperations,
  ...vpcAttributeOperations,
  ...vpcBlockOperations,
  ...subnetOperations,
  ...regionOperations,
  describeDhcpOptions,
]
