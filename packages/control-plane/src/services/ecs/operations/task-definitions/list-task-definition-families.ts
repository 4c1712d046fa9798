import type {
  ListTaskDefinitionFamiliesRequest,
  ListTaskDefinitionFamiliesResponse,
} from '@aws-sdk/client-ecs'
import { scopeKey } from '@berth/model'
import type { View } from '../../../../store/view.ts'
import { operation } from '../../../service.ts'
import { openPage } from '../../pagination.ts'
import { type FamilyRow, families, taskDefinitions } from '../../tables/index.ts'

export const listTaskDefinitionFamilies = operation<
  ListTaskDefinitionFamiliesRequest,
  ListTaskDefinitionFamiliesResponse
>({
  name: 'ListTaskDefinitionFamilies',
  effect: 'reads',
  resources: () => ['*'],
  handle: (input, { store, scope }) => {
    const { familyPrefix = '', status = 'ALL' } = input
    const key = scopeKey(scope)
    const page = openPage(['ListTaskDefinitionFamilies', key, familyPrefix, status].join('|'), input)
    const { items, ...next } = page.take(listed(store, key, input, page.after), row => row.id)
    return { families: items.map(row => row.family), ...next }
  },
})

function* listed(
  view: View,
  scope: string,
  { familyPrefix = '', status = 'ALL' }: ListTaskDefinitionFamiliesRequest,
  after: string | undefined,
): Iterable<FamilyRow> {
  for (const row of view.where(families, 'byScope', scope, after))
    if (row.family.startsWith(familyPrefix) && hasStatus(view, row, status)) yield row
}

/** A family is ACTIVE with its first ACTIVE revision, INACTIVE without one, and not there without any revision. */
const hasStatus = (view: View, row: FamilyRow, status: string): boolean => {
  if (row.latestActive !== undefined) return status !== 'INACTIVE'
  return status !== 'ACTIVE' && view.count(taskDefinitions, 'byFamily', row.id) > 0
}
