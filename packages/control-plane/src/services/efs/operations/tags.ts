import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-efs'
import { lastSegment, type Scope } from '@berth/model'
import type { Transaction } from '../../../store/view.ts'
import { type KeyValueTag, mergeKeyValueTags, mostTags } from '../../key-value-tags.ts'
import { operation } from '../../service.ts'
import { badRequest } from '../errors.ts'
import { accessPointArn, accessPointOf, fileSystemArn, fileSystemOf, taggedOf } from '../references.ts'
import { accessPoints, fileSystems } from '../tables/index.ts'

interface Tagged {
  readonly ResourceId: string | undefined
}

const isAccessPoint = ({ ResourceId = '' }: Tagged): boolean => lastSegment(ResourceId).startsWith('fsap-')

const resources = (tagged: Tagged, { scope }: { readonly scope: Scope }): string[] => [
  (isAccessPoint(tagged) ? accessPointArn : fileSystemArn)(scope, tagged.ResourceId),
]

const retag = (tx: Transaction, scope: Scope, tagged: Tagged, tags: readonly KeyValueTag[]): void => {
  if (tags.length > mostTags) throw badRequest(`A resource can have at most ${mostTags} tags.`)
  if (isAccessPoint(tagged)) tx.put(accessPoints, { ...accessPointOf(tx, scope, tagged.ResourceId), tags })
  else tx.put(fileSystems, { ...fileSystemOf(tx, scope, tagged.ResourceId), tags })
}

export const tagOperations = [
  operation<TagResourceRequest, object>({
    name: 'TagResource',
    effect: 'writes',
    resources,
    handle: (request, { store, scope }) => {
      store.update(tx => {
        const { tags } = taggedOf(tx, scope, request.ResourceId)
        retag(tx, scope, request, mergeKeyValueTags(tags, request.Tags, badRequest))
      })
      return {}
    },
  }),
  operation<UntagResourceRequest, object>({
    name: 'UntagResource',
    effect: 'frees',
    resources,
    handle: (request, { store, scope }) => {
      store.update(tx => {
        const { tags } = taggedOf(tx, scope, request.ResourceId)
        retag(
          tx,
          scope,
          request,
          tags.filter(({ Key }) => !request.TagKeys?.includes(Key)),
        )
      })
      return {}
    },
  }),
  operation<ListTagsForResourceRequest, ListTagsForResourceResponse>({
    name: 'ListTagsForResource',
    effect: 'reads',
    resources,
    handle: ({ ResourceId }, { store, scope }) => ({
      Tags: taggedOf(store, scope, ResourceId).tags.map(tag => ({ ...tag })),
    }),
  }),
]
