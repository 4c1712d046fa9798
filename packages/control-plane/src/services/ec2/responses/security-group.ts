import type {
  IpPermission,
  RevokedSecurityGroupRule,
  SecurityGroup,
  SecurityGroupRule,
} from '@aws-sdk/client-ec2'
import type { View } from '../../../store/view.ts'
import type { Call } from '../../service.ts'
import { beside, idOf } from '../network/kinds.ts'
import { type SecurityGroupRow, type SecurityGroupRuleRow, securityGroupRules } from '../tables/index.ts'
import { tagResponse } from '../tags.ts'

export const rulesOfGroup = (
  view: View,
  { scope }: Pick<Call, 'scope'>,
  group: SecurityGroupRow,
): SecurityGroupRuleRow[] => [...view.where(securityGroupRules, 'byGroup', beside(scope, idOf(group)))]

/** Rules of the same protocol and ports are one permission. */
const permissionsOf = (rules: readonly SecurityGroupRuleRow[], accountId: string): IpPermission[] => {
  const groups = Map.groupBy(rules, ({ protocol, fromPort, toPort }) => `${protocol}|${fromPort}|${toPort}`)
  return [...groups.values()].map(same => {
    const [{ protocol, fromPort, toPort } = { protocol: '-1', fromPort: -1, toPort: -1 }] = same
    const hasPorts = ['tcp', 'udp', 'icmp', 'icmpv6'].includes(protocol)
    const described = ({ description }: SecurityGroupRuleRow) =>
      description === undefined ? {} : { Description: description }
    return {
      IpProtocol: protocol,
      ...(hasPorts && { FromPort: fromPort, ToPort: toPort }),
      IpRanges: same.flatMap(rule =>
        rule.peer.kind === 'ipv4' ? [{ CidrIp: rule.peer.cidr, ...described(rule) }] : [],
      ),
      Ipv6Ranges: same.flatMap(rule =>
        rule.peer.kind === 'ipv6' ? [{ CidrIpv6: rule.peer.cidr, ...described(rule) }] : [],
      ),
      PrefixListIds: same.flatMap(rule =>
        rule.peer.kind === 'prefix-list'
          ? [{ PrefixListId: rule.peer.prefixListId, ...described(rule) }]
          : [],
      ),
      UserIdGroupPairs: same.flatMap(rule =>
        rule.peer.kind === 'group'
          ? [{ GroupId: rule.peer.groupId, UserId: accountId, ...described(rule) }]
          : [],
      ),
    }
  })
}

export const securityGroupResponse = (group: SecurityGroupRow, call: Call): SecurityGroup => {
  const rules = rulesOfGroup(call.store, call, group)
  const { accountId } = call.scope
  return {
    GroupId: idOf(group),
    GroupName: group.name,
    Description: group.description,
    VpcId: group.vpcId,
    OwnerId: accountId,
    SecurityGroupArn: group.id,
    IpPermissions: permissionsOf(
      rules.filter(({ isEgress }) => !isEgress),
      accountId,
    ),
    IpPermissionsEgress: permissionsOf(
      rules.filter(({ isEgress }) => isEgress),
      accountId,
    ),
    Tags: tagResponse(group.tags),
  }
}

const shared = (rule: SecurityGroupRuleRow) => ({
  SecurityGroupRuleId: idOf(rule),
  GroupId: rule.groupId,
  IsEgress: rule.isEgress,
  IpProtocol: rule.protocol,
  FromPort: rule.fromPort,
  ToPort: rule.toPort,
  ...(rule.peer.kind === 'ipv4' && { CidrIpv4: rule.peer.cidr }),
  ...(rule.peer.kind === 'ipv6' && { CidrIpv6: rule.peer.cidr }),
  ...(rule.peer.kind === 'prefix-list' && { PrefixListId: rule.peer.prefixListId }),
  ...(rule.description !== undefined && { Description: rule.description }),
})

export const securityGroupRuleResponse = (
  rule: SecurityGroupRuleRow,
  { scope }: Pick<Call, 'scope'>,
): SecurityGroupRule => ({
  ...shared(rule),
  GroupOwnerId: scope.accountId,
  ...(rule.peer.kind === 'group' && {
    ReferencedGroupInfo: { GroupId: rule.peer.groupId, UserId: scope.accountId },
  }),
  SecurityGroupRuleArn: rule.id,
  Tags: tagResponse(rule.tags),
})

export const revokedRuleResponse = (rule: SecurityGroupRuleRow): RevokedSecurityGroupRule => ({
  ...shared(rule),
  ...(rule.peer.kind === 'group' && { ReferencedGroupId: rule.peer.groupId }),
})
