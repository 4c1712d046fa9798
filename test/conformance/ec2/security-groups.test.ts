import { beforeEach, describe, expect, it } from 'vitest'
import { accountId, region } from '../service-endpoint.ts'
import { Ec2Endpoint } from './ec2-endpoint.ts'
import { missing, newVpc, refusal } from './network-calls.ts'

let berth: Ec2Endpoint
let VpcId: string
beforeEach(async () => {
  berth = await Ec2Endpoint.start()
  VpcId = await newVpc(berth)
})

const newGroup = async (GroupName = 'web'): Promise<string> => {
  const { GroupId } = await berth.ec2.createSecurityGroup({ GroupName, Description: 'for tests', VpcId })
  return GroupId ?? ''
}
const http = (more: object = {}) => ({
  IpProtocol: 'tcp',
  FromPort: 80,
  ToPort: 80,
  IpRanges: [{ CidrIp: '10.0.0.0/8' }],
  ...more,
})
const told = async (GroupId: string) =>
  (await berth.ec2.describeSecurityGroups({ GroupIds: [GroupId] })).SecurityGroups?.[0]
const empty = { IpRanges: [], Ipv6Ranges: [], PrefixListIds: [], UserIdGroupPairs: [] }
const everything = { ...empty, IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }

describe('Security groups', () => {
  it('let nothing in and everything out at first', async () => {
    const {
      GroupId = '',
      SecurityGroupArn,
      Tags,
    } = await berth.ec2.createSecurityGroup({
      GroupName: 'web',
      Description: 'for tests',
      VpcId,
      TagSpecifications: [{ ResourceType: 'security-group', Tags: [{ Key: 'a', Value: 'b' }] }],
    })
    expect(SecurityGroupArn).toBe(`arn:aws:ec2:${region}:${accountId}:security-group/${GroupId}`)
    expect(await told(GroupId)).toEqual({
      GroupId,
      GroupName: 'web',
      Description: 'for tests',
      VpcId,
      OwnerId: accountId,
      SecurityGroupArn,
      IpPermissions: [],
      IpPermissionsEgress: [everything],
      Tags,
    })
    expect(Tags).toEqual([{ Key: 'a', Value: 'b' }])
  })

  it('are in the default VPC when none is named, and found there by their names', async () => {
    const { GroupId } = await berth.ec2.createSecurityGroup({ GroupName: 'web', Description: 'x' })
    const { SecurityGroups } = await berth.ec2.describeSecurityGroups({ GroupNames: ['web'] })
    expect(SecurityGroups).toMatchObject([{ GroupId }])
    expect(await refusal(berth.ec2.describeSecurityGroups({ GroupNames: ['x'] }))).toMatch(
      /^InvalidGroup.NotFound: The security group 'x' does not exist in default VPC 'vpc-/,
    )
    expect(await berth.ec2.deleteSecurityGroup({ GroupName: 'web' })).toMatchObject({ Return: true, GroupId })
  })

  it('are refused with names that are wrong or taken', async () => {
    await newGroup()
    const refused = (change: object) =>
      refusal(berth.ec2.createSecurityGroup({ GroupName: 'new', Description: 'x', VpcId, ...change }))
    expect(await refused({ GroupName: 'web' })).toBe(
      `InvalidGroup.Duplicate: The security group 'web' already exists for VPC '${VpcId}'`,
    )
    expect(await refused({ GroupName: 'default' })).toMatch(/^InvalidParameterValue: Cannot use reserved/)
    expect(await refused({ GroupName: 'sg-1' })).toMatch(/^InvalidParameterValue: .* sg-\*/)
    expect(await refused({ GroupName: 'ü' })).toMatch(/^InvalidParameterValue: /)
    expect(await refused({ Description: 'x'.repeat(256) })).toMatch(/^InvalidParameterValue: /)
    expect(await refused({ GroupName: '' })).toMatch(/^MissingParameter: /)
    expect(await refused({ VpcId: missing('vpc') })).toMatch(/^InvalidVpcID.NotFound: /)
    expect(await refused({ DryRun: true })).toMatch(/^DryRunOperation: /)
  })

  it('are not deleted while they are the default, or another one names them', async () => {
    const [GroupId, other] = [await newGroup(), await newGroup('db')]
    const pair = { UserIdGroupPairs: [{ GroupId }], IpRanges: [] }
    await berth.ec2.authorizeSecurityGroupIngress({ GroupId: other, IpPermissions: [http(pair)] })
    expect(await refusal(berth.ec2.deleteSecurityGroup({ GroupId }))).toBe(
      `DependencyViolation: resource ${GroupId} has a dependent object`,
    )
    await berth.ec2.deleteSecurityGroup({ GroupId: other })
    await berth.ec2.deleteSecurityGroup({ GroupId })
    expect(await refusal(berth.ec2.deleteSecurityGroup({ GroupId }))).toBe(
      `InvalidGroup.NotFound: The security group '${GroupId}' does not exist`,
    )
    const { SecurityGroups } = await berth.ec2.describeSecurityGroups({
      Filters: [{ Name: 'vpc-id', Values: [VpcId] }],
    })
    expect(SecurityGroups).toMatchObject([
      { GroupName: 'default', Description: 'default VPC security group' },
    ])
    const last = SecurityGroups?.[0]?.GroupId
    expect(await refusal(berth.ec2.deleteSecurityGroup({ GroupId: last }))).toMatch(/^CannotDelete: /)
    expect(await refusal(berth.ec2.deleteVpc({ VpcId }))).toBe('not refused')
  })

  it.each([
    [{ Name: 'group-name', Values: ['web'] }, 1],
    [{ Name: 'description', Values: ['for*'] }, 1],
    [{ Name: 'ip-permission.cidr', Values: ['10.0.0.0/8'] }, 1],
    [{ Name: 'ip-permission.from-port', Values: ['80'] }, 1],
    [{ Name: 'ip-permission.protocol', Values: ['tcp'] }, 1],
    [{ Name: 'egress.ip-permission.cidr', Values: ['0.0.0.0/0'] }, 3],
    [{ Name: 'ip-permission.group-name', Values: ['default'] }, 2],
    [{ Name: 'ip-permission.ipv6-cidr', Values: ['*'] }, 0],
    [{ Name: 'owner-id', Values: [accountId] }, 3],
  ])('take the filter %o', async (filter, count) => {
    const GroupId = await newGroup()
    await berth.ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [http()] })
    expect((await berth.ec2.describeSecurityGroups({ Filters: [filter] })).SecurityGroups).toHaveLength(count)
  })
})

describe('Rules of security groups', () => {
  it('are told one by one, and as permissions by protocol and ports', async () => {
    const GroupId = await newGroup()
    const { SecurityGroupRules, Return } = await berth.ec2.authorizeSecurityGroupIngress({
      GroupId,
      IpPermissions: [
        http({
          IpRanges: [{ CidrIp: '10.1.2.3/8', Description: 'inside' }],
          Ipv6Ranges: [{ CidrIpv6: '2001:DB8::1/32' }],
          UserIdGroupPairs: [{ GroupId }],
        }),
      ],
      TagSpecifications: [{ ResourceType: 'security-group-rule', Tags: [{ Key: 'a', Value: 'b' }] }],
    })
    expect(Return).toBe(true)
    expect(SecurityGroupRules?.[0]).toEqual({
      SecurityGroupRuleId: expect.stringMatching(/^sgr-[0-9a-f]{17}$/),
      SecurityGroupRuleArn: expect.stringContaining(`:${accountId}:security-group-rule/sgr-`),
      GroupId,
      GroupOwnerId: accountId,
      IsEgress: false,
      IpProtocol: 'tcp',
      FromPort: 80,
      ToPort: 80,
      CidrIpv4: '10.0.0.0/8',
      Description: 'inside',
      Tags: [{ Key: 'a', Value: 'b' }],
    })
    expect(SecurityGroupRules?.slice(1)).toMatchObject([
      { CidrIpv6: '2001:db8::/32' },
      { ReferencedGroupInfo: { GroupId, UserId: accountId } },
    ])
    expect((await told(GroupId))?.IpPermissions).toEqual([
      {
        IpProtocol: 'tcp',
        FromPort: 80,
        ToPort: 80,
        IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'inside' }],
        Ipv6Ranges: [{ CidrIpv6: '2001:db8::/32' }],
        PrefixListIds: [],
        UserIdGroupPairs: [{ GroupId, UserId: accountId }],
      },
    ])
    const described = await berth.ec2.describeSecurityGroupRules({
      Filters: [
        { Name: 'group-id', Values: [GroupId] },
        { Name: 'tag:a', Values: ['b'] },
      ],
    })
    expect(described.SecurityGroupRules).toEqual(SecurityGroupRules)
  })

  it('may be said by members of the request itself, and protocols by numbers', async () => {
    const GroupId = await newGroup()
    await berth.ec2.authorizeSecurityGroupIngress({
      GroupId,
      IpProtocol: '17',
      FromPort: 53,
      ToPort: 53,
      CidrIp: '0.0.0.0/0',
    })
    const ping = { IpProtocol: 'icmp', FromPort: 8, ToPort: -1, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }
    const esp = { IpProtocol: '50', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }
    await berth.ec2.authorizeSecurityGroupEgress({ GroupId, IpPermissions: [ping, esp] })
    const group = await told(GroupId)
    expect(group?.IpPermissions).toMatchObject([{ IpProtocol: 'udp', FromPort: 53, ToPort: 53 }])
    expect(group?.IpPermissionsEgress).toEqual([everything, { ...empty, ...ping }, { ...empty, ...esp }])
  })

  it('are refused twice, and nothing of the request is done', async () => {
    const GroupId = await newGroup()
    const allow = (...IpPermissions: object[]) =>
      refusal(berth.ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions }))
    await allow(http())
    expect(await allow(http({ FromPort: 81, ToPort: 81 }), http())).toBe(
      'InvalidPermission.Duplicate: the specified rule "peer: 10.0.0.0/8, TCP, from port: 80, to port: 80, ALLOW" already exists',
    )
    const twice = http({ FromPort: 82, ToPort: 82 })
    expect(await allow(twice, twice)).toMatch(/^InvalidParameterValue: The same permission/)
    expect((await told(GroupId))?.IpPermissions).toHaveLength(1)
  })

  it.each([
    [{ IpProtocol: 'carrier-pigeon' }, 'InvalidParameterValue'],
    [{ IpProtocol: '256' }, 'InvalidParameterValue'],
    [{ FromPort: 90 }, 'InvalidParameterValue'],
    [{ FromPort: undefined }, 'InvalidParameterValue'],
    [{ ToPort: 65_536 }, 'InvalidParameterValue'],
    [{ IpProtocol: 'icmp', FromPort: 300, ToPort: 0 }, 'InvalidParameterValue'],
    [{ IpRanges: [{ CidrIp: '10.0.0.0/40' }] }, 'InvalidParameterValue'],
    [{ IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'ü' }] }, 'InvalidParameterValue'],
    [{ Ipv6Ranges: [{ CidrIpv6: '10.0.0.0/8' }] }, 'InvalidParameterValue'],
    [{ IpRanges: [] }, 'MissingParameter'],
    [{ PrefixListIds: [{ PrefixListId: missing('pl') }] }, 'InvalidPrefixListID.NotFound'],
    [{ UserIdGroupPairs: [{ GroupId: missing('sg') }] }, 'InvalidGroup.NotFound'],
    [{ UserIdGroupPairs: [{ GroupId: 'sg-x' }] }, 'InvalidGroupId.Malformed'],
  ])('are refused with %o', async (change, code) => {
    const GroupId = await newGroup()
    const IpPermissions = [http(change)]
    const refused = await refusal(berth.ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions }))
    expect(refused.split(':')[0]).toBe(code)
  })

  it('do not name groups of another VPC', async () => {
    const GroupId = await newGroup()
    const { GroupId: outside } = await berth.ec2.createSecurityGroup({ GroupName: 'x', Description: 'x' })
    const IpPermissions = [http({ UserIdGroupPairs: [{ GroupId: outside }] })]
    expect(await refusal(berth.ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions }))).toMatch(
      /^InvalidGroup.NotFound: /,
    )
  })

  it('are revoked by what they say, or by their ids', async () => {
    const GroupId = await newGroup()
    const IpPermissions = [http()]
    await berth.ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions })
    const { RevokedSecurityGroupRules } = await berth.ec2.revokeSecurityGroupIngress({
      GroupId,
      IpPermissions,
    })
    expect(RevokedSecurityGroupRules).toMatchObject([{ GroupId, CidrIpv4: '10.0.0.0/8', FromPort: 80 }])
    expect(await refusal(berth.ec2.revokeSecurityGroupIngress({ GroupId, IpPermissions }))).toBe(
      'InvalidPermission.NotFound: The specified rule does not exist in this security group.',
    )
    const { SecurityGroupRules = [] } = await berth.ec2.describeSecurityGroupRules({
      Filters: [{ Name: 'group-id', Values: [GroupId] }],
    })
    const SecurityGroupRuleIds = SecurityGroupRules.map(rule => rule.SecurityGroupRuleId ?? '')
    expect(await refusal(berth.ec2.revokeSecurityGroupIngress({ GroupId, SecurityGroupRuleIds }))).toMatch(
      /^InvalidSecurityGroupRuleId.NotFound: /,
    )
    await berth.ec2.revokeSecurityGroupEgress({ GroupId, SecurityGroupRuleIds })
    expect((await told(GroupId))?.IpPermissionsEgress).toEqual([])
  })

  it('are modified whole', async () => {
    const GroupId = await newGroup()
    const { SecurityGroupRules } = await berth.ec2.authorizeSecurityGroupIngress({
      GroupId,
      IpPermissions: [http(), http({ FromPort: 81, ToPort: 81 })],
    })
    const [SecurityGroupRuleId = '', second = ''] =
      SecurityGroupRules?.map(rule => rule.SecurityGroupRuleId ?? '') ?? []
    const modify = (id: string, SecurityGroupRule: object) =>
      berth.ec2.modifySecurityGroupRules({
        GroupId,
        SecurityGroupRules: [{ SecurityGroupRuleId: id, SecurityGroupRule }],
      })
    const https = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIpv6: '::/0', Description: 'all' }
    await modify(SecurityGroupRuleId, https)
    const { SecurityGroupRules: after } = await berth.ec2.describeSecurityGroupRules({
      SecurityGroupRuleIds: [SecurityGroupRuleId],
    })
    expect(after).toMatchObject([{ ...https, SecurityGroupRuleId }])
    expect(after?.[0]?.CidrIpv4).toBeUndefined()
    expect(await refusal(modify(second, https))).toMatch(/^InvalidPermission.Duplicate: /)
    expect(await refusal(modify(second, { ...https, CidrIpv4: '0.0.0.0/0' }))).toMatch(
      /^InvalidParameterValue: /,
    )
    expect(await refusal(modify(missing('sgr'), https))).toMatch(/^InvalidSecurityGroupRuleId.NotFound: /)
  })

  it('get other descriptions', async () => {
    const GroupId = await newGroup()
    const { SecurityGroupRules } = await berth.ec2.authorizeSecurityGroupIngress({
      GroupId,
      IpPermissions: [http()],
    })
    const SecurityGroupRuleId = SecurityGroupRules?.[0]?.SecurityGroupRuleId
    const IpPermissions = [http({ IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'one' }] })]
    await berth.ec2.updateSecurityGroupRuleDescriptionsIngress({ GroupId, IpPermissions })
    expect((await told(GroupId))?.IpPermissions?.[0]?.IpRanges?.[0]?.Description).toBe('one')
    await berth.ec2.updateSecurityGroupRuleDescriptionsIngress({
      GroupId,
      SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId, Description: 'two' }],
    })
    expect((await told(GroupId))?.IpPermissions?.[0]?.IpRanges?.[0]?.Description).toBe('two')
    const egress = berth.ec2.updateSecurityGroupRuleDescriptionsEgress({ GroupId, IpPermissions })
    expect(await refusal(egress)).toMatch(/^InvalidPermission.NotFound: /)
    const nothing = berth.ec2.updateSecurityGroupRuleDescriptionsIngress({ GroupId })
    expect(await refusal(nothing)).toMatch(/^MissingParameter: /)
  })
})
