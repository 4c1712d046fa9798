import { beforeEach, describe, expect, it } from 'vitest'
import { Ec2Endpoint } from './ec2-endpoint.ts'
import { missing, newVpc, refusal } from './network-calls.ts'

let berth: Ec2Endpoint
let VpcId: string
let block: string
beforeEach(async () => {
  berth = await Ec2Endpoint.start()
  const { Vpc } = await berth.ec2.createVpc({ CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true })
  VpcId = Vpc?.VpcId ?? ''
  block = Vpc?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock ?? ''
})

const tableOf = async () => {
  const Filters = [{ Name: 'vpc-id', Values: [VpcId] }]
  return (await berth.ec2.describeRouteTables({ Filters })).RouteTables?.[0]
}

describe('Egress-only internet gateways', () => {
  const created = async (more: object = {}) =>
    (await berth.ec2.createEgressOnlyInternetGateway({ VpcId, ...more })).EgressOnlyInternetGateway

  it('are made, described and deleted, and routes of IPv6 lead to them', async () => {
    const TagSpecifications = [
      { ResourceType: 'egress-only-internet-gateway' as const, Tags: [{ Key: 'Name', Value: 'out' }] },
    ]
    const gateway = await created({ TagSpecifications, ClientToken: 'once' })
    expect(gateway).toEqual({
      EgressOnlyInternetGatewayId: expect.stringMatching(/^eigw-[0-9a-f]{17}$/),
      Attachments: [{ State: 'attached', VpcId }],
      Tags: [{ Key: 'Name', Value: 'out' }],
    })
    expect(await created({ TagSpecifications, ClientToken: 'once' })).toEqual(gateway)
    const id = gateway?.EgressOnlyInternetGatewayId
    const described = async (request: object) =>
      (await berth.ec2.describeEgressOnlyInternetGateways(request)).EgressOnlyInternetGateways
    expect(await described({ EgressOnlyInternetGatewayIds: [id] })).toEqual([gateway])
    expect(await described({ Filters: [{ Name: 'tag:Name', Values: ['out'] }] })).toEqual([gateway])
    expect(await described({ EgressOnlyInternetGatewayIds: [missing('eigw')] })).toEqual([])

    const RouteTableId = (await tableOf())?.RouteTableId
    const route = { RouteTableId, DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId: id }
    await berth.ec2.createRoute(route)
    const out = {
      ...{ DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId: id },
      ...{ Origin: 'CreateRoute', State: 'active' },
    }
    expect((await tableOf())?.Routes?.at(-1)).toEqual(out)
    const Filters = [{ Name: 'route.egress-only-internet-gateway-id', Values: [id ?? ''] }]
    expect((await berth.ec2.describeRouteTables({ Filters })).RouteTables).toMatchObject([{ RouteTableId }])
    expect(await refusal(berth.ec2.deleteVpc({ VpcId }))).toMatch(/^DependencyViolation: /)
    const gone = () => berth.ec2.deleteEgressOnlyInternetGateway({ EgressOnlyInternetGatewayId: id })
    expect(await gone()).toMatchObject({ ReturnCode: true })
    expect((await tableOf())?.Routes?.at(-1)).toEqual({ ...out, State: 'blackhole' })
    expect(await refusal(gone())).toMatch(/^InvalidEgressOnlyInternetGatewayId.NotFound: /)
  })

  it('are one for each VPC, and for IPv6 alone', async () => {
    const EgressOnlyInternetGatewayId = (await created())?.EgressOnlyInternetGatewayId
    expect(await refusal(created())).toBe(
      `InvalidParameterValue: Network ${VpcId} already has an egress-only internet gateway attached`,
    )
    const RouteTableId = (await tableOf())?.RouteTableId
    const refused = (more: object) =>
      refusal(
        berth.ec2.createRoute({
          ...{
            RouteTableId,
            DestinationIpv6CidrBlock: '2001:db8::/32',
            EgressOnlyInternetGatewayId,
            ...more,
          },
        }),
      )
    const ipv4 = { DestinationIpv6CidrBlock: undefined, DestinationCidrBlock: '0.0.0.0/0' }
    expect(await refused(ipv4)).toMatch(/^InvalidParameterValue: .* IPv6 routes only/)
    expect(await refused({ DestinationIpv6CidrBlock: block.replace('/56', '/64') })).toMatch(
      /^InvalidParameterValue: .* more specific/,
    )
    expect(await refused({ DestinationIpv6CidrBlock: block })).toMatch(/^RouteAlreadyExists: /)
    expect(await refused({ GatewayId: missing('igw') })).toMatch(/^InvalidParameterCombination: /)
    expect(await refused({ EgressOnlyInternetGatewayId: missing('eigw') })).toMatch(
      /^InvalidEgressOnlyInternetGatewayId.NotFound: /,
    )
    const other = await newVpc(berth, '10.5.0.0/16')
    const foreign = await created({ VpcId: other })
    expect(await refused({ EgressOnlyInternetGatewayId: foreign?.EgressOnlyInternetGatewayId })).toMatch(
      /^InvalidParameterValue: .* belong to different networks/,
    )
  })
})
