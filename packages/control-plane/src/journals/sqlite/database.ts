import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { JournalRefused } from '../../store/journal.ts'

/** "BRTH": marks a file as ours. */
const APPLICATION_ID = 0x42525448
/** The layout of the tables below, apart from what is in the rows. */
const FORMAT_VERSION = 2

const LAYOUT = `
  CREATE TABLE journal (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    incarnation TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE tables (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    version INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE rows (
    slot INTEGER PRIMARY KEY,
    table_id INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    schema_version INTEGER NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE TABLE record_keys (
    id INTEGER PRIMARY KEY,
    table_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    UNIQUE (table_id, key)
  ) STRICT;
  CREATE TABLE records (
    id INTEGER PRIMARY KEY,
    key_id INTEGER NOT NULL,
    schema_version INTEGER NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX records_by_key ON records (key_id);
`

export const databasePath = (directory: string): string => join(directory, 'berth.db')

/** Opens the database of a data directory, and lays it out when it is new. Throws `JournalRefused`. */
export const openDatabase = (path: string): DatabaseSync => {
  const database = new DatabaseSync(path)
  // Checkpoints are ours to time; nothing is acknowledged before its fsync.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0')
  const applicationId = pragma(database, 'application_id')
  if (applicationId === 0 && pragma(database, 'schema_version') === 0) layOut(database)
  else checkFormat(database, path, applicationId)
  return database
}

/** Refuses what is not Berth's, or was laid out by a newer release. */
export const checkFormat = (
  database: DatabaseSync,
  path: string,
  applicationId = pragma(database, 'application_id'),
): void => {
  if (applicationId !== APPLICATION_ID) throw new JournalRefused(`${path} is not a database of Berth`)
  const version = pragma(database, 'user_version')
  if (version > FORMAT_VERSION) {
    throw new JournalRefused(
      `${path} is newer than this release of Berth (layout ${version}, this release knows ${FORMAT_VERSION}). Start the newer release, or restore a backup of this one.`,
    )
  }
}

const layOut = (database: DatabaseSync): void => {
  database.exec('BEGIN IMMEDIATE')
  database.exec(LAYOUT)
  database.prepare('INSERT INTO journal VALUES (1, ?, 0, 0, 0)').run(randomUUID())
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT_VERSION}; COMMIT`)
}

/**
 * Brings an older layout to this one; `beforeChange` is called before anything is written. Records of before count as
 * written now: when they were is not known.
 */
export const upgradeLayout = (database: DatabaseSync, beforeChange: (from: number) => void): void => {
  const version = pragma(database, 'user_version')
  if (version >= FORMAT_VERSION) return
  beforeChange(version)
  const at = Number(database.prepare('SELECT at FROM journal').get()?.['at'])
  database.exec('BEGIN IMMEDIATE')
  database.exec(`ALTER TABLE records ADD COLUMN at INTEGER NOT NULL DEFAULT ${at}`)
  database.exec(`PRAGMA user_version = ${FORMAT_VERSION}; COMMIT`)
}

const pragma = (database: DatabaseSync, name: string): number =>
  Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0] ?? 0)

/**
 * Holds a data directory for this process until it is closed or the process ends, however it ends:
 * the operating system's lock on a file of its own, taken through SQLite because Node has no call for it.
 */
export const lockDirectory = (directory: string): DatabaseSync => {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const lock = new DatabaseSync(join(directory, 'berth.lock'), { timeout: 500 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock.close()
    if (sqliteCode(error) !== SQLITE_BUSY) throw error
    throw new JournalRefused(
      `The data directory ${directory} is in use by another Berth server. Stop that one first, or choose another directory.`,
    )
  }
}

const SQLITE_BUSY = 5
const SQLITE_IOERR = 10
const SQLITE_CORRUPT = 11
const SQLITE_FULL = 13
const SQLITE_CANTOPEN = 14
const SQLITE_NOTADB = 26

/** SQLite's primary result code; undefined for other errors. */
const sqliteCode = (error: unknown): number | undefined =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined

/** What happened and what to do about it, in one sentence each. */
export const explain = (error: unknown, directory: string): string => {
  const detail = error instanceof Error ? error.message : String(error)
  switch (sqliteCode(error)) {
    case SQLITE_FULL:
      return `The disk of ${directory} is full: free some space there, then start Berth again. No acknowledged write is lost.`
    case SQLITE_IOERR:
      return `Writing to ${directory} failed (${detail}): check the disk, then start Berth again. No acknowledged write is lost.`
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return `The database in ${directory} is damaged (${detail}): check the disk, and restore a backup with "berth restore".`
    case SQLITE_CANTOPEN:
      return `The database in ${directory} cannot be opened (${detail}): check that the directory exists and may be written to.`
    case SQLITE_BUSY:
      return `The database in ${directory} is locked by another program (${detail}): close that program, then start Berth again.`
    default:
      return `The database in ${directory} failed: ${detail}`
  }
}
