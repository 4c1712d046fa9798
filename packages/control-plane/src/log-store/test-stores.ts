import type { Boundary, LogBatch, LogStore, ReadRequest, StoredEvent } from './log-store.ts'
import { SegmentLogStore } from './segment-log-store.ts'

/** What the stores of the tests reported. */
export const problems: string[] = []
export const report = (problem: string): void => void problems.push(problem)

export const openSegmentStore = (
  directory: string,
  options: { segmentBytes?: number; capBytes?: number } = {},
): Promise<SegmentLogStore> => SegmentLogStore.open({ directory, capBytes: 1e9, report, ...options })

export const batch = (
  streamId: string,
  events: readonly (readonly [number, string])[],
  more: Partial<LogBatch> = {},
): LogBatch => ({
  groupId: 'group',
  streamId,
  ingestedAt: 1000,
  events: events.map(([timestamp, message]) => ({ timestamp, message })),
  ...more,
})

/** Page after page. */
export const readAll = async (
  store: LogStore,
  request: Partial<ReadRequest> = {},
): Promise<StoredEvent[]> => {
  const events: StoredEvent[] = []
  let from: Boundary | undefined
  do {
    const page = await store.read({
      groupId: 'group',
      direction: 'forward',
      limit: 10_000,
      ...request,
      ...(from && { from }),
    })
    events.push(...page.events)
    from = page.next
  } while (from)
  return events
}
