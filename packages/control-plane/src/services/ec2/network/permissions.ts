/** From the permissions of a request to rules, each with one peer. (AWS: EC2 API reference, IpPermission) */
import type { IpPermission, SecurityGroupRuleRequest, UserIdGroupPair } from '@aws-sdk/client-ec2'
import type { View } from '../../../store/view.ts'
import type { Call } from '../../service.ts'
import { ec2Error, invalidParameterValue, missingParameter } from '../errors.ts'
import {
  type RulePeer,
  type SecurityGroupRow,
  type SecurityGroupRuleRow,
  securityGroups,
} from '../tables/index.ts'
import { formatBlock, parseBlock } from './cidr.ts'
import { canonicalIpv6Block } from './ipv6.ts'
import { beside, idOf, notFoundError, prefixListKind, rowOf, securityGroupKind } from './kinds.ts'

/** What a rule says, without what it belongs to. */
export type RuleContent = Pick<
  SecurityGroupRuleRow,
  'protocol' | 'fromPort' | 'toPort' | 'peer' | 'description'
>

interface Ports {
  readonly IpProtocol?: string | undefined
  readonly FromPort?: number | undefined
  readonly ToPort?: number | undefined
}

const names: ReadonlyMap<string, string> = new Map([
  ['1', 'icmp'],
  ['6', 'tcp'],
  ['17', 'udp'],
  ['58', 'icmpv6'],
  ['all', '-1'],
])
const named = ['tcp', 'udp', 'icmp', 'icmpv6', '-1']

const protocolOf = (given: string | undefined): string => {
  if (given === undefined || given === '') throw missingParameter('ipProtocol')
  const text = given.toLowerCase()
  const protocol = names.get(text) ?? text
  const isNumber = /^(0|[1-9]\d{0,2})$/.test(protocol) && Number(protocol) <= 255
  if (!named.includes(protocol) && !isNumber)
    throw invalidParameterValue(`Invalid value '${given}' for IP protocol. Unknown protocol.`)
  return protocol
}

/** Of protocols that have neither ports nor types, whatever is given means all. */
const portsOf = (protocol: string, { FromPort, ToPort }: Ports): { fromPort: number; toPort: number } => {
  if (protocol === 'tcp' || protocol === 'udp') {
    if (FromPort === undefined || ToPort === undefined)
      throw invalidParameterValue(
        'Invalid value for portRange. Must specify both from and to ports with TCP/UDP.',
      )
    const isRange = FromPort >= 0 && ToPort <= 65_535 && FromPort <= ToPort
    if (!isRange) throw invalidParameterValue(`Invalid TCP/UDP port range (${FromPort}:${ToPort})`)
    return { fromPort: FromPort, toPort: ToPort }
  }
  if (protocol !== 'icmp' && protocol !== 'icmpv6') return { fromPort: -1, toPort: -1 }
  const [type, code] = [FromPort ?? -1, ToPort ?? -1]
  if (!inIcmpRange(type, code)) throw invalidParameterValue(`ICMP code (${code}) out of range`)
  return { fromPort: type, toPort: code }
}

/** -1 is all; of all types, all codes. */
export const inIcmpRange = (type: number, code: number): boolean =>
  type >= -1 && type <= 255 && code >= -1 && code <= 255 && !(type === -1 && code !== -1)

const malformed = (cidr: string | undefined): Error =>
  invalidParameterValue(`CIDR block ${cidr ?? ''} is malformed`)

const ipv4Peer = (cidr: string | undefined): RulePeer => {
  const block = parseBlock(cidr ?? '')
  if (!block) throw malformed(cidr)
  return { kind: 'ipv4', cidr: formatBlock(block) }
}

const ipv6Peer = (cidr: string | undefined): RulePeer => {
  const canonical = canonicalIpv6Block(cidr ?? '')
  if (!canonical) throw malformed(cidr)
  return { kind: 'ipv6', cidr: canonical }
}

const prefixListPeer = (view: View, { scope }: Call, id: string | undefined): RulePeer => ({
  kind: 'prefix-list',
  prefixListId: idOf(rowOf(view, scope, prefixListKind, id, 'prefixListId')),
})

/** Another group of the same VPC, or the group itself. */
const groupPeer = (
  view: View,
  { scope }: Call,
  group: SecurityGroupRow,
  { GroupId, GroupName, UserId, VpcPeeringConnectionId }: UserIdGroupPair,
): RulePeer => {
  if (VpcPeeringConnectionId !== undefined)
    throw ec2Error('UnsupportedOperation', 'VpcPeeringConnectionId is not supported by Berth yet.')
  const ofName = GroupId ? undefined : groupOfName(view, scope, group.vpcId, GroupName ?? '')
  const other = ofName ?? rowOf(view, scope, securityGroupKind, GroupId ?? GroupName, 'groupId')
  if (other.vpcId !== group.vpcId || (UserId !== undefined && UserId !== scope.accountId))
    throw notFoundError(securityGroupKind, idOf(other))
  return { kind: 'group', groupId: idOf(other) }
}

export const groupOfName = (
  view: View,
  scope: Call['scope'],
  vpcId: string,
  name: string,
): SecurityGroupRow | undefined =>
  [...view.where(securityGroups, 'byVpc', beside(scope, vpcId))].find(group => group.name === name)

const allowedDescription = /^[A-Za-z0-9 ._\-:/()#,@[\]+=&;{}!$*]*$/
const longestDescription = 255

export const checkDescription = (text: string | undefined): string | undefined => {
  if (text === undefined || text === '') return undefined
  if (text.length > longestDescription || !allowedDescription.test(text))
    throw invalidParameterValue(
      'Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*',
    )
  return text
}

/** One rule for each peer. Throws InvalidParameterValue, InvalidGroup.NotFound, MissingParameter. */
export const rulesOf = (
  view: View,
  call: Call,
  group: SecurityGroupRow,
  permissions: readonly IpPermission[],
): RuleContent[] =>
  permissions.flatMap(permission => {
    const { IpRanges = [], Ipv6Ranges = [], PrefixListIds = [], UserIdGroupPairs = [] } = permission
    const protocol = protocolOf(permission.IpProtocol)
    const ports = portsOf(protocol, permission)
    const made = (peer: RulePeer, description: string | undefined): RuleContent => ({
      protocol,
      ...ports,
      peer,
      description: checkDescription(description),
    })
    const rules = [
      ...IpRanges.map(range => made(ipv4Peer(range.CidrIp), range.Description)),
      ...Ipv6Ranges.map(range => made(ipv6Peer(range.CidrIpv6), range.Description)),
      ...PrefixListIds.map(list => made(prefixListPeer(view, call, list.PrefixListId), list.Description)),
      ...UserIdGroupPairs.map(pair => made(groupPeer(view, call, group, pair), pair.Description)),
    ]
    if (rules.length === 0) throw missingParameter('source or destination of the permission')
    return rules
  })

/** What ModifySecurityGroupRules makes of a rule: whole, with exactly one peer. */
export const ruleOfRequest = (
  view: View,
  call: Call,
  group: SecurityGroupRow,
  request: SecurityGroupRuleRequest,
): RuleContent => {
  const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId, Description } = request
  const given = [CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId].filter(peer => peer !== undefined)
  if (given.length !== 1)
    throw invalidParameterValue(
      'Exactly one of CidrIpv4, CidrIpv6, PrefixListId and ReferencedGroupId must be specified',
    )
  const [rule] = rulesOf(view, call, group, [
    {
      IpProtocol: request.IpProtocol,
      FromPort: request.FromPort,
      ToPort: request.ToPort,
      ...(CidrIpv4 !== undefined && { IpRanges: [{ CidrIp: CidrIpv4, Description }] }),
      ...(CidrIpv6 !== undefined && { Ipv6Ranges: [{ CidrIpv6, Description }] }),
      ...(PrefixListId !== undefined && { PrefixListIds: [{ PrefixListId, Description }] }),
      ...(ReferencedGroupId !== undefined && {
        UserIdGroupPairs: [{ GroupId: ReferencedGroupId, Description }],
      }),
    },
  ])
  if (!rule) throw missingParameter('source or destination of the permission')
  return rule
}

const peerText = (peer: RulePeer): string =>
  peer.kind === 'group' ? peer.groupId : peer.kind === 'prefix-list' ? peer.prefixListId : peer.cidr

/** The same for rules that allow the same. */
export const ruleKey = ({ protocol, fromPort, toPort, peer }: RuleContent): string =>
  `${protocol}|${fromPort}|${toPort}|${peerText(peer)}`

export const duplicate = ({ protocol, fromPort, toPort, peer }: RuleContent): Error => {
  const hasPorts = protocol === 'tcp' || protocol === 'udp'
  const ports = hasPorts ? ` from port: ${fromPort}, to port: ${toPort},` : ''
  const shown = protocol === '-1' ? 'ALL' : protocol.toUpperCase()
  return ec2Error(
    'InvalidPermission.Duplicate',
    `the specified rule "peer: ${peerText(peer)}, ${shown},${ports} ALLOW" already exists`,
  )
}
