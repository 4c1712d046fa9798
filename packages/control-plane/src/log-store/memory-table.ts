import { summarize } from './block.ts'
import type { Catalog } from './catalog.ts'
import type { LogRecord } from './write-ahead-log.ts'

/** What is in memory, and the write-ahead logs that hold the same on disk. */
export class MemoryTable {
  readonly logPaths: string[] = []
  readonly streams = new Map<string, string>()
  bytes = 0

  add(catalog: Catalog, { groupId, streamId, entries }: LogRecord): void {
    if (entries.count === 0) return
    this.bytes += entries.bytes.length
    this.streams.set(streamId, groupId)
    const block = { ...summarize(entries), table: this, entries, load: () => entries }
    catalog.addInMemory(groupId, streamId, block)
  }
}
