import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a running `berth up` leaves for the other commands. */
export interface RunState {
  readonly pid: number
  readonly port: number
  readonly sampleAddress?: string
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

const isBerthUp = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('up')
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

export const writeRunState = (dataDir: string, state: RunState): void =>
  writeFileSync(fileOf(dataDir), JSON.stringify(state), { mode: 0o600 })

export const clearRunState = (dataDir: string): void => rmSync(fileOf(dataDir), { force: true })

export const makeDirectories = (dataDir: string): void => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  for (const name of ['run', 'log', 'agent']) mkdirSync(join(dataDir, name), { recursive: true, mode: 0o700 })
}
