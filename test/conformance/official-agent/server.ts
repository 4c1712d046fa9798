/** A whole server in this process, on a port of its own, over data in memory that outlives it and a clock that stands still. */
import { randomBytes } from 'node:crypto'
import { ECS } from '@aws-sdk/client-ecs'
import { readConfiguration } from '../../../packages/control-plane/src/configuration.ts'
import { ManualClock } from '../../../packages/control-plane/src/control-loop/manual-clock.ts'
import { ControlPlane } from '../../../packages/control-plane/src/control-plane.ts'
import { ensureSessionKey } from '../../../packages/control-plane/src/credentials.ts'
import { ensureDataKey } from '../../../packages/control-plane/src/encryption/data-key.ts'
import { createEncryption } from '../../../packages/control-plane/src/encryption/encryption.ts'
import {
  createJournalMemory,
  createMemoryJournal,
} from '../../../packages/control-plane/src/journals/memory-journal.ts'
import { createLog } from '../../../packages/control-plane/src/log.ts'
import { MemoryLogStore } from '../../../packages/control-plane/src/log-store/memory-log-store.ts'
import { createMetrics } from '../../../packages/control-plane/src/metrics.ts'
import { BerthServer } from '../../../packages/control-plane/src/server.ts'
import { createTaskCredentials } from '../../../packages/control-plane/src/task-credentials.ts'

export const region = 'us-east-1'
const rootKey = { accessKeyId: 'AKIAROOT', secretAccessKey: randomBytes(30).toString('base64') }
export const agentKey = { accessKeyId: 'AKIAAGENT', secretAccessKey: randomBytes(30).toString('base64') }

const configuration = readConfiguration({ BERTH_IN_MEMORY: '1' })

export class Server {
  /** Signatures are judged by the machine's time, and credentials end by it. */
  readonly clock = new ManualClock(Date.now())
  readonly #memory = createJournalMemory()
  readonly #taskCredentials = createTaskCredentials(ensureSessionKey(configuration))
  readonly #encryption = createEncryption(ensureDataKey(configuration))
  #running: BerthServer | undefined
  #port = 0
  #ecs: ECS | undefined

  static async start(): Promise<Server> {
    const server = new Server()
    await server.start()
    await server.ecs.createCluster({ clusterName: 'default' })
    return server
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** The account's root. */
  get ecs(): ECS {
    this.#ecs ??= new ECS(this.clientOptions)
    return this.#ecs
  }

  get clientOptions() {
    return { region, endpoint: this.endpoint, credentials: rootKey, maxAttempts: 1 }
  }

  /** Moves the clock in steps, so that what answers come on the way are heard. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      this.clock.advance(1_000)
      await turn()
    }
  }

  async start(): Promise<void> {
    this.#running = await BerthServer.start({
      ...{ host: '127.0.0.1', port: this.#port, metrics: createMetrics(), canReset: false },
      onlyFromHere: false,
      onFault: error => {
        throw error
      },
      startControlPlane: () => this.#startControlPlane(),
    })
    this.#port = this.#running.port
  }

  async stop(): Promise<void> {
    this.#ecs?.destroy()
    this.#ecs = undefined
    await this.#running?.stop()
    this.#running = undefined
  }

  #startControlPlane(): Promise<ControlPlane> {
    return ControlPlane.start({
      configuration,
      credentials: { root: rootKey, agent: agentKey },
      taskCredentials: this.#taskCredentials,
      encryption: this.#encryption,
      journal: createMemoryJournal(this.#memory),
      logStore: new MemoryLogStore(),
      diskWatch: undefined,
      metrics: createMetrics(),
      log: createLog('silent'),
      clock: this.clock,
      onFailure: error => {
        throw error
      },
    })
  }
}

/** Lets what is on its way over sockets arrive. */
export const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
