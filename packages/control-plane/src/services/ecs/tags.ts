/** The rules of tags, which are the same for every ECS resource. (AWS: "Tag restrictions") */
import type { Tag } from '@aws-sdk/client-ecs'
import { invalidParameter, limitExceeded } from './errors.ts'

const mostTags = 50
const tooMany = `The maximum number of tags is ${mostTags}.`
/** In Unicode characters. */
const longestKey = 128
const longestValue = 256
const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

/** Tags as rows keep them. Throws InvalidParameterException. */
export const validateTags = (tags: readonly Tag[] | undefined): readonly Tag[] => {
  const keys = new Set<string>()
  for (const { key, value } of tags ?? []) {
    if (!key) throw invalidParameter('Tag key should not be null or empty.')
    if (/^aws:/i.test(key)) throw invalidParameter(`Tag keys starting with aws: are reserved: ${key}`)
    if ([...key].length > longestKey || !allowed.test(key))
      throw invalidParameter(`Tag key is invalid: ${key}`)
    if ([...(value ?? '')].length > longestValue || !allowed.test(value ?? ''))
      throw invalidParameter(`The value of tag ${key} is invalid.`)
    if (keys.has(key)) throw invalidParameter(`Tag keys must be unique: ${key}`)
    keys.add(key)
  }
  checkTagCount(tags ?? [])
  return (tags ?? []).map(({ key, value }) => ({ key, value: value ?? '' }))
}

/** Those that ECS adds itself do not count. Throws InvalidParameterException. */
export const checkTagCount = (tags: readonly Tag[]): void => {
  if (tags.filter(({ key }) => !key?.startsWith('aws:')).length > mostTags) throw invalidParameter(tooMany)
}

/**
 * `old` with `added` on top: a key that is there already gets the new value and keeps its place.
 * Throws LimitExceededException when they are too many together.
 */
export const mergeTags = (old: readonly Tag[], added: readonly Tag[]): readonly Tag[] => {
  const merged = new Map([...old, ...validateTags(added)].map(tag => [tag.key, tag]))
  if ([...merged.keys()].filter(key => !key?.startsWith('aws:')).length > mostTags)
    throw limitExceeded(tooMany)
  return [...merged.values()]
}

export const withoutTags = (old: readonly Tag[], keys: readonly string[]): readonly Tag[] => {
  const reserved = keys.find(key => /^aws:/i.test(key))
  if (reserved) throw invalidParameter(`Tag keys starting with aws: are reserved: ${reserved}`)
  return old.filter(tag => !keys.includes(tag.key ?? ''))
}
