import type { DescribeNetworkAclsRequest } from '@aws-sdk/client-ec2'
import { tagFilters } from '../../filters.ts'
import { idOf, networkAclKind } from '../../network/kinds.ts'
import { describing } from '../../network/operations.ts'
import { aclEntriesOf, networkAclResponse } from '../../responses/route-table.ts'
import type { NetworkAclRow } from '../../tables/index.ts'

export const describeNetworkAcls = describing<DescribeNetworkAclsRequest>()('NetworkAcls', {
  name: 'DescribeNetworkAcls',
  kind: networkAclKind,
  ids: 'NetworkAclIds',
  filters: call => ({
    'association.association-id': row => row.associations.map(({ associationId }) => associationId),
    'association.network-acl-id': row => (row.associations.length > 0 ? [idOf(row)] : []),
    'association.subnet-id': row => row.associations.map(({ subnetId }) => subnetId),
    default: row => [String(row.isDefault)],
    'entry.cidr': row => aclEntriesOf(row, call).map(({ CidrBlock }) => CidrBlock),
    'entry.egress': row => aclEntriesOf(row, call).map(({ Egress }) => String(Egress)),
    'entry.ipv6-cidr': row => aclEntriesOf(row, call).map(({ Ipv6CidrBlock }) => Ipv6CidrBlock),
    'entry.protocol': row => aclEntriesOf(row, call).map(({ Protocol }) => Protocol),
    'entry.rule-action': row => aclEntriesOf(row, call).map(({ RuleAction }) => RuleAction),
    'entry.rule-number': row => aclEntriesOf(row, call).map(({ RuleNumber }) => String(RuleNumber)),
    'network-acl-id': row => [idOf(row)],
    'owner-id': () => [call.scope.accountId],
    'vpc-id': ({ vpcId }) => [vpcId],
    ...tagFilters(({ tags }: NetworkAclRow) => tags),
  }),
  item: networkAclResponse,
})
