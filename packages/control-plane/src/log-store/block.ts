import type { Entries } from './entries.ts'
import { eventOverheadBytes } from './log-store.ts'

/** What is known of a run of one stream's entries, in order, without reading them. */
export interface BlockSummary {
  readonly minTimestamp: number
  readonly maxTimestamp: number
  readonly count: number
  /** As CloudWatch Logs counts stored bytes. */
  readonly countedBytes: number
  readonly lastIngestedAt: number
}

/** A block in memory, or at a place in a segment. */
export interface Block extends BlockSummary {
  readonly load: (files: OpenFiles) => Entries | Promise<Entries | undefined>
}

/** The segment files that one read has open. */
export interface OpenFiles {
  /** Undefined when the file is gone. */
  read(path: string, offset: number, length: number): Promise<Buffer | undefined>
  /** Told of a damaged block, which is passed over. */
  report(problem: string): void
}

export const summarize = (entries: Entries): BlockSummary => {
  let lastIngestedAt = 0
  for (let index = 0; index < entries.count; index++)
    lastIngestedAt = Math.max(lastIngestedAt, entries.ingestedAt(index))
  return {
    minTimestamp: entries.timestamp(0),
    maxTimestamp: entries.timestamp(entries.count - 1),
    count: entries.count,
    countedBytes: entries.bytes.length + entries.count * (eventOverheadBytes - 28),
    lastIngestedAt,
  }
}
