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

const newAcl = async (): Promise<string> =>
  (await berth.ec2.createNetworkAcl({ VpcId })).NetworkAcl?.NetworkAclId ?? ''
const told = async (NetworkAclId: string) =>
  (await berth.ec2.describeNetworkAcls({ NetworkAclIds: [NetworkAclId] })).NetworkAcls?.[0]
const ofSubnet = async (subnet: string) =>
  (await berth.ec2.describeNetworkAcls({ Filters: [{ Name: 'association.subnet-id', Values: [subnet] }] }))
    .NetworkAcls

const web = {
  RuleNumber: 100,
  Egress: false,
  RuleAction: 'allow',
  Protocol: '6',
  CidrBlock: '10.0.0.9/8',
  PortRange: { From: 80, To: 443 },
} as const

const last = (Egress: boolean) => ({
  ...{ RuleNumber: 32_767, Egress, RuleAction: 'deny', Protocol: '-1', CidrBlock: '0.0.0.0/0' },
})

describe('Network ACLs', () => {
  it('deny everything as they are made, once for a client token', async () => {
    const made = () =>
      berth.ec2.createNetworkAcl({
        VpcId,
        ClientToken: 'once',
        TagSpecifications: [{ ResourceType: 'network-acl', Tags: [{ Key: 'a', Value: 'b' }] }],
      })
    const { NetworkAcl } = await made()
    expect(NetworkAcl).toEqual({
      NetworkAclId: expect.stringMatching(/^acl-/),
      VpcId,
      OwnerId: accountId,
      IsDefault: false,
      Entries: [last(true), last(false)],
      Associations: [],
      Tags: [{ Key: 'a', Value: 'b' }],
    })
    expect((await made()).NetworkAcl?.NetworkAclId).toBe(NetworkAcl?.NetworkAclId)
    await berth.ec2.deleteNetworkAcl({ NetworkAclId: NetworkAcl?.NetworkAclId })
    expect(await refusal(berth.ec2.deleteNetworkAcl({ NetworkAclId: missing('acl') }))).toBe(
      `InvalidNetworkAclID.NotFound: The networkAcl ID '${missing('acl')}' does not exist`,
    )
  })

  it('show their entries by number, with what their protocol has', async () => {
    const NetworkAclId = await newAcl()
    await berth.ec2.createNetworkAclEntry({ NetworkAclId, ...web })
    await berth.ec2.createNetworkAclEntry({
      ...{ NetworkAclId, RuleNumber: 90, Egress: false, RuleAction: 'deny', Protocol: 'icmpv6' },
      ...{ Ipv6CidrBlock: '2001:DB8::1/32', IcmpTypeCode: { Type: 128, Code: -1 } },
      PortRange: { From: 1, To: 2 },
    })
    await berth.ec2.createNetworkAclEntry({
      ...{ NetworkAclId, RuleNumber: 100, Egress: true, RuleAction: 'allow', Protocol: '-1' },
      CidrBlock: '0.0.0.0/0',
    })
    expect((await told(NetworkAclId))?.Entries).toEqual([
      { RuleNumber: 100, Egress: true, RuleAction: 'allow', Protocol: '-1', CidrBlock: '0.0.0.0/0' },
      last(true),
      {
        ...{ RuleNumber: 90, Egress: false, RuleAction: 'deny', Protocol: '58' },
        ...{ Ipv6CidrBlock: '2001:db8::/32', IcmpTypeCode: { Type: 128, Code: -1 } },
      },
      { ...web, CidrBlock: '10.0.0.0/8' },
      last(false),
    ])
  })

  it('have entries replaced and deleted in their direction', async () => {
    const NetworkAclId = await newAcl()
    await berth.ec2.createNetworkAclEntry({ NetworkAclId, ...web })
    await berth.ec2.replaceNetworkAclEntry({ NetworkAclId, ...web, RuleAction: 'deny' })
    expect((await told(NetworkAclId))?.Entries?.[1]).toMatchObject({ RuleNumber: 100, RuleAction: 'deny' })
    const gone = 'InvalidNetworkAclEntry.NotFound: The network acl entry identified by 100 does not exist'
    const egress = { NetworkAclId, RuleNumber: 100, Egress: true }
    expect(await refusal(berth.ec2.replaceNetworkAclEntry({ NetworkAclId, ...web, Egress: true }))).toBe(gone)
    expect(await refusal(berth.ec2.deleteNetworkAclEntry(egress))).toBe(gone)
    await berth.ec2.deleteNetworkAclEntry({ ...egress, Egress: false })
    expect((await told(NetworkAclId))?.Entries).toEqual([last(true), last(false)])
  })

  it('refuse entries that say nothing, too much or what is there', async () => {
    const NetworkAclId = await newAcl()
    const made = (change: object) =>
      refusal(berth.ec2.createNetworkAclEntry({ NetworkAclId, ...web, ...change }))
    expect(await made({ RuleNumber: 32_767 })).toMatch(/^InvalidParameterValue: /)
    expect(await made({ Protocol: 'carrier-pigeon' })).toMatch(/^InvalidParameterValue: /)
    expect(await made({ CidrBlock: '10.0.0.0/33' })).toMatch(/^InvalidParameterValue: /)
    expect(await made({ PortRange: { From: 2, To: 1 } })).toMatch(/^InvalidParameterValue: /)
    expect(await made({ PortRange: undefined })).toMatch(/^MissingParameter: /)
    expect(await made({ Protocol: '1' })).toMatch(/^MissingParameter: /)
    expect(await made({ Ipv6CidrBlock: '::/0' })).toMatch(/^InvalidParameterCombination: /)
    await berth.ec2.createNetworkAclEntry({ NetworkAclId, ...web })
    expect(await made({})).toBe(
      'NetworkAclEntryAlreadyExists: The network acl entry identified by 100 already exists.',
    )
    for (let n = 0; n < 39; n++) expect(await made({ RuleNumber: n + 1 })).toBe('not refused')
    expect(await made({ RuleNumber: 40 })).toMatch(/^NetworkAclEntryLimitExceeded: /)
  })

  it('take subnets over from one another, and stay while they have any', async () => {
    const subnet = await newSubnet(berth, VpcId)
    const [first] = (await ofSubnet(subnet)) ?? []
    const AssociationId = first?.Associations?.[0]?.NetworkAclAssociationId
    const NetworkAclId = await newAcl()
    const { NewAssociationId } = await berth.ec2.replaceNetworkAclAssociation({ AssociationId, NetworkAclId })
    expect(await ofSubnet(subnet)).toMatchObject([
      { NetworkAclId, Associations: [{ NetworkAclAssociationId: NewAssociationId, SubnetId: subnet }] },
    ])
    const again = berth.ec2.replaceNetworkAclAssociation({ AssociationId, NetworkAclId })
    expect(await refusal(again)).toBe(
      `InvalidAssociationID.NotFound: The association ID '${AssociationId}' does not exist`,
    )
    expect(await refusal(berth.ec2.deleteNetworkAcl({ NetworkAclId }))).toBe(
      `DependencyViolation: The networkAcl '${NetworkAclId}' has dependencies and cannot be deleted.`,
    )
    const ofDefault = berth.ec2.deleteNetworkAcl({ NetworkAclId: first?.NetworkAclId })
    expect(await refusal(ofDefault)).toBe(
      `InvalidParameterValue: cannot delete default network ACL ${first?.NetworkAclId}`,
    )
    const elsewhere = await newVpc(berth, '10.9.0.0/16')
    const other = (await berth.ec2.createNetworkAcl({ VpcId: elsewhere })).NetworkAcl?.NetworkAclId
    const crossed = berth.ec2.replaceNetworkAclAssociation({
      AssociationId: NewAssociationId,
      NetworkAclId: other,
    })
    expect(await refusal(crossed)).toMatch(/^InvalidParameterValue: /)
    await berth.ec2.deleteSubnet({ SubnetId: subnet })
    await berth.ec2.deleteNetworkAcl({ NetworkAclId })
    await berth.ec2.deleteVpc({ VpcId })
  })

  it('stay associated with a subnet that is given the one that it has', async () => {
    const subnet = await newSubnet(berth, VpcId)
    const [acl] = (await ofSubnet(subnet)) ?? []
    const AssociationId = acl?.Associations?.[0]?.NetworkAclAssociationId
    const { NetworkAclId } = acl ?? {}
    await berth.ec2.replaceNetworkAclAssociation({ AssociationId, NetworkAclId })
    expect(await ofSubnet(subnet)).toMatchObject([{ NetworkAclId, Associations: [{ SubnetId: subnet }] }])
  })
})
