import type { Tag } from '@aws-sdk/client-acm'
import { type KeyValueTag, mergeKeyValueTags, mostTags } from '../key-value-tags.ts'
import { invalidTag, tooManyTags } from './errors.ts'

/** Throws InvalidTagException and TooManyTagsException. */
export const givenTags = (
  before: readonly KeyValueTag[],
  given: readonly Tag[] | undefined,
): readonly KeyValueTag[] => {
  const tags = mergeKeyValueTags(before, given, invalidTag)
  if (tags.length > mostTags) throw tooManyTags()
  return tags
}

/** A tag that is named with a value goes only when it has that value. (AWS: RemoveTagsFromCertificate) */
export const withoutTags = (before: readonly KeyValueTag[], given: readonly Tag[]): readonly KeyValueTag[] =>
  before.filter(
    ({ Key, Value }) =>
      !given.some(tag => tag.Key === Key && (tag.Value === undefined || tag.Value === Value)),
  )
