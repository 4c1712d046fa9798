import { randomUUID } from 'node:crypto'
import { closeSync, copyFileSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { JournalRefused } from '../../store/journal.ts'
import { checkFormat, databasePath, lockDirectory } from './database.ts'

/**
 * Makes a data directory from a backup, under a new incarnation, so that agents of the old one let their containers
 * run. `beforeData` puts there what must not come later than the data. Throws `JournalRefused` when a server uses the
 * directory, when it holds data, or when the backup is not sound.
 */
export const restore = (from: string, dataDirectory: string, beforeData: () => void = () => {}): void => {
  if (!existsSync(from)) throw new JournalRefused(`There is no backup ${from}`)
  const lock = lockDirectory(dataDirectory)
  try {
    const path = databasePath(dataDirectory)
    // A write-ahead log that was left alone would be taken for the restored database's own.
    if (existsSync(path) || existsSync(`${path}-wal`)) {
      throw new JournalRefused(
        `${dataDirectory} holds data already: move it away first, or restore into another directory. Nothing was changed.`,
      )
    }
    const partial = `${path}.partial`
    rmSync(partial, { force: true })
    copyFileSync(from, partial)
    try {
      beginIncarnation(partial, from)
      beforeData()
    } catch (error) {
      rmSync(partial, { force: true })
      throw error
    }
    renameSync(partial, path)
    sync(dataDirectory)
  } finally {
    lock.close()
  }
}

/**
 * More starts than a server may have had since the backup: agents remember the numbers of the messages that they had
 * from it, which grow with the epoch, and drop what is numbered lower. Two million epochs are there to spend.
 */
const EPOCHS_SKIPPED = 10_000

const beginIncarnation = (path: string, from: string): void => {
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL')
    checkFormat(database, from)
    const found = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})[0]
    if (found !== 'ok') throw new JournalRefused(`The backup ${from} is damaged: ${String(found)}`)
    const begin = database.prepare('UPDATE journal SET incarnation = ?, epoch = epoch + ?')
    begin.run(randomUUID(), EPOCHS_SKIPPED)
  } catch (error) {
    if (error instanceof JournalRefused) throw error
    throw new JournalRefused(`${from} is not a backup of Berth: ${String(error)}`, { cause: error })
  } finally {
    database.close()
  }
  sync(path)
}

const sync = (path: string): void => {
  const file = openSync(path, 'r')
  fsyncSync(file)
  closeSync(file)
}
