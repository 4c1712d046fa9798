import { randomBytes, randomUUID } from 'node:crypto'
import { createEndpoint, type Endpoint } from '@berth/aws-api'
import type { Registry } from 'prom-client'
import { AgentGateway } from './agents/gateway.ts'
import { createAuthorize } from './authorization.ts'
import type { ServerConfiguration } from './configuration.ts'
import { lead } from './control-loop/leadership.ts'
import { type ControlLoop, createControlLoop } from './control-loop/loop.ts'
import { type Credentials, rootIdentity, signingKeys } from './credentials.ts'
import { toAwsService } from './dispatch.ts'
import type { DiskWatch } from './journals/disk-watch.ts'
import type { Log } from './log.ts'
import type { LogStore } from './log-store/log-store.ts'
import { registerMetrics } from './metrics.ts'
import { createServices } from './services/index.ts'
import type { Service } from './services/service.ts'
import type { Journal } from './store/journal.ts'
import { createStore, type JournaledStore } from './store/journaled-store.ts'
import { createSystemClock } from './system-clock.ts'

export interface ControlPlaneOptions {
  readonly configuration: ServerConfiguration
  readonly credentials: Credentials
  readonly journal: Journal
  readonly logStore: LogStore
  readonly diskWatch: DiskWatch | undefined
  readonly metrics: Registry
  readonly log: Log
  /** The journal failed, or another server leads: the process must end. */
  readonly onFailure: (error: Error) => void
}

/** One life of the control plane, from the rows of its journal to its endpoints: it has no socket of its own. */
export class ControlPlane {
  readonly store: JournaledStore
  readonly endpoint: Endpoint
  readonly gateway: AgentGateway
  readonly #loop: ControlLoop
  readonly #logStore: LogStore

  private constructor(
    store: JournaledStore,
    endpoint: Endpoint,
    gateway: AgentGateway,
    loop: ControlLoop,
    logStore: LogStore,
  ) {
    this.store = store
    this.endpoint = endpoint
    this.gateway = gateway
    this.#loop = loop
    this.#logStore = logStore
  }

  /** Resolves once it leads and its rows are loaded. Rejects with a message for the operator when it cannot. */
  static async start(options: ControlPlaneOptions): Promise<ControlPlane> {
    const { configuration, credentials, journal, logStore, diskWatch, metrics, log, onFailure } = options
    const clock = createSystemClock()
    const randomHex = (bytes: number): string => randomBytes(bytes).toString('hex')
    const services = createServices({
      configuration,
      startedAt: clock.now(),
      logStore,
      acceptsLogs: () => diskWatch === undefined || diskWatch.level === 'ok',
    })
    const onFault = (error: unknown, where: unknown): void =>
      log.error({ err: error, where }, 'A fault of Berth itself')
    const store = createStore({
      tables: services.flatMap(({ tables }) => tables),
      histories: services.flatMap(({ histories }) => histories),
      journal,
      clock,
      onFault: error => onFault(error, 'watcher'),
    })
    const loop = createControlLoop({
      store,
      clock,
      randomHex,
      reconcilers: services.flatMap(({ reconcilers }) => reconcilers),
      schedule: setImmediate,
      onFault,
    })
    await lead({ store, loop, onLost: onFailure })
    const findSigningKey = signingKeys(configuration.accountId, credentials)
    const authorize = createAuthorize(store)
    const root = configuration.anyCredentials
      ? rootIdentity(configuration.accountId, credentials.root.accessKeyId)
      : undefined
    const awsServices = services.map((service: Service) =>
      toAwsService(service, {
        store,
        clock,
        randomHex,
        region: configuration.region,
        anyRegion: configuration.anyCredentials,
        authorize,
        refusesMutations: () => diskWatch?.level === 'mutations-refused',
      }),
    )
    const endpoint = createEndpoint({
      services: awsServices,
      findSigningKey,
      now: () => clock.now(),
      newRequestId: randomUUID,
      ...(root && { acceptAnyCredentials: root }),
      onFault,
    })
    const gateway = new AgentGateway({
      store,
      clock,
      epoch: store.epoch,
      incarnation: store.incarnation,
      findSigningKey,
      acceptAnyCredentials: root,
      authorize,
      overloaded: () => store.overloaded,
      log,
      settings: { awslogsEndpoint: `http://${configuration.host}:${configuration.port}` },
    })
    const plane = new ControlPlane(store, endpoint, gateway, loop, logStore)
    registerMetrics(metrics, plane)
    return plane
  }

  /** Ends every session, writes what still waits, and lets go of the files. */
  async stop(): Promise<void> {
    this.gateway.stop()
    this.#loop.stop()
    await this.#logStore.close()
    await this.store.close()
  }
}
