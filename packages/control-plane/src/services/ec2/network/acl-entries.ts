/** From requests to entries of network ACLs. Pure. (AWS: EC2 API reference, CreateNetworkAclEntry) */
import type { CreateNetworkAclEntryRequest, IcmpTypeCode, PortRange } from '@aws-sdk/client-ec2'
import { ec2Error, invalidParameterValue, missingParameter } from '../errors.ts'
import type { AclEntry } from '../tables/index.ts'
import { formatBlock, parseBlock } from './cidr.ts'
import { canonicalIpv6Block } from './ipv6.ts'
import { inIcmpRange } from './permissions.ts'

/** "The range 32767 to 65535 is reserved for internal use." */
const lastNumber = 32_766

const tcp = '6'
const udp = '17'
const icmp = '1'
const icmpv6 = '58'

const numbers: ReadonlyMap<string, string> = new Map([
  ['tcp', tcp],
  ['udp', udp],
  ['icmp', icmp],
  ['icmpv6', icmpv6],
  ['all', '-1'],
])

export const ruleNumberOf = (given: number | undefined): number => {
  if (given === undefined) throw missingParameter('ruleNumber')
  if (given < 1 || given > lastNumber)
    throw invalidParameterValue(`Value (${given}) for parameter ruleNumber is invalid. Invalid rule number.`)
  return given
}

const protocolOf = (given: string | undefined): string => {
  if (!given) throw missingParameter('protocol')
  const protocol = numbers.get(given.toLowerCase()) ?? given
  const isNumber = /^(0|[1-9]\d{0,2})$/.test(protocol) && Number(protocol) <= 255
  if (protocol !== '-1' && !isNumber) throw invalidParameterValue(`Invalid value '${given}' for protocol.`)
  return protocol
}

type Blocks = Pick<AclEntry, 'cidr' | 'ipv6Cidr'>

const blockOf = ({ CidrBlock, Ipv6CidrBlock }: CreateNetworkAclEntryRequest): Blocks => {
  if (CidrBlock !== undefined && Ipv6CidrBlock !== undefined)
    throw ec2Error(
      'InvalidParameterCombination',
      'The parameters cidrBlock and ipv6CidrBlock cannot be used together.',
    )
  const text = CidrBlock ?? Ipv6CidrBlock
  if (text === undefined) throw missingParameter('cidrBlock')
  const ipv4 = CidrBlock === undefined ? undefined : parseBlock(CidrBlock)
  const ipv6 = Ipv6CidrBlock === undefined ? undefined : canonicalIpv6Block(Ipv6CidrBlock)
  if (ipv4) return { cidr: formatBlock(ipv4) }
  if (ipv6) return { ipv6Cidr: ipv6 }
  throw invalidParameterValue(
    `Value (${text}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
  )
}

const portsOf = (given: PortRange | undefined): NonNullable<AclEntry['ports']> => {
  const { From: from, To: to } = given ?? {}
  if (from === undefined || to === undefined) throw missingParameter('portRange')
  if (from < 0 || to > 65_535 || from > to)
    throw invalidParameterValue(`Invalid value for portRange. The range ${from} to ${to} is not valid.`)
  return { from, to }
}

const icmpOf = (given: IcmpTypeCode | undefined): NonNullable<AclEntry['icmp']> => {
  const { Type: type, Code: code } = given ?? {}
  if (type === undefined || code === undefined) throw missingParameter('icmpTypeCode')
  if (!inIcmpRange(type, code)) throw invalidParameterValue(`ICMP code (${code}) out of range`)
  return { type, code }
}

/** Ports and types that the protocol does not have mean nothing, as in EC2. Throws MissingParameter, InvalidParameterValue. */
export const aclEntryOf = (request: CreateNetworkAclEntryRequest): AclEntry => {
  const { RuleAction: action, Egress: isEgress = false } = request
  const protocol = protocolOf(request.Protocol)
  const block = blockOf(request)
  const hasTypes = protocol === icmp || (protocol === icmpv6 && block.ipv6Cidr !== undefined)
  if (action === undefined) throw missingParameter('ruleAction')
  return {
    ruleNumber: ruleNumberOf(request.RuleNumber),
    isEgress,
    action,
    protocol,
    ...block,
    ...((protocol === tcp || protocol === udp) && { ports: portsOf(request.PortRange) }),
    ...(hasTypes && { icmp: icmpOf(request.IcmpTypeCode) }),
  }
}
