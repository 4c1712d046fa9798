import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeNetworks } from './berth.ts'

const program = new URL('../../packages/agent/src/main.ts', import.meta.url).pathname

/** The agent's program on a directory of its own, begun and ended as a test likes; `endpoint` is not asked before. */
export class AgentProcess {
  readonly dataDirectory = mkdtempSync(join(tmpdir(), 'berth-agent-'))
  readonly #endpoint: () => string
  readonly #variables: NodeJS.ProcessEnv
  #process: ChildProcess | undefined

  constructor(endpoint: () => string, variables: NodeJS.ProcessEnv = {}) {
    this.#endpoint = endpoint
    this.#variables = variables
  }

  start(): void {
    this.#process = spawn(process.execPath, [program], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        BERTH_ENDPOINT: this.#endpoint(),
        BERTH_AGENT_DATA_DIR: this.dataDirectory,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        ...this.#variables,
      },
    })
  }

  /** Its exit code, once it has ended. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.#process === undefined) throw new Error('The agent has not been started')
    const exited = once(this.#process, 'exit')
    this.#process.kill(signal)
    return (await exited)[0]
  }

  /** Also when it was never started, or has ended. */
  async remove(): Promise<void> {
    if (this.#process?.exitCode === null && this.#process.signalCode === null) await this.end('SIGKILL')
    await removeNetworks(this.dataDirectory)
    rmSync(this.dataDirectory, { recursive: true })
  }
}
