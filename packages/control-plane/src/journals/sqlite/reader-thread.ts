import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { workerData } from 'node:worker_threads'
import { JournalRefused, type StoredRecords } from '../../store/journal.ts'
import { answerRequests } from './answers.ts'
import { databasePath } from './database.ts'
import type { HistoryRequest, LoadedChunk, ReaderRequest, ThreadData } from './messages.ts'
import { readRows } from './row-reader.ts'

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

let loading: Iterator<LoadedChunk> | undefined

/** The next chunk; an empty one when the rows have ended. */
const load = (): LoadedChunk => {
  loading ??= readRows(database)
  return loading.next().value ?? { slots: [], tables: [], sequences: [], versions: [], bodies: '[]' }
}

/** Complete or not there: the copy gets its name when it is on disk. */
const backup = (path: string): void => {
  if (existsSync(path)) throw new JournalRefused(`${path} exists already: choose another name for the backup`)
  const partial = `${path}.partial`
  rmSync(partial, { force: true })
  database.prepare('VACUUM INTO ?').run(partial)
  const file = openSync(partial, 'r')
  fsyncSync(file)
  closeSync(file)
  renameSync(partial, path)
}

answerRequests<ReaderRequest>(directory, request => {
  switch (request.kind) {
    case 'history':
      return readHistory(request)
    case 'load':
      return load()
    case 'backup':
      return backup(request.path)
    case 'close':
      return database.close()
  }
})
