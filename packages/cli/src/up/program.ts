import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'

export interface ProgramOptions {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Standard output and error are appended here. */
  readonly logFile: string
  /** How long it may take to stop before it is killed, in milliseconds. */
  readonly stopTimeoutMs: number
  readonly note: (text: string) => void
}

const restartDelayMs = 1_000

/** A program that `berth up` keeps running: started again when it ends by itself, until it is stopped. */
export class Program {
  readonly #options: ProgramOptions
  #child: ChildProcess | undefined
  #stopping = false
  #restart: NodeJS.Timeout | undefined

  constructor(options: ProgramOptions) {
    this.#options = options
  }

  get running(): boolean {
    return this.#child !== undefined
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  start(): void {
    const { name, command, args, environment, logFile, note } = this.#options
    const log = openSync(logFile, 'a', 0o600)
    // A group of its own: Ctrl-C reaches `berth up` alone, which stops its programs in their order.
    const child = spawn(command, args, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', log, log],
      detached: true,
    })
    closeSync(log)
    this.#child = child
    child.once('error', error => note(`${name} cannot be started: ${error.message}`))
    child.once('close', (code, signal) => {
      this.#child = undefined
      if (this.#stopping) return
      note(`${name} ended (${signal ?? `exit code ${code}`}); starting it again. Its log: ${logFile}`)
      this.#restart = setTimeout(() => this.start(), restartDelayMs)
    })
  }

  async stop(): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#restart)
    const child = this.#child
    if (child === undefined) return
    const closed = once(child, 'close')
    child.kill('SIGTERM')
    const killer = setTimeout(() => child.kill('SIGKILL'), this.#options.stopTimeoutMs)
    await closed
    clearTimeout(killer)
  }

  /** The end of its log, for a message about what went wrong. */
  logTail(lines = 15): string {
    try {
      return readFileSync(this.#options.logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
    } catch (error) {
      return `(no log: ${(error as Error).message})`
    }
  }
}
