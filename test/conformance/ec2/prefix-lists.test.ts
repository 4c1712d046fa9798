import { beforeEach, describe, expect, it } from 'vitest'
import { accountId } from '../service-endpoint.ts'
import { Ec2Endpoint } from './ec2-endpoint.ts'
import { missing, newVpc, refusal } from './network-calls.ts'

let berth: Ec2Endpoint
beforeEach(async () => {
  berth = await Ec2Endpoint.start()
})

const offices = { Cidr: '198.51.100.0/24', Description: 'offices' }
const home = { Cidr: '203.0.113.0/24' }

const newList = async (change: object = {}): Promise<string> => {
  const { PrefixList } = await berth.ec2.createManagedPrefixList({
    ...{ PrefixListName: 'offices', MaxEntries: 2, AddressFamily: 'IPv4', Entries: [offices] },
    ...change,
  })
  return PrefixList?.PrefixListId ?? ''
}
const entriesOf = async (PrefixListId: string, TargetVersion?: number) =>
  (await berth.ec2.getManagedPrefixListEntries({ PrefixListId, TargetVersion })).Entries

describe('Managed prefix lists', () => {
  it('are made with their entries, found by name and deleted', async () => {
    const PrefixListId = await newList({
      TagSpecifications: [{ ResourceType: 'prefix-list', Tags: [{ Key: 'a', Value: 'b' }] }],
    })
    const Filters = [{ Name: 'prefix-list-name', Values: ['off*'] }]
    const shown = {
      PrefixListId,
      PrefixListArn: `arn:aws:ec2:us-east-1:${accountId}:prefix-list/${PrefixListId}`,
      PrefixListName: 'offices',
      AddressFamily: 'IPv4',
      State: 'create-complete',
      MaxEntries: 2,
      Version: 1,
      OwnerId: accountId,
      Tags: [{ Key: 'a', Value: 'b' }],
    }
    expect((await berth.ec2.describeManagedPrefixLists({ Filters })).PrefixLists).toEqual([shown])
    expect(await entriesOf(PrefixListId)).toEqual([offices])
    const { PrefixList } = await berth.ec2.deleteManagedPrefixList({ PrefixListId })
    expect(PrefixList).toEqual({ ...shown, State: 'delete-complete' })
    expect(await refusal(berth.ec2.deleteManagedPrefixList({ PrefixListId }))).toBe(
      `InvalidPrefixListID.NotFound: The prefix list ID '${PrefixListId}' does not exist`,
    )
  })

  it('get a version with each change of their entries, which may be looked at and restored', async () => {
    const PrefixListId = await newList()
    const { PrefixList } = await berth.ec2.modifyManagedPrefixList({
      ...{ PrefixListId, CurrentVersion: 1, RemoveEntries: [{ Cidr: offices.Cidr }] },
      AddEntries: [home, { Cidr: '192.0.2.9/24' }],
    })
    expect(PrefixList).toMatchObject({ Version: 2, State: 'modify-complete' })
    expect(await entriesOf(PrefixListId)).toEqual([home, { Cidr: '192.0.2.0/24' }])
    expect(await entriesOf(PrefixListId, 1)).toEqual([offices])
    const renamed = await berth.ec2.modifyManagedPrefixList({ PrefixListId, PrefixListName: 'homes' })
    expect(renamed.PrefixList).toMatchObject({ PrefixListName: 'homes', Version: 2 })
    const restored = await berth.ec2.restoreManagedPrefixListVersion({
      ...{ PrefixListId, PreviousVersion: 1, CurrentVersion: 2 },
    })
    expect(restored.PrefixList).toMatchObject({ Version: 3, State: 'restore-complete' })
    expect(await entriesOf(PrefixListId)).toEqual([offices])
  })

  it('are told by pages', async () => {
    const PrefixListId = await newList({ Entries: [offices, home] })
    const first = await berth.ec2.getManagedPrefixListEntries({ PrefixListId, MaxResults: 1 })
    expect(first.Entries).toEqual([offices])
    const { NextToken } = first
    const second = await berth.ec2.getManagedPrefixListEntries({ PrefixListId, MaxResults: 1, NextToken })
    expect(second).toMatchObject({ Entries: [home] })
    expect(second.NextToken).toBeUndefined()
  })

  it('refuse what does not fit, and change nothing', async () => {
    const PrefixListId = await newList()
    const modified = (change: object) =>
      refusal(berth.ec2.modifyManagedPrefixList({ PrefixListId, CurrentVersion: 1, ...change }))
    expect(await modified({ CurrentVersion: 7, AddEntries: [home] })).toBe(
      'PrefixListVersionMismatch: The prefix list has the incorrect version number.',
    )
    expect(await modified({ CurrentVersion: undefined, AddEntries: [home] })).toMatch(/^MissingParameter: /)
    expect(await modified({ AddEntries: [home], MaxEntries: 5 })).toMatch(/^InvalidParameterCombination: /)
    expect(await modified({ AddEntries: [offices] })).toMatch(/^InvalidParameterValue: /)
    expect(await modified({ AddEntries: [{ Cidr: '2001:db8::/32' }] })).toMatch(/^InvalidParameterValue: /)
    expect(await modified({ RemoveEntries: [{ Cidr: home.Cidr }] })).toMatch(/^InvalidParameterValue: /)
    expect(await modified({ AddEntries: [home, { Cidr: '192.0.2.0/24' }] })).toMatch(
      /^PrefixListMaxEntriesExceeded: /,
    )
    expect(await modified({ MaxEntries: 0 })).toMatch(/^InvalidParameterValue: /)
    expect(await entriesOf(PrefixListId)).toEqual([offices])
    expect(await refusal(newList({ PrefixListName: 'com.amazonaws.mine' }))).toMatch(
      /^InvalidParameterValue: /,
    )
    expect(await refusal(newList({ AddressFamily: 'IPv5' }))).toMatch(/^InvalidParameterValue: /)
  })

  it('stand in rules and routes, which keep them', async () => {
    const VpcId = await newVpc(berth)
    const PrefixListId = await newList()
    const { GroupId } = await berth.ec2.createSecurityGroup({ GroupName: 'g', Description: 'g', VpcId })
    const permission = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, PrefixListIds: [{ PrefixListId }] }
    await berth.ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [permission] })
    const { SecurityGroups } = await berth.ec2.describeSecurityGroups({ GroupIds: [GroupId ?? ''] })
    expect(SecurityGroups?.[0]?.IpPermissions).toMatchObject([permission])
    const unknown = { ...permission, PrefixListIds: [{ PrefixListId: missing('pl') }] }
    const refused = berth.ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [unknown] })
    expect(await refusal(refused)).toMatch(/^InvalidPrefixListID.NotFound: /)

    const { InternetGateway } = await berth.ec2.createInternetGateway({})
    const GatewayId = InternetGateway?.InternetGatewayId ?? ''
    await berth.ec2.attachInternetGateway({ InternetGatewayId: GatewayId, VpcId })
    const { RouteTable } = await berth.ec2.createRouteTable({ VpcId })
    const RouteTableId = RouteTable?.RouteTableId ?? ''
    const route = { RouteTableId, DestinationPrefixListId: PrefixListId }
    await berth.ec2.createRoute({ ...route, GatewayId })
    expect(await refusal(berth.ec2.createRoute({ ...route, GatewayId }))).toBe(
      `RouteAlreadyExists: The route identified by ${PrefixListId} already exists.`,
    )
    const { PrefixListAssociations } = await berth.ec2.getManagedPrefixListAssociations({ PrefixListId })
    expect(PrefixListAssociations?.map(({ ResourceId }) => ResourceId)).toEqual([GroupId, RouteTableId])
    expect(await refusal(berth.ec2.deleteManagedPrefixList({ PrefixListId }))).toBe(
      `DependencyViolation: The prefixList '${PrefixListId}' has dependencies and cannot be deleted.`,
    )
    await berth.ec2.deleteRoute(route)
    await berth.ec2.revokeSecurityGroupIngress({ GroupId, IpPermissions: [permission] })
    await berth.ec2.deleteManagedPrefixList({ PrefixListId })
  })
})
