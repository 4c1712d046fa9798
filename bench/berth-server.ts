/** A real server in a process of its own, as `berth server` starts it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { RequestSigner } from './signed-requests.ts'

export const region = 'us-east-1'
export const accountId = '123456789012'
export const rootKey = { accessKeyId: 'AKIABENCHMARK0000000', secretAccessKey: 'benchmark-secret' }

const main = fileURLToPath(new URL('../packages/control-plane/src/main.ts', import.meta.url))
/** As the `berth` command has it. */
const compileCache = fileURLToPath(new URL('../node_modules/.cache/berth', import.meta.url))

export interface ServerOptions {
  readonly directory: string
  /** Bind all of its threads to this processor. */
  readonly core?: number
  /** For Node: profiling and the like. */
  readonly nodeFlags?: readonly string[]
}

/** Quantiles of how long turns of the server's event loop kept others waiting, in milliseconds; 1 is the longest. */
export type LoopDelays = ReadonlyMap<string, number>

/** Milliseconds. */
export interface ProcessorTime {
  /** Of all threads: JavaScript, SQLite, the compiler and the garbage collector. */
  readonly allMs: number
  /** Of the thread that everything waits for in the end. */
  readonly mainThreadMs: number
}

export class BerthProcess {
  readonly port: number
  readonly signer: RequestSigner
  /** From spawn to the first answer of /_berth/health. */
  readonly startMs: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, port: number, startMs: number) {
    this.#child = child
    this.port = port
    this.startMs = startMs
    this.signer = new RequestSigner({ host: `127.0.0.1:${port}`, region, ...rootKey })
  }

  static async start({ directory, core, nodeFlags = [] }: ServerOptions): Promise<BerthProcess> {
    const port = await freePort()
    const node = [process.execPath, ...nodeFlags, main]
    const [command = '', ...args] = core === undefined ? node : ['taskset', '-c', String(core), ...node]
    const startedAt = performance.now()
    const child = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        NODE_COMPILE_CACHE: compileCache,
        BERTH_PORT: String(port),
        BERTH_DATA_DIR: directory,
        BERTH_REGION: region,
        BERTH_ACCOUNT_ID: accountId,
        BERTH_ROOT_ACCESS_KEY_ID: rootKey.accessKeyId,
        BERTH_ROOT_SECRET_ACCESS_KEY: rootKey.secretAccessKey,
      },
    })
    await healthy(child, port)
    return new BerthProcess(child, port, performance.now() - startedAt)
  }

  async loopDelays(): Promise<LoopDelays> {
    const text = await (await fetch(`http://127.0.0.1:${this.port}/metrics`)).text()
    const lines = text.matchAll(/^berth_event_loop_delay_seconds\{quantile="([^"]+)"\} (\S+)$/gm)
    return new Map([...lines].map(([, quantile = '', seconds]) => [quantile, Number(seconds) * 1000]))
  }

  /** What its threads have taken of the processors so far: what other load on the machine hardly changes. */
  get processor(): ProcessorTime {
    return processorOf(this.#child.pid ?? 0)
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await exited
  }
}

export const processorOf = (pid: number): ProcessorTime => {
  const threads = `/proc/${pid}/task`
  const millisecondsOf = (thread: string): number =>
    Number(readFileSync(`${threads}/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6
  const allMs = readdirSync(threads).reduce((sum, thread) => sum + millisecondsOf(thread), 0)
  return { allMs, mainThreadMs: millisecondsOf(String(pid)) }
}

const healthy = async (child: ChildProcess, port: number): Promise<void> => {
  for (let tries = 0; tries < 6000; tries++) {
    if (child.exitCode !== null) throw new Error(`The server has ended with ${child.exitCode}`)
    const answer = await fetch(`http://127.0.0.1:${port}/_berth/health`).catch(() => undefined)
    if (answer?.ok === true) return
    await delay(5)
  }
  throw new Error('The server does not answer')
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export const formatDelays = (delays: LoopDelays): string =>
  [...delays]
    .map(([quantile, ms]) => `${quantile === '1' ? 'max' : `p${Number(quantile) * 100}`} ${ms.toFixed(1)}`)
    .join(', ')
    .concat(' ms')
