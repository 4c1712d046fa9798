/** What nftables compares of a packet, for rules of security groups and of network ACLs. Pure. */
import { isOfIpv6, outermost, prefixLengthOf } from './addresses.ts'

/** Which end of the packet is the other one, seen from the interface. */
export type PeerSide = 'saddr' | 'daddr'

const mostPort = 65_535
const any = -1

const protocolNames: Readonly<Record<string, string>> = {
  '1': 'icmp',
  '6': 'tcp',
  '17': 'udp',
  '58': 'icmpv6',
}

const icmpMatch = (protocol: string, type: number, code: number): string => {
  const name = protocol === 'icmpv6' ? 'icmpv6' : 'icmp'
  if (type === any) return `meta l4proto ${protocol === 'icmpv6' ? 'ipv6-icmp' : 'icmp'}`
  return code === any ? `${name} type ${type}` : `${name} type ${type} ${name} code ${code}`
}

const portMatch = (protocol: string, from: number, to: number): string => {
  if (from === any || (from === 0 && to === mostPort)) return `meta l4proto ${protocol}`
  return `${protocol} dport ${from === to ? from : `${from}-${to}`}`
}

/** `protocol`: -1 for all, a name, or a number. `from` and `to`: of ICMP, type and code. */
export const protocolMatch = (protocol: string, from: number, to: number): string => {
  const name = protocolNames[protocol] ?? protocol
  if (name === '-1') return ''
  if (name === 'icmp' || name === 'icmpv6') return icmpMatch(name, from, to)
  if (name === 'tcp' || name === 'udp') return portMatch(name, from, to)
  return `meta l4proto ${name}`
}

/** A match for each family among the blocks. */
export const blockMatches = (side: PeerSide, blocks: readonly string[]): string[] => {
  const families = [
    { family: 'ip', name: 'ipv4', of: outermost(blocks.filter(block => !isOfIpv6(block))) },
    { family: 'ip6', name: 'ipv6', of: outermost(blocks.filter(isOfIpv6)) },
  ]
  return families.flatMap(({ family, name, of }) => {
    if (of.length === 0) return []
    if (of.some(block => prefixLengthOf(block) === 0)) return [`meta nfproto ${name}`]
    return [`${family} ${side} { ${of.join(', ')} }`]
  })
}

export const ruleOf = (...parts: readonly string[]): string => parts.filter(Boolean).join(' ')
