/** EC2's tags, which rows keep in ECS's spelling since most of them come from there. */
import type { Tag as Ec2Tag, ResourceType, TagSpecification } from '@aws-sdk/client-ec2'
import type { Tag } from '@aws-sdk/client-ecs'
import { mergeKeyValueTags, mostTags } from '../key-value-tags.ts'
import { ec2Error, invalidParameterValue } from './errors.ts'

export const tagResponse = (tags: readonly Tag[]): Ec2Tag[] =>
  tags.map(({ key = '', value = '' }) => ({ Key: key, Value: value }))

/** Throws InvalidParameterValue, TagLimitExceeded. */
export const withTags = (old: readonly Tag[], added: readonly Ec2Tag[] | undefined): readonly Tag[] => {
  const before = old.map(({ key = '', value = '' }) => ({ Key: key, Value: value }))
  const tags = mergeKeyValueTags(before, added, invalidParameterValue)
  if (tags.length > mostTags)
    throw ec2Error(
      'TagLimitExceeded',
      `The maximum number of Tags for a resource has been reached: ${mostTags}.`,
    )
  return tags.map(({ Key, Value }) => ({ key: Key, value: Value }))
}

/** The tags that a request gives what it makes. */
export const specifiedTags = (
  specifications: readonly TagSpecification[] | undefined,
  type: ResourceType,
): readonly Tag[] => {
  const other = specifications?.find(({ ResourceType: given }) => given !== type)
  if (other)
    throw invalidParameterValue(
      `'${other.ResourceType}' is not a valid taggable resource type for this request.`,
    )
  return withTags(
    [],
    specifications?.flatMap(({ Tags = [] }) => Tags),
  )
}
