import type { LiveGroup, LogStore } from '../../log-store/log-store.ts'
import type { Millis } from '../../store/table.ts'
import type { View } from '../../store/view.ts'
import { type LogGroupRow, logGroups, logStreams } from './tables/index.ts'

export const dayMs = 24 * 60 * 60 * 1000

/** Events before this time have expired and are not shown any more; undefined: they never do. */
export const retentionCutoff = (group: LogGroupRow, now: Millis): Millis | undefined =>
  group.retentionInDays === undefined ? undefined : now - group.retentionInDays * dayMs

/**
 * Frees the room of expired events, and of streams that were deleted just before a crash. To be called at the start
 * of a leading server and then once an hour. What is live is read in the same turn in which the store is told.
 */
export const sweepLogs = (view: View, logStore: LogStore, now: Millis): Promise<void> => {
  const live = new Map<string, LiveGroup>()
  for (const group of view.all(logGroups)) {
    const streamIds: string[] = []
    for (const stream of view.where(logStreams, 'byGroup', group.storeId)) streamIds.push(stream.storeId)
    const cutoff = retentionCutoff(group, now)
    live.set(group.storeId, cutoff === undefined ? { streamIds } : { streamIds, cutoff })
  }
  return logStore.sweep(live)
}
