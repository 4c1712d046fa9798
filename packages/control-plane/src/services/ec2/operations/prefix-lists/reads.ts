import type {
  DescribeManagedPrefixListsRequest,
  GetManagedPrefixListAssociationsRequest,
  GetManagedPrefixListAssociationsResult,
  GetManagedPrefixListEntriesRequest,
  GetManagedPrefixListEntriesResult,
} from '@aws-sdk/client-ec2'
import { scopeKey } from '@berth/model'
import type { Row } from '../../../../store/table.ts'
import { takeRows } from '../../../row-page.ts'
import type { Call } from '../../../service.ts'
import { ec2Error, invalidParameterValue } from '../../errors.ts'
import { tagFilters } from '../../filters.ts'
import { idOf, prefixListKind, rowOf } from '../../network/kinds.ts'
import { describing, reading } from '../../network/operations.ts'
import { usersOfPrefixList } from '../../network/prefix-list-entries.ts'
import { prefixListEntryResponse, prefixListResponse } from '../../responses/prefix-list.ts'
import { currentVersion, type PrefixListRow } from '../../tables/index.ts'

const describeManagedPrefixLists = describing<DescribeManagedPrefixListsRequest>()('PrefixLists', {
  name: 'DescribeManagedPrefixLists',
  kind: prefixListKind,
  ids: 'PrefixListIds',
  filters: ({ scope }) => ({
    'owner-id': () => [scope.accountId],
    'prefix-list-id': row => [idOf(row)],
    'prefix-list-name': ({ name }) => [name],
    ...tagFilters(({ tags }: PrefixListRow) => tags),
  }),
  item: prefixListResponse,
})

interface PageRequest {
  readonly PrefixListId?: string | undefined
  readonly MaxResults?: number | undefined
  readonly NextToken?: string | undefined
}

/** (AWS: GetManagedPrefixListEntries, `MaxResults`) */
const most = 100

const pageOf = <R extends Row>(name: string, input: PageRequest, { scope }: Call, rows: readonly R[]) =>
  takeRows(`${name}|${scopeKey(scope)}|${input.PrefixListId}`, input, rows, {
    most,
    invalidSize: () =>
      invalidParameterValue(`Value ( ${input.MaxResults} ) for parameter maxResults is invalid.`),
    invalidToken: () => ec2Error('InvalidNextToken', 'The token is not valid, or is of another list.'),
  })

const getManagedPrefixListEntries = reading<
  GetManagedPrefixListEntriesRequest,
  GetManagedPrefixListEntriesResult
>({
  name: 'GetManagedPrefixListEntries',
  takes: ['PrefixListId', 'TargetVersion', 'MaxResults', 'NextToken'],
  read: (input, call) => {
    const list = rowOf(call.store, call.scope, prefixListKind, input.PrefixListId, 'prefixListId')
    const { TargetVersion = currentVersion(list).number } = input
    const version = list.versions.find(({ number }) => number === TargetVersion)
    if (!version)
      throw invalidParameterValue(`Value (${TargetVersion}) for parameter targetVersion is invalid.`)
    const rows = version.entries.map(entry => ({ id: entry.cidr, entry }))
    const { items, NextToken } = pageOf(`GetManagedPrefixListEntries|${TargetVersion}`, input, call, rows)
    const Entries = items.map(({ entry }) => prefixListEntryResponse(entry))
    return { Entries, ...(NextToken && { NextToken }) }
  },
})

const getManagedPrefixListAssociations = reading<
  GetManagedPrefixListAssociationsRequest,
  GetManagedPrefixListAssociationsResult
>({
  name: 'GetManagedPrefixListAssociations',
  takes: ['PrefixListId', 'MaxResults', 'NextToken'],
  read: (input, call) => {
    const list = rowOf(call.store, call.scope, prefixListKind, input.PrefixListId, 'prefixListId')
    const rows = usersOfPrefixList(call.store, call.scope, idOf(list)).map(id => ({ id }))
    const { items, NextToken } = pageOf('GetManagedPrefixListAssociations', input, call, rows)
    const PrefixListAssociations = items.map(({ id }) => ({
      ResourceId: id,
      ResourceOwner: call.scope.accountId,
    }))
    return { PrefixListAssociations, ...(NextToken && { NextToken }) }
  },
})

export const prefixListReads = [
  describeManagedPrefixLists,
  getManagedPrefixListEntries,
  getManagedPrefixListAssociations,
]
