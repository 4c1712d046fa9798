import type { TagResourceRequest, TagResourceResponse } from '@aws-sdk/client-ecs'
import { operation } from '../../../service.ts'
import { invalidParameter } from '../../errors.ts'
import { mergeTags } from '../../tags.ts'
import { taggedResource } from './tagged-resource.ts'

export const tagResource = operation<TagResourceRequest, TagResourceResponse>({
  name: 'TagResource',
  effect: 'writes',
  resources: input => [input.resourceArn ?? ''],
  handle: (input, call) => {
    if (!input.tags?.length) throw invalidParameter('Tags can not be empty.')
    const { tags } = input
    call.store.update(tx => {
      const resource = taggedResource(tx, call, input.resourceArn ?? '')
      resource.write(tx, mergeTags(resource.tags, tags))
    })
    return {}
  },
})
