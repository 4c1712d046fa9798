import { randomUUID } from 'node:crypto'
import {
  type BucketSettings,
  createEndpoint,
  createObjectReader,
  type Endpoint,
  hasBuckets,
  type ReadObject,
  soonInShortTurns,
} from '@berth/aws-api'
import type { Registry } from 'prom-client'
import { createFactTopics } from './agents/facts/topics.ts'
import { AgentGateway } from './agents/gateway.ts'
import { defaultPresenceSettings } from './agents/presence.ts'
import { createAuthorize } from './authorization.ts'
import { acmePerformers } from './certificates/acme/performers.ts'
import { certificatePerformers } from './certificates/performers.ts'
import type { ServerConfiguration } from './configuration.ts'
import type { Clock } from './control-loop/clock.ts'
import { EffectRunner, type Performer } from './control-loop/effects.ts'
import { effects } from './control-loop/effects-table.ts'
import { lead } from './control-loop/leadership.ts'
import { type ControlLoop, createControlLoop } from './control-loop/loop.ts'
import { type Credentials, rootIdentity, signingKeys } from './credentials.ts'
import { toAwsService } from './dispatch.ts'
import { warnOfForeignValues } from './encryption/foreign-values.ts'
import { createOwnsInstance, ExecRelay } from './exec/exec-relay.ts'
import type { DiskWatch } from './journals/disk-watch.ts'
import { hookPerformer } from './lifecycle-hooks/performer.ts'
import type { Log } from './log.ts'
import type { LogStore } from './log-store/log-store.ts'
import { registerMetrics } from './metrics.ts'
import { matchesPattern } from './pattern-match.ts'
import { createRandomHex } from './random-hex.ts'
import { servedCertificate } from './services/acm/index.ts'
import {
  endedServiceDeployments,
  type HookTargets,
  hookCallKind,
  noHookTargets,
  pastServiceRevisions,
  serviceEvents,
  shiftKind,
  shiftPerformer,
  stoppedTasks,
} from './services/ecs/index.ts'
import { logZoneOutages } from './services/ecs/zone-outage-log.ts'
import { fileAt, loadBalancers, mostFileBytes, openAuthenticationKeys } from './services/elbv2/index.ts'
import type { Encryption } from './services/encryption.ts'
import { createServices } from './services/index.ts'
import { sweepLogs } from './services/logs/index.ts'
import type { Service } from './services/service.ts'
import type { Journal } from './store/journal.ts'
import { createStore, type JournaledStore } from './store/journaled-store.ts'
import type { Stop } from './store/view.ts'
import { createSystemClock } from './system-clock.ts'
import type { TaskCredentials } from './task-credentials.ts'

export interface ControlPlaneOptions {
  readonly configuration: ServerConfiguration
  readonly credentials: Credentials
  readonly taskCredentials: TaskCredentials
  /** Of secrets and parameters. */
  readonly encryption: Encryption
  readonly journal: Journal
  readonly logStore: LogStore
  /** What stands behind the ARNs of life-cycle hooks. Default: nothing. */
  readonly hookTargets?: HookTargets
  readonly diskWatch: DiskWatch | undefined
  readonly metrics: Registry
  readonly log: Log
  /** Default: the machine's. */
  readonly clock?: Clock
  /** The journal failed, or another server leads: the process must end. */
  readonly onFailure: (error: Error) => void
}

/**
 * Signatures are judged by the machine's time as it is: the clock never goes back, and would refuse everybody for as
 * long as it is ahead after the machine's time was once set wrong.
 */
const wallTime = (): number => Date.now()

/** What every part of a control plane is made from. */
interface Foundation {
  readonly store: JournaledStore
  readonly clock: Clock
  readonly randomHex: (bytes: number) => string
  readonly services: readonly Service[]
  readonly onFault: (error: unknown, where: unknown) => void
}

/** Clients wait a minute for an answer: two requests that time out and a third one must be over by then. */
const objectTimeoutMs = 18_000

const objectReader = (buckets: BucketSettings, clock: Clock): ReadObject | undefined =>
  hasBuckets(buckets)
    ? createObjectReader(buckets, {
        mostBytes: mostFileBytes,
        timeoutMs: objectTimeoutMs,
        wait: ms => new Promise(resolve => void clock.setTimer(clock.now() + ms, resolve)),
      })
    : undefined

const createFoundation = (options: ControlPlaneOptions): Foundation => {
  const { configuration, encryption, journal, logStore, diskWatch, log, hookTargets } = options
  const clock = options.clock ?? createSystemClock()
  const services = createServices({
    configuration,
    startedAt: () => Math.max(store.loadedAt, clock.leaptAt ?? 0),
    logStore,
    acceptsLogs: () => diskWatch === undefined || diskWatch.level === 'ok',
    encryption,
    matchesPattern,
    readObject: objectReader(configuration.buckets, clock),
    ...(hookTargets && { hookTargets }),
  })
  const onFault = (error: unknown, where: unknown): void =>
    log.error({ err: error, where }, 'A fault of Berth itself')
  const store = createStore({
    // A service names also those that it reads of another.
    tables: [...new Set([effects, ...services.flatMap(({ tables }) => tables)])],
    histories: services.flatMap(({ histories }) => histories),
    retention: {
      [stoppedTasks.name]: configuration.history.stoppedTasks,
      [serviceEvents.name]: configuration.history.serviceEvents,
      [endedServiceDeployments.name]: configuration.history.serviceDeployments,
      [pastServiceRevisions.name]: configuration.history.serviceDeployments,
    },
    journal,
    clock,
    onFault: error => onFault(error, 'watcher'),
  })
  return { store, clock, services, onFault, randomHex: createRandomHex() }
}

const createLoop = ({ store, clock, randomHex, services, onFault }: Foundation): ControlLoop =>
  createControlLoop({
    store,
    clock,
    randomHex,
    reconcilers: services.flatMap(({ reconcilers }) => reconcilers),
    schedule: soonInShortTurns,
    onFault,
  })

/** Who may call, for the endpoint and the agents alike. */
const createAccess = (
  { configuration, credentials, taskCredentials }: ControlPlaneOptions,
  store: JournaledStore,
) => ({
  findSigningKey: signingKeys(configuration.accountId, credentials, taskCredentials, store),
  authorize: createAuthorize(store),
  ...(configuration.anyCredentials && {
    acceptAnyCredentials: rootIdentity(configuration.accountId, credentials.root.accessKeyId),
  }),
})
type Access = ReturnType<typeof createAccess>

const createAwsEndpoint = (
  { configuration, diskWatch }: ControlPlaneOptions,
  { store, clock, randomHex, services, onFault }: Foundation,
  { authorize, ...access }: Access,
): Endpoint =>
  createEndpoint({
    ...access,
    services: services.map(service =>
      toAwsService(service, {
        store,
        clock,
        randomHex,
        region: configuration.region,
        anyRegion: configuration.anyCredentials,
        authorize,
        refusesMutations: () => diskWatch?.level === 'mutations-refused',
      }),
    ),
    now: wallTime,
    newRequestId: randomUUID,
    onFault,
  })

const createGateway = (
  { configuration, taskCredentials, encryption, log }: ControlPlaneOptions,
  { store, clock }: Foundation,
  access: Access,
): AgentGateway =>
  new AgentGateway({
    ...access,
    taskCredentials,
    store,
    clock,
    epoch: store.epoch,
    incarnation: store.incarnation,
    signatureTime: wallTime,
    overloaded: () => store.overloaded,
    topics: createFactTopics({
      openSecret: ({ id, clientSecret }) =>
        clientSecret === undefined || !encryption.isOwn(clientSecret)
          ? undefined
          : Buffer.from(encryption.decrypt(clientSecret, id)).toString(),
      openAuthenticationKeys: row => openAuthenticationKeys(encryption, row),
      openCertificate: (view, arn) => servedCertificate(view, encryption, arn),
    }),
    log,
    settings: {
      manifestMs: configuration.manifestMs,
      presence: { ...defaultPresenceSettings, startMs: configuration.startGraceMs },
    },
  })

const createExecRelay = (
  { log }: ControlPlaneOptions,
  { store, clock }: Foundation,
  { authorize }: Access,
  gateway: AgentGateway,
): ExecRelay =>
  new ExecRelay({
    store,
    clock,
    log,
    newId: randomUUID,
    tellAgent: (containerInstanceArn, type, message) => gateway.tell(containerInstanceArn, type, message),
    ownsInstance: createOwnsInstance(store, authorize),
  })

/** Who does what reconcilers have asked of the outside, by the effect's kind. */
const createPerformers = (
  { configuration, credentials, encryption, log, hookTargets = noHookTargets }: ControlPlaneOptions,
  { store, clock, randomHex }: Foundation,
): Readonly<Record<string, Performer>> => ({
  ...certificatePerformers({ store, encryption, now: () => clock.now() }),
  ...(configuration.acme &&
    acmePerformers(configuration.acme, { store, encryption, log, now: () => clock.now() })),
  [hookCallKind]: hookPerformer(hookTargets, {
    store,
    now: () => clock.now(),
    randomHex,
    identity: rootIdentity(configuration.accountId, credentials.root.accessKeyId),
  }),
  // Done here, by the rows of load balancers.
  [shiftKind]: shiftPerformer(() => store),
})

/** One life of the control plane, from the rows of its journal to its endpoints: it has no socket of its own. */
export class ControlPlane {
  readonly store: JournaledStore
  readonly endpoint: Endpoint
  readonly gateway: AgentGateway
  readonly exec: ExecRelay
  /** A file of a trust store, by the path of the URL that a call has given; undefined when the path gives nothing any more. */
  readonly trustStoreFile: (path: string) => Promise<readonly string[] | undefined>
  readonly #stops: readonly (() => void | Promise<void>)[]

  private constructor(
    parts: Pick<ControlPlane, 'store' | 'endpoint' | 'gateway' | 'exec' | 'trustStoreFile'>,
    stops: readonly (() => void | Promise<void>)[],
  ) {
    this.store = parts.store
    this.endpoint = parts.endpoint
    this.gateway = parts.gateway
    this.exec = parts.exec
    this.trustStoreFile = parts.trustStoreFile
    this.#stops = stops
  }

  /** Resolves once it leads and its rows are loaded. Rejects with a message for the operator when it cannot. */
  static async start(options: ControlPlaneOptions): Promise<ControlPlane> {
    const { logStore, diskWatch, metrics, onFailure } = options
    const foundation = createFoundation(options)
    const { store, clock, onFault } = foundation
    const loop = createLoop(foundation)
    const access = createAccess(options, store)
    const endpoint = createAwsEndpoint(options, foundation, access)
    // Behind what takes its time, too, and needs no rows: the journal's threads come up meanwhile.
    await lead({ store, loop, onLost: onFailure })
    warnOfForeignValues(store, options.encryption, options.log)
    const gateway = createGateway(options, foundation, access)
    const exec = createExecRelay(options, foundation, access, gateway)
    const performers = createPerformers(options, foundation)
    const runner = new EffectRunner({ store, clock, performers, onFault })
    runner.start()
    const stopLoggingOutages = logZoneOutages(store, options.log)
    const stopSweeping = sweepHourly(store, clock, logStore, onFault)
    const trustStoreFile = async (path: string) => {
      const file = fileAt(store, options.encryption, path, clock.now())
      await store.durable()
      return file
    }
    const plane = new ControlPlane({ store, endpoint, gateway, exec, trustStoreFile }, [
      () => exec.stop(),
      () => gateway.stop(),
      stopSweeping,
      stopLoggingOutages,
      () => runner.stop(),
      () => loop.stop(),
      () => logStore.close(),
      () => store.close(),
    ])
    registerMetrics(metrics, { store, gateway, diskWatch })
    return plane
  }

  /** PEM, of what a load balancer signs for its targets; undefined: no load balancer has such a key. */
  authenticationPublicKey(keyId: string): string | undefined {
    const [loadBalancer] = this.store.where(loadBalancers, 'byAuthenticationKey', keyId)
    return loadBalancer?.authenticationKeys?.publicKey
  }

  /** Ends every session, writes what still waits, and lets go of the files. */
  async stop(): Promise<void> {
    for (const stop of this.#stops) await stop()
  }
}

const hourMs = 3_600_000

/** Frees what log retention has let go, and history that is too old, now and every hour. */
const sweepHourly = (
  store: JournaledStore,
  clock: Clock,
  logStore: LogStore,
  onFault: Foundation['onFault'],
): Stop => {
  let stopTimer: Stop = () => undefined
  const sweep = (): void => {
    stopTimer = clock.setTimer(clock.now() + hourMs, sweep)
    sweepLogs(store, logStore, clock.now()).catch((error: unknown) => onFault(error, 'log retention'))
    store.sweepHistory(clock.now()).catch((error: unknown) => onFault(error, 'retention of history'))
  }
  sweep()
  return () => stopTimer()
}
