import type { ListTagsForResourceRequest, ListTagsForResourceResponse } from '@aws-sdk/client-ecs'
import { operation } from '../../../service.ts'
import { taggedResource } from './tagged-resource.ts'

export const listTagsForResource = operation<ListTagsForResourceRequest, ListTagsForResourceResponse>({
  name: 'ListTagsForResource',
  effect: 'reads',
  resources: input => [input.resourceArn ?? ''],
  handle: (input, call) => ({ tags: [...taggedResource(call.store, call, input.resourceArn ?? '').tags] }),
})
