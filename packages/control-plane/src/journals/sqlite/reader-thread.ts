import { DatabaseSync } from 'node:sqlite'
import { workerData } from 'node:worker_threads'
import type { StoredRecords } from '../../store/journal.ts'
import { answerRequests } from './answers.ts'
import { copyDatabase } from './backup.ts'
import { databasePath } from './database.ts'
import { HistorySearcher } from './history-search.ts'
import type { HistoryRequest, ReaderRequest, ThreadData } from './messages.ts'

const { directory } = workerData as ThreadData
const database = new DatabaseSync(databasePath(directory), { readOnly: true, timeout: 5000 })

const select = (comparison: string, order: string) =>
  database.prepare(
    `SELECT id, schema_version, body FROM records WHERE key_id = (
       SELECT record_keys.id FROM record_keys JOIN tables ON tables.id = table_id WHERE name = ? AND key = ?)
     AND id ${comparison} ? ORDER BY id ${order} LIMIT ?`,
  )
const newestFirst = select('<', 'DESC')
const oldestFirst = select('>', 'ASC')

const searcher = new HistorySearcher(database)

const readHistory = (query: HistoryRequest): StoredRecords => {
  const statement = query.oldestFirst ? oldestFirst : newestFirst
  const from = query.from ?? (query.oldestFirst ? 0 : Number.MAX_SAFE_INTEGER)
  const found = statement.all(query.table, query.key, from, query.limit + 1)
  const page = found.slice(0, query.limit)
  const last = page.at(-1)
  return {
    records: page.map(row => ({
      schemaVersion: Number(row['schema_version']),
      record: JSON.parse(String(row['body'])) as unknown,
    })),
    ...(last && found.length > page.length && { next: String(last['id']) }),
  }
}

answerRequests<ReaderRequest>(directory, request => {
  switch (request.kind) {
    case 'history':
      return readHistory(request)
    case 'search':
      return searcher.search(request.search)
    case 'backup':
      return copyDatabase(database, request.path)
    case 'close':
      return database.close()
  }
})
