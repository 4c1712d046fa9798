import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CommandFailure } from '../failures.ts'

/** What a running `berth up` leaves for the other commands. */
export interface RunState {
  readonly pid: number
  readonly port: number
  /** Once it answers. */
  readonly sampleUrl?: string
}

const fileOf = (dataDir: string): string => join(dataDir, 'run', 'up.json')

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Process ids are used again, also by other programs that are told to come `up`. */
const isBerthUp = (pid: number): boolean => {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return words.includes('up') && words.some(word => word.endsWith('/main.ts'))
  } catch {
    return isAlive(pid)
  }
}

/** The `berth up` that runs on this data directory; undefined when none does, whatever a crash left behind. */
export const readRunState = (dataDir: string): RunState | undefined => {
  try {
    const state = JSON.parse(readFileSync(fileOf(dataDir), 'utf8')) as RunState
    return isAlive(state.pid) && isBerthUp(state.pid) ? state : undefined
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const SQLITE_BUSY = 5

/**
 * Only one `berth up` runs on a data directory: the operating system's lock on a file, which goes with the process
 * however that ends. It is taken through SQLite, because Node has no call for it. Returns what lets it go.
 */
export const holdDataDir = (dataDir: string): (() => void) => {
  const lock = new DatabaseSync(join(dataDir, 'run', 'up.lock'))
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return () => lock.close()
  } catch (error) {
    lock.close()
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error
    throw new CommandFailure(`Another \`berth up\` starts or runs on ${dataDir} already.`)
  }
}

export const writeRunState = (dataDir: string, state: RunState): void =>
  writeFileSync(fileOf(dataDir), JSON.stringify(state), { mode: 0o600 })

export const clearRunState = (dataDir: string): void => rmSync(fileOf(dataDir), { force: true })

export const makeDirectories = (dataDir: string): void => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  for (const name of ['run', 'log', 'agent']) mkdirSync(join(dataDir, name), { recursive: true, mode: 0o700 })
}
