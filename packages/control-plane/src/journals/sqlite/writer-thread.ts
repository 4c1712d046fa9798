import assert from 'node:assert'
import type { DatabaseSync } from 'node:sqlite'
import { workerData } from 'node:worker_threads'
import type { Acquired, HistorySweep, SchemaVersion } from '../../store/journal.ts'
import { acquire } from './acquire.ts'
import { answerRequests } from './answers.ts'
import { databasePath, explain, lockDirectory, openDatabase } from './database.ts'
import { GroupWriter } from './group-writer.ts'
import { sweepHistory } from './history-sweep.ts'
import type { Slice, ThreadData, WriterRequest } from './messages.ts'

/** Row bytes after which the write-ahead log is copied into the database, between two groups. */
const CHECKPOINT_BYTES = 16 * 1024 * 1024
/** Copied sooner when nobody writes. */
const IDLE_MS = 1000

const { directory } = workerData as ThreadData
const path = databasePath(directory)
let lock: DatabaseSync | undefined
let database: DatabaseSync | undefined
let writer: GroupWriter | undefined
let bytesSinceCheckpoint = 0
/** Why the present group cannot be committed: a slice of it failed. */
let broken: unknown
let idle: NodeJS.Timeout | undefined

const hold = (): void => {
  lock ??= lockDirectory(directory)
}

const start = (schema: readonly SchemaVersion[]): Acquired => {
  hold()
  try {
    database = openDatabase(path)
    const acquired = acquire(database, path, schema)
    writer = new GroupWriter(database)
    return acquired
  } catch (error) {
    // Refused: another release, which can read it, may be started at once.
    close()
    throw error
  }
}

const write = (slice: Slice): void => {
  if (broken !== undefined) return
  try {
    assert(writer, 'The journal is not open')
    writer.write(slice)
    for (const body of slice.rowBodies) bytesSinceCheckpoint += body?.length ?? 0
    for (const body of slice.recordBodies) bytesSinceCheckpoint += body.length
  } catch (error) {
    broken = error
  }
}

const commit = ({ slice, commit }: WriterRequest & { kind: 'commit' }): void => {
  write(slice)
  try {
    if (broken !== undefined) throw broken
    writer?.commit(commit)
  } catch (error) {
    broken = undefined
    writer?.rollback()
    throw error
  }
  clearTimeout(idle)
  // Behind the answer to this group.
  if (bytesSinceCheckpoint > CHECKPOINT_BYTES) setImmediate(checkpoint)
  else idle = setTimeout(checkpoint, IDLE_MS)
}

/** Not in the midst of a group, whose transaction it would be part of. */
const sweep = (request: HistorySweep): string | undefined => {
  assert(database, 'The journal is not open')
  if (database.isTransaction) return request.from ?? '0'
  const { next, deleted } = sweepHistory(database, request)
  if (deleted) writer?.forgetRecords()
  clearTimeout(idle)
  idle = setTimeout(checkpoint, IDLE_MS)
  return next
}

const checkpoint = (): void => {
  if (database === undefined || database.isTransaction) return
  bytesSinceCheckpoint = 0
  try {
    database.exec('PRAGMA wal_checkpoint(PASSIVE)')
  } catch (error) {
    // Nobody asked for it, so nobody would get the answer: the thread ends, and with it the journal.
    throw new Error(explain(error, directory), { cause: error })
  }
}

const close = (): void => {
  clearTimeout(idle)
  database?.close()
  database = undefined
  lock?.close()
  lock = undefined
}

answerRequests<WriterRequest>(directory, request => {
  switch (request.kind) {
    case 'hold':
      return hold()
    case 'acquire':
      return start(request.schema)
    case 'slice':
      return write(request.slice)
    case 'commit':
      return commit(request)
    case 'sweep':
      return sweep(request.sweep)
    case 'close':
      return close()
  }
})
