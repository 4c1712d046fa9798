import { once } from 'node:events'
import { unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ECSClient } from '@aws-sdk/client-ecs'
import { emptySlots, forwardTo, type Slots } from './forwarding.ts'
import { haproxyConfiguration, runtimeCommand } from './haproxy.ts'
import { Program } from './program.ts'
import { runningTargets } from './sample.ts'

const pollIntervalMs = 300

export interface ForwarderOptions {
  readonly dataDir: string
  /** Where it listens: `127.0.0.1:8080`. */
  readonly address: string
  readonly client: ECSClient
  readonly note: (text: string) => void
}

/** HAProxy on a stable address in front of the sample service's running tasks. */
export class Forwarder {
  readonly #options: ForwarderOptions
  readonly #haproxy: Program
  readonly #socketPath: string
  #slots: Slots = emptySlots
  #haproxyPid: number | undefined
  #timer: NodeJS.Timeout | undefined
  #complaint = ''
  readonly #stopped = new AbortController()

  constructor(options: ForwarderOptions) {
    this.#options = options
    this.#socketPath = join(options.dataDir, 'run', 'haproxy.sock')
    const configurationFile = join(options.dataDir, 'run', 'haproxy.cfg')
    writeFileSync(configurationFile, haproxyConfiguration(options.address, this.#socketPath), { mode: 0o600 })
    this.#haproxy = new Program({
      name: 'HAProxy',
      command: 'haproxy',
      args: ['-db', '-f', configurationFile],
      environment: { PATH: `${process.env['PATH']}:/usr/sbin` },
      logFile: join(options.dataDir, 'log', 'haproxy.log'),
      stopTimeoutMs: 2_000,
      note: options.note,
    })
  }

  start(): void {
    try {
      unlinkSync(this.#socketPath)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    this.#haproxy.start()
    void this.#round()
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    this.#stopped.abort()
    await this.#haproxy.stop()
  }

  /** Resolves once the address answers a request. */
  async answers(deadline: AbortSignal): Promise<void> {
    for (;;) {
      const answered = await fetch(`http://${this.#options.address}/`, { signal: deadline }).then(
        response => response.ok,
        () => false,
      )
      if (answered) return
      deadline.throwIfAborted()
      await once(AbortSignal.any([AbortSignal.timeout(200), deadline]), 'abort')
    }
  }

  async #round(): Promise<void> {
    try {
      await this.#follow()
      this.#complaint = ''
    } catch (error) {
      this.#complain((error as Error).message)
    }
    if (!this.#stopped.signal.aborted) this.#timer = setTimeout(() => void this.#round(), pollIntervalMs)
  }

  async #follow(): Promise<void> {
    if (this.#haproxy.pid !== this.#haproxyPid) {
      this.#haproxyPid = this.#haproxy.pid
      this.#slots = emptySlots
    }
    const change = forwardTo(this.#slots, await runningTargets(this.#options.client))
    if (change.commands.length === 0) return
    await runtimeCommand(this.#socketPath, change.commands)
    this.#slots = change.slots
  }

  /** A server or HAProxy that restarts fails a few rounds: the same words are said once. */
  #complain(message: string): void {
    if (message === this.#complaint || this.#stopped.signal.aborted) return
    this.#complaint = message
    this.#options.note(`the forwarder keeps its targets: ${message}`)
  }
}
