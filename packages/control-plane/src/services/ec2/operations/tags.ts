import type {
  CreateTagsRequest,
  DeleteTagsRequest,
  DescribeTagsRequest,
  DescribeTagsResult,
  ResourceType,
} from '@aws-sdk/client-ec2'
import type { Tag } from '@aws-sdk/client-ecs'
import { type Scope, scopeKey } from '@berth/model'
import type { Transaction, View } from '../../../store/view.ts'
import { operation } from '../../service.ts'
import { checkDryRun, ec2Error, missingParameter } from '../errors.ts'
import { type FilterTexts, readFilters } from '../filters.ts'
import { arnOf, idOf, networkKinds, rowOf, rowsInScope } from '../network/kinds.ts'
import { pageOf } from '../pages.ts'
import { snapshotOf, volumeOf } from '../references.ts'
import { snapshotArn, snapshotIdOf, snapshots, volumeArn, volumeIdOf, volumes } from '../tables/index.ts'
import { withTags } from '../tags.ts'

/** Throws InvalidID for what has no tags. */
const retag = (
  tx: Transaction,
  scope: Scope,
  id: string,
  change: (tags: readonly Tag[]) => readonly Tag[],
): void => {
  if (id.startsWith('vol-')) {
    const volume = volumeOf(tx, scope, id)
    tx.put(volumes, { ...volume, tags: change(volume.tags) })
  } else if (id.startsWith('snap-')) {
    const snapshot = snapshotOf(tx, scope, id)
    tx.put(snapshots, { ...snapshot, tags: change(snapshot.tags) })
  } else {
    const kind = kindOf(id)
    if (!kind) throw ec2Error('InvalidID', `The ID '${id}' is not valid: nothing with such an id has tags.`)
    const row = rowOf(tx, scope, kind, id, 'resourceId')
    tx.put(kind.table, { ...row, tags: change(row.tags) })
  }
}

const kindOf = (id: string): (typeof networkKinds)[number] | undefined =>
  networkKinds.find(({ prefix }) => id.startsWith(`${prefix}-`))

interface Tagging {
  readonly Resources?: readonly string[] | undefined
}

const resources = ({ Resources = [] }: Tagging, { scope }: { readonly scope: Scope }): string[] =>
  Resources.map(id => {
    if (id.startsWith('snap-')) return snapshotArn(scope, id)
    const kind = kindOf(id)
    return kind ? arnOf(kind, scope, id) : volumeArn(scope, id)
  })

const createTags = operation<CreateTagsRequest, object>({
  name: 'CreateTags',
  effect: 'writes',
  resources,
  handle: (request, { store, scope }) => {
    const { Resources = [], Tags = [] } = request
    if (Resources.length === 0) throw missingParameter('resourceIdSet')
    if (Tags.length === 0) throw missingParameter('tagSet')
    store.update(tx => {
      for (const id of Resources) retag(tx, scope, id, tags => withTags(tags, Tags))
      checkDryRun(request)
    })
    return {}
  },
})

/** Without a value, a tag goes whatever it says; without tags, all go that users made. (AWS: DeleteTags) */
const without = (tags: readonly Tag[], { Tags = [] }: DeleteTagsRequest): readonly Tag[] =>
  tags.filter(({ key = '', value = '' }) =>
    Tags.length === 0
      ? key.startsWith('aws:')
      : !Tags.some(({ Key, Value }) => Key === key && (Value === undefined || Value === value)),
  )

const deleteTags = operation<DeleteTagsRequest, object>({
  name: 'DeleteTags',
  effect: 'frees',
  resources,
  handle: (request, { store, scope }) => {
    const { Resources = [] } = request
    if (Resources.length === 0) throw missingParameter('resourceIdSet')
    store.update(tx => {
      for (const id of Resources) retag(tx, scope, id, tags => without(tags, request))
      checkDryRun(request)
    })
    return {}
  },
})

interface TagOfResource {
  /** The resource's ARN and the key. */
  readonly id: string
  readonly resourceId: string
  readonly type: ResourceType
  readonly key: string
  readonly value: string
}

const tagsIn = (view: View, scope: Scope): TagOfResource[] => {
  const tagsOf = (type: ResourceType, resourceId: string, row: { id: string; tags: readonly Tag[] }) =>
    row.tags.map(({ key = '', value = '' }) => ({ id: `${row.id}|${key}`, resourceId, type, key, value }))
  return [
    ...networkKinds.flatMap(kind =>
      rowsInScope(view, scope, kind).flatMap(row => tagsOf(kind.type, idOf(row), row)),
    ),
    ...[...view.where(snapshots, 'byScope', scopeKey(scope))].flatMap(row =>
      tagsOf('snapshot', snapshotIdOf(row), row),
    ),
    ...[...view.where(volumes, 'byScope', scopeKey(scope))].flatMap(row =>
      tagsOf('volume', volumeIdOf(row), row),
    ),
  ]
}

const filterTexts: FilterTexts<TagOfResource> = {
  key: ({ key }) => [key],
  'resource-id': ({ resourceId }) => [resourceId],
  'resource-type': ({ type }) => [type],
  value: ({ value }) => [value],
  'tag:*': ({ key, value }) => [`${key}=${value}`],
}

const describeTags = operation<DescribeTagsRequest, DescribeTagsResult>({
  name: 'DescribeTags',
  effect: 'reads',
  resources: () => ['*'],
  handle: (request, { store, scope }) => {
    checkDryRun(request)
    const rows = tagsIn(store, scope).filter(readFilters(request.Filters, filterTexts))
    const list = `DescribeTags|${scopeKey(scope)}|${JSON.stringify(request.Filters)}`
    const { items, NextToken } = pageOf(list, request, rows, undefined)
    return {
      Tags: items.map(({ resourceId, type, key, value }) => ({
        ResourceId: resourceId,
        ResourceType: type,
        Key: key,
        Value: value,
      })),
      ...(NextToken && { NextToken }),
    }
  },
})

export const tagOperations = [createTags, deleteTags, describeTags]
