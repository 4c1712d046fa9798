import type { Tag } from '@aws-sdk/client-ecs'
import { defineTable } from '../../../store/table.ts'
import type { MadeBy } from '../network/client-token.ts'
import { besideKey, scopeKeyOf } from './scope.ts'

/** A customer-managed prefix list. (AWS: EC2 API reference, ManagedPrefixList). Written by operations. */
export interface PrefixListRow {
  /** The list's ARN. */
  readonly id: string
  readonly name: string
  readonly addressFamily: 'IPv4' | 'IPv6'
  readonly maxEntries: number
  readonly state: 'create-complete' | 'modify-complete' | 'restore-complete'
  /** The last is the current one; older ones may be looked at and restored. */
  readonly versions: readonly PrefixListVersion[]
  readonly madeBy?: MadeBy | undefined
  readonly tags: readonly Tag[]
}

export interface PrefixListVersion {
  /** From 1. */
  readonly number: number
  readonly entries: readonly PrefixListEntry[]
}

export interface PrefixListEntry {
  readonly cidr: string
  readonly description?: string | undefined
}

export const prefixLists = defineTable<PrefixListRow>()({
  name: 'ec2.prefix-lists',
  indexes: {
    byScope: row => scopeKeyOf(row.id),
    byClientToken: row => besideKey(row.id, row.madeBy?.token),
  },
})

export const currentVersion = ({ versions }: PrefixListRow): PrefixListVersion => {
  const current = versions.at(-1)
  if (!current) throw new Error('A prefix list has no version')
  return current
}
