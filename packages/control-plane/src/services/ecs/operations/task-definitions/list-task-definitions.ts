import type { ListTaskDefinitionsRequest, ListTaskDefinitionsResponse } from '@aws-sdk/client-ecs'
import { scopeKey } from '@berth/model'
import type { View } from '../../../../store/view.ts'
import { type Call, operation } from '../../../service.ts'
import { openPage } from '../../pagination.ts'
import { familyId } from '../../references.ts'
import { families, type TaskDefinitionRow, taskDefinitions } from '../../tables/index.ts'

/** By family in the order of the alphabet, then by revision; DESC turns both around. */
export const listTaskDefinitions = operation<ListTaskDefinitionsRequest, ListTaskDefinitionsResponse>({
  name: 'ListTaskDefinitions',
  effect: 'reads',
  resources: () => ['*'],
  handle: (input, { store, scope }) => {
    const { familyPrefix = '', status = 'ACTIVE', sort = 'ASC' } = input
    const list = ['ListTaskDefinitions', scopeKey(scope), familyPrefix, status, sort].join('|')
    const page = openPage(list, input)
    const last = page.after === undefined ? undefined : positionOf(page.after)
    const { items, ...next } = page.take(
      definitionsAfter({ store, scope }, input, last),
      ({ family, revision }) => `${family}:${revision}`,
    )
    return { taskDefinitionArns: items.map(row => row.id), ...next }
  },
})

interface Position {
  readonly family: string
  readonly revision: number
}

const positionOf = (key: string): Position => {
  const [family = '', revision] = key.split(':')
  return { family, revision: Number(revision) }
}

function* definitionsAfter(
  { store, scope }: Pick<Call, 'store' | 'scope'>,
  input: ListTaskDefinitionsRequest,
  last: Position | undefined,
): Iterable<TaskDefinitionRow> {
  const direction = input.sort === 'DESC' ? -1 : 1
  for (const family of familiesFrom(store, scopeKey(scope), input, last?.family)) {
    const rows = [...store.where(taskDefinitions, 'byFamily', familyId(scope, family))]
      .filter(row => row.status === (input.status ?? 'ACTIVE'))
      .sort((a, b) => direction * (a.revision - b.revision))
    for (const row of rows)
      if (row.family !== last?.family || direction * (row.revision - last.revision) > 0) yield row
  }
}

/** The families to list, from that of the last shown revision on. */
const familiesFrom = (
  view: View,
  scope: string,
  { familyPrefix, sort }: ListTaskDefinitionsRequest,
  last: string | undefined,
): readonly string[] => {
  // ECS calls it a prefix, and takes it as the family's whole name.
  if (familyPrefix !== undefined) return [familyPrefix]
  const names = [...view.where(families, 'byScope', scope)].map(row => row.family)
  if (sort === 'DESC') names.reverse()
  return last === undefined ? names : names.slice(Math.max(0, names.indexOf(last)))
}
