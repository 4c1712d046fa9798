import { resolve } from 'node:path'
import { ConfigurationError, readConfiguration } from './configuration.ts'
import { keyBackupPath, restoreKey, withKeyBackup } from './encryption/key-backup.ts'
import { backup } from './journals/sqlite/backup.ts'
import { restore } from './journals/sqlite/restore.ts'
import { JournalRefused } from './store/journal.ts'

const backUp = (dataDir: string, path: string): string => {
  const hasKey = withKeyBackup(dataDir, path, () => backup(dataDir, path))
  const key = hasKey
    ? ` The key of secrets and parameters is in ${keyBackupPath(path)}: keep it apart from the backup, because both together show every value.`
    : ''
  return `Backed ${dataDir} up to ${path}. Log events and credentials are not part of it.${key}`
}

const bringBack = (path: string, dataDir: string): string => {
  let hasKey = false
  restore(path, dataDir, () => {
    hasKey = restoreKey(path, dataDir)
  })
  const key = hasKey
    ? ''
    : ` There is no ${keyBackupPath(path)}: secrets and parameters cannot be read unless secrets.key is put into ${dataDir} before the first start.`
  return `Restored ${path} into ${dataDir}, as another incarnation: agents let the tasks that they run go on, and report them.${key}`
}

/** `node maintenance.ts backup|restore FILE`, on the data directory of the environment. */
const run = (action: string | undefined, file: string | undefined): string => {
  const { dataDir } = readConfiguration(process.env)
  if (file === undefined) throw new ConfigurationError('Name a file.')
  const path = resolve(file)
  if (action === 'backup') return backUp(dataDir, path)
  if (action !== 'restore') throw new ConfigurationError('Say backup or restore.')
  return bringBack(path, dataDir)
}

// A backup holds what task definitions hold, secrets perhaps: it is for nobody else on the machine.
process.umask(0o077)
try {
  process.stdout.write(`${run(process.argv[2], process.argv[3])}\n`)
} catch (error) {
  if (!(error instanceof ConfigurationError || error instanceof JournalRefused)) throw error
  process.stderr.write(`berth: ${error.message}\n`)
  process.exitCode = 1
}
