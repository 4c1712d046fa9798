/** What becomes of a prefix list's entries. Pure. (AWS: EC2 API reference, ModifyManagedPrefixList) */
import type { AddPrefixListEntry, RemovePrefixListEntry } from '@aws-sdk/client-ec2'
import type { View } from '../../../store/view.ts'
import type { Call } from '../../service.ts'
import { ec2Error, invalidParameterValue } from '../errors.ts'
import {
  currentVersion,
  type PrefixListEntry,
  type PrefixListRow,
  prefixLists,
  routeTables,
  securityGroupRules,
} from '../tables/index.ts'
import { formatBlock, parseBlock } from './cidr.ts'
import { canonicalIpv6Block } from './ipv6.ts'
import { arnOf, beside, idOf, prefixListKind } from './kinds.ts'

type Family = PrefixListRow['addressFamily']

const blockOf = (text: string | undefined, family: Family): string => {
  const ipv4 = parseBlock(text ?? '')
  const block = family === 'IPv6' ? canonicalIpv6Block(text ?? '') : ipv4 && formatBlock(ipv4)
  if (!block) throw invalidParameterValue(`The CIDR block ${text} is not a valid ${family} CIDR block.`)
  return block
}

const longestDescription = 255

const entryOf = ({ Cidr, Description }: AddPrefixListEntry, family: Family): PrefixListEntry => {
  if ((Description?.length ?? 0) > longestDescription)
    throw invalidParameterValue(`A description has up to ${longestDescription} characters.`)
  return { cidr: blockOf(Cidr, family), ...(Description && { description: Description }) }
}

interface EntryChanges {
  readonly AddEntries?: readonly AddPrefixListEntry[] | undefined
  readonly RemoveEntries?: readonly RemovePrefixListEntry[] | undefined
}

type Bounds = Pick<PrefixListRow, 'addressFamily' | 'maxEntries'>

/** Throws InvalidParameterValue, PrefixListMaxEntriesExceeded. */
export const changedEntries = (
  before: readonly PrefixListEntry[],
  { AddEntries = [], RemoveEntries = [] }: EntryChanges,
  { addressFamily, maxEntries }: Bounds,
): readonly PrefixListEntry[] => {
  const removed = new Set(RemoveEntries.map(({ Cidr }) => blockOf(Cidr, addressFamily)))
  const kept = before.filter(({ cidr }) => !removed.delete(cidr))
  const [unknown] = removed
  if (unknown !== undefined)
    throw invalidParameterValue(`The prefix list has no entry for the CIDR block ${unknown}.`)
  const entries = [...kept, ...AddEntries.map(entry => entryOf(entry, addressFamily))]
  const blocks = entries.map(({ cidr }) => cidr)
  const twice = blocks.find((cidr, index) => blocks.indexOf(cidr) < index)
  if (twice !== undefined)
    throw invalidParameterValue(`The prefix list has an entry for the CIDR block ${twice} already.`)
  if (entries.length > maxEntries)
    throw ec2Error(
      'PrefixListMaxEntriesExceeded',
      'You have reached the maximum number of entries for the prefix list.',
    )
  return entries
}

/** What a rule or a route that names the list means; of none, nothing. */
export const blocksOfPrefixList = (view: View, scope: Call['scope'], id: string): readonly string[] => {
  const list = view.get(prefixLists, arnOf(prefixListKind, scope, id))
  return list ? currentVersion(list).entries.map(({ cidr }) => cidr) : []
}

/** The ids of the security groups and route tables that name a list. */
export const usersOfPrefixList = (view: View, scope: Call['scope'], id: string): readonly string[] => {
  const key = beside(scope, id)
  const rules = [...view.where(securityGroupRules, 'byPrefixList', key)]
  const tables = [...view.where(routeTables, 'byPrefixList', key)]
  return [...new Set([...rules.map(({ groupId }) => groupId), ...tables.map(idOf)])]
}
