import type {
  CreateManagedPrefixListRequest,
  CreateManagedPrefixListResult,
  DeleteManagedPrefixListRequest,
  DeleteManagedPrefixListResult,
  ModifyManagedPrefixListRequest,
  ModifyManagedPrefixListResult,
  RestoreManagedPrefixListVersionRequest,
  RestoreManagedPrefixListVersionResult,
} from '@aws-sdk/client-ec2'
import { scopeKey } from '@berth/model'
import { ec2Error, invalidParameterValue, missingParameter } from '../../errors.ts'
import { madeBefore, madeByOf } from '../../network/client-token.ts'
import { arnOf, newId, prefixListKind, rowOf } from '../../network/kinds.ts'
import { changing, onOne } from '../../network/operations.ts'
import { changedEntries, usersOfPrefixList } from '../../network/prefix-list-entries.ts'
import { prefixListResponse } from '../../responses/prefix-list.ts'
import { currentVersion, type PrefixListEntry, type PrefixListRow, prefixLists } from '../../tables/index.ts'
import { specifiedTags } from '../../tags.ts'

/** (AWS: "Amazon VPC quotas", prefix lists per Region, entries per prefix list) */
const mostLists = 100
const mostEntries = 1_000
/** AWS keeps 1,000. */
const versionsKept = 10
/** "Up to 255 characters in length. The name cannot start with com.amazonaws." */
const longestName = 255

const nameOf = (given: string | undefined): string => {
  if (!given) throw missingParameter('prefixListName')
  if (given.length > longestName || given.startsWith('com.amazonaws'))
    throw invalidParameterValue(`The prefix list name '${given}' is not valid.`)
  return given
}

const familyOf = (given: string | undefined): PrefixListRow['addressFamily'] => {
  if (!given) throw missingParameter('addressFamily')
  if (given !== 'IPv4' && given !== 'IPv6')
    throw invalidParameterValue(`Value (${given}) for parameter addressFamily is invalid.`)
  return given
}

const mostOf = (given: number | undefined, entries: number): number => {
  if (given === undefined) throw missingParameter('maxEntries')
  if (given < 1 || given > mostEntries || given < entries)
    throw invalidParameterValue(`Value (${given}) for parameter maxEntries is invalid.`)
  return given
}

const createManagedPrefixList = changing<CreateManagedPrefixListRequest, CreateManagedPrefixListResult>({
  name: 'CreateManagedPrefixList',
  takes: ['PrefixListName', 'Entries', 'MaxEntries', 'AddressFamily', 'TagSpecifications', 'ClientToken'],
  change: (tx, input, call) => {
    const { scope, randomHex } = call
    const madeBy = madeByOf(input)
    const before = madeBefore(tx, scope, prefixLists, madeBy)
    if (before) return { PrefixList: prefixListResponse(before, call) }
    if (tx.count(prefixLists, 'byScope', scopeKey(scope)) >= mostLists)
      throw ec2Error('PrefixListLimitExceeded', 'The maximum number of prefix lists has been reached.')
    const bounds = { addressFamily: familyOf(input.AddressFamily), maxEntries: mostOf(input.MaxEntries, 0) }
    const list: PrefixListRow = {
      id: arnOf(prefixListKind, scope, newId('pl', randomHex)),
      name: nameOf(input.PrefixListName),
      ...bounds,
      state: 'create-complete',
      versions: [{ number: 1, entries: changedEntries([], { AddEntries: input.Entries }, bounds) }],
      ...(madeBy && { madeBy }),
      tags: specifiedTags(input.TagSpecifications, 'prefix-list'),
    }
    tx.put(prefixLists, list)
    return { PrefixList: prefixListResponse(list, call) }
  },
})

const checkVersion = (list: PrefixListRow, given: number | undefined): void => {
  if (given === undefined) throw missingParameter('currentVersion')
  if (given !== currentVersion(list).number)
    throw ec2Error('PrefixListVersionMismatch', 'The prefix list has the incorrect version number.')
}

const withVersion = (list: PrefixListRow, entries: readonly PrefixListEntry[]): PrefixListRow => ({
  ...list,
  versions: [...list.versions, { number: currentVersion(list).number + 1, entries }].slice(-versionsKept),
})

const modifyManagedPrefixList = changing<ModifyManagedPrefixListRequest, ModifyManagedPrefixListResult>({
  name: 'ModifyManagedPrefixList',
  takes: ['PrefixListId', 'CurrentVersion', 'PrefixListName', 'AddEntries', 'RemoveEntries', 'MaxEntries'],
  resources: onOne(prefixListKind, ({ PrefixListId }) => PrefixListId),
  change: (tx, input, call) => {
    const list = rowOf(tx, call.scope, prefixListKind, input.PrefixListId, 'prefixListId')
    const { AddEntries = [], RemoveEntries = [], MaxEntries, PrefixListName } = input
    const changesEntries = AddEntries.length > 0 || RemoveEntries.length > 0
    if (changesEntries && MaxEntries !== undefined)
      throw ec2Error(
        'InvalidParameterCombination',
        'The entries and the size of a prefix list cannot be modified at the same time.',
      )
    const { entries } = currentVersion(list)
    const named: PrefixListRow = {
      ...list,
      state: 'modify-complete',
      ...(PrefixListName !== undefined && { name: nameOf(PrefixListName) }),
      ...(MaxEntries !== undefined && { maxEntries: mostOf(MaxEntries, entries.length) }),
    }
    if (changesEntries || input.CurrentVersion !== undefined) checkVersion(list, input.CurrentVersion)
    const changed = changesEntries ? withVersion(named, changedEntries(entries, input, list)) : named
    tx.put(prefixLists, changed)
    return { PrefixList: prefixListResponse(changed, call) }
  },
})

const restoreManagedPrefixListVersion = changing<
  RestoreManagedPrefixListVersionRequest,
  RestoreManagedPrefixListVersionResult
>({
  name: 'RestoreManagedPrefixListVersion',
  takes: ['PrefixListId', 'PreviousVersion', 'CurrentVersion'],
  resources: onOne(prefixListKind, ({ PrefixListId }) => PrefixListId),
  change: (tx, { PrefixListId, PreviousVersion, CurrentVersion }, call) => {
    const list = rowOf(tx, call.scope, prefixListKind, PrefixListId, 'prefixListId')
    checkVersion(list, CurrentVersion)
    const previous = list.versions.find(({ number }) => number === PreviousVersion)
    if (!previous)
      throw invalidParameterValue(`Value (${PreviousVersion}) for parameter previousVersion is invalid.`)
    if (previous.entries.length > list.maxEntries)
      throw ec2Error(
        'PrefixListMaxEntriesExceeded',
        'You have reached the maximum number of entries for the prefix list.',
      )
    const restored = { ...withVersion(list, previous.entries), state: 'restore-complete' as const }
    tx.put(prefixLists, restored)
    return { PrefixList: prefixListResponse(restored, call) }
  },
})

const deleteManagedPrefixList = changing<DeleteManagedPrefixListRequest, DeleteManagedPrefixListResult>({
  name: 'DeleteManagedPrefixList',
  takes: ['PrefixListId'],
  effect: 'frees',
  resources: onOne(prefixListKind, ({ PrefixListId }) => PrefixListId),
  change: (tx, { PrefixListId = '' }, call) => {
    const list = rowOf(tx, call.scope, prefixListKind, PrefixListId, 'prefixListId')
    if (usersOfPrefixList(tx, call.scope, PrefixListId).length > 0)
      throw ec2Error(
        'DependencyViolation',
        `The prefixList '${PrefixListId}' has dependencies and cannot be deleted.`,
      )
    tx.delete(prefixLists, list.id)
    return { PrefixList: { ...prefixListResponse(list, call), State: 'delete-complete' } }
  },
})

export const prefixListChanges = [
  createManagedPrefixList,
  modifyManagedPrefixList,
  restoreManagedPrefixListVersion,
  deleteManagedPrefixList,
]
