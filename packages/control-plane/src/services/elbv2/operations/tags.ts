import type {
  AddTagsInput,
  DescribeTagsInput,
  DescribeTagsOutput,
  RemoveTagsInput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Row } from '../../../store/table.ts'
import type { Transaction, View } from '../../../store/view.ts'
import type { KeyValueTag } from '../../key-value-tags.ts'
import { type Call, operation } from '../../service.ts'
import { resourceTypeOf } from '../arns.ts'
import { validationError } from '../errors.ts'
import {
  type Kind,
  listenerKind,
  loadBalancerKind,
  rowOf,
  ruleKind,
  targetGroupKind,
  trustStoreKind,
} from '../references.ts'
import { withTags } from '../tags.ts'

interface TaggedRow extends Row {
  readonly tags: readonly KeyValueTag[]
}

interface TaggedKind {
  readonly tagsOf: (view: View, call: Call, arn: string) => readonly KeyValueTag[]
  readonly change: (tx: Transaction, call: Call, arn: string, change: Change) => void
}

type Change = (tags: readonly KeyValueTag[]) => readonly KeyValueTag[]

const tagged = <R extends TaggedRow>(kind: Kind<R>): TaggedKind => ({
  tagsOf: (view, { scope }, arn) => rowOf(view, scope, kind, arn).tags,
  change: (tx, { scope }, arn, change) => {
    const row = rowOf(tx, scope, kind, arn)
    tx.put(kind.table, { ...row, tags: change(row.tags) })
  },
})

/** By the first part of their ARNs' resources. */
const kinds: Readonly<Record<string, TaggedKind>> = {
  loadbalancer: tagged(loadBalancerKind),
  listener: tagged(listenerKind),
  'listener-rule': tagged(ruleKind),
  targetgroup: tagged(targetGroupKind),
  truststore: tagged(trustStoreKind),
}

const mostResources = 20

const kindOf = (arn: string): TaggedKind => {
  const kind = kinds[resourceTypeOf(arn) ?? '']
  if (!kind) throw validationError(`'${arn}' is not a valid resource ARN`)
  return kind
}

const checkCount = (arns: readonly string[]): void => {
  if (arns.length > mostResources)
    throw validationError(`No more than ${mostResources} resources can be specified in a single call`)
}

const changeTags = (call: Call, arns: readonly string[], change: Change): object => {
  checkCount(arns)
  call.store.update(tx => {
    for (const arn of arns) kindOf(arn).change(tx, call, arn, change)
  })
  return {}
}

const addTags = operation<AddTagsInput, object>({
  name: 'AddTags',
  effect: 'writes',
  resources: ({ ResourceArns = [] }) => ResourceArns,
  handle: ({ ResourceArns = [], Tags }, call) => changeTags(call, ResourceArns, tags => withTags(tags, Tags)),
})

const removeTags = operation<RemoveTagsInput, object>({
  name: 'RemoveTags',
  effect: 'writes',
  resources: ({ ResourceArns = [] }) => ResourceArns,
  handle: ({ ResourceArns = [], TagKeys = [] }, call) =>
    changeTags(call, ResourceArns, tags => tags.filter(({ Key }) => !TagKeys.includes(Key))),
})

const describeTags = operation<DescribeTagsInput, DescribeTagsOutput>({
  name: 'DescribeTags',
  effect: 'reads',
  resources: ({ ResourceArns = [] }) => ResourceArns,
  handle: ({ ResourceArns = [] }, call) => {
    checkCount(ResourceArns)
    return {
      TagDescriptions: ResourceArns.map(arn => ({
        ResourceArn: arn,
        Tags: [...kindOf(arn).tagsOf(call.store, call, arn)],
      })),
    }
  },
})

export const tagOperations = [addTags, removeTags, describeTags]
