/** Tags of load balancers and what belongs to them. (AWS: AddTags) */
import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2'
import { type KeyValueTag, mergeKeyValueTags, mostTags } from '../key-value-tags.ts'
import { elbError, validationError } from './errors.ts'

/** Throws DuplicateTagKeys, TooManyTags, ValidationError. */
export const withTags = (
  old: readonly KeyValueTag[],
  added: readonly Tag[] | undefined = [],
): readonly KeyValueTag[] => {
  const keys = added.map(({ Key }) => Key)
  const twice = keys.find((key, index) => keys.indexOf(key) !== index)
  if (twice !== undefined)
    throw elbError('DuplicateTagKeys', `Tag key was specified more than once: '${twice}'`)
  const tags = mergeKeyValueTags(old, added, validationError)
  if (tags.length > mostTags)
    throw elbError('TooManyTags', `You have reached the limit of ${mostTags} tags for a resource`)
  return tags
}

export const sameTags = (one: readonly KeyValueTag[], other: readonly KeyValueTag[]): boolean => {
  const values = new Map(other.map(({ Key, Value }) => [Key, Value]))
  return one.length === other.length && one.every(({ Key, Value }) => values.get(Key) === Value)
}
