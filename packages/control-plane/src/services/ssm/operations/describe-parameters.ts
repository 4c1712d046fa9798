import type {
  DescribeParametersRequest,
  DescribeParametersResult,
  ParameterStringFilter,
} from '@aws-sdk/client-ssm'
import { scopeKey } from '@berth/model'
import { takeRows } from '../../row-page.ts'
import { operation } from '../../service.ts'
import { timestamp } from '../../timestamp.ts'
import { pageRules, validation } from '../errors.ts'
import { checkFilters, describeFilterKeys, matchesFilters } from '../filters.ts'
import { findVersion } from '../references.ts'
import { parameters } from '../tables/index.ts'

const filtersOf = ({
  Filters,
  ParameterFilters,
  Shared,
}: DescribeParametersRequest): readonly ParameterStringFilter[] => {
  if (Shared) throw validation('Shared is not supported: parameters are not shared among accounts.')
  if (Filters?.length && ParameterFilters?.length)
    throw validation('You can use either Filters or ParameterFilters in a single request.')
  // The older kind: a name's filter is for its beginning.
  const older = Filters?.map(({ Key, Values }) => ({
    Key,
    Values,
    ...(Key === 'Name' && { Option: 'BeginsWith' }),
  }))
  const filters = ParameterFilters ?? older ?? []
  checkFilters(filters, describeFilterKeys)
  return filters
}

export const describeParameters = operation<DescribeParametersRequest, DescribeParametersResult>({
  name: 'DescribeParameters',
  effect: 'reads',
  resources: () => ['*'],
  handle: (input, { store, scope }) => {
    const filters = filtersOf(input)
    const found = [...store.where(parameters, 'byScope', scopeKey(scope))].filter(parameter =>
      matchesFilters(store, parameter, filters),
    )
    const list = `DescribeParameters|${scopeKey(scope)}|${JSON.stringify(filters)}`
    const { items, NextToken } = takeRows(list, input, found, pageRules(50))
    const Parameters = items.map(parameter => {
      const version = findVersion(store, parameter, parameter.version)
      return {
        Name: parameter.name,
        ARN: parameter.arn,
        Type: version.type,
        ...(version.keyId && { KeyId: version.keyId }),
        LastModifiedDate: timestamp(version.modifiedAt),
        LastModifiedUser: version.modifiedBy,
        ...(version.description && { Description: version.description }),
        ...(version.allowedPattern && { AllowedPattern: version.allowedPattern }),
        Version: version.version,
        Tier: version.tier,
        Policies: [],
        DataType: version.dataType,
      }
    })
    return { Parameters, ...(NextToken && { NextToken }) }
  },
})
