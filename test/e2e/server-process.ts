import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { ECSClient } from '@aws-sdk/client-ecs'
import { eventually, root } from './berth.ts'

const program = join(import.meta.dirname, '../../packages/control-plane/src/main.ts')

export interface ServerSettings {
  readonly port: number
  readonly dataDir: string
  /** Variables beside port, data directory and root's key. */
  readonly environment?: Readonly<Record<string, string>>
}

/** `berth server` in a process of its own, without any agent: what it prints, how it ends, and clients for it. */
export class ServerProcess {
  readonly endpoint: string
  readonly #child: ChildProcess
  #stdout = ''
  #stderr = ''

  constructor({ port, dataDir, environment = {} }: ServerSettings) {
    this.endpoint = `http://127.0.0.1:${port}`
    this.#child = spawn(process.execPath, [program], {
      env: {
        ...process.env,
        BERTH_PORT: String(port),
        BERTH_DATA_DIR: dataDir,
        BERTH_ROOT_ACCESS_KEY_ID: root.accessKeyId,
        BERTH_ROOT_SECRET_ACCESS_KEY: root.secretAccessKey,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child.stdout?.on('data', chunk => {
      this.#stdout += chunk
    })
    this.#child.stderr?.on('data', chunk => {
      this.#stderr += chunk
    })
  }

  /** Resolves once it answers. */
  static async start(settings: ServerSettings): Promise<ServerProcess> {
    const server = new ServerProcess(settings)
    await eventually('the server answers', async () => {
      if (!server.isRunning) throw new Error(`the server ended: ${server.stderr}${server.stdout}`)
      return server.answers()
    })
    return server
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  get stdout(): string {
    return this.#stdout
  }

  get stderr(): string {
    return this.#stderr
  }

  /** A client that tries once. */
  ecs(): ECSClient {
    return new ECSClient(this.#clientSettings)
  }

  logs(): CloudWatchLogsClient {
    return new CloudWatchLogsClient(this.#clientSettings)
  }

  async answers(): Promise<boolean> {
    return fetch(`${this.endpoint}/_berth/health`).then(
      response => response.ok,
      () => false,
    )
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.endpoint}/metrics`)).text()
  }

  /** Writes to a socket, never closes it, and reads until the server does. */
  async exchange(write: (socket: Socket) => void): Promise<string> {
    const { port, hostname } = new URL(this.endpoint)
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true })
    let answer = ''
    const closed = new Promise<void>(resolve => {
      socket.on('data', chunk => {
        answer += chunk
      })
      // A server that has closed its side for good resets the connection when more is sent.
      socket.on('error', () => resolve())
      socket.on('end', () => {
        const poke = setInterval(() => socket.write('?'), 20)
        socket.on('close', () => clearInterval(poke))
      })
      socket.on('close', () => resolve())
    })
    await once(socket, 'connect')
    write(socket)
    await closed
    socket.destroy()
    return answer
  }

  /** Resolves with the exit code, or the signal, once it has ended and all of its output is here. */
  async ended(): Promise<number | string> {
    const [code, signal] = await once(this.#child, 'close')
    return code ?? signal
  }

  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | string> {
    if (!this.isRunning) return this.#child.exitCode ?? this.#child.signalCode ?? 0
    const ended = this.ended()
    this.#child.kill(signal)
    return ended
  }

  get #clientSettings() {
    return { endpoint: this.endpoint, region: 'us-east-1', credentials: root, maxAttempts: 1 }
  }
}

/** Numbers from 0 to 1 that are the same for the same seed. */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
