import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  ListTagsLogGroupRequest,
  ListTagsLogGroupResponse,
  TagLogGroupRequest,
  TagResourceRequest,
  UntagLogGroupRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-cloudwatch-logs'
import { AwsError } from '@berth/aws-api'
import { type Call, operation } from '../../service.ts'
import { findGroup, type GroupReference, groupResource } from '../references.ts'
import { logGroups } from '../tables/index.ts'
import { checkTags } from '../validation.ts'

type Tags = Readonly<Record<string, string>>

const tag = ({ store, scope }: Call, reference: GroupReference, tags: Tags) => {
  checkTags(tags)
  store.update(tx => {
    const group = findGroup(tx, scope, reference)
    const all = { ...group.tags, ...tags }
    if (Object.keys(all).length > 50)
      throw new AwsError('TooManyTagsException', 'The resource can have at most 50 tags.', {
        members: { resourceName: group.id },
      })
    tx.put(logGroups, { ...group, tags: all })
  })
  return {}
}

const untag = ({ store, scope }: Call, reference: GroupReference, keys: readonly string[]) => {
  store.update(tx => {
    const group = findGroup(tx, scope, reference)
    const kept = Object.entries(group.tags).filter(([key]) => !keys.includes(key))
    tx.put(logGroups, { ...group, tags: Object.fromEntries(kept) })
  })
  return {}
}

const byArn = (resourceArn: string | undefined): GroupReference => ({ logGroupIdentifier: resourceArn ?? '' })

export const tagOperations = [
  operation<TagResourceRequest, object>({
    name: 'TagResource',
    effect: 'writes',
    resources: ({ resourceArn = '' }) => [resourceArn],
    handle: ({ resourceArn, tags = {} }, call) => tag(call, byArn(resourceArn), tags),
  }),
  operation<UntagResourceRequest, object>({
    name: 'UntagResource',
    effect: 'frees',
    resources: ({ resourceArn = '' }) => [resourceArn],
    handle: ({ resourceArn, tagKeys = [] }, call) => untag(call, byArn(resourceArn), tagKeys),
  }),
  operation<ListTagsForResourceRequest, ListTagsForResourceResponse>({
    name: 'ListTagsForResource',
    effect: 'reads',
    resources: ({ resourceArn = '' }) => [resourceArn],
    handle: ({ resourceArn }, { store, scope }) => ({
      tags: { ...findGroup(store, scope, byArn(resourceArn)).tags },
    }),
  }),
  operation<TagLogGroupRequest, object>({
    name: 'TagLogGroup',
    effect: 'writes',
    resources: (input, { scope }) => groupResource(scope, input),
    handle: (input, call) => tag(call, input, input.tags ?? {}),
  }),
  operation<UntagLogGroupRequest, object>({
    name: 'UntagLogGroup',
    effect: 'frees',
    resources: (input, { scope }) => groupResource(scope, input),
    handle: (input, call) => untag(call, input, input.tags ?? []),
  }),
  operation<ListTagsLogGroupRequest, ListTagsLogGroupResponse>({
    name: 'ListTagsLogGroup',
    effect: 'reads',
    resources: (input, { scope }) => groupResource(scope, input),
    handle: (input, { store, scope }) => ({ tags: { ...findGroup(store, scope, input).tags } }),
  }),
]
