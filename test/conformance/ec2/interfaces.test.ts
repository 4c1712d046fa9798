import { beforeEach, describe, expect, it } from 'vitest'
import { accountId, region } from '../service-endpoint.ts'
import { Ec2Endpoint } from './ec2-endpoint.ts'
import { missing, newSubnet, newVpc, refusal } from './network-calls.ts'

let berth: Ec2Endpoint
let VpcId: string
let SubnetId: string
beforeEach(async () => {
  berth = await Ec2Endpoint.start()
  VpcId = await newVpc(berth)
  SubnetId = await newSubnet(berth, VpcId, '10.0.1.0/28')
})

const newInterface = async (more: object = {}) =>
  (await berth.ec2.createNetworkInterface({ SubnetId, ...more })).NetworkInterface
const newAddress = async (): Promise<string> => (await berth.ec2.allocateAddress({})).AllocationId ?? ''
const attachGateway = async (): Promise<string> => {
  const { InternetGateway } = await berth.ec2.createInternetGateway({})
  const InternetGatewayId = InternetGateway?.InternetGatewayId ?? ''
  await berth.ec2.attachInternetGateway({ InternetGatewayId, VpcId })
  return InternetGatewayId
}
const available = async () =>
  (await berth.ec2.describeSubnets({ SubnetIds: [SubnetId] })).Subnets?.[0]?.AvailableIpAddressCount

describe('Network interfaces', () => {
  it('have the lowest free address, the default group and a name', async () => {
    const made = await newInterface({
      Description: 'first',
      TagSpecifications: [{ ResourceType: 'network-interface', Tags: [{ Key: 'a', Value: 'b' }] }],
    })
    const { NetworkInterfaces } = await berth.ec2.describeNetworkInterfaces({})
    expect(NetworkInterfaces).toEqual([made])
    const { SecurityGroups } = await berth.ec2.describeSecurityGroups({
      Filters: [{ Name: 'vpc-id', Values: [VpcId] }],
    })
    expect(made).toEqual({
      NetworkInterfaceId: expect.stringMatching(/^eni-[0-9a-f]{17}$/),
      OwnerId: accountId,
      VpcId,
      SubnetId,
      AvailabilityZone: `${region}a`,
      Description: 'first',
      InterfaceType: 'interface',
      MacAddress: expect.stringMatching(/^02(:[0-9a-f]{2}){5}$/),
      PrivateIpAddress: '10.0.1.4',
      PrivateDnsName: 'ip-10-0-1-4.ec2.internal',
      PrivateIpAddresses: [
        { Primary: true, PrivateIpAddress: '10.0.1.4', PrivateDnsName: 'ip-10-0-1-4.ec2.internal' },
      ],
      Ipv6Addresses: [],
      Groups: [{ GroupId: SecurityGroups?.[0]?.GroupId, GroupName: 'default' }],
      SourceDestCheck: true,
      RequesterManaged: false,
      Status: 'available',
      TagSet: [{ Key: 'a', Value: 'b' }],
    })
    expect(await available()).toBe(10)
  })

  it('never share an address, and get one that was given back as late as can be', async () => {
    const first = await newInterface()
    await berth.ec2.deleteNetworkInterface({ NetworkInterfaceId: first?.NetworkInterfaceId })
    const seen = new Set<string | undefined>()
    for (let n = 0; n < 11; n++) seen.add((await newInterface())?.PrivateIpAddress)
    expect(seen.size).toBe(11)
    expect([...seen].at(-1)).toBe('10.0.1.4')
    expect(await available()).toBe(0)
    expect(await refusal(newInterface())).toMatch(/^InsufficientFreeAddressesInSubnet: /)
  })

  it('have addresses that are asked for, and several', async () => {
    const made = await newInterface({ PrivateIpAddress: '10.0.1.5', SecondaryPrivateIpAddressCount: 2 })
    expect(made?.PrivateIpAddresses?.map(ip => ip.PrivateIpAddress)).toEqual([
      '10.0.1.5',
      '10.0.1.4',
      '10.0.1.6',
    ])
    const [eighth, ninth] = [{ PrivateIpAddress: '10.0.1.8' }, { PrivateIpAddress: '10.0.1.9' }]
    const primary = { ...ninth, Primary: true }
    const listed = await newInterface({ PrivateIpAddresses: [eighth, primary] })
    expect(listed?.PrivateIpAddresses?.map(ip => ip.PrivateIpAddress)).toEqual(['10.0.1.9', '10.0.1.8'])
    expect(
      await refusal(newInterface({ PrivateIpAddresses: [{ ...eighth, Primary: true }, primary] })),
    ).toMatch(/^InvalidParameterValue: /)
    expect(await refusal(newInterface({ ...ninth, PrivateIpAddresses: [primary] }))).toMatch(
      /^InvalidParameterCombination: /,
    )
    expect(await refusal(newInterface({ PrivateIpAddress: '10.0.1.6' }))).toBe(
      'InvalidIPAddress.InUse: Address 10.0.1.6 is in use.',
    )
    for (const PrivateIpAddress of ['10.0.2.4', '10.0.1.1', '10.0.1.15', 'ten'])
      expect(await refusal(newInterface({ PrivateIpAddress }))).toMatch(/^InvalidParameterValue: /)
    expect(await refusal(newInterface({ SecondaryPrivateIpAddressCount: 8 }))).toMatch(
      /^InsufficientFreeAddressesInSubnet: /,
    )
    expect(await available()).toBe(6)
  })

  it('keep subnets and groups from being deleted, and change', async () => {
    const { GroupId = '' } = await berth.ec2.createSecurityGroup({ GroupName: 'g', Description: 'g', VpcId })
    const NetworkInterfaceId = (await newInterface())?.NetworkInterfaceId
    const modify = (change: object) =>
      berth.ec2.modifyNetworkInterfaceAttribute({ NetworkInterfaceId, ...change })
    await modify({ Groups: [GroupId] })
    await modify({ Description: { Value: 'other' } })
    await modify({ SourceDestCheck: { Value: false } })
    const { NetworkInterfaces } = await berth.ec2.describeNetworkInterfaces({
      Filters: [{ Name: 'group-id', Values: [GroupId] }],
    })
    expect(NetworkInterfaces).toMatchObject([
      { Description: 'other', SourceDestCheck: false, Groups: [{ GroupId, GroupName: 'g' }] },
    ])
    expect(await refusal(berth.ec2.deleteSecurityGroup({ GroupId }))).toMatch(/^DependencyViolation: /)
    expect(await refusal(berth.ec2.deleteSubnet({ SubnetId }))).toBe(
      `DependencyViolation: The subnet '${SubnetId}' has dependencies and cannot be deleted.`,
    )
    expect(await refusal(modify({}))).toMatch(/^InvalidParameterCombination: /)
    expect(await refusal(modify({ Groups: [missing('sg')] }))).toMatch(/^InvalidGroup.NotFound: /)
    await berth.ec2.deleteNetworkInterface({ NetworkInterfaceId })
    expect(await refusal(berth.ec2.deleteNetworkInterface({ NetworkInterfaceId }))).toMatch(
      /^InvalidNetworkInterfaceID.NotFound: /,
    )
  })
})

describe('Elastic IP addresses', () => {
  it('are allocated, associated and released', async () => {
    const { AllocationId = '', PublicIp } = await berth.ec2.allocateAddress({ Domain: 'vpc' })
    expect(PublicIp).toBe('198.18.0.1')
    const NetworkInterfaceId = (await newInterface())?.NetworkInterfaceId
    expect(await refusal(berth.ec2.associateAddress({ AllocationId, NetworkInterfaceId }))).toMatch(
      /^Gateway.NotAttached: /,
    )
    const InternetGatewayId = await attachGateway()
    const { AssociationId } = await berth.ec2.associateAddress({ AllocationId, NetworkInterfaceId })
    const { Addresses } = await berth.ec2.describeAddresses({ PublicIps: [PublicIp ?? ''] })
    expect(Addresses).toEqual([
      {
        AllocationId,
        PublicIp,
        Domain: 'vpc',
        PublicIpv4Pool: 'amazon',
        NetworkBorderGroup: region,
        AssociationId,
        NetworkInterfaceId,
        NetworkInterfaceOwnerId: accountId,
        PrivateIpAddress: '10.0.1.4',
        Tags: [],
      },
    ])
    const { NetworkInterfaces } = await berth.ec2.describeNetworkInterfaces({
      Filters: [{ Name: 'association.public-ip', Values: ['198.18.*'] }],
    })
    expect(NetworkInterfaces).toMatchObject([{ Association: { AllocationId, AssociationId, PublicIp } }])
    expect(await refusal(berth.ec2.releaseAddress({ AllocationId }))).toMatch(/^InvalidIPAddress.InUse: /)
    const elsewhere = berth.ec2.releaseAddress({ AllocationId, NetworkBorderGroup: 'us-east-1-mars-1' })
    expect(await refusal(elsewhere)).toMatch(/^InvalidAddress.NotFound: /)
    expect(await refusal(berth.ec2.detachInternetGateway({ InternetGatewayId, VpcId }))).toMatch(
      /^DependencyViolation: .* mapped public address/,
    )
    const other = { AllocationId: await newAddress(), NetworkInterfaceId }
    expect(await refusal(berth.ec2.associateAddress(other))).toMatch(/^Resource.AlreadyAssociated: /)
    const moved = await berth.ec2.associateAddress({ ...other, AllowReassociation: true })
    expect(await refusal(berth.ec2.disassociateAddress({ AssociationId }))).toMatch(
      /^InvalidAssociationID.NotFound: /,
    )
    await berth.ec2.disassociateAddress({ AssociationId: moved.AssociationId })
    await berth.ec2.releaseAddress({ AllocationId })
    expect(await refusal(berth.ec2.releaseAddress({ AllocationId }))).toMatch(
      /^InvalidAllocationID.NotFound: /,
    )
    expect(await refusal(berth.ec2.describeAddresses({ PublicIps: ['1.2.3.4'] }))).toMatch(
      /^InvalidAddress.NotFound: /,
    )
  })

  it('are at most a hundred, and told with their attributes', async () => {
    for (let n = 0; n < 100; n++) await newAddress()
    expect(await refusal(newAddress())).toMatch(/^AddressLimitExceeded: /)
    const { Addresses } = await berth.ec2.describeAddressesAttribute({ Attribute: 'domain-name' })
    expect(new Set(Addresses?.map(({ PublicIp }) => PublicIp)).size).toBe(100)
    expect(await refusal(berth.ec2.allocateAddress({ Domain: 'standard' }))).toMatch(
      /^InvalidParameterValue: /,
    )
  })
})

describe('NAT gateways', () => {
  it('hold an address of their subnet and an Elastic IP address until they are deleted', async () => {
    await attachGateway()
    const AllocationId = await newAddress()
    const { NatGateway } = await berth.ec2.createNatGateway({ SubnetId, AllocationId })
    const NatGatewayId = NatGateway?.NatGatewayId ?? ''
    const { NatGateways } = await berth.ec2.describeNatGateways({ NatGatewayIds: [NatGatewayId] })
    expect(NatGateways).toEqual([
      {
        NatGatewayId,
        VpcId,
        SubnetId,
        State: 'available',
        ConnectivityType: 'public',
        CreateTime: new Date(berth.clock.now()),
        NatGatewayAddresses: [
          {
            AllocationId,
            AssociationId: expect.stringMatching(/^eipassoc-/),
            NetworkInterfaceId: expect.stringMatching(/^eni-/),
            PrivateIp: '10.0.1.4',
            PublicIp: '198.18.0.1',
            IsPrimary: true,
            Status: 'succeeded',
          },
        ],
        Tags: [],
      },
    ])
    expect(NatGateway).toEqual({ ...NatGateways?.[0], State: 'pending' })
    const [used] = NatGateways?.[0]?.NatGatewayAddresses ?? []
    const { NetworkInterfaceId, AssociationId } = used ?? {}
    expect(await refusal(berth.ec2.deleteNetworkInterface({ NetworkInterfaceId }))).toMatch(
      /^InvalidNetworkInterface.InUse: /,
    )
    expect(await refusal(berth.ec2.disassociateAddress({ AssociationId }))).toMatch(/^AuthFailure: /)
    expect(await refusal(berth.ec2.createNatGateway({ SubnetId, AllocationId }))).toMatch(
      /^Resource.AlreadyAssociated: /,
    )
    await berth.ec2.deleteNatGateway({ NatGatewayId })
    const gone = await berth.ec2.describeNatGateways({ Filter: [{ Name: 'state', Values: ['deleted'] }] })
    expect(gone.NatGateways).toMatchObject([{ NatGatewayId, DeleteTime: new Date(berth.clock.now()) }])
    berth.clock.advance(3_600_001)
    expect((await berth.ec2.describeNatGateways({})).NatGateways).toEqual([])
    await berth.ec2.releaseAddress({ AllocationId })
    await berth.ec2.deleteSubnet({ SubnetId })
  })

  it('are made once for a client token, and anew when what it has made is deleted', async () => {
    const made = async () => {
      const request = { SubnetId, ConnectivityType: 'private', ClientToken: 'token' } as const
      return (await berth.ec2.createNatGateway(request)).NatGateway?.NatGatewayId ?? ''
    }
    const NatGatewayId = await made()
    expect(await made()).toBe(NatGatewayId)
    await berth.ec2.deleteNatGateway({ NatGatewayId })
    expect(await made()).not.toBe(NatGatewayId)
  })

  it('are routed to, and may be private', async () => {
    const { NatGateway } = await berth.ec2.createNatGateway({
      SubnetId,
      ConnectivityType: 'private',
      PrivateIpAddress: '10.0.1.9',
    })
    const NatGatewayId = NatGateway?.NatGatewayId
    expect(NatGateway?.NatGatewayAddresses?.[0]).toMatchObject({ PrivateIp: '10.0.1.9' })
    const { RouteTable } = await berth.ec2.createRouteTable({ VpcId })
    const RouteTableId = RouteTable?.RouteTableId ?? ''
    await berth.ec2.createRoute({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId })
    const route = async () =>
      (await berth.ec2.describeRouteTables({ RouteTableIds: [RouteTableId] })).RouteTables?.[0]?.Routes?.[1]
    expect(await route()).toMatchObject({ NatGatewayId, State: 'active' })
    await berth.ec2.deleteNatGateway({ NatGatewayId })
    expect(await route()).toMatchObject({ NatGatewayId, State: 'blackhole' })
  })

  it('are refused with what is wrong', async () => {
    const AllocationId = await newAddress()
    const refused = (request: object) => refusal(berth.ec2.createNatGateway({ SubnetId, ...request }))
    expect(await refused({})).toMatch(/^MissingParameter: /)
    expect(await refused({ AllocationId })).toMatch(/^Gateway.NotAttached: /)
    expect(await refused({ AllocationId, ConnectivityType: 'private' })).toMatch(
      /^InvalidParameterCombination: /,
    )
    expect(await refused({ AllocationId: missing('eipalloc') })).toMatch(/^InvalidAllocationID.NotFound: /)
    expect(await refused({ SubnetId: missing('subnet') })).toMatch(/^InvalidSubnetID.NotFound: /)
    expect(await refusal(berth.ec2.deleteNatGateway({ NatGatewayId: missing('nat') }))).toBe(
      `NatGatewayNotFound: NAT gateway ${missing('nat')} was not found`,
    )
    expect(await refusal(berth.ec2.deleteNatGateway({ NatGatewayId: 'nat-x' }))).toMatch(
      /^NatGatewayMalformed: /,
    )
  })
})
