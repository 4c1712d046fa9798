import { beforeEach, describe, expect, it } from 'vitest'
import { accountId } from '../service-endpoint.ts'
import { Ec2Endpoint } from './ec2-endpoint.ts'
import { missing, newSubnet, newVpc, refusal } from './network-calls.ts'

let berth: Ec2Endpoint
let VpcId: string
beforeEach(async () => {
  berth = await Ec2Endpoint.start()
  VpcId = await newVpc(berth)
})

const newGateway = async (vpc?: string): Promise<string> => {
  const { InternetGateway } = await berth.ec2.createInternetGateway({})
  const InternetGatewayId = InternetGateway?.InternetGatewayId ?? ''
  if (vpc) await berth.ec2.attachInternetGateway({ InternetGatewayId, VpcId: vpc })
  return InternetGatewayId
}
const newTable = async (): Promise<string> =>
  (await berth.ec2.createRouteTable({ VpcId })).RouteTable?.RouteTableId ?? ''
const told = async (RouteTableId: string) =>
  (await berth.ec2.describeRouteTables({ RouteTableIds: [RouteTableId] })).RouteTables?.[0]
const mainTable = async () =>
  (
    await berth.ec2.describeRouteTables({
      Filters: [
        { Name: 'vpc-id', Values: [VpcId] },
        { Name: 'association.main', Values: ['true'] },
      ],
    })
  ).RouteTables?.[0]

describe('Internet gateways', () => {
  it('are attached to one VPC, detached and deleted', async () => {
    const { InternetGateway } = await berth.ec2.createInternetGateway({
      TagSpecifications: [{ ResourceType: 'internet-gateway', Tags: [{ Key: 'a', Value: 'b' }] }],
    })
    const InternetGatewayId = InternetGateway?.InternetGatewayId ?? ''
    expect(InternetGateway).toEqual({
      InternetGatewayId: expect.stringMatching(/^igw-/),
      OwnerId: accountId,
      Attachments: [],
      Tags: [{ Key: 'a', Value: 'b' }],
    })
    await berth.ec2.attachInternetGateway({ InternetGatewayId, VpcId })
    const { InternetGateways } = await berth.ec2.describeInternetGateways({
      Filters: [{ Name: 'attachment.vpc-id', Values: [VpcId] }],
    })
    expect(InternetGateways).toMatchObject([{ Attachments: [{ State: 'available', VpcId }] }])
    expect(await refusal(berth.ec2.deleteInternetGateway({ InternetGatewayId }))).toBe(
      `DependencyViolation: The internetGateway '${InternetGatewayId}' has dependencies and cannot be deleted.`,
    )
    expect(await refusal(berth.ec2.deleteVpc({ VpcId }))).toMatch(/^DependencyViolation: /)
    await berth.ec2.detachInternetGateway({ InternetGatewayId, VpcId })
    await berth.ec2.deleteInternetGateway({ InternetGatewayId })
    expect(await refusal(berth.ec2.deleteInternetGateway({ InternetGatewayId }))).toBe(
      `InvalidInternetGatewayID.NotFound: The internetGateway ID '${InternetGatewayId}' does not exist`,
    )
  })

  it('are refused where there is one, or none', async () => {
    const InternetGatewayId = await newGateway(VpcId)
    expect(await refusal(berth.ec2.attachInternetGateway({ InternetGatewayId, VpcId }))).toMatch(
      /^Resource.AlreadyAssociated: /,
    )
    const other = await newGateway()
    const attached = berth.ec2.attachInternetGateway({ InternetGatewayId: other, VpcId })
    expect(await refusal(attached)).toBe(
      `InvalidParameterValue: Network ${VpcId} already has an internet gateway attached`,
    )
    const detached = berth.ec2.detachInternetGateway({ InternetGatewayId: other, VpcId })
    expect(await refusal(detached)).toBe(
      `Gateway.NotAttached: resource ${other} is not attached to network ${VpcId}`,
    )
  })
})

describe('Routes', () => {
  it('lead to an internet gateway, and nowhere once it is detached', async () => {
    const GatewayId = await newGateway(VpcId)
    const RouteTableId = await newTable()
    await berth.ec2.createRoute({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId })
    await berth.ec2.createRoute({ RouteTableId, DestinationIpv6CidrBlock: '::/0', GatewayId })
    const local = {
      DestinationCidrBlock: '10.0.0.0/16',
      GatewayId: 'local',
      Origin: 'CreateRouteTable',
      State: 'active',
    }
    expect((await told(RouteTableId))?.Routes).toEqual([
      local,
      { DestinationCidrBlock: '0.0.0.0/0', GatewayId, Origin: 'CreateRoute', State: 'active' },
      { DestinationIpv6CidrBlock: '::/0', GatewayId, Origin: 'CreateRoute', State: 'active' },
    ])
    await berth.ec2.detachInternetGateway({ InternetGatewayId: GatewayId, VpcId })
    expect((await told(RouteTableId))?.Routes?.[1]).toMatchObject({ State: 'blackhole' })
  })

  it('are replaced and deleted', async () => {
    const GatewayId = await newGateway(VpcId)
    const RouteTableId = await newTable()
    const route = { RouteTableId, DestinationCidrBlock: '1.2.3.0/24' }
    expect(await refusal(berth.ec2.replaceRoute({ ...route, GatewayId }))).toMatch(
      /^InvalidParameterValue: There is no route defined for '1.2.3.0\/24'/,
    )
    await berth.ec2.createRoute({ ...route, GatewayId })
    await berth.ec2.replaceRoute({ ...route, GatewayId })
    await berth.ec2.deleteRoute(route)
    expect(await refusal(berth.ec2.deleteRoute(route))).toBe(
      `InvalidRoute.NotFound: no route with destination-cidr-block 1.2.3.0/24 in route table ${RouteTableId}`,
    )
    const local = berth.ec2.deleteRoute({ RouteTableId, DestinationCidrBlock: '10.0.0.0/16' })
    expect(await refusal(local)).toMatch(/^InvalidParameterValue: cannot remove local route/)
  })

  it('are refused with what is wrong', async () => {
    const GatewayId = await newGateway(VpcId)
    const RouteTableId = await newTable()
    const refused = (change: object) =>
      refusal(
        berth.ec2.createRoute({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId, ...change }),
      )
    expect(await refused({ DryRun: true })).toMatch(/^DryRunOperation: /)
    expect(await refused({})).toBe('not refused')
    expect(await refused({})).toBe('RouteAlreadyExists: The route identified by 0.0.0.0/0 already exists.')
    expect(await refused({ DestinationCidrBlock: '10.0.0.0/16' })).toMatch(/^RouteAlreadyExists: /)
    expect(await refused({ DestinationCidrBlock: '10.0.7.0/24' })).toMatch(
      /^InvalidParameterValue: .* more specific/,
    )
    expect(await refused({ DestinationCidrBlock: 'ten' })).toMatch(/^InvalidParameterValue: /)
    expect(await refused({ DestinationCidrBlock: undefined })).toMatch(/^MissingParameter: /)
    expect(await refused({ DestinationIpv6CidrBlock: '::/0' })).toMatch(/^InvalidParameterCombination: /)
    expect(await refused({ GatewayId: undefined })).toMatch(/^MissingParameter: /)
    expect(await refused({ NatGatewayId: missing('nat') })).toMatch(/^InvalidParameterCombination: /)
    const there = { DestinationCidrBlock: '1.0.0.0/8' }
    expect(await refused({ ...there, GatewayId: missing('igw') })).toMatch(
      /^InvalidInternetGatewayID.NotFound: /,
    )
    expect(await refused({ ...there, GatewayId: await newGateway() })).toMatch(
      /^InvalidParameterValue: .* belong to different networks/,
    )
    expect(await refused({ ...there, TransitGatewayId: 'tgw-1' })).toMatch(
      /^UnsupportedOperation: TransitGatewayId/,
    )
    expect(await refused({ RouteTableId: missing('rtb') })).toBe(
      `InvalidRouteTableID.NotFound: The routeTable ID '${missing('rtb')}' does not exist`,
    )
  })
})

describe('Route tables', () => {
  it('are associated with subnets', async () => {
    const [RouteTableId, SubnetId] = [await newTable(), await newSubnet(berth, VpcId)]
    const { AssociationId, AssociationState } = await berth.ec2.associateRouteTable({
      RouteTableId,
      SubnetId,
    })
    expect(AssociationState).toEqual({ State: 'associated' })
    expect(await told(RouteTableId)).toMatchObject({
      VpcId,
      OwnerId: accountId,
      PropagatingVgws: [],
      Tags: [],
      Associations: [
        { RouteTableAssociationId: AssociationId, RouteTableId, SubnetId, Main: false, AssociationState },
      ],
    })
    expect(await refusal(berth.ec2.associateRouteTable({ RouteTableId, SubnetId }))).toMatch(
      /^Resource.AlreadyAssociated: /,
    )
    expect(await refusal(berth.ec2.deleteRouteTable({ RouteTableId }))).toBe(
      `DependencyViolation: The routeTable '${RouteTableId}' has dependencies and cannot be deleted.`,
    )
    const second = await newTable()
    const replaced = await berth.ec2.replaceRouteTableAssociation({ AssociationId, RouteTableId: second })
    expect((await told(second))?.Associations).toMatchObject([{ SubnetId }])
    await berth.ec2.deleteRouteTable({ RouteTableId })
    await berth.ec2.disassociateRouteTable({ AssociationId: replaced.NewAssociationId })
    expect(await refusal(berth.ec2.disassociateRouteTable({ AssociationId }))).toMatch(
      /^InvalidAssociationID.NotFound: /,
    )
    await berth.ec2.associateRouteTable({ RouteTableId: second, SubnetId })
    await berth.ec2.deleteSubnet({ SubnetId })
    expect((await told(second))?.Associations).toEqual([])
  })

  it('are the main one of their VPC, from the start or later', async () => {
    const first = await mainTable()
    const AssociationId = first?.Associations?.[0]?.RouteTableAssociationId
    expect(first?.Associations).toMatchObject([{ Main: true }])
    const RouteTableId = first?.RouteTableId
    expect(await refusal(berth.ec2.deleteRouteTable({ RouteTableId }))).toMatch(/^DependencyViolation: /)
    expect(await refusal(berth.ec2.disassociateRouteTable({ AssociationId }))).toMatch(
      /^InvalidParameterValue: /,
    )
    const second = await newTable()
    await berth.ec2.replaceRouteTableAssociation({ AssociationId, RouteTableId: second })
    expect((await mainTable())?.RouteTableId).toBe(second)
    await berth.ec2.deleteRouteTable({ RouteTableId })
    await berth.ec2.deleteVpc({ VpcId })
  })

  it('are made once for each client token', async () => {
    const request = { VpcId, ClientToken: 'token' }
    const { RouteTable } = await berth.ec2.createRouteTable(request)
    expect((await berth.ec2.createRouteTable(request)).RouteTable).toEqual(RouteTable)
    const other = berth.ec2.createRouteTable({ ...request, VpcId: await newVpc(berth) })
    expect(await refusal(other)).toMatch(/^IdempotentParameterMismatch: /)
  })

  it('are associated within their own VPC only', async () => {
    const SubnetId = await newSubnet(berth, await newVpc(berth, '10.1.0.0/16'), '10.1.0.0/24')
    const RouteTableId = await newTable()
    expect(await refusal(berth.ec2.associateRouteTable({ RouteTableId, SubnetId }))).toMatch(
      /^InvalidParameterValue: .* belong to different networks/,
    )
  })
})

describe('The default network ACL', () => {
  it('lets everything through, in subnets of the VPC', async () => {
    const SubnetId = await newSubnet(berth, VpcId)
    const { NetworkAcls } = await berth.ec2.describeNetworkAcls({
      Filters: [
        { Name: 'vpc-id', Values: [VpcId] },
        { Name: 'default', Values: ['true'] },
      ],
    })
    const entry = { Protocol: '-1', CidrBlock: '0.0.0.0/0' }
    expect(NetworkAcls).toMatchObject([
      {
        VpcId,
        OwnerId: accountId,
        IsDefault: true,
        Entries: [
          { ...entry, Egress: true, RuleNumber: 100, RuleAction: 'allow' },
          { ...entry, Egress: true, RuleNumber: 32_767, RuleAction: 'deny' },
          { ...entry, Egress: false, RuleNumber: 100, RuleAction: 'allow' },
          { ...entry, Egress: false, RuleNumber: 32_767, RuleAction: 'deny' },
        ],
        Associations: [{ SubnetId }],
      },
    ])
  })
})
