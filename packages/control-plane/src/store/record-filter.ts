/** What records of a history table are searched for: data, so that it can be sent to the thread that reads them. */

/**
 * Some value of one of the members is as said. A member is a path, `containers.exitCode`, which goes through the elements
 * of lists.
 */
export type Condition = { readonly members: readonly string[] } & (
  | { readonly equals: string | number }
  /** Capital and small letters are the same. */
  | { readonly contains: string }
  /** `from` itself is within, `below` is not. */
  | { readonly from?: number | undefined; readonly below?: number | undefined }
)

/** The records of one key, or of all keys that begin so. */
export type HistoryKeys = { readonly key: string } | { readonly keyPrefix: string }

/** Every condition holds. */
export type RecordFilter = readonly Condition[]

export const matchesFilter = (record: unknown, filter: RecordFilter): boolean =>
  filter.every(condition =>
    condition.members.some(member => someValue(record, member.split('.'), value => holds(condition, value))),
  )

const someValue = (value: unknown, path: readonly string[], isSo: (value: unknown) => boolean): boolean => {
  if (Array.isArray(value)) return value.some(element => someValue(element, path, isSo))
  const [member, ...rest] = path
  if (member === undefined) return isSo(value)
  if (typeof value !== 'object' || value === null) return false
  return someValue((value as Readonly<Record<string, unknown>>)[member], rest, isSo)
}

const holds = (condition: Condition, value: unknown): boolean => {
  if ('equals' in condition) return value === condition.equals
  if ('contains' in condition)
    return typeof value === 'string' && value.toLowerCase().includes(condition.contains.toLowerCase())
  const { from = Number.NEGATIVE_INFINITY, below = Number.POSITIVE_INFINITY } = condition
  return typeof value === 'number' && value >= from && value < below
}
