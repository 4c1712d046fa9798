import type { Scope } from '@berth/model'
import type { View } from '../../../store/view.ts'
import { ec2Error, invalidParameterValue } from '../errors.ts'
import { subnets, type VpcRow } from '../tables/index.ts'
import { containsIpv6, type Ipv6Block, overlapIpv6, parseIpv6Block } from './ipv6.ts'
import { beside, idOf } from './kinds.ts'

/** "Between /44 and /64 in increments of /4" (AWS: "Subnet CIDR blocks", subnet sizing for IPv6) */
const isSubnetPrefix = (prefix: number): boolean => prefix >= 44 && prefix <= 64 && prefix % 4 === 0

/** Throws InvalidParameterValue, InvalidSubnet.Range, InvalidSubnet.Conflict. */
export const givenSubnetIpv6Block = (view: View, scope: Scope, vpc: VpcRow, text: string): Ipv6Block => {
  const block = parseIpv6Block(text)
  if (!block || !isSubnetPrefix(block.prefix))
    throw invalidParameterValue(`invalid value for parameter ipv6-cidr-block: ${text}`)
  const outer = (vpc.ipv6Blocks ?? []).flatMap(({ cidr }) => parseIpv6Block(cidr) ?? [])
  if (!outer.some(each => containsIpv6(each, block)))
    throw ec2Error('InvalidSubnet.Range', `The IPv6 CIDR '${text}' is invalid.`)
  for (const { ipv6Block } of view.where(subnets, 'byVpc', beside(scope, idOf(vpc)))) {
    const other = ipv6Block && parseIpv6Block(ipv6Block.cidr)
    if (other && overlapIpv6(other, block))
      throw ec2Error('InvalidSubnet.Conflict', `The IPv6 CIDR '${text}' conflicts with another subnet`)
  }
  return block
}
