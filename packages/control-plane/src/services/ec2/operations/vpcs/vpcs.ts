import type {
  CreateDefaultVpcRequest,
  CreateDefaultVpcResult,
  CreateVpcRequest,
  CreateVpcResult,
  DeleteVpcRequest,
  DescribeVpcsRequest,
} from '@aws-sdk/client-ec2'
import { scopeKey } from '@berth/model'
import type { Transaction } from '../../../../store/view.ts'
import type { Call } from '../../../service.ts'
import { ec2Error } from '../../errors.ts'
import { type FilterTexts, tagFilters } from '../../filters.ts'
import { formatBlock } from '../../network/cidr.ts'
import { makeDefaultVpc, makeVpc } from '../../network/default-network.ts'
import { givenBlock } from '../../network/given-block.ts'
import { beside, idOf, rowOf, vpcKind } from '../../network/kinds.ts'
import { changing, describing, onOne } from '../../network/operations.ts'
import { checkBorderGroup, type Ipv6Settings, nextProvidedBlock } from '../../network/provided-ipv6-blocks.ts'
import { addIpv6Block } from '../../network/vpc-ipv6.ts'
import { ipv6Pool, vpcResponse } from '../../responses/vpc.ts'
import {
  egressOnlyInternetGateways,
  internetGateways,
  natGateways,
  networkAccounts,
  networkAcls,
  networkInterfaces,
  routeTables,
  securityGroupRules,
  securityGroups,
  subnets,
  type VpcRow,
  vpcs,
} from '../../tables/index.ts'
import { specifiedTags } from '../../tags.ts'

/** AWS raises its quota of 5 on request, up to hundreds. */
const mostVpcs = 100

const checkQuota = (tx: Transaction, { scope }: Call): void => {
  if (tx.count(vpcs, 'byScope', scopeKey(scope)) >= mostVpcs)
    throw ec2Error('VpcLimitExceeded', 'The maximum number of VPCs has been reached.')
}

const createVpc = (settings: Ipv6Settings) =>
  changing<CreateVpcRequest, CreateVpcResult>({
    name: 'CreateVpc',
    takes: [
      'CidrBlock',
      'AmazonProvidedIpv6CidrBlock',
      'Ipv6CidrBlockNetworkBorderGroup',
      'InstanceTenancy',
      'TagSpecifications',
    ],
    change: (tx, input, call) => {
      const { CidrBlock, InstanceTenancy = 'default', TagSpecifications } = input
      if (InstanceTenancy !== 'default')
        throw ec2Error(
          'UnsupportedOperation',
          `InstanceTenancy ${InstanceTenancy} is not supported by Berth yet.`,
        )
      const cidr = formatBlock(givenBlock(CidrBlock, 'InvalidVpc.Range'))
      const tags = specifiedTags(TagSpecifications, 'vpc')
      checkBorderGroup(input, call.scope)
      checkQuota(tx, call)
      const made = makeVpc(tx, call, { cidr, isDefault: false, routes: [], tags })
      const vpc = input.AmazonProvidedIpv6CidrBlock
        ? addIpv6Block(tx, call, made, nextProvidedBlock(tx, call.scope, settings))
        : made
      return { Vpc: { ...vpcResponse(vpc, call, 'associating'), State: 'pending' } }
    },
  })

const createDefaultVpc = changing<CreateDefaultVpcRequest, CreateDefaultVpcResult>({
  name: 'CreateDefaultVpc',
  takes: [],
  change: (tx, _, call) => {
    if (tx.count(vpcs, 'defaultOfScope', scopeKey(call.scope)) > 0)
      throw ec2Error(
        'DefaultVpcAlreadyExists',
        'A Default VPC already exists for this account in this region.',
      )
    checkQuota(tx, call)
    return { Vpc: { ...vpcResponse(makeDefaultVpc(tx, call), call), State: 'pending' } }
  },
})

/** What goes with the VPC: its main route table, its default security group and its default network ACL. */
const deleteVpc = changing<DeleteVpcRequest>({
  name: 'DeleteVpc',
  takes: ['VpcId'],
  effect: 'frees',
  resources: onOne(vpcKind, ({ VpcId }) => VpcId),
  change: (tx, { VpcId }, { scope }) => {
    const vpc = rowOf(tx, scope, vpcKind, VpcId, 'vpcId')
    const key = beside(scope, idOf(vpc))
    const groups = [...tx.where(securityGroups, 'byVpc', key)]
    const tables = [...tx.where(routeTables, 'byVpc', key)]
    const acls = [...tx.where(networkAcls, 'byVpc', key)]
    const isUsed =
      groups.length > 1 ||
      tables.length > 1 ||
      acls.length > 1 ||
      [subnets, internetGateways, egressOnlyInternetGateways, natGateways, networkInterfaces].some(
        table => tx.count(table as typeof subnets, 'byVpc', key) > 0,
      )
    if (isUsed)
      throw ec2Error('DependencyViolation', `The vpc '${VpcId}' has dependencies and cannot be deleted.`)
    for (const group of groups) {
      for (const rule of tx.where(securityGroupRules, 'byGroup', beside(scope, idOf(group))))
        tx.delete(securityGroupRules, rule.id)
      tx.delete(securityGroups, group.id)
    }
    for (const { id } of tables) tx.delete(routeTables, id)
    for (const { id } of acls) tx.delete(networkAcls, id)
    tx.delete(vpcs, vpc.id)
    return {}
  },
})

const filters = ({ store, scope }: Call): FilterTexts<VpcRow> => ({
  cidr: ({ blocks }) => [blocks[0]?.cidr],
  'cidr-block': ({ blocks }) => [blocks[0]?.cidr],
  'cidr-block-association.association-id': ({ blocks }) => blocks.map(block => block.associationId),
  'cidr-block-association.cidr-block': ({ blocks }) => blocks.map(({ cidr }) => cidr),
  'cidr-block-association.state': () => ['associated'],
  'dhcp-options-id': () => [store.get(networkAccounts, scopeKey(scope))?.dhcpOptionsId],
  'ipv6-cidr-block-association.association-id': ({ ipv6Blocks = [] }) =>
    ipv6Blocks.map(block => block.associationId),
  'ipv6-cidr-block-association.ipv6-cidr-block': ({ ipv6Blocks = [] }) => ipv6Blocks.map(({ cidr }) => cidr),
  'ipv6-cidr-block-association.ipv6-pool': ({ ipv6Blocks = [] }) => ipv6Blocks.map(() => ipv6Pool),
  'ipv6-cidr-block-association.state': ({ ipv6Blocks = [] }) => ipv6Blocks.map(() => 'associated'),
  'is-default': ({ isDefault }) => [String(isDefault)],
  isDefault: ({ isDefault }) => [String(isDefault)],
  'owner-id': () => [scope.accountId],
  state: () => ['available'],
  'vpc-id': vpc => [idOf(vpc)],
  ...tagFilters(({ tags }: VpcRow) => tags),
})

const describeVpcs = describing<DescribeVpcsRequest>()('Vpcs', {
  name: 'DescribeVpcs',
  kind: vpcKind,
  ids: 'VpcIds',
  filters,
  item: (vpc, call) => vpcResponse(vpc, call),
})

export const vpcOperations = (settings: Ipv6Settings) => [
  createVpc(settings),
  createDefaultVpc,
  deleteVpc,
  describeVpcs,
]
