import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

const programs = join(import.meta.dirname, 'programs')

/** A network namespace with nothing but its loopback interface, a resolv.conf of its own, and programs that run in it. */
export class NetworkNamespace {
  readonly #name: string
  readonly #files: string
  readonly #children: ChildProcess[] = []

  private constructor(name: string) {
    this.#name = name
    this.#files = `/etc/netns/${name}`
  }

  static async make(name: string, resolvConf: string): Promise<NetworkNamespace> {
    const namespace = new NetworkNamespace(name)
    await run('ip', ['netns', 'add', name])
    await run('ip', ['-n', name, 'link', 'set', 'lo', 'up'])
    mkdirSync(namespace.#files, { recursive: true })
    writeFileSync(join(namespace.#files, 'resolv.conf'), resolvConf)
    return namespace
  }

  /** Runs on; its standard output is a pipe. */
  start(environment: NodeJS.ProcessEnv, program: string, ...args: string[]): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', this.#name, process.execPath, program, ...args], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#children.push(child)
    return child
  }

  /** The JSON that one of `programs/` prints. */
  async ask<T>(environment: NodeJS.ProcessEnv, program: string, ...args: string[]): Promise<T> {
    const { stdout } = await run(
      'ip',
      ['netns', 'exec', this.#name, process.execPath, join(programs, program), ...args],
      { env: { ...process.env, ...environment } },
    )
    return JSON.parse(stdout)
  }

  /** With everything that runs in it: what its programs have started outlives them. */
  async remove(): Promise<void> {
    await Promise.all(this.#children.map(child => end(child, 'SIGKILL')))
    const { stdout } = await run('ip', ['netns', 'pids', this.#name])
    for (const pid of stdout.split('\n').filter(Boolean)) process.kill(Number(pid), 'SIGKILL')
    await run('ip', ['netns', 'delete', this.#name])
    rmSync(this.#files, { recursive: true, force: true })
  }
}

export const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}
