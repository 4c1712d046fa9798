/** Tags as Secrets Manager and Systems Manager have them, with the rules that both share. (AWS: "Tag restrictions") */
export interface KeyValueTag {
  readonly Key: string
  readonly Value: string
}

/** As requests bring them. */
interface GivenTag {
  readonly Key?: string | undefined
  readonly Value?: string | undefined
}

const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u
const longestKey = 128
const longestValue = 256
export const mostTags = 50

/** `refuse` makes the service's own exception of a message. */
export const mergeKeyValueTags = (
  old: readonly KeyValueTag[],
  added: readonly GivenTag[] | undefined,
  refuse: (message: string) => Error,
): readonly KeyValueTag[] => {
  const merged = new Map(old.map(tag => [tag.Key, tag]))
  for (const { Key = '', Value = '' } of added ?? []) {
    if (Key === '' || [...Key].length > longestKey || !allowed.test(Key))
      throw refuse(`The tag key is invalid: ${Key}`)
    if (/^aws:/i.test(Key)) throw refuse(`Tag keys starting with aws: are reserved: ${Key}`)
    if ([...Value].length > longestValue || !allowed.test(Value))
      throw refuse(`The value of the tag ${Key} is invalid.`)
    merged.set(Key, { Key, Value })
  }
  return [...merged.values()]
}
