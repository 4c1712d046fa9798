/**
 * IPv6 between a VPC and the outside: its router on a host has one address there, in whose name everything begins to speak, and
 * nothing is let in. Pure.
 */
import { createHash } from 'node:crypto'
import { shortIpv6 } from './addresses.ts'
import type { HeldInterface } from './held-interface.ts'

/** Of the routers of a host: drawn at random from the unique local addresses, as the blocks of VPCs are. (RFC 4193) */
export const routerBlock = 'fdbe:5e1f:c0a7::/48'
const groupsOfRouter = 4
const digitsOfGroup = 4

/** As `ip` prints it. The same for the same VPC of the same agent always, and no other router's on the host. */
export const routerIpv6 = (tag: string, vpcId: string): string => {
  const digits = createHash('sha256').update(`${tag} ${vpcId}`).digest('hex')
  const groups = Array.from({ length: groupsOfRouter }, (_, index) =>
    digits.slice(index * digitsOfGroup, (index + 1) * digitsOfGroup),
  )
  return shortIpv6(`${routerBlock.replace('::/48', '')}:1:${groups.join(':')}`)
}

export const hasIpv6 = (held: readonly HeldInterface[]): boolean =>
  held.some(({ fact }) => fact.ipv6Address !== undefined)

/** (AWS: "Enable outbound IPv6 traffic using an egress-only internet gateway") */
export const leadsOutsideByIpv6 = ({ fact, subnet }: HeldInterface): boolean =>
  fact.ipv6Address !== undefined && subnet.outsideIpv6 !== undefined
