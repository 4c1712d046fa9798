import type {
  CreateDefaultSubnetRequest,
  CreateDefaultSubnetResult,
  CreateSubnetRequest,
  CreateSubnetResult,
  DeleteSubnetRequest,
  DescribeSubnetsRequest,
  ModifySubnetAttributeRequest,
} from '@aws-sdk/client-ec2'
import { scopeKey } from '@berth/model'
import type { View } from '../../../../store/view.ts'
import type { Call } from '../../../service.ts'
import { ec2Error, invalidParameterValue, missingParameter } from '../../errors.ts'
import { type FilterTexts, tagFilters } from '../../filters.ts'
import { freeAddressesOf } from '../../lookups.ts'
import { type Block, contains, formatBlock, overlap, parseBlock } from '../../network/cidr.ts'
import { makeSubnet } from '../../network/default-network.ts'
import { givenBlock } from '../../network/given-block.ts'
import { formatIpv6Block } from '../../network/ipv6.ts'
import { beside, idOf, rowOf, subnetKind, vpcKind } from '../../network/kinds.ts'
import { changing, describing, onOne } from '../../network/operations.ts'
import { givenSubnetIpv6Block } from '../../network/subnet-ipv6-block.ts'
import { zonesOf } from '../../network/zones.ts'
import { subnetResponse } from '../../responses/vpc.ts'
import {
  natGateways,
  networkAcls,
  networkInterfaces,
  routeTables,
  type SubnetRow,
  subnets,
  type VpcRow,
  vpcs,
} from '../../tables/index.ts'
import { specifiedTags } from '../../tags.ts'

interface GivenZone {
  readonly AvailabilityZone?: string | undefined
  readonly AvailabilityZoneId?: string | undefined
}

/** Undefined when none is named. Throws InvalidParameterValue, InvalidParameterCombination. */
const zoneOf = ({ AvailabilityZone, AvailabilityZoneId }: GivenZone, { scope }: Call): string | undefined => {
  if (AvailabilityZone !== undefined && AvailabilityZoneId !== undefined)
    throw ec2Error(
      'InvalidParameterCombination',
      'AvailabilityZone and AvailabilityZoneId exclude each other',
    )
  const given = AvailabilityZone ?? AvailabilityZoneId
  if (given === undefined) return undefined
  const zones = zonesOf(scope.region)
  const zone = zones.find(({ name, id }) => given === (AvailabilityZone === undefined ? id : name))
  if (!zone)
    throw invalidParameterValue(
      `Value (${given}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${zones.map(({ name }) => name).join(', ')}.`,
    )
  return zone.name
}

const blocksIn = (view: View, { scope }: Call, vpc: VpcRow): Block[] =>
  [...view.where(subnets, 'byVpc', beside(scope, idOf(vpc)))].flatMap(({ cidr }) => parseBlock(cidr) ?? [])

const createSubnet = changing<CreateSubnetRequest, CreateSubnetResult>({
  name: 'CreateSubnet',
  takes: [
    'VpcId',
    'CidrBlock',
    'Ipv6CidrBlock',
    'AvailabilityZone',
    'AvailabilityZoneId',
    'TagSpecifications',
  ],
  resources: onOne(vpcKind, ({ VpcId }) => VpcId),
  change: (tx, input, call) => {
    const { VpcId, CidrBlock, Ipv6CidrBlock, TagSpecifications } = input
    const vpc = rowOf(tx, call.scope, vpcKind, VpcId, 'vpcId')
    const block = givenBlock(CidrBlock, 'InvalidSubnet.Range')
    const outer = vpc.blocks.flatMap(({ cidr }) => parseBlock(cidr) ?? [])
    if (!outer.some(each => contains(each, block)))
      throw ec2Error('InvalidSubnet.Range', `The CIDR '${CidrBlock}' is invalid.`)
    if (blocksIn(tx, call, vpc).some(other => overlap(other, block)))
      throw ec2Error('InvalidSubnet.Conflict', `The CIDR '${CidrBlock}' conflicts with another subnet`)
    const ipv6Block =
      Ipv6CidrBlock === undefined ? undefined : givenSubnetIpv6Block(tx, call.scope, vpc, Ipv6CidrBlock)
    const subnet = makeSubnet(tx, call, {
      vpcId: idOf(vpc),
      cidr: formatBlock(block),
      ...(ipv6Block && { ipv6Cidr: formatIpv6Block(ipv6Block) }),
      availabilityZone: zoneOf(input, call) ?? `${call.scope.region}a`,
      isDefaultForZone: false,
      mapPublicIpOnLaunch: false,
      tags: specifiedTags(TagSpecifications, 'subnet'),
    })
    return { Subnet: subnetResponse(subnet, call) }
  },
})

/** A /20 of the default VPC that nothing else has. (AWS: CreateDefaultSubnet) */
const createDefaultSubnet = changing<CreateDefaultSubnetRequest, CreateDefaultSubnetResult>({
  name: 'CreateDefaultSubnet',
  takes: ['AvailabilityZone', 'AvailabilityZoneId'],
  change: (tx, input, call) => {
    const availabilityZone = zoneOf(input, call)
    if (!availabilityZone) throw missingParameter('availabilityZone')
    const [vpc] = tx.where(vpcs, 'defaultOfScope', scopeKey(call.scope))
    if (!vpc)
      throw ec2Error('DefaultVpcDoesNotExist', 'No default VPC exists for this account in this region.')
    const existing = [...tx.where(subnets, 'byVpc', beside(call.scope, idOf(vpc)))]
    const same = existing.find(row => row.isDefaultForZone && row.availabilityZone === availabilityZone)
    if (same)
      throw ec2Error(
        'DefaultSubnetAlreadyExistsInAvailabilityZone',
        `'${idOf(same)}' is already the default subnet in ${availabilityZone}.`,
      )
    const taken = blocksIn(tx, call, vpc)
    const candidates = Array.from({ length: 16 }, (_, index) => `172.31.${index * 16}.0/20`)
    const cidr = candidates.find(text => {
      const block = parseBlock(text)
      return block && !taken.some(other => overlap(other, block))
    })
    if (!cidr)
      throw ec2Error('InsufficientCidrBlocks', 'The default VPC has no room for another default subnet.')
    const subnet = makeSubnet(tx, call, {
      vpcId: idOf(vpc),
      cidr,
      availabilityZone,
      isDefaultForZone: true,
      mapPublicIpOnLaunch: true,
      tags: [],
    })
    return { Subnet: subnetResponse(subnet, call) }
  },
})

/** Its associations with a route table and a network ACL end with it. */
const deleteSubnet = changing<DeleteSubnetRequest>({
  name: 'DeleteSubnet',
  takes: ['SubnetId'],
  effect: 'frees',
  resources: onOne(subnetKind, ({ SubnetId }) => SubnetId),
  change: (tx, { SubnetId }, { scope }) => {
    const subnet = rowOf(tx, scope, subnetKind, SubnetId, 'subnetId')
    const key = beside(scope, idOf(subnet))
    const hasGateway = [...tx.where(natGateways, 'byVpc', beside(scope, subnet.vpcId))].some(
      gateway => gateway.subnetId === SubnetId,
    )
    if (hasGateway || tx.count(networkInterfaces, 'bySubnet', key) > 0)
      throw ec2Error(
        'DependencyViolation',
        `The subnet '${SubnetId}' has dependencies and cannot be deleted.`,
      )
    for (const table of [...tx.where(routeTables, 'bySubnet', key)])
      tx.put(routeTables, {
        ...table,
        associations: table.associations.filter(link => link.subnetId !== SubnetId),
      })
    for (const acl of [...tx.where(networkAcls, 'bySubnet', key)])
      tx.put(networkAcls, {
        ...acl,
        associations: acl.associations.filter(link => link.subnetId !== SubnetId),
      })
    tx.delete(subnets, subnet.id)
    return {}
  },
})

const modifySubnetAttribute = changing<ModifySubnetAttributeRequest>({
  name: 'ModifySubnetAttribute',
  takes: [
    'SubnetId',
    'AssignIpv6AddressOnCreation',
    'MapPublicIpOnLaunch',
    'PrivateDnsHostnameTypeOnLaunch',
    'EnableResourceNameDnsARecordOnLaunch',
    'EnableResourceNameDnsAAAARecordOnLaunch',
  ],
  resources: onOne(subnetKind, ({ SubnetId }) => SubnetId),
  change: (tx, input, { scope }) => {
    const subnet = rowOf(tx, scope, subnetKind, input.SubnetId, 'subnetId')
    const {
      AssignIpv6AddressOnCreation,
      MapPublicIpOnLaunch,
      PrivateDnsHostnameTypeOnLaunch,
      EnableResourceNameDnsARecordOnLaunch,
      EnableResourceNameDnsAAAARecordOnLaunch,
    } = input
    const given = [
      AssignIpv6AddressOnCreation,
      MapPublicIpOnLaunch,
      PrivateDnsHostnameTypeOnLaunch,
      EnableResourceNameDnsARecordOnLaunch,
      EnableResourceNameDnsAAAARecordOnLaunch,
    ].filter(attribute => attribute !== undefined)
    if (given.length !== 1)
      throw ec2Error('InvalidParameterCombination', 'Exactly one attribute of a subnet is modified at a time')
    if (AssignIpv6AddressOnCreation?.Value && !subnet.ipv6Block)
      throw invalidParameterValue(
        `Invalid value 'true' for assign-ipv6-address-on-creation. Cannot set assign-ipv6-address-on-creation to true unless the subnet (${input.SubnetId}) has an IPv6 CIDR block associated with it.`,
      )
    tx.put(subnets, {
      ...subnet,
      assignsIpv6: (AssignIpv6AddressOnCreation?.Value ?? subnet.assignsIpv6) || undefined,
      mapPublicIpOnLaunch: MapPublicIpOnLaunch?.Value ?? subnet.mapPublicIpOnLaunch,
      hostnameType: PrivateDnsHostnameTypeOnLaunch ?? subnet.hostnameType,
      resourceNameARecord: EnableResourceNameDnsARecordOnLaunch?.Value ?? subnet.resourceNameARecord,
      resourceNameAaaaRecord:
        (EnableResourceNameDnsAAAARecordOnLaunch?.Value ?? subnet.resourceNameAaaaRecord) || undefined,
    })
    return {}
  },
})

const filters = (call: Call): FilterTexts<SubnetRow> => ({
  'availability-zone': row => [row.availabilityZone],
  availabilityZone: row => [row.availabilityZone],
  'availability-zone-id': row => [subnetResponse(row, call).AvailabilityZoneId],
  availabilityZoneId: row => [subnetResponse(row, call).AvailabilityZoneId],
  'available-ip-address-count': row => [String(freeAddressesOf(call.store, call.scope, row))],
  cidr: row => [row.cidr],
  cidrBlock: row => [row.cidr],
  'cidr-block': row => [row.cidr],
  'default-for-az': row => [String(row.isDefaultForZone)],
  defaultForAz: row => [String(row.isDefaultForZone)],
  'enable-dns64': () => ['false'],
  'ipv6-cidr-block-association.association-id': ({ ipv6Block }) => [ipv6Block?.associationId],
  'ipv6-cidr-block-association.ipv6-cidr-block': ({ ipv6Block }) => [ipv6Block?.cidr],
  'ipv6-cidr-block-association.state': ({ ipv6Block }) => [ipv6Block && 'associated'],
  'ipv6-native': () => ['false'],
  'map-public-ip-on-launch': row => [String(row.mapPublicIpOnLaunch)],
  'owner-id': () => [call.scope.accountId],
  'private-dns-name-options-on-launch.hostname-type': row => [row.hostnameType],
  'private-dns-name-options-on-launch.enable-resource-name-dns-a-record': row => [
    String(row.resourceNameARecord),
  ],
  'private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record': row => [
    String(row.resourceNameAaaaRecord === true),
  ],
  state: () => ['available'],
  'subnet-arn': row => [row.id],
  'subnet-id': row => [idOf(row)],
  'vpc-id': row => [row.vpcId],
  ...tagFilters((row: SubnetRow) => row.tags),
})

const describeSubnets = describing<DescribeSubnetsRequest>()('Subnets', {
  name: 'DescribeSubnets',
  kind: subnetKind,
  ids: 'SubnetIds',
  filters,
  item: subnetResponse,
})

export const subnetOperations = [
  createSubnet,
  createDefaultSubnet,
  deleteSubnet,
  modifySubnetAttribute,
  describeSubnets,
]
