import type {
  AddTagsToCertificateRequest,
  ListTagsForCertificateRequest,
  ListTagsForCertificateResponse,
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  RemoveTagsFromCertificateRequest,
  Tag,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-acm'
import type { KeyValueTag } from '../../key-value-tags.ts'
import { type Call, operation } from '../../service.ts'
import { constraint } from '../errors.ts'
import { findCertificate } from '../references.ts'
import { certificates } from '../tables/index.ts'
import { givenTags, withoutTags } from '../tags.ts'

const change = (
  { store, scope }: Call,
  arn: string | undefined,
  of: (before: readonly KeyValueTag[]) => readonly KeyValueTag[],
): object =>
  store.update(tx => {
    const row = findCertificate(tx, scope, arn)
    tx.put(certificates, { ...row, tags: of(row.tags) })
    return {}
  })

const some = (tags: readonly Tag[] | undefined): readonly Tag[] => {
  if (!tags?.length) throw constraint('tags', 'have length greater than or equal to 1')
  return tags
}

const listed = ({ store, scope }: Call, arn: string | undefined): Tag[] => [
  ...findCertificate(store, scope, arn).tags,
]

export const tagOperations = [
  operation<AddTagsToCertificateRequest, object>({
    name: 'AddTagsToCertificate',
    effect: 'writes',
    resources: ({ CertificateArn = '' }) => [CertificateArn],
    handle: ({ CertificateArn, Tags }, call) =>
      change(call, CertificateArn, before => givenTags(before, some(Tags))),
  }),
  operation<RemoveTagsFromCertificateRequest, object>({
    name: 'RemoveTagsFromCertificate',
    effect: 'frees',
    resources: ({ CertificateArn = '' }) => [CertificateArn],
    handle: ({ CertificateArn, Tags }, call) =>
      change(call, CertificateArn, before => withoutTags(before, some(Tags))),
  }),
  operation<ListTagsForCertificateRequest, ListTagsForCertificateResponse>({
    name: 'ListTagsForCertificate',
    effect: 'reads',
    resources: ({ CertificateArn = '' }) => [CertificateArn],
    handle: ({ CertificateArn }, call) => ({ Tags: listed(call, CertificateArn) }),
  }),
  operation<TagResourceRequest, object>({
    name: 'TagResource',
    effect: 'writes',
    resources: ({ ResourceArn = '' }) => [ResourceArn],
    handle: ({ ResourceArn, Tags }, call) =>
      change(call, ResourceArn, before => givenTags(before, some(Tags))),
  }),
  operation<UntagResourceRequest, object>({
    name: 'UntagResource',
    effect: 'frees',
    resources: ({ ResourceArn = '' }) => [ResourceArn],
    handle: ({ ResourceArn, TagKeys = [] }, call) =>
      change(call, ResourceArn, before => before.filter(({ Key }) => !TagKeys.includes(Key))),
  }),
  operation<ListTagsForResourceRequest, ListTagsForResourceResponse>({
    name: 'ListTagsForResource',
    effect: 'reads',
    resources: ({ ResourceArn = '' }) => [ResourceArn],
    handle: ({ ResourceArn }, call) => ({ Tags: listed(call, ResourceArn) }),
  }),
]
