import type {
  CreateSecurityGroupRequest,
  CreateSecurityGroupResult,
  DeleteSecurityGroupRequest,
  DeleteSecurityGroupResult,
  DescribeSecurityGroupsRequest,
} from '@aws-sdk/client-ec2'
import { scopeKey } from '@berth/model'
import type { View } from '../../../../store/view.ts'
import type { Call } from '../../../service.ts'
import { ec2Error, invalidParameterValue, missingParameter } from '../../errors.ts'
import { type FilterTexts, tagFilters } from '../../filters.ts'
import { allowEverything, everywhere } from '../../network/default-network.ts'
import { arnOf, beside, idOf, newId, rowOf, securityGroupKind, vpcKind } from '../../network/kinds.ts'
import { changing, describing, onOne } from '../../network/operations.ts'
import { groupOfName } from '../../network/permissions.ts'
import { everywhereOfIpv6, hasIpv6 } from '../../network/vpc-ipv6.ts'
import { rulesOfGroup, securityGroupResponse } from '../../responses/security-group.ts'
import {
  networkInterfaces,
  type SecurityGroupRow,
  type SecurityGroupRuleRow,
  securityGroupRules,
  securityGroups,
  vpcs,
} from '../../tables/index.ts'
import { specifiedTags, tagResponse } from '../../tags.ts'

const allowed = /^[A-Za-z0-9 ._\-:/()#,@[\]+=&;{}!$*]+$/
const longest = 255

/** (AWS: CreateSecurityGroup, `GroupName` and `Description`) */
const checkText = (what: string, text: string): void => {
  if (text.length > longest)
    throw invalidParameterValue(
      `Value (${text}) for parameter ${what} is invalid. Character sets beyond ${longest} characters are not supported.`,
    )
  if (!allowed.test(text))
    throw invalidParameterValue(
      `Value (${text}) for parameter ${what} is invalid. Character sets beyond ASCII are not supported.`,
    )
}

export const defaultVpcId = (view: View, { scope }: Call): string => {
  const [vpc] = view.where(vpcs, 'defaultOfScope', scopeKey(scope))
  if (!vpc) throw ec2Error('VPCIdNotSpecified', 'No default VPC for this user')
  return idOf(vpc)
}

/** It lets everything out until its rules are changed. */
const createSecurityGroup = changing<CreateSecurityGroupRequest, CreateSecurityGroupResult>({
  name: 'CreateSecurityGroup',
  takes: ['GroupName', 'Description', 'VpcId', 'TagSpecifications'],
  change: (tx, { GroupName, Description, VpcId, TagSpecifications }, call) => {
    const { scope, randomHex } = call
    if (!GroupName) throw missingParameter('groupName')
    if (!Description) throw missingParameter('groupDescription')
    checkText('GroupName', GroupName)
    checkText('GroupDescription', Description)
    if (GroupName.startsWith('sg-'))
      throw invalidParameterValue(
        `Value (${GroupName}) for parameter GroupName is invalid. Group names may not be in the format sg-*`,
      )
    if (GroupName.toLowerCase() === 'default')
      throw invalidParameterValue(`Cannot use reserved security group name: ${GroupName}`)
    const vpc = rowOf(tx, scope, vpcKind, VpcId || defaultVpcId(tx, call), 'vpcId')
    const vpcId = idOf(vpc)
    if (groupOfName(tx, scope, vpcId, GroupName))
      throw ec2Error(
        'InvalidGroup.Duplicate',
        `The security group '${GroupName}' already exists for VPC '${vpcId}'`,
      )
    const groupId = newId('sg', randomHex)
    const group: SecurityGroupRow = {
      id: arnOf(securityGroupKind, scope, groupId),
      vpcId,
      name: GroupName,
      description: Description,
      tags: specifiedTags(TagSpecifications, 'security-group'),
    }
    tx.put(securityGroups, group)
    allowEverything(tx, call, groupId, everywhere)
    if (hasIpv6(vpc)) allowEverything(tx, call, groupId, everywhereOfIpv6)
    return { GroupId: groupId, SecurityGroupArn: group.id, Tags: tagResponse(group.tags) }
  },
})

/** By its id, or by its name in the default VPC. Throws InvalidGroup.NotFound, MissingParameter. */
export const givenGroup = (
  view: View,
  call: Call,
  { GroupId, GroupName }: { readonly GroupId?: string | undefined; readonly GroupName?: string | undefined },
): SecurityGroupRow => {
  if (GroupId !== undefined) return rowOf(view, call.scope, securityGroupKind, GroupId, 'groupId')
  if (!GroupName) throw missingParameter('groupName or groupId')
  const vpcId = defaultVpcId(view, call)
  const group = groupOfName(view, call.scope, vpcId, GroupName)
  if (!group)
    throw ec2Error(
      'InvalidGroup.NotFound',
      `The security group '${GroupName}' does not exist in default VPC '${vpcId}'`,
    )
  return group
}

const deleteSecurityGroup = changing<DeleteSecurityGroupRequest, DeleteSecurityGroupResult>({
  name: 'DeleteSecurityGroup',
  takes: ['GroupId', 'GroupName'],
  effect: 'frees',
  resources: onOne(securityGroupKind, ({ GroupId }) => GroupId),
  change: (tx, input, call) => {
    const group = givenGroup(tx, call, input)
    const groupId = idOf(group)
    if (group.name === 'default')
      throw ec2Error(
        'CannotDelete',
        `the specified group: "${groupId}" name: "default" cannot be deleted by a user`,
      )
    const key = beside(call.scope, groupId)
    const isReferenced = [...tx.where(securityGroupRules, 'byReferencedGroup', key)].some(
      rule => rule.groupId !== groupId,
    )
    if (isReferenced || tx.count(networkInterfaces, 'byGroup', key) > 0)
      throw ec2Error('DependencyViolation', `resource ${groupId} has a dependent object`)
    for (const rule of rulesOfGroup(tx, call, group)) tx.delete(securityGroupRules, rule.id)
    tx.delete(securityGroups, group.id)
    return { Return: true, GroupId: groupId }
  },
})

const peerFilters = (call: Call, prefix: string, isEgress: boolean): FilterTexts<SecurityGroupRow> => {
  const of =
    (text: (rule: SecurityGroupRuleRow) => string | undefined) =>
    (group: SecurityGroupRow): (string | undefined)[] =>
      rulesOfGroup(call.store, call, group)
        .filter(rule => rule.isEgress === isEgress)
        .map(text)
  return {
    [`${prefix}.cidr`]: of(({ peer }) => (peer.kind === 'ipv4' ? peer.cidr : undefined)),
    [`${prefix}.ipv6-cidr`]: of(({ peer }) => (peer.kind === 'ipv6' ? peer.cidr : undefined)),
    [`${prefix}.prefix-list-id`]: of(({ peer }) =>
      peer.kind === 'prefix-list' ? peer.prefixListId : undefined,
    ),
    [`${prefix}.group-id`]: of(({ peer }) => (peer.kind === 'group' ? peer.groupId : undefined)),
    [`${prefix}.group-name`]: of(({ peer }) =>
      peer.kind === 'group'
        ? call.store.get(securityGroups, arnOf(securityGroupKind, call.scope, peer.groupId))?.name
        : undefined,
    ),
    [`${prefix}.user-id`]: of(({ peer }) => (peer.kind === 'group' ? call.scope.accountId : undefined)),
    [`${prefix}.from-port`]: of(({ fromPort }) => String(fromPort)),
    [`${prefix}.to-port`]: of(({ toPort }) => String(toPort)),
    [`${prefix}.protocol`]: of(({ protocol }) => protocol),
  }
}

const describeSecurityGroups = describing<DescribeSecurityGroupsRequest>()('SecurityGroups', {
  name: 'DescribeSecurityGroups',
  kind: securityGroupKind,
  ids: 'GroupIds',
  takes: ['GroupNames'],
  narrow: ({ GroupNames = [] }, call) => {
    const asked = new Set(GroupNames.map(GroupName => givenGroup(call.store, call, { GroupName }).id))
    return ({ id }) => GroupNames.length === 0 || asked.has(id)
  },
  filters: call => ({
    description: ({ description }) => [description],
    'group-id': group => [idOf(group)],
    'group-name': ({ name }) => [name],
    'owner-id': () => [call.scope.accountId],
    'vpc-id': ({ vpcId }) => [vpcId],
    ...peerFilters(call, 'ip-permission', false),
    ...peerFilters(call, 'egress.ip-permission', true),
    ...tagFilters(({ tags }: SecurityGroupRow) => tags),
  }),
  item: securityGroupResponse,
})

export const groupOperations = [createSecurityGroup, deleteSecurityGroup, describeSecurityGroups]
