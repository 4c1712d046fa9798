import { beforeEach, describe, expect, it } from 'vitest'
import { region } from '../service-endpoint.ts'
import { Ec2Endpoint } from './ec2-endpoint.ts'
import { newSubnet, newVpc, refusal } from './network-calls.ts'

let berth: Ec2Endpoint
let VpcId: string
/** Its /56, without `00::/56` at the end. */
let prefix: string
beforeEach(async () => {
  berth = await Ec2Endpoint.start()
  const { Vpc } = await berth.ec2.createVpc({ CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true })
  VpcId = Vpc?.VpcId ?? ''
  prefix = blockOf(Vpc).replace(/::\/56$/, '')
})

type Associations = { Ipv6CidrBlockAssociationSet?: { Ipv6CidrBlock?: string | undefined }[] | undefined }
const blockOf = (of: Associations | undefined) => of?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock ?? ''
const vpc = async (id = VpcId) => (await berth.ec2.describeVpcs({ VpcIds: [id] })).Vpcs?.[0]
/** The nth /64 of the VPC. */
const nth = (n: number): string => (n === 0 ? `${prefix}::/64` : `${prefix}:${n}::/64`)
const newIpv6Subnet = async (n = 1) =>
  (await berth.ec2.createSubnet({ VpcId, CidrBlock: `10.0.${n}.0/24`, Ipv6CidrBlock: nth(n) })).Subnet
const inVpc = { Name: 'vpc-id', Values: [''] }
const groupsOf = async (id = VpcId) =>
  (await berth.ec2.describeSecurityGroups({ Filters: [{ ...inVpc, Values: [id] }] })).SecurityGroups ?? []
const aclOf = async (id = VpcId) =>
  (await berth.ec2.describeNetworkAcls({ Filters: [{ ...inVpc, Values: [id] }] })).NetworkAcls?.[0]
const tableOf = async (id = VpcId) =>
  (await berth.ec2.describeRouteTables({ Filters: [{ ...inVpc, Values: [id] }] })).RouteTables?.[0]

describe('The IPv6 block of a VPC', () => {
  it('is a /56 of unique local addresses, with a local route and rules that let IPv6 through', async () => {
    const shown = await vpc()
    expect(shown?.Ipv6CidrBlockAssociationSet).toEqual([
      {
        AssociationId: expect.stringMatching(/^vpc-cidr-assoc-[0-9a-f]{17}$/),
        Ipv6CidrBlock: expect.stringMatching(/^fd[0-9a-f]{2}:[0-9a-f:]+::\/56$/),
        Ipv6CidrBlockState: { State: 'associated' },
        NetworkBorderGroup: region,
        Ipv6Pool: 'Amazon',
        Ipv6AddressAttribute: 'private',
        IpSource: 'amazon',
      },
    ])
    expect((await tableOf())?.Routes?.[1]).toEqual({
      DestinationIpv6CidrBlock: blockOf(shown),
      GatewayId: 'local',
      Origin: 'CreateRouteTable',
      State: 'active',
    })
    const everything = { Ipv6CidrBlock: '::/0', Protocol: '-1' }
    expect((await aclOf())?.Entries?.filter(entry => entry.Ipv6CidrBlock)).toEqual(
      [true, false].flatMap(Egress => [
        { ...everything, RuleNumber: 101, RuleAction: 'allow', Egress },
        { ...everything, RuleNumber: 32_768, RuleAction: 'deny', Egress },
      ]),
    )
    const egress = [{ IpRanges: [{ CidrIp: '0.0.0.0/0' }], Ipv6Ranges: [{ CidrIpv6: '::/0' }] }]
    expect((await groupsOf())[0]?.IpPermissionsEgress).toMatchObject(egress)
    await berth.ec2.createSecurityGroup({ VpcId, GroupName: 'web', Description: 'web' })
    expect((await groupsOf())[1]?.IpPermissionsEgress).toMatchObject(egress)
  })

  it('is another one for each VPC, and one that was given back is used again', async () => {
    const made = async () => {
      const { Vpc } = await berth.ec2.createVpc({
        ...{ CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true },
      })
      expect(Vpc?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlockState?.State).toBe('associating')
      return Vpc
    }
    const [second, third] = [await made(), await made()]
    expect(new Set([`${prefix}::/56`, blockOf(second), blockOf(third)]).size).toBe(3)
    await berth.ec2.deleteVpc({ VpcId: second?.VpcId })
    expect(blockOf(await made())).toBe(blockOf(second))
  })

  it('is of the operator’s block where there is one, as long as that has any', async () => {
    berth = await Ec2Endpoint.start({ ipv6Addresses: '2001:db8:0:200::/55' })
    const made = async () =>
      berth.ec2.createVpc({ CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true })
    expect((await made()).Vpc?.Ipv6CidrBlockAssociationSet).toMatchObject([
      { Ipv6CidrBlock: '2001:db8:0:200::/56', Ipv6AddressAttribute: 'public' },
    ])
    expect(blockOf((await made()).Vpc)).toBe('2001:db8:0:300::/56')
    expect(await refusal(made())).toMatch(/^InsufficientCidrBlocks: /)
  })

  it('comes later, too, and leaves rules alone that somebody has changed', async () => {
    const changed = await newVpc(berth, '10.1.0.0/16')
    const [group] = await groupsOf(changed)
    const everywhere = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }]
    await berth.ec2.revokeSecurityGroupEgress({ GroupId: group?.GroupId, IpPermissions: everywhere })
    const acl = await aclOf(changed)
    await berth.ec2.deleteNetworkAclEntry({
      ...{ NetworkAclId: acl?.NetworkAclId, RuleNumber: 100, Egress: true },
    })
    const { Ipv6CidrBlockAssociation } = await berth.ec2.associateVpcCidrBlock({
      ...{ VpcId: changed, AmazonProvidedIpv6CidrBlock: true, Ipv6CidrBlockNetworkBorderGroup: region },
    })
    expect(Ipv6CidrBlockAssociation?.Ipv6CidrBlockState).toEqual({ State: 'associating' })
    expect((await groupsOf(changed))[0]?.IpPermissionsEgress).toEqual([])
    expect((await aclOf(changed))?.Entries?.map(entry => [entry.Egress, entry.RuleNumber])).toEqual([
      [true, 32_767],
      [true, 32_768],
      [false, 100],
      [false, 101],
      [false, 32_767],
      [false, 32_768],
    ])
    const same = await newVpc(berth, '10.2.0.0/16')
    await berth.ec2.associateVpcCidrBlock({ VpcId: same, AmazonProvidedIpv6CidrBlock: true })
    expect((await groupsOf(same))[0]?.IpPermissionsEgress?.[0]?.Ipv6Ranges).toEqual([{ CidrIpv6: '::/0' }])
  })

  it('goes once no subnet has a part of it', async () => {
    const subnet = await newIpv6Subnet()
    const AssociationId = (await vpc())?.Ipv6CidrBlockAssociationSet?.[0]?.AssociationId
    const gone = () => berth.ec2.disassociateVpcCidrBlock({ AssociationId })
    expect(await refusal(gone())).toMatch(/^InvalidCidrBlock.InUse: .* because a subnet has a part of it/)
    await berth.ec2.deleteSubnet({ SubnetId: subnet?.SubnetId })
    expect((await gone()).Ipv6CidrBlockAssociation?.Ipv6CidrBlockState).toEqual({ State: 'disassociating' })
    expect((await vpc())?.Ipv6CidrBlockAssociationSet).toEqual([])
    expect((await tableOf())?.Routes).toHaveLength(1)
    expect(await refusal(gone())).toMatch(/^InvalidVpcCidrBlockAssociationID.NotFound: /)
  })

  it('is refused with what is wrong', async () => {
    const refused = (more: object) => refusal(berth.ec2.associateVpcCidrBlock({ VpcId, ...more }))
    const provided = { AmazonProvidedIpv6CidrBlock: true }
    expect(await refused({ ...provided, CidrBlock: '10.1.0.0/16' })).toMatch(/^InvalidParameterCombination: /)
    expect(await refused({ Ipv6CidrBlockNetworkBorderGroup: region })).toMatch(
      /^InvalidParameterCombination: /,
    )
    expect(await refused({ ...provided, Ipv6CidrBlockNetworkBorderGroup: 'elsewhere' })).toMatch(
      /^InvalidParameterValue: /,
    )
    expect(await refused({ Ipv6Pool: 'ipv6pool-ec2-1', Ipv6CidrBlock: '2001:db8::/56' })).toMatch(
      /^UnsupportedOperation: Ipv6Pool is not supported/,
    )
    for (let n = 1; n < 5; n++) expect(await refused(provided)).toBe('not refused')
    expect(await refused(provided)).toBe(
      `CidrLimitExceeded: This network '${VpcId}' has met its maximum number of allowed CIDRs: 5`,
    )
  })

  it.each([
    ['ipv6-cidr-block', 'fd*'],
    ['association-id', 'vpc-cidr-assoc-*'],
    ['ipv6-pool', 'Amazon'],
    ['state', 'associated'],
  ])('is found by its %s', async (name, value) => {
    const Filters = [{ Name: `ipv6-cidr-block-association.${name}`, Values: [value] }]
    expect((await berth.ec2.describeVpcs({ Filters })).Vpcs).toMatchObject([{ VpcId }])
  })
})

describe('The IPv6 block of a subnet', () => {
  it('is given with the subnet, or later, and goes again', async () => {
    const made = await newIpv6Subnet()
    const shown = {
      AssociationId: expect.stringMatching(/^subnet-cidr-assoc-[0-9a-f]{17}$/),
      Ipv6CidrBlock: nth(1),
      Ipv6CidrBlockState: { State: 'associated' },
      Ipv6AddressAttribute: 'private',
      IpSource: 'amazon',
    }
    expect(made?.Ipv6CidrBlockAssociationSet).toEqual([shown])
    const SubnetId = await newSubnet(berth, VpcId, '10.0.9.0/24')
    const { Ipv6CidrBlockAssociation } = await berth.ec2.associateSubnetCidrBlock({
      ...{ SubnetId, Ipv6CidrBlock: nth(9) },
    })
    expect(Ipv6CidrBlockAssociation).toEqual({
      ...{ ...shown, Ipv6CidrBlock: nth(9), Ipv6CidrBlockState: { State: 'associating' } },
    })
    const again = berth.ec2.associateSubnetCidrBlock({ SubnetId, Ipv6CidrBlock: nth(10) })
    expect(await refusal(again)).toMatch(/^CidrLimitExceeded: /)
    for (const [Name, value] of [
      ['ipv6-cidr-block', nth(9)],
      ['association-id', Ipv6CidrBlockAssociation?.AssociationId ?? ''],
    ]) {
      const Filters = [{ Name: `ipv6-cidr-block-association.${Name}`, Values: [value ?? ''] }]
      expect((await berth.ec2.describeSubnets({ Filters })).Subnets).toMatchObject([{ SubnetId }])
    }
    const byState = [{ Name: 'ipv6-cidr-block-association.state', Values: ['associated'] }]
    expect((await berth.ec2.describeSubnets({ Filters: byState })).Subnets).toHaveLength(2)
    const AssociationId = Ipv6CidrBlockAssociation?.AssociationId
    const gone = await berth.ec2.disassociateSubnetCidrBlock({ AssociationId })
    expect(gone).toMatchObject({
      ...{ SubnetId, Ipv6CidrBlockAssociation: { Ipv6CidrBlockState: { State: 'disassociating' } } },
    })
    expect(await refusal(berth.ec2.disassociateSubnetCidrBlock({ AssociationId }))).toBe(
      `InvalidSubnetCidrBlockAssociationID.NotFound: The subnet CIDR block with association ID '${AssociationId}' does not exist`,
    )
  })

  it('is refused where it is of another size, outside of the VPC, or taken', async () => {
    await newIpv6Subnet()
    const refused = (Ipv6CidrBlock: string) =>
      refusal(berth.ec2.createSubnet({ VpcId, CidrBlock: '10.0.2.0/24', Ipv6CidrBlock }))
    expect(await refused(`${prefix}:2::/65`)).toBe(
      `InvalidParameterValue: invalid value for parameter ipv6-cidr-block: ${prefix}:2::/65`,
    )
    expect(await refused('ten')).toMatch(/^InvalidParameterValue: /)
    expect(await refused('2001:db8::/64')).toBe(
      "InvalidSubnet.Range: The IPv6 CIDR '2001:db8::/64' is invalid.",
    )
    expect(await refused(nth(1))).toBe(
      `InvalidSubnet.Conflict: The IPv6 CIDR '${nth(1)}' conflicts with another subnet`,
    )
    expect(await refused(`${prefix}::/60`)).toMatch(/^InvalidSubnet.Conflict: /)
    expect(await refusal(berth.ec2.createSubnet({ VpcId, Ipv6CidrBlock: nth(2), Ipv6Native: true }))).toBe(
      'UnsupportedOperation: Ipv6Native is not supported by Berth yet.',
    )
    const SubnetId = await newSubnet(berth, VpcId, '10.0.2.0/24')
    const without = berth.ec2.associateSubnetCidrBlock({ SubnetId })
    expect(await refusal(without)).toMatch(/^MissingParameter: /)
    expect((await berth.ec2.describeSubnets({ SubnetIds: [SubnetId] })).Subnets).toMatchObject([
      { Ipv6CidrBlockAssociationSet: [] },
    ])
  })

  it('gives its addresses by itself where the subnet says so', async () => {
    const SubnetId = await newSubnet(berth, VpcId, '10.0.2.0/24')
    const on = { SubnetId, AssignIpv6AddressOnCreation: { Value: true } }
    expect(await refusal(berth.ec2.modifySubnetAttribute(on))).toBe(
      `InvalidParameterValue: Invalid value 'true' for assign-ipv6-address-on-creation. Cannot set assign-ipv6-address-on-creation to true unless the subnet (${SubnetId}) has an IPv6 CIDR block associated with it.`,
    )
    const { Ipv6CidrBlockAssociation } = await berth.ec2.associateSubnetCidrBlock({
      ...{ SubnetId, Ipv6CidrBlock: nth(2) },
    })
    await berth.ec2.modifySubnetAttribute(on)
    await berth.ec2.modifySubnetAttribute({
      ...{ SubnetId, EnableResourceNameDnsAAAARecordOnLaunch: { Value: true } },
    })
    expect((await berth.ec2.describeSubnets({ SubnetIds: [SubnetId] })).Subnets).toMatchObject([
      {
        AssignIpv6AddressOnCreation: true,
        PrivateDnsNameOptionsOnLaunch: { EnableResourceNameDnsAAAARecord: true },
      },
    ])
    const { NetworkInterface } = await berth.ec2.createNetworkInterface({ SubnetId })
    expect(NetworkInterface?.Ipv6Addresses).toEqual([{ Ipv6Address: `${prefix}:2::4`, IsPrimaryIpv6: false }])
    const none = await berth.ec2.createNetworkInterface({ SubnetId, Ipv6AddressCount: 0 })
    expect(none.NetworkInterface?.Ipv6Addresses).toEqual([])
    const AssociationId = Ipv6CidrBlockAssociation?.AssociationId
    const gone = () => refusal(berth.ec2.disassociateSubnetCidrBlock({ AssociationId }))
    expect(await gone()).toBe(
      `InvalidCidrBlock.InUse: The subnet IPv6 CIDR block with association ID ${AssociationId} may not be disassociated, because its subnet has assign-ipv6-address-on-creation set to true.`,
    )
    await berth.ec2.modifySubnetAttribute({ SubnetId, AssignIpv6AddressOnCreation: { Value: false } })
    expect(await gone()).toMatch(/^InvalidCidrBlock.InUse: .* has an address of it/)
    await berth.ec2.deleteNetworkInterface({ NetworkInterfaceId: NetworkInterface?.NetworkInterfaceId })
    expect(await gone()).toBe('not refused')
  })
})

describe('IPv6 addresses of network interfaces', () => {
  let SubnetId: string | undefined
  beforeEach(async () => {
    SubnetId = (await newIpv6Subnet())?.SubnetId
  })
  const made = async (more: object = {}) =>
    (await berth.ec2.createNetworkInterface({ SubnetId, ...more })).NetworkInterface
  const addressesOf = (shown: Awaited<ReturnType<typeof made>>) =>
    shown?.Ipv6Addresses?.map(({ Ipv6Address }) => Ipv6Address)
  const at = (last: string): string => `${prefix}:1::${last}`

  it('are as many as are asked for, or those that are named, and never two of the same', async () => {
    expect(addressesOf(await made())).toEqual([])
    expect(addressesOf(await made({ Ipv6AddressCount: 2 }))).toEqual([at('4'), at('5')])
    const Ipv6Addresses = [{ Ipv6Address: `${prefix}:1:0:0:0:6` }, { Ipv6Address: at('abcd:ef01') }]
    const named = await made({ Ipv6Addresses })
    expect(addressesOf(named)).toEqual([at('6'), at('abcd:ef01')])
    const next = await made({ Ipv6AddressCount: 1 })
    expect(addressesOf(next)).toEqual([at('7')])
    await berth.ec2.deleteNetworkInterface({ NetworkInterfaceId: next?.NetworkInterfaceId })
    expect(addressesOf(await made({ Ipv6AddressCount: 1 }))).toEqual([at('8')])
    const Filters = [{ Name: 'ipv6-addresses.ipv6-address', Values: [at('abcd:ef01')] }]
    const { NetworkInterfaces } = await berth.ec2.describeNetworkInterfaces({ Filters })
    expect(NetworkInterfaces).toEqual([named])
  })

  it('are assigned and taken away later', async () => {
    const NetworkInterfaceId = (await made())?.NetworkInterfaceId
    const assigned = await berth.ec2.assignIpv6Addresses({ NetworkInterfaceId, Ipv6AddressCount: 1 })
    expect(assigned).toMatchObject({ NetworkInterfaceId, AssignedIpv6Addresses: [at('4')] })
    const named = await berth.ec2.assignIpv6Addresses({
      ...{ NetworkInterfaceId, Ipv6Addresses: [at('4'), at('9')] },
    })
    expect(named.AssignedIpv6Addresses).toEqual([at('9')])
    const gone = () =>
      berth.ec2.unassignIpv6Addresses({ NetworkInterfaceId, Ipv6Addresses: [`${prefix}:1:0::4`] })
    expect((await gone()).UnassignedIpv6Addresses).toEqual([at('4')])
    expect(await refusal(gone())).toMatch(/^InvalidParameterValue: .* is not assigned/)
    const { NetworkInterfaces } = await berth.ec2.describeNetworkInterfaces({
      ...{ NetworkInterfaceIds: [NetworkInterfaceId ?? ''] },
    })
    expect(addressesOf(NetworkInterfaces?.[0])).toEqual([at('9')])
  })

  it('are refused where there are none to have', async () => {
    const refused = (more: object) => refusal(made(more))
    const one = (Ipv6Address: string) => ({ Ipv6Addresses: [{ Ipv6Address }] })
    await made(one(at('9')))
    expect(await refused(one(at('9')))).toBe(`InvalidIPAddress.InUse: Address ${at('9')} is in use.`)
    for (const address of [at('3'), at('ffff:ffff:ffff:ffff'), `${prefix}:2::9`, 'ten', '10.0.1.9'])
      expect(await refused(one(address))).toMatch(/^InvalidParameterValue: /)
    expect(await refused({ ...one(at('a')), Ipv6AddressCount: 1 })).toMatch(/^InvalidParameterCombination: /)
    expect(await refused({ Ipv6AddressCount: -1 })).toMatch(/^InvalidParameterValue: /)
    expect(await refused({ Ipv6AddressCount: 51 })).toMatch(/^PrivateIpAddressLimitExceeded: /)
    expect(await refused({ Ipv6Addresses: [{ Ipv6Address: at('a'), IsPrimaryIpv6: true }] })).toMatch(
      /^UnsupportedOperation: IsPrimaryIpv6/,
    )
    expect(await refused({ EnablePrimaryIpv6: true })).toMatch(/^UnsupportedOperation: /)
    expect(await refused({ Ipv6PrefixCount: 1 })).toMatch(/^UnsupportedOperation: /)
    const other = await newSubnet(berth, VpcId, '10.0.7.0/24')
    expect(await refused({ SubnetId: other, Ipv6AddressCount: 1 })).toBe(
      `InvalidParameterValue: The subnet '${other}' has no IPv6 CIDR block associated with it.`,
    )
    const NetworkInterfaceId = (await made())?.NetworkInterfaceId
    const assign = (more: object) => refusal(berth.ec2.assignIpv6Addresses({ NetworkInterfaceId, ...more }))
    expect(await assign({})).toMatch(/^MissingParameter: /)
    expect(await assign({ Ipv6AddressCount: 50 })).toBe('not refused')
    expect(await assign({ Ipv6AddressCount: 1 })).toMatch(/^PrivateIpAddressLimitExceeded: /)
    expect(await refusal(berth.ec2.unassignIpv6Addresses({ NetworkInterfaceId }))).toMatch(
      /^MissingParameter: /,
    )
  })
})
