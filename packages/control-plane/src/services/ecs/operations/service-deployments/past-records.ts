import type { HistoryTable } from '../../../../store/table.ts'
import type { HistoryReader } from '../../../../store/view.ts'

const pageSize = 100

/** All that is kept for a key, newest first. It is bounded by how many the table keeps. */
async function* pastRecords<R extends object>(
  history: HistoryReader,
  table: HistoryTable<R>,
  key: string,
): AsyncIterable<R> {
  let from: string | undefined
  do {
    const page = await history.read(table, key, { limit: pageSize, ...(from && { from }) })
    yield* page.records
    from = page.next
  } while (from !== undefined)
}

/** The newest record of each id that there is one of. */
export const pastRecordsById = async <R extends { readonly id: string }>(
  history: HistoryReader,
  table: HistoryTable<R>,
  key: string,
  ids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, R>> => {
  const found = new Map<string, R>()
  for await (const record of pastRecords(history, table, key)) {
    if (ids.has(record.id) && !found.has(record.id)) found.set(record.id, record)
    if (found.size === ids.size) break
  }
  return found
}
