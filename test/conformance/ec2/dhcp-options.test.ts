import { beforeEach, describe, expect, it } from 'vitest'
import { accountId } from '../service-endpoint.ts'
import { Ec2Endpoint } from './ec2-endpoint.ts'
import { missing, refusal } from './network-calls.ts'

let berth: Ec2Endpoint
beforeEach(async () => {
  berth = await Ec2Endpoint.start()
})

describe('DHCP options', () => {
  it('are the ones that every VPC has', async () => {
    const { Vpcs } = await berth.ec2.describeVpcs({})
    const DhcpOptionsId = Vpcs?.[0]?.DhcpOptionsId ?? ''
    const { DhcpOptions } = await berth.ec2.describeDhcpOptions({ DhcpOptionsIds: [DhcpOptionsId] })
    expect(DhcpOptions).toEqual([
      {
        DhcpOptionsId,
        OwnerId: accountId,
        DhcpConfigurations: [
          { Key: 'domain-name', Values: [{ Value: 'ec2.internal' }] },
          { Key: 'domain-name-servers', Values: [{ Value: 'AmazonProvidedDNS' }] },
        ],
        Tags: [],
      },
    ])
  })

  it.each([
    ['key', 'domain-name'],
    ['value', 'AmazonProvidedDNS'],
    ['owner-id', accountId],
    ['dhcp-options-id', 'dopt-*'],
  ])('take the filter %s', async (Name, value) => {
    const found = async (text: string) =>
      (await berth.ec2.describeDhcpOptions({ Filters: [{ Name, Values: [text] }] })).DhcpOptions?.length
    expect([await found(value), await found('something else')]).toEqual([1, 0])
  })

  it('are refused when there are none', async () => {
    expect(await refusal(berth.ec2.describeDhcpOptions({ DhcpOptionsIds: [missing('dopt')] }))).toBe(
      `InvalidDhcpOptionID.NotFound: The dhcpOption ID '${missing('dopt')}' does not exist`,
    )
  })
})
