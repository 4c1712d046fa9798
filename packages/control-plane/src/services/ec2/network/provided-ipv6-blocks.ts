/** Where the IPv6 blocks of VPCs come from. (AWS: CreateVpc, `AmazonProvidedIpv6CidrBlock`) */
import { createHash } from 'node:crypto'
import { type Scope, scopeKey } from '@berth/model'
import type { View } from '../../../store/view.ts'
import { ec2Error, invalidParameterValue } from '../errors.ts'
import { vpcs } from '../tables/index.ts'
import { formatIpv6Block, type Ipv6Block, lastOfIpv6, parseIpv6Block } from './ipv6.ts'

export interface Ipv6Settings {
  /** A block, /16 to /56, that all accounts share. Absent: each account and region has unique local addresses of its own. */
  readonly ipv6Addresses?: string | undefined
}

/** "An Amazon-provided IPv6 CIDR block with a /56 prefix length" */
const providedPrefix = 56
const step = 1n << BigInt(128 - providedPrefix)

/** A /40 of fd00::/8, which an account has in each of its regions whatever the server: 65,536 blocks. (RFC 4193) */
const uniqueLocal = (scope: Scope): Ipv6Block => {
  const digits = createHash('sha256').update(scopeKey(scope)).digest('hex').slice(0, 8)
  return { base: BigInt(`0xfd${digits}`) << 88n, prefix: 40 }
}

interface GivenGroup {
  readonly AmazonProvidedIpv6CidrBlock?: boolean | undefined
  readonly Ipv6CidrBlockNetworkBorderGroup?: string | undefined
}

/** The region is the only one. Throws InvalidParameterCombination, InvalidParameterValue. */
export const checkBorderGroup = (given: GivenGroup, { region }: Scope): void => {
  const { AmazonProvidedIpv6CidrBlock, Ipv6CidrBlockNetworkBorderGroup: group } = given
  if (group === undefined) return
  if (!AmazonProvidedIpv6CidrBlock)
    throw ec2Error(
      'InvalidParameterCombination',
      'ipv6CidrBlockNetworkBorderGroup needs amazonProvidedIpv6CidrBlock.',
    )
  if (group !== region)
    throw invalidParameterValue(
      `Value (${group}) for parameter ipv6CidrBlockNetworkBorderGroup is invalid. The network border group is not of this region.`,
    )
}

/** The lowest free one. Throws InsufficientCidrBlocks. */
export const nextProvidedBlock = (view: View, scope: Scope, { ipv6Addresses }: Ipv6Settings): string => {
  const range = ipv6Addresses === undefined ? uniqueLocal(scope) : parseIpv6Block(ipv6Addresses)
  if (!range) throw new Error(`${ipv6Addresses} is no block of IPv6 addresses`)
  for (let base = range.base; base <= lastOfIpv6(range); base += step) {
    const block = formatIpv6Block({ base, prefix: providedPrefix })
    if (view.count(vpcs, 'byIpv6Block', block) === 0) return block
  }
  throw ec2Error('InsufficientCidrBlocks', 'There is no IPv6 CIDR block left for another VPC.')
}
