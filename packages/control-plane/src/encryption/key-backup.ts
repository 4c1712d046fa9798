/** The key beside a backup: whoever has both can read every value, whoever has one of them none. */
import { existsSync, rmSync } from 'node:fs'
import { JournalRefused } from '../store/journal.ts'
import { dataKeyPath, readDataKey, writeDataKey } from './data-key.ts'

export const keyBackupPath = (backupPath: string): string => `${backupPath}.key`

/**
 * Runs `backUp` with the key on the disk before it, and takes the key away again when it fails: no backup is ever
 * without its key. False: the data directory has no key. Throws JournalRefused when another key has the name.
 */
export const withKeyBackup = (dataDirectory: string, backupPath: string, backUp: () => void): boolean => {
  const [from, to] = [dataKeyPath(dataDirectory), keyBackupPath(backupPath)]
  const hasKey = existsSync(from)
  const wasThere = existsSync(to)
  if (hasKey) put(readDataKey(from), to)
  try {
    backUp()
  } catch (error) {
    if (hasKey && !wasThere) rmSync(to)
    throw error
  }
  return hasKey
}

/** Puts a backup's key into the data directory. False: there is none beside the backup. */
export const restoreKey = (backupPath: string, dataDirectory: string): boolean => {
  const from = keyBackupPath(backupPath)
  if (!existsSync(from)) return false
  put(readDataKey(from), dataKeyPath(dataDirectory))
  return true
}

const put = (key: Buffer, path: string): void => {
  if (!writeDataKey(path, key).equals(key))
    throw new JournalRefused(`${path} holds another key: move it away first. Nothing was changed.`)
}
