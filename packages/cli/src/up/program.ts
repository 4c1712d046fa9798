import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'

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

/** The delay before a restart doubles after so many quick endings, up to the longest. */
const restartDelayMs = { first: 1_000, longest: 30_000 }
const quickEndingsBeforeBackOff = 5
/** A program that ran for so long had started. */
const quickEndingMs = 10_000

/** In milliseconds; `quickEndings` counts those in a row, the last one included. */
export const restartDelay = (quickEndings: number): number =>
  Math.min(
    restartDelayMs.longest,
    restartDelayMs.first * 2 ** Math.max(0, quickEndings - quickEndingsBeforeBackOff),
  )

/** From util-linux: the kernel ends the program when `berth up` is gone, even killed. */
const setpriv = '/usr/bin/setpriv'

const commandLine = ({ command, args }: ProgramOptions): readonly [string, ...string[]] =>
  existsSync(setpriv) ? [setpriv, '--pdeathsig', 'TERM', '--', command, ...args] : [command, ...args]

/** A program that `berth up` keeps running: started again when it ends by itself, until it is stopped. */
export class Program {
  readonly #options: ProgramOptions
  #child: ChildProcess | undefined
  #stopping = false
  #quickEndings = 0
  #restart: NodeJS.Timeout | undefined

  constructor(options: ProgramOptions) {
    this.#options = options
  }

  /** It ended again and again right after its start. */
  get isHopeless(): boolean {
    return this.#quickEndings >= quickEndingsBeforeBackOff
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  start(): void {
    const { name, environment, logFile, note } = this.#options
    const [command, ...args] = commandLine(this.#options)
    const startedAt = performance.now()
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
      const isQuick = performance.now() - startedAt < quickEndingMs
      this.#quickEndings = isQuick ? this.#quickEndings + 1 : 0
      note(`${name} ended (${signal ?? `exit code ${code}`}); starting it again. Its log: ${logFile}`)
      this.#restart = setTimeout(() => this.start(), restartDelay(this.#quickEndings))
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
