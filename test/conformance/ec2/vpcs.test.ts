import { beforeEach, describe, expect, it } from 'vitest'
import { accountId, region } from '../service-endpoint.ts'
import { Ec2Endpoint } from './ec2-endpoint.ts'
import { missing, newSubnet, newVpc, refusal } from './network-calls.ts'

let berth: Ec2Endpoint
beforeEach(async () => {
  berth = await Ec2Endpoint.start()
})

const byVpc = (vpcId: string) => ({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] })

describe('The default VPC', () => {
  it('is there from the start, with a subnet in each of three zones', async () => {
    const { Vpcs } = await berth.ec2.describeVpcs({})
    expect(Vpcs).toMatchObject([{ CidrBlock: '172.31.0.0/16', IsDefault: true, State: 'available' }])
    const { Subnets } = await berth.ec2.describeSubnets({})
    expect(Subnets?.map(subnet => [subnet.AvailabilityZone, subnet.CidrBlock])).toEqual([
      [`${region}a`, '172.31.0.0/20'],
      [`${region}b`, '172.31.16.0/20'],
      [`${region}c`, '172.31.32.0/20'],
    ])
    expect(Subnets?.[0]).toMatchObject({
      DefaultForAz: true,
      MapPublicIpOnLaunch: true,
      AvailableIpAddressCount: 4091,
      VpcId: Vpcs?.[0]?.VpcId,
    })
    expect((await berth.ec2.describeVpcs({})).Vpcs).toEqual(Vpcs)
  })

  it('can be made again, whole, once it was deleted', async () => {
    const { Subnets = [] } = await berth.ec2.describeSubnets({})
    expect(await refusal(berth.ec2.createDefaultVpc({}))).toMatch(/^DefaultVpcAlreadyExists: /)
    const [first] = Subnets
    await berth.ec2.deleteSubnet({ SubnetId: first?.SubnetId })
    const { Subnet } = await berth.ec2.createDefaultSubnet({ AvailabilityZoneId: 'use1-az1' })
    expect(Subnet).toMatchObject({ CidrBlock: '172.31.0.0/20', DefaultForAz: true })
    const again = berth.ec2.createDefaultSubnet({ AvailabilityZone: `${region}a` })
    expect(await refusal(again)).toMatch(/^DefaultSubnetAlreadyExistsInAvailabilityZone: /)
    expect(await refusal(berth.ec2.createDefaultSubnet({}))).toMatch(/^MissingParameter: /)
  })
})

describe('CreateVpc', () => {
  it('makes a VPC that is described as it was asked for', async () => {
    const { Vpc } = await berth.ec2.createVpc({
      CidrBlock: '10.1.2.3/16',
      TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'Name', Value: 'blue' }] }],
    })
    expect(Vpc?.State).toBe('pending')
    const { Vpcs } = await berth.ec2.describeVpcs({ VpcIds: [Vpc?.VpcId ?? ''] })
    expect(Vpcs).toEqual([
      {
        VpcId: expect.stringMatching(/^vpc-[0-9a-f]{17}$/),
        OwnerId: accountId,
        State: 'available',
        CidrBlock: '10.1.0.0/16',
        CidrBlockAssociationSet: [
          {
            AssociationId: expect.stringMatching(/^vpc-cidr-assoc-/),
            CidrBlock: '10.1.0.0/16',
            CidrBlockState: { State: 'associated' },
          },
        ],
        Ipv6CidrBlockAssociationSet: [],
        DhcpOptionsId: expect.stringMatching(/^dopt-/),
        InstanceTenancy: 'default',
        IsDefault: false,
        Tags: [{ Key: 'Name', Value: 'blue' }],
      },
    ])
  })

  it('refuses what is wrong, and changes nothing', async () => {
    const { Vpcs } = await berth.ec2.describeVpcs({})
    const told = (request: object) => refusal(berth.ec2.createVpc(request))
    expect(await told({ CidrBlock: '10.0.0.0/8' })).toBe(
      "InvalidVpc.Range: The CIDR '10.0.0.0/8' is invalid.",
    )
    expect(await told({ CidrBlock: '10.0.0.0/29' })).toMatch(/^InvalidVpc.Range: /)
    expect(await told({ CidrBlock: '10.0.0.0/33' })).toBe(
      'InvalidParameterValue: Value (10.0.0.0/33) for parameter cidrBlock is invalid. This is not a valid CIDR block.',
    )
    expect(await told({})).toMatch(/^MissingParameter: /)
    expect(await told({ CidrBlock: '10.0.0.0/16', InstanceTenancy: 'dedicated' })).toMatch(
      /^UnsupportedOperation: InstanceTenancy/,
    )
    expect(await told({ CidrBlock: '10.0.0.0/16', Ipv6IpamPoolId: 'ipam-pool-1' })).toBe(
      'UnsupportedOperation: Ipv6IpamPoolId is not supported by Berth yet.',
    )
    expect(await told({ CidrBlock: '10.0.0.0/16', DryRun: true })).toMatch(/^DryRunOperation: /)
    const TagSpecifications = [{ ResourceType: 'subnet', Tags: [{ Key: 'a', Value: 'b' }] }]
    expect(await told({ CidrBlock: '10.0.0.0/16', TagSpecifications })).toMatch(/^InvalidParameterValue: /)
    expect((await berth.ec2.describeVpcs({})).Vpcs).toEqual(Vpcs)
  })

  it('refuses more VPCs than the quota', async () => {
    for (let n = 1; n < 100; n++) await newVpc(berth)
    expect(await refusal(newVpc(berth))).toBe(
      'VpcLimitExceeded: The maximum number of VPCs has been reached.',
    )
  })
})

describe('DescribeVpcs', () => {
  it.each([
    [{ Name: 'cidr', Values: ['10.*'] }, 1],
    [{ Name: 'is-default', Values: ['true'] }, 1],
    [{ Name: 'isDefault', Values: ['false'] }, 1],
    [{ Name: 'tag:Name', Values: ['blue'] }, 1],
    [{ Name: 'state', Values: ['available'] }, 2],
    [{ Name: 'owner-id', Values: [accountId] }, 2],
    [{ Name: 'cidr-block-association.cidr-block', Values: ['172.31.0.0/16'] }, 1],
    [{ Name: 'dhcp-options-id', Values: ['dopt-*'] }, 2],
  ])('takes the filter %o', async (filter, count) => {
    const VpcId = await newVpc(berth)
    await berth.ec2.createTags({ Resources: [VpcId], Tags: [{ Key: 'Name', Value: 'blue' }] })
    expect((await berth.ec2.describeVpcs({ Filters: [filter] })).Vpcs).toHaveLength(count)
  })

  it('goes on from page to page', async () => {
    for (let n = 0; n < 6; n++) await newVpc(berth)
    const { Vpcs, NextToken } = await berth.ec2.describeVpcs({ MaxResults: 5 })
    expect(Vpcs).toHaveLength(5)
    expect((await berth.ec2.describeVpcs({ MaxResults: 5, NextToken })).Vpcs).toHaveLength(2)
  })

  it('refuses ids that are none, or nobody has', async () => {
    const told = (id: string) => refusal(berth.ec2.describeVpcs({ VpcIds: [id] }))
    expect(await told(missing('vpc'))).toBe(
      `InvalidVpcID.NotFound: The vpc ID '${missing('vpc')}' does not exist`,
    )
    expect(await told('blue')).toBe('InvalidVpcID.Malformed: Invalid id: "blue" (expecting "vpc-...")')
    expect(await refusal(berth.ec2.describeVpcs({ Filters: [{ Name: 'colour', Values: ['red'] }] }))).toBe(
      "InvalidParameterValue: The filter 'colour' is invalid",
    )
    expect(await refusal(berth.ec2.describeVpcs({ DryRun: true }))).toMatch(/^DryRunOperation: /)
  })
})

describe('DeleteVpc', () => {
  it('deletes a VPC that nothing is in', async () => {
    const VpcId = await newVpc(berth)
    await berth.ec2.deleteVpc({ VpcId })
    expect(await refusal(berth.ec2.deleteVpc({ VpcId }))).toMatch(/^InvalidVpcID.NotFound: /)
  })

  it('refuses one with a subnet', async () => {
    const VpcId = await newVpc(berth)
    const SubnetId = await newSubnet(berth, VpcId)
    expect(await refusal(berth.ec2.deleteVpc({ VpcId }))).toBe(
      `DependencyViolation: The vpc '${VpcId}' has dependencies and cannot be deleted.`,
    )
    await berth.ec2.deleteSubnet({ SubnetId })
    expect(await refusal(berth.ec2.deleteVpc({ VpcId, DryRun: true }))).toMatch(/^DryRunOperation: /)
    await berth.ec2.deleteVpc({ VpcId })
  })
})

describe('Attributes of a VPC', () => {
  it('are told and changed one at a time', async () => {
    const VpcId = await newVpc(berth)
    const told = (Attribute: 'enableDnsHostnames') => berth.ec2.describeVpcAttribute({ VpcId, Attribute })
    expect((await told('enableDnsHostnames')).EnableDnsHostnames).toEqual({ Value: false })
    await berth.ec2.modifyVpcAttribute({ VpcId, EnableDnsHostnames: { Value: true } })
    expect((await told('enableDnsHostnames')).EnableDnsHostnames).toEqual({ Value: true })
    await berth.ec2.modifyVpcAttribute({ VpcId, EnableDnsSupport: { Value: false } })
    const support = await berth.ec2.describeVpcAttribute({ VpcId, Attribute: 'enableDnsSupport' })
    expect(support).toMatchObject({ VpcId, EnableDnsSupport: { Value: false } })
    const metrics = await berth.ec2.describeVpcAttribute({
      VpcId,
      Attribute: 'enableNetworkAddressUsageMetrics',
    })
    expect(metrics.EnableNetworkAddressUsageMetrics).toEqual({ Value: false })
  })

  it('are refused when they are none, too many, or not there', async () => {
    const VpcId = await newVpc(berth)
    const told = (request: object) => refusal(berth.ec2.modifyVpcAttribute({ VpcId, ...request }))
    const [on, off] = [{ Value: true }, { Value: false }]
    expect(await told({})).toMatch(/^InvalidParameterCombination: /)
    expect(await told({ EnableDnsHostnames: on, EnableDnsSupport: on })).toMatch(
      /^InvalidParameterCombination: /,
    )
    expect(await told({ EnableNetworkAddressUsageMetrics: on })).toMatch(/^UnsupportedOperation: /)
    await berth.ec2.modifyVpcAttribute({ VpcId, EnableDnsSupport: off })
    expect(await told({ EnableDnsHostnames: on })).toMatch(/^InvalidParameterCombination: /)
    const other = berth.ec2.describeVpcAttribute({ VpcId, Attribute: 'colour' as never })
    expect(await refusal(other)).toMatch(/^InvalidParameterValue: /)
  })
})

describe('Further blocks of a VPC', () => {
  it('hold subnets, and go when none is left in them', async () => {
    const VpcId = await newVpc(berth)
    const { CidrBlockAssociation } = await berth.ec2.associateVpcCidrBlock({
      VpcId,
      CidrBlock: '100.64.0.0/16',
    })
    expect(CidrBlockAssociation?.CidrBlockState).toEqual({ State: 'associating' })
    const AssociationId = CidrBlockAssociation?.AssociationId ?? ''
    const SubnetId = await newSubnet(berth, VpcId, '100.64.7.0/24')
    expect(await refusal(berth.ec2.disassociateVpcCidrBlock({ AssociationId }))).toMatch(
      /^DependencyViolation: /,
    )
    await berth.ec2.deleteSubnet({ SubnetId })
    const gone = await berth.ec2.disassociateVpcCidrBlock({ AssociationId })
    expect(gone).toMatchObject({
      VpcId,
      CidrBlockAssociation: { CidrBlockState: { State: 'disassociating' } },
    })
    expect(await refusal(berth.ec2.disassociateVpcCidrBlock({ AssociationId }))).toMatch(
      /^InvalidVpcCidrBlockAssociationID.NotFound: /,
    )
  })

  it('are refused when they overlap, are too many, or are the first', async () => {
    const VpcId = await newVpc(berth)
    const add = (CidrBlock: string) => berth.ec2.associateVpcCidrBlock({ VpcId, CidrBlock })
    expect(await refusal(add('10.0.128.0/17'))).toMatch(/^InvalidVpc.Range: /)
    for (let n = 1; n < 5; n++) await add(`10.${n}.0.0/16`)
    expect(await refusal(add('10.5.0.0/16'))).toMatch(/^CidrLimitExceeded: /)
    const { Vpcs } = await berth.ec2.describeVpcs({ VpcIds: [VpcId] })
    const AssociationId = Vpcs?.[0]?.CidrBlockAssociationSet?.[0]?.AssociationId
    expect(await refusal(berth.ec2.disassociateVpcCidrBlock({ AssociationId }))).toMatch(
      /^OperationNotPermitted: /,
    )
  })
})

describe('Subnets', () => {
  it('are described as they were asked for', async () => {
    const VpcId = await newVpc(berth)
    const { Subnet } = await berth.ec2.createSubnet({
      VpcId,
      CidrBlock: '10.0.1.77/24',
      AvailabilityZone: `${region}b`,
      TagSpecifications: [{ ResourceType: 'subnet', Tags: [{ Key: 'Name', Value: 'blue' }] }],
    })
    const { Subnets } = await berth.ec2.describeSubnets(byVpc(VpcId))
    expect(Subnets).toEqual([Subnet])
    expect(Subnet).toEqual({
      SubnetId: expect.stringMatching(/^subnet-[0-9a-f]{17}$/),
      SubnetArn: `arn:aws:ec2:${region}:${accountId}:subnet/${Subnet?.SubnetId}`,
      OwnerId: accountId,
      VpcId,
      State: 'available',
      CidrBlock: '10.0.1.0/24',
      Ipv6CidrBlockAssociationSet: [],
      AvailableIpAddressCount: 251,
      AvailabilityZone: `${region}b`,
      AvailabilityZoneId: 'use1-az2',
      DefaultForAz: false,
      MapPublicIpOnLaunch: false,
      MapCustomerOwnedIpOnLaunch: false,
      AssignIpv6AddressOnCreation: false,
      EnableDns64: false,
      Ipv6Native: false,
      PrivateDnsNameOptionsOnLaunch: {
        HostnameType: 'ip-name',
        EnableResourceNameDnsARecord: false,
        EnableResourceNameDnsAAAARecord: false,
      },
      Tags: [{ Key: 'Name', Value: 'blue' }],
    })
  })

  it('refuse blocks that overlap, lie outside, or have the wrong size', async () => {
    const VpcId = await newVpc(berth)
    await newSubnet(berth, VpcId)
    const told = (CidrBlock: string, more: object = {}) =>
      refusal(berth.ec2.createSubnet({ VpcId, CidrBlock, ...more }))
    expect(await told('10.0.1.128/25')).toBe(
      "InvalidSubnet.Conflict: The CIDR '10.0.1.128/25' conflicts with another subnet",
    )
    expect(await told('10.0.0.0/16')).toMatch(/^InvalidSubnet.Conflict: /)
    expect(await told('10.1.0.0/24')).toBe("InvalidSubnet.Range: The CIDR '10.1.0.0/24' is invalid.")
    expect(await told('10.0.2.0/29')).toMatch(/^InvalidSubnet.Range: /)
    expect(await told('ten')).toMatch(/^InvalidParameterValue: /)
    expect(await told('10.0.2.0/24', { AvailabilityZone: 'moon' })).toMatch(
      /^InvalidParameterValue: Value \(moon\)/,
    )
    const both = { AvailabilityZone: `${region}a`, AvailabilityZoneId: 'use1-az1' }
    expect(await told('10.0.2.0/24', both)).toMatch(/^InvalidParameterCombination: /)
    expect(await told('10.0.2.0/24', { VpcId: missing('vpc') })).toMatch(/^InvalidVpcID.NotFound: /)
    expect(await told('10.0.2.0/24', { Ipv6NetmaskLength: 64 })).toMatch(/^UnsupportedOperation: /)
    expect((await berth.ec2.describeSubnets(byVpc(VpcId))).Subnets).toHaveLength(1)
  })

  it('change one attribute at a time', async () => {
    const SubnetId = await newSubnet(berth, await newVpc(berth))
    await berth.ec2.modifySubnetAttribute({ SubnetId, MapPublicIpOnLaunch: { Value: true } })
    await berth.ec2.modifySubnetAttribute({ SubnetId, PrivateDnsHostnameTypeOnLaunch: 'resource-name' })
    await berth.ec2.modifySubnetAttribute({ SubnetId, EnableResourceNameDnsARecordOnLaunch: { Value: true } })
    const { Subnets } = await berth.ec2.describeSubnets({ SubnetIds: [SubnetId] })
    expect(Subnets?.[0]).toMatchObject({
      MapPublicIpOnLaunch: true,
      PrivateDnsNameOptionsOnLaunch: { HostnameType: 'resource-name', EnableResourceNameDnsARecord: true },
    })
    expect(await refusal(berth.ec2.modifySubnetAttribute({ SubnetId }))).toMatch(
      /^InvalidParameterCombination: /,
    )
  })

  it.each([
    [{ Name: 'availability-zone', Values: [`${region}a`] }, 2],
    [{ Name: 'availability-zone-id', Values: ['use1-az3'] }, 1],
    [{ Name: 'available-ip-address-count', Values: ['251'] }, 1],
    [{ Name: 'cidr-block', Values: ['10.0.1.0/24'] }, 1],
    [{ Name: 'default-for-az', Values: ['true'] }, 3],
    [{ Name: 'map-public-ip-on-launch', Values: ['false'] }, 1],
    [{ Name: 'subnet-arn', Values: ['arn:*'] }, 4],
    [{ Name: 'tag-key', Values: ['Name'] }, 0],
  ])('take the filter %o', async (filter, count) => {
    await newSubnet(berth, await newVpc(berth))
    expect((await berth.ec2.describeSubnets({ Filters: [filter] })).Subnets).toHaveLength(count)
  })

  it('refuse ids that are none, or nobody has', async () => {
    const told = (SubnetId: string) => refusal(berth.ec2.deleteSubnet({ SubnetId }))
    expect(await told(missing('subnet'))).toBe(
      `InvalidSubnetID.NotFound: The subnet ID '${missing('subnet')}' does not exist`,
    )
    expect(await told('subnet-x')).toMatch(/^InvalidSubnetID.Malformed: /)
  })
})

describe('Zones, regions and the account', () => {
  it('shows three zones', async () => {
    const { AvailabilityZones } = await berth.ec2.describeAvailabilityZones({})
    expect(AvailabilityZones?.map(({ ZoneName, ZoneId }) => [ZoneName, ZoneId])).toEqual([
      ['us-east-1a', 'use1-az1'],
      ['us-east-1b', 'use1-az2'],
      ['us-east-1c', 'use1-az3'],
    ])
    expect(AvailabilityZones?.[0]).toEqual({
      ZoneName: 'us-east-1a',
      ZoneId: 'use1-az1',
      RegionName: region,
      State: 'available',
      OptInStatus: 'opt-in-not-required',
      GroupName: 'us-east-1-zg-1',
      NetworkBorderGroup: region,
      ZoneType: 'availability-zone',
      Messages: [],
    })
  })

  it('narrows zones by names, ids and filters', async () => {
    const count = async (request: object) =>
      (await berth.ec2.describeAvailabilityZones(request)).AvailabilityZones?.length
    expect(await count({ ZoneNames: [`${region}b`] })).toBe(1)
    expect(await count({ ZoneIds: ['use1-az1', 'use1-az2'] })).toBe(2)
    expect(
      await count({ AllAvailabilityZones: true, Filters: [{ Name: 'zone-name', Values: ['*c'] }] }),
    ).toBe(1)
    expect(await count({ Filters: [{ Name: 'zone-type', Values: ['local-zone'] }] })).toBe(0)
    const wrong = berth.ec2.describeAvailabilityZones({ ZoneNames: ['moon'] })
    expect(await refusal(wrong)).toBe('InvalidParameterValue: Invalid availability zone: [moon]')
  })

  it('shows this region alone', async () => {
    const { Regions } = await berth.ec2.describeRegions({})
    expect(Regions).toEqual([
      { RegionName: region, Endpoint: `ec2.${region}.amazonaws.com`, OptInStatus: 'opt-in-not-required' },
    ])
    expect(await refusal(berth.ec2.describeRegions({ RegionNames: ['eu-west-1'] }))).toMatch(
      /^InvalidParameterValue: /,
    )
  })

  it('tells the default VPC among the attributes of the account', async () => {
    const { Vpcs } = await berth.ec2.describeVpcs({})
    const { AccountAttributes } = await berth.ec2.describeAccountAttributes({
      AttributeNames: ['default-vpc'],
    })
    expect(AccountAttributes).toEqual([
      { AttributeName: 'default-vpc', AttributeValues: [{ AttributeValue: Vpcs?.[0]?.VpcId }] },
    ])
    expect((await berth.ec2.describeAccountAttributes({})).AccountAttributes).toHaveLength(3)
  })
})

describe('Tags', () => {
  it('are given, told and taken', async () => {
    const VpcId = await newVpc(berth)
    await berth.ec2.createTags({ Resources: [VpcId], Tags: [{ Key: 'team', Value: 'red' }] })
    const { Tags } = await berth.ec2.describeTags({})
    expect(Tags).toEqual([{ ResourceId: VpcId, ResourceType: 'vpc', Key: 'team', Value: 'red' }])
    await berth.ec2.deleteTags({ Resources: [VpcId], Tags: [{ Key: 'team' }] })
    expect((await berth.ec2.describeTags({})).Tags).toEqual([])
    expect(
      await refusal(berth.ec2.createTags({ Resources: ['x-1'], Tags: [{ Key: 'a', Value: 'b' }] })),
    ).toMatch(/^InvalidID: /)
    const unknown = berth.ec2.createTags({ Resources: [missing('sg')], Tags: [{ Key: 'a', Value: 'b' }] })
    expect(await refusal(unknown)).toMatch(/^InvalidGroup.NotFound: /)
  })
})
