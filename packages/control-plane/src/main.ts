import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigurationError, readConfiguration, type ServerConfiguration } from './configuration.ts'
import { ControlPlane } from './control-plane.ts'
import { type Credentials, ensureCredentials, ensureSessionKey } from './credentials.ts'
import { ensureDataKey } from './encryption/data-key.ts'
import { createEncryption } from './encryption/encryption.ts'
import { measureEventLoopDelay } from './event-loop-delay.ts'
import { DiskWatch } from './journals/disk-watch.ts'
import { createMemoryJournal } from './journals/memory-journal.ts'
import { createSqliteJournal } from './journals/sqlite/sqlite-journal.ts'
import { readHookTargets } from './lifecycle-hooks/targets-file.ts'
import { createLog, type Log } from './log.ts'
import { type LogStore, LogStoreError } from './log-store/log-store.ts'
import { MemoryLogStore } from './log-store/memory-log-store.ts'
import { openLogStore } from './log-store/threaded-log-store.ts'
import { createMetrics } from './metrics.ts'
import { BerthServer } from './server.ts'
import { type Journal, JournalFailure, JournalRefused } from './store/journal.ts'
import { tableModules } from './table-modules.ts'
import { createTaskCredentials } from './task-credentials.ts'

const watchDisk = async (directory: string, log: Log): Promise<DiskWatch> => {
  const watch = new DiskWatch({
    directory,
    onChange: (level, freeBytes) =>
      log.warn({ level, freeBytes, directory }, 'The free space of the disk has changed'),
    onFault: error => log.error({ err: error, directory }, 'The disk cannot be watched'),
  })
  await watch.start()
  return watch
}

/** A tenth of the disk, unless the operator says otherwise. */
const logCap = async ({ logCapBytes, dataDir }: ServerConfiguration): Promise<number> => {
  if (logCapBytes !== undefined) return logCapBytes
  const { blocks, bsize } = await statfs(dataDir)
  return Math.floor((blocks * bsize) / 10)
}

const openLogs = async (configuration: ServerConfiguration, log: Log): Promise<LogStore> =>
  configuration.inMemory
    ? new MemoryLogStore()
    : openLogStore({
        directory: join(configuration.dataDir, 'logs'),
        capBytes: await logCap(configuration),
        report: problem => log.error(problem),
      })

/** Held before the log store looks at its files: what it finds unfinished there may be another server's work. */
const openJournal = async ({ inMemory, dataDir }: ServerConfiguration): Promise<Journal> => {
  if (inMemory) return createMemoryJournal()
  const journal = createSqliteJournal({ directory: dataDir, tableModules })
  await journal.hold()
  return journal
}

const warnOfOpenDoor = ({ anyCredentials }: ServerConfiguration): void => {
  if (anyCredentials)
    process.stderr.write(
      'WARNING: --insecure-any-credentials takes every signed request as the root of the account.\n',
    )
}

const run = async (configuration: ServerConfiguration, log: Log): Promise<void> => {
  const { inMemory, dataDir, host, port } = configuration
  const credentials: Credentials = ensureCredentials(configuration)
  const taskCredentials = createTaskCredentials(ensureSessionKey(configuration))
  const encryption = createEncryption(ensureDataKey(configuration))
  const hookTargets = readHookTargets(configuration.hooksFile)
  const diskWatch = inMemory ? undefined : await watchDisk(dataDir, log)
  const metrics = createMetrics()
  measureEventLoopDelay(metrics)
  const onFailure = (error: Error): void => {
    log.fatal(error.message)
    process.stderr.write(`berth server: ${error.message}\n`)
    process.exit(1)
  }
  const server = await BerthServer.start({
    host,
    port,
    metrics,
    canReset: inMemory,
    onlyFromHere: configuration.anyCredentials,
    onFault: (error, path) => log.error({ err: error, path }, 'A fault of Berth itself'),
    startControlPlane: async () =>
      ControlPlane.start({
        configuration,
        credentials,
        taskCredentials,
        encryption,
        journal: await openJournal(configuration),
        logStore: await openLogs(configuration, log),
        hookTargets,
        diskWatch,
        metrics,
        log,
        onFailure,
      }),
  })
  warnOfOpenDoor(configuration)
  log.info({ host, port: server.port, dataDir: inMemory ? undefined : dataDir }, 'Berth answers')
  const stop = (signal: NodeJS.Signals): void => {
    log.info({ signal }, 'Stopping')
    void server.stop().then(async () => {
      await diskWatch?.stop()
      process.exit(0)
    }, onFailure)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

/** What is the operator's to mend is told in a sentence; anything else with its stack. */
const explain = (error: unknown): string => {
  if (
    error instanceof ConfigurationError ||
    error instanceof JournalRefused ||
    error instanceof JournalFailure ||
    error instanceof LogStoreError
  )
    return error.message
  const { code, syscall, message, stack } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE')
    return `${message}: another program has the port. Choose another one with --port.`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${message}: this machine has no such address. Choose another one with --host.`
  return syscall === undefined ? (stack ?? message) : message
}

// Task definitions and log events may hold secrets: nothing here is for other users of the machine.
process.umask(0o077)
try {
  await run(readConfiguration(process.env), createLog(process.env['BERTH_LOG_LEVEL'] ?? 'info'))
} catch (error) {
  process.stderr.write(`berth server: ${explain(error)}\n`)
  process.exit(1)
}
