import * as client from '@aws-sdk/client-cloudwatch-logs'
import { LogStoreError } from '../../log-store/log-store.ts'
import type { Operation, Service } from '../service.ts'
import { deletedGroups } from './deleted-groups.ts'
import { unavailable } from './errors.ts'
import { describeLogGroups } from './operations/describe-log-groups.ts'
import { describeLogStreams } from './operations/describe-log-streams.ts'
import { filterLogEvents } from './operations/filter-log-events.ts'
import { getLogEvents } from './operations/get-log-events.ts'
import {
  createLogGroup,
  deleteLogGroup,
  deleteRetentionPolicy,
  putLogGroupDeletionProtection,
  putRetentionPolicy,
} from './operations/log-groups.ts'
import { createLogStream, deleteLogStream } from './operations/log-streams.ts'
import { putLogEvents } from './operations/put-log-events.ts'
import { tagOperations } from './operations/tags.ts'
import type { LogsServiceParts } from './service-parts.ts'
import { logGroups, logStreams } from './tables/index.ts'

export { sweepLogs } from './retention.ts'
export type { LogsServiceParts } from './service-parts.ts'

/** What the log store could not do is the world's fault: senders and readers try it again. */
// biome-ignore lint/suspicious/noExplicitAny: each operation has an input of its own
const retryable = (operation: Operation<any>): Operation<any> => ({
  ...operation,
  handle: async (input, call) => {
    try {
      return await operation.handle(input, call)
    } catch (error) {
      if (error instanceof LogStoreError) throw unavailable(error.message, error)
      throw error
    }
  },
})

/** Amazon CloudWatch Logs: groups and streams are rows, events are in the log store. */
export const createLogsService = (parts: LogsServiceParts): Service => ({
  name: 'logs',
  client,
  operations: [
    createLogGroup,
    deleteLogGroup(parts),
    describeLogGroups(parts),
    putRetentionPolicy,
    deleteRetentionPolicy,
    putLogGroupDeletionProtection,
    createLogStream,
    deleteLogStream(parts),
    describeLogStreams(parts),
    putLogEvents(parts),
    getLogEvents(parts),
    filterLogEvents(parts),
    ...tagOperations,
  ].map(retryable),
  tables: [logGroups, logStreams],
  histories: [],
  reconcilers: [deletedGroups],
})
