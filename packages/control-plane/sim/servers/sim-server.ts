/** A server of the control plane: the real core over simulated storage, time and network. */
import { createSecretKey } from 'node:crypto'
import { AwsError, type Identity } from '@berth/aws-api'
import type { Scope } from '@berth/model'
import type { SessionRequest } from '../../src/agents/admission.ts'
import { AgentGateway } from '../../src/agents/gateway.ts'
import { createAuthorize } from '../../src/authorization.ts'
import { EffectRunner } from '../../src/control-loop/effects.ts'
import { lead } from '../../src/control-loop/leadership.ts'
import { createControlLoop } from '../../src/control-loop/loop.ts'
import type { Reconciler } from '../../src/control-loop/plan.ts'
import { toAwsService } from '../../src/dispatch.ts'
import { berthService } from '../../src/services/berth/index.ts'
import { ec2Service } from '../../src/services/ec2/index.ts'
import { createEcsService, shiftPerformer } from '../../src/services/ecs/index.ts'
import { lostInstanceDefaults } from '../../src/services/ecs/reconcilers/lost-instances.ts'
import type { Call, Operation, Service } from '../../src/services/service.ts'
import { createStore, type JournaledStore } from '../../src/store/journaled-store.ts'
import { createTaskCredentials } from '../../src/task-credentials.ts'
import type { ServerEnd } from '../network/link.ts'
import { router } from '../outside/balancer.ts'
import { hookTargets } from '../outside/functions.ts'
import type { Outside } from '../outside/outside.ts'
import type { Planted, Seams } from '../seams.ts'
import type { World } from '../world.ts'
import { wrap } from '../wrap.ts'
import { balancing, balancingReconcilers, balancingTables, balancingTopics } from './balancing.ts'
import { giveNetwork } from './given-network.ts'
import { ServerProcess } from './server-process.ts'
import { SimClock } from './sim-clock.ts'
import type { Storage } from './storage.ts'

export const scope: Scope = { accountId: '123456789012', region: 'eu-central-1' }

export const root: Identity = {
  accountId: scope.accountId,
  arn: `arn:aws:iam::${scope.accountId}:root`,
  userId: scope.accountId,
  accessKeyId: 'AKIAROOT',
  isRoot: true,
}

export const taskCredentials = createTaskCredentials(createSecretKey(Buffer.alloc(32)))

/** What a caller learns. `unknown`: the line broke, and the call may have been done or not. */
export type Outcome =
  | { readonly kind: 'done'; readonly output: unknown; readonly epoch: number }
  | { readonly kind: 'refused'; readonly error: AwsError }
  | { readonly kind: 'unknown' }

export const taskSettleMs = 2_000

/** What a server is while it leads. */
export interface Leading {
  readonly epoch: number
  readonly since: number
  readonly store: JournaledStore
  readonly gateway: AgentGateway
  /** The time of its clock. */
  readonly now: () => number
  readonly call: (name: string, input: object, identity: Identity) => Promise<unknown>
  /** Reads at once, without waiting until what it saw is durable; services come without their events. */
  readonly read: (name: string, input: object) => unknown
}

export interface SimServerSettings {
  readonly seams: Seams
  readonly hasNetwork: boolean
  /** Load balancers are the product's own, and carried by hosts; where not, one outside does what shifts of traffic tell it. */
  readonly hasBalancers: boolean
}

export class SimServer {
  readonly name: string
  readonly #world: World
  readonly #storage: Storage
  readonly #outside: Outside
  readonly #seams: Seams
  readonly #hasNetwork: boolean
  readonly #hasBalancers: boolean
  /** So far is its machine's clock from the true time. */
  #skewMs: number
  /** Calls that wait to be handled between a plan and its application. */
  readonly #racing: (() => void)[] = []
  process: ServerProcess
  leading: Leading | undefined
  /** What the lines to agents need of the bug that is planted, if any. */
  plantedSeams: { readonly seams: Seams; readonly planted: Planted } | undefined
  /** When somebody set its clock last, in true time. */
  clockSetAt = 0
  #lives = 0
  #stays = false

  constructor(
    world: World,
    name: string,
    storage: Storage,
    outside: Outside,
    { seams, hasNetwork, hasBalancers }: SimServerSettings,
  ) {
    this.name = name
    this.#world = world
    this.#storage = storage
    this.#outside = outside
    this.#seams = seams
    this.#hasNetwork = hasNetwork
    this.#hasBalancers = hasBalancers
    this.#skewMs = world.random.integer(0, 400)
    this.process = new ServerProcess(world, name)
    this.process.end()
  }

  start(): void {
    if (this.process.alive || this.#stays) return
    this.#lives++
    this.process = new ServerProcess(this.#world, `${this.name}.${this.#lives}`)
    this.#world.trace(this.process.name, 'starts')
    void this.#live(this.process)
  }

  /** kill -9; something starts it again later, unless it `stays` dead. */
  kill(why: string, stays = false): void {
    this.#stays ||= stays
    if (!this.process.alive) return
    this.#world.trace(this.process.name, `dies: ${why}`)
    this.process.end()
    this.leading = undefined
    this.#racing.length = 0
    if (!this.#stays) this.#world.after(this.#world.random.integer(100, 3_000), () => this.start())
  }

  /** Somebody sets the machine's clock, or the machine has slept. */
  setClock(byMs: number): void {
    this.#world.trace(this.process.name, `has its clock set by ${byMs} ms`)
    this.#skewMs += byMs
    this.clockSetAt = this.#world.now
  }

  /** Resolves with what the caller learns, as soon as the server has said it. */
  handle(name: string, input: object, identity: Identity): Promise<Outcome> {
    const { leading, process } = this
    if (leading === undefined || !process.alive) return Promise.resolve({ kind: 'unknown' })
    return new Promise(resolve => {
      leading.call(name, input, identity).then(
        output =>
          resolve(process.alive ? { kind: 'done', output, epoch: leading.epoch } : { kind: 'unknown' }),
        (error: unknown) => {
          if (error instanceof AwsError && process.alive) resolve({ kind: 'refused', error })
          else if (process.alive && !isWorldsFault(error)) this.#fault(error, name)
          resolve({ kind: 'unknown' })
        },
      )
    })
  }

  /** The call is handled between the next plan and its application, or soon if there is none. */
  race(run: () => void): void {
    let isDone = false
    const once = (): void => {
      if (!isDone) run()
      isDone = true
    }
    this.#racing.push(once)
    this.process.after(this.#world.random.integer(20, 300), once)
  }

  /** The upgrade of an agent's connection. Throws AwsError. */
  openSession(connection: ServerEnd, identity: Identity, asked: SessionRequest): void {
    const gateway = this.leading?.gateway
    const request = this.#seams.session?.(asked) ?? asked
    if (gateway === undefined) throw new AwsError('ServerException', 'Not leading.', { statusCode: 503 })
    gateway.admit(identity, 'ecs:Poll', request)
    gateway.openAcs(connection, request)
  }

  async #live(process: ServerProcess): Promise<void> {
    const { random } = this.#world
    const clock = new SimClock(this.#world, process, () => this.#skewMs)
    const randomHex = (bytes: number): string => random.hex(bytes)
    const onFault = (error: unknown, where: unknown): void => {
      if (process.alive && !isWorldsFault(error)) this.#fault(error, JSON.stringify(where))
    }
    const presenceClock = this.#seams.clockOfPresence?.(clock) ?? clock
    let store: JournaledStore | undefined
    const planted: Planted = {
      random,
      now: () => clock.now(),
      store: () => {
        if (store === undefined) throw new Error('The server does not lead yet')
        return store
      },
    }
    const ecs = createEcsService({
      startedAt: () => Math.max(planted.store().loadedAt, presenceClock.leaptAt ?? 0),
      lostAfterMs: lostInstanceDefaults.lostAfterMs,
      taskSettleMs,
      hookTargets,
      ...(!this.#hasBalancers && { trafficRouter: router }),
    })
    const service = this.#seams.service?.(ecs, planted) ?? ecs
    const honest = this.#storage.journalFor(this.name, process)
    const journal = this.#seams.journal?.(honest, planted) ?? honest
    const { histories } = service
    const tables = [...service.tables, ...balancingTables]
    store = createStore({
      tables,
      histories,
      journal,
      clock,
      freeze: true,
      onFault: error => onFault(error, 'watcher'),
    })
    const own = [...service.reconcilers, ...(this.#hasBalancers ? balancingReconcilers : [])]
    const reconcilers = this.#seams.reconcilers?.(own, planted) ?? own
    const loop = createControlLoop({
      store: this.#seams.storeOfLoop?.(store, planted) ?? store,
      clock,
      randomHex,
      reconcilers: reconcilers.map(reconciler => this.#racingWith(reconciler)),
      schedule: turn =>
        process.after(random.integer(0, 2), () => {
          clock.isComputing = true
          turn()
          clock.isComputing = false
        }),
      onFault,
    })
    try {
      await lead({ store, loop, onLost: failure => this.#lost(process, failure) })
    } catch (error) {
      this.#lost(process, error)
      return
    }
    if (process.alive && this.#hasNetwork) giveNetwork(store)
    if (process.alive) this.#startLeading(process, service, store, clock, planted)
  }

  #startLeading(
    process: ServerProcess,
    service: Service,
    store: JournaledStore,
    clock: SimClock,
    planted: Planted,
  ): void {
    const { clusterTime } = this.#world
    clusterTime.note(store.epoch, clock.offset)
    clock.onLeap = offset => clusterTime.note(store.epoch, offset)
    const authorize = createAuthorize(store)
    const randomHex = (bytes: number): string => this.#world.random.hex(bytes)
    const storeOfCalls = this.#seams.storeOfCalls?.(store, planted) ?? store
    const dispatchOptions = {
      store: storeOfCalls,
      clock,
      randomHex,
      region: scope.region,
      anyRegion: false,
      authorize,
      refusesMutations: () => false,
    }
    const aws = toAwsService(service, dispatchOptions)
    const others = [berthService, volumeCalls, balancing].map(other => ({
      names: new Set(other.operations.map(({ name }) => name)),
      service: toAwsService(other, dispatchOptions),
    }))
    const gateway = new AgentGateway({
      store: this.#seams.storeOfGateway?.(store, planted) ?? store,
      clock: this.#seams.clockOfPresence?.(clock) ?? clock,
      epoch: this.#seams.epoch?.(store.epoch) ?? store.epoch,
      incarnation: store.incarnation,
      findSigningKey: () => undefined,
      authorize,
      taskCredentials,
      ...(this.#hasBalancers && { topics: balancingTopics }),
      overloaded: () => store.overloaded,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    })
    const all = [...service.operations, ...volumeCalls.operations, ...balancing.operations]
    const operations = new Map<string, Operation>(all.map(found => [found.name, found]))
    // Events are read asynchronously, and what is read at once is to be seen at once.
    const nothing = async () => ({ records: [] })
    const withoutHistory = wrap(storeOfCalls, { history: { read: nothing, search: nothing } })
    this.#world.trace(process.name, `leads in epoch ${store.epoch}`)
    this.leading = {
      epoch: store.epoch,
      since: this.#world.now,
      store: storeOfCalls,
      gateway,
      now: () => clock.now(),
      call: async (name, input, identity) =>
        (others.find(({ names }) => names.has(name))?.service ?? aws).handle(
          name,
          input,
          contextOf(name, identity),
        ),
      read: (name, input) => {
        const call: Call = {
          scope,
          identity: root,
          request: contextOf(name, root),
          now: clock.now(),
          store: withoutHistory,
          randomHex,
        }
        return operations.get(name)?.handle(input, call)
      },
    }
    this.#startEffects(process, store, clock, planted)
    this.plantedSeams = { seams: this.#seams, planted }
  }

  #startEffects(process: ServerProcess, store: JournaledStore, clock: SimClock, planted: Planted): void {
    const honest = this.#outside.performersOf(
      process,
      this.#hasBalancers ? shiftPerformer(() => store) : undefined,
      {
        store,
        now: () => clock.now(),
        randomHex: bytes => this.#world.random.hex(bytes),
        identity: root,
      },
    )
    const performers = this.#seams.performers?.(honest, planted) ?? honest
    const onFault = (error: unknown, id: string): void => {
      if (process.alive && !isWorldsFault(error)) this.#fault(error, id)
    }
    new EffectRunner({ store, clock, performers, onFault }).start()
  }

  #racingWith(reconciler: Reconciler): Reconciler {
    return {
      ...reconciler,
      reconcile: (view, key, surroundings) => {
        const plan = reconciler.reconcile(view, key, surroundings)
        if (plan.steps.length > 0) this.#racing.shift()?.()
        return plan
      },
    }
  }

  #lost(process: ServerProcess, failure: unknown): void {
    if (process === this.process) this.kill(String(failure))
  }

  #fault(error: unknown, where: string): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.#world.fail('no-fault', `${where}: ${text}`)
  }
}

/** What the simulation calls of EC2. */
const volumeCalls: Service = {
  ...ec2Service,
  operations: ec2Service.operations.filter(({ name }) => name.endsWith('Volume') || name.endsWith('Volumes')),
}

const isWorldsFault = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'JournalFailure' || error.name === 'JournalRefused')

const contextOf = (operation: string, identity: Identity) => ({
  requestId: `request`,
  identity,
  region: scope.region,
  service: 'ecs',
  operation,
  protocol: 'json-1.1' as const,
  sourceAddress: '10.0.0.1',
  userAgent: 'simulation',
  headers: {},
})
