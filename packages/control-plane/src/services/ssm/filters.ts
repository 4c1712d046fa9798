import type { ParameterStringFilter } from '@aws-sdk/client-ssm'
import { AwsError } from '@berth/aws-api'
import type { View } from '../../store/view.ts'
import { invalidFilterKey } from './errors.ts'
import { findVersion, versionsOf } from './references.ts'
import type { ParameterRow } from './tables/index.ts'

/** What the two lists can be filtered by; DescribeParameters by `tag:…`, too. (AWS: "ParameterStringFilter") */
export const pathFilterKeys = ['Type', 'KeyId', 'Label', 'DataType']
export const describeFilterKeys = ['Name', 'Path', 'Type', 'KeyId', 'Tier', 'DataType']

const optionsOf = (key: string): readonly string[] => {
  if (key === 'Name') return ['Equals', 'BeginsWith', 'Contains']
  if (key === 'Path') return ['Recursive', 'OneLevel']
  return key === 'KeyId' ? ['Equals', 'BeginsWith'] : ['Equals']
}

const standardOption = (key: string): string => (key === 'Path' ? 'OneLevel' : 'Equals')

/** Throws InvalidFilterKey, InvalidFilterOption and InvalidFilterValue. */
export const checkFilters = (filters: readonly ParameterStringFilter[], keys: readonly string[]): void => {
  const seen = new Set<string>()
  for (const { Key = '', Option = standardOption(Key), Values = [] } of filters) {
    const isTag = Key.startsWith('tag:') && keys === describeFilterKeys
    if (!isTag && !keys.includes(Key)) throw invalidFilterKey(Key)
    if (seen.has(Key))
      throw new AwsError(
        'InvalidFilterKey',
        `The following filter is duplicated in the request: ${Key}. A request can contain only one occurrence of a specific filter.`,
      )
    seen.add(Key)
    if (!optionsOf(Key).includes(Option))
      throw new AwsError('InvalidFilterOption', `The following filter option is not valid: ${Option}.`)
    if ((Values.length < 1 && !isTag) || Values.length > 50)
      throw new AwsError('InvalidFilterValue', `The filter ${Key} needs from 1 to 50 values.`)
  }
}

export const matchesFilters = (
  view: View,
  parameter: ParameterRow,
  filters: readonly ParameterStringFilter[],
): boolean => filters.every(filter => matches(view, parameter, filter))

const matches = (
  view: View,
  parameter: ParameterRow,
  { Key = '', Option = standardOption(Key), Values = [] }: ParameterStringFilter,
): boolean => {
  const texts = textsOf(view, parameter, Key)
  // A tag's filter without values asks for the tag alone.
  if (Values.length === 0) return texts.length > 0
  return Values.some(value => texts.some(text => holds(text, Option, value)))
}

const textsOf = (view: View, parameter: ParameterRow, key: string): readonly string[] => {
  if (key === 'Name' || key === 'Path') return [parameter.name]
  if (key.startsWith('tag:'))
    return parameter.tags.flatMap(tag => (tag.Key === key.slice('tag:'.length) ? [tag.Value] : []))
  if (key === 'Label') return versionsOf(view, parameter).flatMap(({ labels }) => labels)
  const { type, tier, keyId, dataType } = findVersion(view, parameter, parameter.version)
  if (key === 'Type') return [type]
  if (key === 'Tier') return [tier]
  return key === 'KeyId' ? (keyId ? [keyId] : []) : [dataType]
}

const holds = (text: string, option: string, value: string): boolean => {
  if (option === 'BeginsWith') return text.startsWith(value)
  if (option === 'Contains') return text.includes(value)
  if (option === 'Equals') return text === value
  const below = value.endsWith('/') ? value : `${value}/`
  return text.startsWith(below) && (option === 'Recursive' || !text.includes('/', below.length))
}
