import type { DescribeDhcpOptionsRequest, DescribeDhcpOptionsResult, DhcpOptions } from '@aws-sdk/client-ec2'
import { scopeKey } from '@berth/model'
import type { Call } from '../../../service.ts'
import { ec2Error } from '../../errors.ts'
import { type FilterTexts, readFilters, tagFilters } from '../../filters.ts'
import { reading } from '../../network/operations.ts'
import { privateDomainOf } from '../../network/private-names.ts'
import { pageOf } from '../../pages.ts'
import { networkAccounts } from '../../tables/index.ts'

/** The ones that every VPC has. (AWS: "DHCP option sets in Amazon VPC", default DHCP option set) */
const optionsOf = ({ store, scope }: Call): DhcpOptions => ({
  DhcpOptionsId: store.get(networkAccounts, scopeKey(scope))?.dhcpOptionsId,
  OwnerId: scope.accountId,
  DhcpConfigurations: [
    { Key: 'domain-name', Values: [{ Value: privateDomainOf(scope.region) }] },
    { Key: 'domain-name-servers', Values: [{ Value: 'AmazonProvidedDNS' }] },
  ],
  Tags: [],
})

const filters: FilterTexts<DhcpOptions> = {
  'dhcp-options-id': ({ DhcpOptionsId }) => [DhcpOptionsId],
  key: ({ DhcpConfigurations = [] }) => DhcpConfigurations.map(({ Key }) => Key),
  'owner-id': ({ OwnerId }) => [OwnerId],
  value: ({ DhcpConfigurations = [] }) =>
    DhcpConfigurations.flatMap(({ Values = [] }) => Values.map(({ Value }) => Value)),
  ...tagFilters<DhcpOptions>(() => []),
}

export const describeDhcpOptions = reading<DescribeDhcpOptionsRequest, DescribeDhcpOptionsResult>({
  name: 'DescribeDhcpOptions',
  takes: ['DhcpOptionsIds', 'Filters', 'MaxResults', 'NextToken'],
  read: (input, call) => {
    const { DhcpOptionsIds = [], Filters } = input
    const options = optionsOf(call)
    const unknown = DhcpOptionsIds.find(id => id !== options.DhcpOptionsId)
    if (unknown !== undefined)
      throw ec2Error('InvalidDhcpOptionID.NotFound', `The dhcpOption ID '${unknown}' does not exist`)
    const rows = [options]
      .filter(readFilters(Filters, filters))
      .map(shown => ({ id: shown.DhcpOptionsId ?? '', shown }))
    const { items } = pageOf('DescribeDhcpOptions', input, rows, DhcpOptionsIds)
    return { DhcpOptions: items.map(({ shown }) => shown) }
  },
})
