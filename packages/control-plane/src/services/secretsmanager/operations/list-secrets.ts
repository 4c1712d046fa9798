import type { Filter, ListSecretsRequest, ListSecretsResponse } from '@aws-sdk/client-secrets-manager'
import { scopeKey } from '@berth/model'
import { takeRows } from '../../row-page.ts'
import { operation } from '../../service.ts'
import { constraint, invalidParameter, pageRules } from '../errors.ts'
import { type SecretRow, secrets } from '../tables/index.ts'
import { shownSecret, stagesOf } from './describe-secret.ts'

const mostFilters = 10

/** The texts of a secret that a filter looks at. */
const textsOf = (key: string | undefined, { name, description = '', tags = [] }: SecretRow): string[] => {
  const tagKeys = tags.map(({ Key }) => Key)
  const tagValues = tags.map(({ Value }) => Value)
  if (key === 'name') return [name]
  if (key === 'description') return [description]
  if (key === 'tag-key') return tagKeys
  if (key === 'tag-value') return tagValues
  if (key === 'all') return [name, description, ...tagKeys, ...tagValues]
  throw invalidParameter(`The filter key ${key} is not supported.`)
}

/** (AWS: "Filter": prefixes; case counts for names and tags only; `!` negates; `all` looks for words.) */
const matchesValue = (key: string | undefined, value: string, secret: SecretRow): boolean => {
  if (value.startsWith('!')) return !matchesValue(key, value.slice(1), secret)
  const texts = textsOf(key, secret)
  if (key === 'name' || key === 'tag-key' || key === 'tag-value')
    return texts.some(text => text.startsWith(value))
  const lower = texts.map(text => text.toLowerCase())
  if (key === 'description') return lower.some(text => text.startsWith(value.toLowerCase()))
  const words = value.toLowerCase().split(/\s+/).filter(Boolean)
  return words.every(word => lower.some(text => text.includes(word)))
}

const checkFilters = (filters: readonly Filter[]): void => {
  if (filters.length > mostFilters)
    throw constraint('filters', `have length less than or equal to ${mostFilters}`)
  for (const { Key, Values } of filters)
    if (Key === undefined || !Values?.length || Values.length > 10)
      throw invalidParameter('Each filter needs a Key and from 1 to 10 Values.')
}

const order = (input: ListSecretsRequest): ((a: SecretRow, b: SecretRow) => number) => {
  const by = input.SortBy ?? 'created-date'
  if (by === 'last-accessed-date')
    throw invalidParameter('SortBy last-accessed-date is not supported: accesses are not recorded.')
  const sign = input.SortOrder === 'desc' ? -1 : 1
  const keyOf = ({ name, createdAt, changedAt }: SecretRow) =>
    by === 'name' ? name : by === 'last-changed-date' ? changedAt : createdAt
  return (a, b) => {
    const [left, right] = [keyOf(a), keyOf(b)]
    return left === right ? (a.id < b.id ? -1 : 1) : left < right ? -sign : sign
  }
}

export const listSecrets = operation<ListSecretsRequest, ListSecretsResponse>({
  name: 'ListSecrets',
  effect: 'reads',
  resources: () => ['*'],
  handle: (input, { store, scope }) => {
    const { Filters: filters = [], IncludePlannedDeletion = false, SortBy, SortOrder } = input
    checkFilters(filters)
    const isWanted = (secret: SecretRow): boolean =>
      (IncludePlannedDeletion || secret.deletionAt === undefined) &&
      filters.every(({ Key, Values = [] }) => Values.some(value => matchesValue(Key, value, secret)))
    const found = [...store.where(secrets, 'byScope', scopeKey(scope))].filter(isWanted).sort(order(input))
    const list = `ListSecrets|${scopeKey(scope)}|${JSON.stringify([filters, IncludePlannedDeletion, SortBy, SortOrder])}`
    const { items, NextToken } = takeRows(list, input, found, pageRules)
    const SecretList = items.map(secret => {
      const SecretVersionsToStages = stagesOf(store, secret)
      return { ...shownSecret(secret), ...(SecretVersionsToStages && { SecretVersionsToStages }) }
    })
    return { SecretList, ...(NextToken && { NextToken }) }
  },
})
