import type { UntagResourceRequest, UntagResourceResponse } from '@aws-sdk/client-ecs'
import { operation } from '../../../service.ts'
import { invalidParameter } from '../../errors.ts'
import { withoutTags } from '../../tags.ts'
import { taggedResource } from './tagged-resource.ts'

/** Keys that are not there are no error. */
export const untagResource = operation<UntagResourceRequest, UntagResourceResponse>({
  name: 'UntagResource',
  effect: 'frees',
  resources: input => [input.resourceArn ?? ''],
  handle: (input, call) => {
    if (!input.tagKeys?.length) throw invalidParameter('Tag keys can not be empty.')
    const { tagKeys } = input
    call.store.update(tx => {
      const resource = taggedResource(tx, call, input.resourceArn ?? '')
      resource.write(tx, withoutTags(resource.tags, tagKeys))
    })
    return {}
  },
})
