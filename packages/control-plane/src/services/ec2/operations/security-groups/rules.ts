import type {
  AuthorizeSecurityGroupEgressRequest,
  AuthorizeSecurityGroupIngressRequest,
  AuthorizeSecurityGroupIngressResult,
  IpPermission,
  RevokeSecurityGroupIngressRequest,
  RevokeSecurityGroupIngressResult,
} from '@aws-sdk/client-ec2'
import type { View } from '../../../../store/view.ts'
import type { Call } from '../../../service.ts'
import { ec2Error, invalidParameterValue, missingParameter } from '../../errors.ts'
import { arnOf, idOf, newId, rowOf, securityGroupKind, securityGroupRuleKind } from '../../network/kinds.ts'
import { changing, onOne } from '../../network/operations.ts'
import { duplicate, type RuleContent, ruleKey, rulesOf } from '../../network/permissions.ts'
import {
  revokedRuleResponse,
  rulesOfGroup,
  securityGroupRuleResponse,
} from '../../responses/security-group.ts'
import { type SecurityGroupRow, type SecurityGroupRuleRow, securityGroupRules } from '../../tables/index.ts'
import { specifiedTags } from '../../tags.ts'
import { givenGroup } from './groups.ts'

/** AWS's quota is 60 in each direction, and rises on request to 1,000. */
const mostRules = 1_000

/** One permission may be said by the members of the request itself. */
interface GivenPermissions {
  readonly IpPermissions?: IpPermission[] | undefined
  readonly IpProtocol?: string | undefined
  readonly FromPort?: number | undefined
  readonly ToPort?: number | undefined
  readonly CidrIp?: string | undefined
}

const flat = ['IpPermissions', 'IpProtocol', 'FromPort', 'ToPort', 'CidrIp'] as const

/** Throws MissingParameter, InvalidParameterCombination. */
const permissionsOf = (input: GivenPermissions): readonly IpPermission[] => {
  const { IpPermissions = [], IpProtocol, FromPort, ToPort, CidrIp } = input
  const isFlat = IpProtocol !== undefined || CidrIp !== undefined
  if (isFlat && IpPermissions.length > 0)
    throw ec2Error(
      'InvalidParameterCombination',
      'The parameter ipPermissions cannot be used with the parameters of a single permission',
    )
  if (isFlat) return [{ IpProtocol, FromPort, ToPort, ...(CidrIp && { IpRanges: [{ CidrIp }] }) }]
  if (IpPermissions.length === 0) throw missingParameter('ipPermissions')
  return IpPermissions
}

/** Throws InvalidParameterValue where the request says one rule twice. */
const distinctRules = (
  view: View,
  call: Call,
  group: SecurityGroupRow,
  input: GivenPermissions,
): ReadonlyMap<string, RuleContent> => {
  const rules = rulesOf(view, call, group, permissionsOf(input))
  const byKey = new Map(rules.map(rule => [ruleKey(rule), rule]))
  if (byKey.size < rules.length)
    throw invalidParameterValue('The same permission must not appear multiple times')
  return byKey
}

const inDirection = (
  view: View,
  call: Call,
  group: SecurityGroupRow,
  isEgress: boolean,
): ReadonlyMap<string, SecurityGroupRuleRow> =>
  new Map(
    rulesOfGroup(view, call, group)
      .filter(rule => rule.isEgress === isEgress)
      .map(rule => [ruleKey(rule), rule]),
  )

type AuthorizeRequest = AuthorizeSecurityGroupIngressRequest & AuthorizeSecurityGroupEgressRequest

const authorize = (direction: 'Ingress' | 'Egress') =>
  changing<AuthorizeRequest, AuthorizeSecurityGroupIngressResult>({
    name: `AuthorizeSecurityGroup${direction}`,
    takes: ['GroupId', 'GroupName', ...flat, 'TagSpecifications'],
    resources: onOne(securityGroupKind, ({ GroupId }) => GroupId),
    change: (tx, input, call) => {
      const isEgress = direction === 'Egress'
      const group = givenGroup(tx, call, input)
      const existing = inDirection(tx, call, group, isEgress)
      const added = distinctRules(tx, call, group, input)
      const tags = specifiedTags(input.TagSpecifications, 'security-group-rule')
      for (const [key, rule] of added) if (existing.has(key)) throw duplicate(rule)
      if (existing.size + added.size > mostRules)
        throw ec2Error(
          'RulesPerSecurityGroupLimitExceeded',
          'The maximum number of rules per security group has been reached.',
        )
      const rows = [...added.values()].map(
        (rule): SecurityGroupRuleRow => ({
          id: arnOf(securityGroupRuleKind, call.scope, newId('sgr', call.randomHex)),
          groupId: idOf(group),
          isEgress,
          ...rule,
          tags,
        }),
      )
      for (const row of rows) tx.put(securityGroupRules, row)
      return { Return: true, SecurityGroupRules: rows.map(row => securityGroupRuleResponse(row, call)) }
    },
  })

/** Ids that are of another group, or of the other direction, are as good as none. */
const rulesById = (
  view: View,
  call: Call,
  group: SecurityGroupRow,
  isEgress: boolean,
  ids: readonly string[],
): SecurityGroupRuleRow[] =>
  ids.map(id => {
    const rule = rowOf(view, call.scope, securityGroupRuleKind, id, 'securityGroupRuleId')
    if (rule.groupId !== idOf(group) || rule.isEgress !== isEgress)
      throw ec2Error(
        'InvalidSecurityGroupRuleId.NotFound',
        `The security group rule ID '${id}' does not exist`,
      )
    return rule
  })

const revoke = (direction: 'Ingress' | 'Egress') =>
  changing<RevokeSecurityGroupIngressRequest, RevokeSecurityGroupIngressResult>({
    name: `RevokeSecurityGroup${direction}`,
    takes: ['GroupId', 'GroupName', ...flat, 'SecurityGroupRuleIds'],
    effect: 'frees',
    resources: onOne(securityGroupKind, ({ GroupId }) => GroupId),
    change: (tx, input, call) => {
      const isEgress = direction === 'Egress'
      const group = givenGroup(tx, call, input)
      const { SecurityGroupRuleIds = [] } = input
      const byId = rulesById(tx, call, group, isEgress, SecurityGroupRuleIds)
      const existing = inDirection(tx, call, group, isEgress)
      const said = byId.length > 0 ? [] : [...distinctRules(tx, call, group, input).keys()]
      const byContent = said.map(key => {
        const rule = existing.get(key)
        if (!rule)
          throw ec2Error(
            'InvalidPermission.NotFound',
            'The specified rule does not exist in this security group.',
          )
        return rule
      })
      const rows = [...byId, ...byContent]
      for (const { id } of rows) tx.delete(securityGroupRules, id)
      return { Return: true, RevokedSecurityGroupRules: rows.map(revokedRuleResponse) }
    },
  })

export const ruleOperations = [authorize('Ingress'), authorize('Egress'), revoke('Ingress'), revoke('Egress')]
