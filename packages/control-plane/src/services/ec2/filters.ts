/** The Filters of EC2's Describe operations. (AWS: EC2 API reference, Filter) */
import type { Filter } from '@aws-sdk/client-ec2'
import type { Tag } from '@aws-sdk/client-ecs'
import type { Millis } from '../../store/table.ts'
import { timestamp } from '../timestamp.ts'
import { invalidParameterValue } from './errors.ts'
import { wildcard } from './wildcard.ts'

/** The texts of a row that a filter compares: it passes when one of them matches one of the filter's values. */
type TextsOf<R> = (row: R) => readonly (string | undefined)[]
export type FilterTexts<R> = Readonly<Record<string, TextsOf<R>>>

/** A row must pass all of them. Throws InvalidParameterValue for a filter that the operation does not have. */
export const readFilters = <R>(
  filters: readonly Filter[] | undefined,
  known: FilterTexts<R>,
): ((row: R) => boolean) => {
  const predicates = (filters ?? []).map(({ Name = '', Values = [] }) => {
    const texts = Object.hasOwn(known, Name) ? known[Name] : tagValue(Name, known)
    if (!texts) throw invalidParameterValue(`The filter '${Name}' is invalid`)
    const patterns = Values.map(wildcard)
    return (row: R) => texts(row).some(text => text !== undefined && patterns.some(isMatch => isMatch(text)))
  })
  return row => predicates.every(passes => passes(row))
}

const tagPrefix = 'tag:'
/** Under this name a list of filters has what `tag:KEY` compares: `KEY=value`. */
const tagTexts = 'tag:*'

export const tagFilters = <R>(tagsOf: (row: R) => readonly Tag[]): FilterTexts<R> => ({
  'tag-key': row => tagsOf(row).map(({ key }) => key),
  [tagTexts]: row => tagsOf(row).map(({ key = '', value = '' }) => `${key}=${value}`),
})

const tagValue = <R>(name: string, known: FilterTexts<R>): TextsOf<R> | undefined => {
  const tags = known[tagTexts]
  if (!name.startsWith(tagPrefix) || !tags) return undefined
  const start = `${name.slice(tagPrefix.length)}=`
  return row => tags(row).flatMap(text => (text?.startsWith(start) ? text.slice(start.length) : []))
}

/** A time as filters name it: `2027-01-15T08:00:00.000Z`. */
export const timeText = (at: Millis | undefined): string | undefined => timestamp(at)?.toISOString()
