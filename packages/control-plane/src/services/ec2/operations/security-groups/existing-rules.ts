import type {
  DescribeSecurityGroupRulesRequest,
  ModifySecurityGroupRulesRequest,
  ModifySecurityGroupRulesResult,
  UpdateSecurityGroupRuleDescriptionsIngressRequest,
  UpdateSecurityGroupRuleDescriptionsIngressResult,
} from '@aws-sdk/client-ec2'
import { ec2Error, missingParameter } from '../../errors.ts'
import { tagFilters } from '../../filters.ts'
import { idOf, notFoundError, rowOf, securityGroupKind, securityGroupRuleKind } from '../../network/kinds.ts'
import { changing, describing, onOne } from '../../network/operations.ts'
import { checkDescription, duplicate, ruleKey, ruleOfRequest, rulesOf } from '../../network/permissions.ts'
import { rulesOfGroup, securityGroupRuleResponse } from '../../responses/security-group.ts'
import { type SecurityGroupRuleRow, securityGroupRules } from '../../tables/index.ts'
import { givenGroup } from './groups.ts'

const describeSecurityGroupRules = describing<DescribeSecurityGroupRulesRequest>()('SecurityGroupRules', {
  name: 'DescribeSecurityGroupRules',
  kind: securityGroupRuleKind,
  ids: 'SecurityGroupRuleIds',
  filters: () => ({
    'group-id': ({ groupId }) => [groupId],
    'security-group-rule-id': rule => [idOf(rule)],
    ...tagFilters(({ tags }: SecurityGroupRuleRow) => tags),
  }),
  item: securityGroupRuleResponse,
})

/** Each of the rules becomes what the request says, whole; all of them or none. */
const modifySecurityGroupRules = changing<ModifySecurityGroupRulesRequest, ModifySecurityGroupRulesResult>({
  name: 'ModifySecurityGroupRules',
  takes: ['GroupId', 'SecurityGroupRules'],
  resources: onOne(securityGroupKind, ({ GroupId }) => GroupId),
  change: (tx, { GroupId, SecurityGroupRules = [] }, call) => {
    const group = rowOf(tx, call.scope, securityGroupKind, GroupId, 'groupId')
    if (SecurityGroupRules.length === 0) throw missingParameter('securityGroupRules')
    for (const { SecurityGroupRuleId, SecurityGroupRule = {} } of SecurityGroupRules) {
      const rule = rowOf(tx, call.scope, securityGroupRuleKind, SecurityGroupRuleId, 'securityGroupRuleId')
      if (rule.groupId !== GroupId) throw notFoundError(securityGroupRuleKind, idOf(rule))
      const content = ruleOfRequest(tx, call, group, SecurityGroupRule)
      const same = rulesOfGroup(tx, call, group).find(
        other =>
          other.id !== rule.id && other.isEgress === rule.isEgress && ruleKey(other) === ruleKey(content),
      )
      if (same) throw duplicate(content)
      tx.put(securityGroupRules, { ...rule, ...content })
    }
    return { Return: true }
  },
})

/** Rules are named by their ids, or by what they allow. A description that is not given is taken off. */
const updateDescriptions = (direction: 'Ingress' | 'Egress') =>
  changing<
    UpdateSecurityGroupRuleDescriptionsIngressRequest,
    UpdateSecurityGroupRuleDescriptionsIngressResult
  >({
    name: `UpdateSecurityGroupRuleDescriptions${direction}`,
    takes: ['GroupId', 'GroupName', 'IpPermissions', 'SecurityGroupRuleDescriptions'],
    resources: onOne(securityGroupKind, ({ GroupId }) => GroupId),
    change: (tx, input, call) => {
      const group = givenGroup(tx, call, input)
      const { IpPermissions = [], SecurityGroupRuleDescriptions = [] } = input
      if (IpPermissions.length > 0 === SecurityGroupRuleDescriptions.length > 0)
        throw missingParameter('either ipPermissions or securityGroupRuleDescriptions')
      const rules = rulesOfGroup(tx, call, group).filter(
        ({ isEgress }) => isEgress === (direction === 'Egress'),
      )
      const describe = (rule: SecurityGroupRuleRow | undefined, description: string | undefined): void => {
        if (!rule)
          throw ec2Error(
            'InvalidPermission.NotFound',
            'The specified rule does not exist in this security group.',
          )
        tx.put(securityGroupRules, { ...rule, description })
      }
      for (const content of rulesOf(tx, call, group, IpPermissions))
        describe(
          rules.find(rule => ruleKey(rule) === ruleKey(content)),
          content.description,
        )
      for (const { SecurityGroupRuleId = '', Description } of SecurityGroupRuleDescriptions) {
        const { id } = rowOf(
          tx,
          call.scope,
          securityGroupRuleKind,
          SecurityGroupRuleId,
          'securityGroupRuleId',
        )
        describe(
          rules.find(rule => rule.id === id),
          checkDescription(Description),
        )
      }
      return { Return: true }
    },
  })

export const existingRuleOperations = [
  describeSecurityGroupRules,
  modifySecurityGroupRules,
  updateDescriptions('Ingress'),
  updateDescriptions('Egress'),
]
