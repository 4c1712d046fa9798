import type { LogGroupClass } from '@aws-sdk/client-cloudwatch-logs'
import { defineTable, type Millis, type Row } from '../../../store/table.ts'

/** Written by the operations alone. Its id is the ARN without the trailing `:*`. */
export interface LogGroupRow extends Row {
  readonly scope: string
  readonly name: string
  readonly createdAt: Millis
  readonly retentionInDays?: number
  readonly logGroupClass: LogGroupClass
  readonly deletionProtected: boolean
  readonly tags: Readonly<Record<string, string>>
  /** The group's id in the log store: another one when a group of this name is created again. */
  readonly storeId: string
}

export const logGroups = defineTable<LogGroupRow>()({
  name: 'logs.groups',
  indexes: { byScope: row => row.scope, byStoreId: row => row.storeId },
})

/**
 * Written by the operations, and deleted by the reconciler once its group is gone. What PutLogEvents changes (times
 * and sizes) is not here but in the log store, so that a flood of logs writes no rows.
 * The id is `account/region/store id of the group/name`.
 */
export interface LogStreamRow extends Row {
  readonly groupStoreId: string
  readonly name: string
  readonly arn: string
  readonly createdAt: Millis
  readonly storeId: string
}

export const logStreams = defineTable<LogStreamRow>()({
  name: 'logs.streams',
  indexes: { byGroup: row => row.groupStoreId, byStoreId: row => row.storeId },
})
