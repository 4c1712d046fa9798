import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { JournalRefused } from '../../store/journal.ts'
import { checkFormat, databasePath } from './database.ts'

/** Copies a database while others use it. Complete or not there: the copy gets its name when it is on disk. */
export const copyDatabase = (database: DatabaseSync, path: string): void => {
  if (existsSync(path)) throw new JournalRefused(`${path} exists already: choose another name for the backup`)
  const partial = `${path}.partial`
  rmSync(partial, { force: true })
  database.prepare('VACUUM INTO ?').run(partial)
  const file = openSync(partial, 'r')
  fsyncSync(file)
  closeSync(file)
  renameSync(partial, path)
}

/**
 * Backs a data directory up, whether a server runs on it or not: everything that was acknowledged before is in it.
 * Throws `JournalRefused` when there is nothing to back up, or the file exists.
 */
export const backup = (dataDirectory: string, path: string): void => {
  const source = databasePath(dataDirectory)
  if (!existsSync(source)) throw new JournalRefused(`${dataDirectory} holds no data of Berth`)
  const database = new DatabaseSync(source, { readOnly: true, timeout: 5_000 })
  try {
    checkFormat(database, source)
    copyDatabase(database, path)
  } finally {
    database.close()
  }
}
