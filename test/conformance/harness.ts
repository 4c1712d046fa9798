/**
 * A whole control plane in this process: the real endpoint, dispatcher, store and reconcilers over a journal in memory
 * and a clock that stands still, called with the real SDK client. What tests send and read is recorded for coverage.
 */
import { randomUUID } from 'node:crypto'
import type { EC2 } from '@aws-sdk/client-ec2'
import { ECS } from '@aws-sdk/client-ecs'
import {
  createEndpoint,
  type Endpoint,
  type HttpRequest,
  type Identity,
  type SigningKey,
} from '@berth/aws-api'
import { BerthClient } from '@berth/client'
import { afterAll, afterEach, beforeEach, type RunnerTestFile, type RunnerTestSuite } from 'vitest'
import { ControlLoop } from '../../packages/control-plane/src/control-loop/loop.ts'
import { ManualClock } from '../../packages/control-plane/src/control-loop/manual-clock.ts'
import { toAwsService } from '../../packages/control-plane/src/dispatch.ts'
import { createMemoryJournal } from '../../packages/control-plane/src/journals/memory-journal.ts'
import { berthService } from '../../packages/control-plane/src/services/berth/index.ts'
import { ec2Service } from '../../packages/control-plane/src/services/ec2/index.ts'
import { createEcsService, type EcsSettings } from '../../packages/control-plane/src/services/ecs/index.ts'
import { drainingTargetReconciler } from '../../packages/control-plane/src/services/elbv2/reconcilers/draining-targets.ts'
import { createStore, type JournaledStore } from '../../packages/control-plane/src/store/journaled-store.ts'
import { ecsSettings, startedAt } from './ecs-settings.ts'
import { Recorder } from './recorder.ts'

export { startedAt } from './ecs-settings.ts'

export const accountId = '111122223333'
const region = 'us-east-1'
/** `arn('cluster/default')`. */
export const arn = (resource: string): string => `arn:aws:ecs:${region}:${accountId}:${resource}`
export const rootArn = `arn:aws:iam::${accountId}:root`
const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'

const signingKey = (accessKeyId: string): SigningKey => {
  const isRoot = accessKeyId === 'AKIAROOT'
  const principal = isRoot ? rootArn : `arn:aws:iam::${accountId}:user/nobody`
  return {
    secretAccessKey,
    identity: { accountId, arn: principal, userId: accessKeyId, accessKeyId, isRoot },
  }
}

export class Berth {
  readonly ecs: ECS
  /** Who may do nothing. */
  readonly nobody: ECS
  /** For Berth's own service. */
  readonly own: BerthClient
  readonly ownOfNobody: BerthClient
  readonly clock: ManualClock
  readonly store: JournaledStore
  readonly #loop: ControlLoop
  readonly #endpoint: Endpoint

  private constructor(store: JournaledStore, clock: ManualClock, loop: ControlLoop, endpoint: Endpoint) {
    this.store = store
    this.clock = clock
    this.#loop = loop
    this.#endpoint = endpoint
    this.ecs = clientOf(endpoint, 'AKIAROOT')
    this.nobody = clientOf(endpoint, 'AKIANOBODY')
    this.own = new BerthClient(clientOptions(endpoint, 'AKIAROOT'))
    this.ownOfNobody = new BerthClient(clientOptions(endpoint, 'AKIANOBODY'))
  }

  static async start(settings: Partial<EcsSettings> = {}): Promise<Berth> {
    const clock = new ManualClock(startedAt.getTime())
    const service = createEcsService({ ...ecsSettings, ...settings })
    const { tables, histories } = service
    const reconcilers = [...service.reconcilers, drainingTargetReconciler]
    const onFault = (error: unknown): void => {
      throw error
    }
    const store = createStore({
      tables,
      histories,
      journal: createMemoryJournal(),
      freeze: true,
      clock,
      onFault,
    })
    await store.load()
    const randomHex = hexOf(1)
    const loop = new ControlLoop({ store, clock, reconcilers, randomHex, schedule: () => {}, onFault })
    loop.start()
    const dispatch = {
      store,
      clock,
      randomHex,
      region,
      anyRegion: false,
      authorize: (identity: Identity) => identity.isRoot,
      refusesMutations: () => false,
    }
    const endpoint = createEndpoint({
      services: [service, ec2Service, berthService].map(each => toAwsService(each, dispatch)),
      findSigningKey: signingKey,
      now: Date.now,
      newRequestId: randomUUID,
      onFault,
    })
    return new Berth(store, clock, loop, endpoint)
  }

  /** EC2's client takes some 100 MB: few tests need it. */
  async ec2(): Promise<EC2> {
    const client = await import('@aws-sdk/client-ec2')
    return new client.EC2(clientOptions(this.#endpoint, 'AKIAROOT'))
  }

  /** Lets every reconciler do what there is to do now. */
  settle(): void {
    this.#loop.runUntilIdle()
  }

  /** Moves the clock, and lets reconcilers do what is due then. */
  advance(ms: number): void {
    this.clock.advance(ms)
    this.settle()
  }

  async stop(): Promise<void> {
    this.#loop.stop()
    this.ecs.destroy()
    this.nobody.destroy()
    this.own.destroy()
    this.ownOfNobody.destroy()
    await this.store.close()
  }
}

/** Never the same bytes twice, and the same in every run. */
const hexOf =
  (seed: number) =>
  (bytes: number): string => {
    seed++
    return seed.toString(16).padStart(bytes * 2, '0')
  }

const clientOptions = (endpoint: Endpoint, accessKeyId: string) => ({
  region,
  endpoint: 'http://localhost:4566',
  credentials: { accessKeyId, secretAccessKey },
  maxAttempts: 1,
  requestHandler: {
    handle: async (request: SdkRequest) => {
      const answer = await endpoint.handle(toHttpRequest(request))
      return { response: { ...answer, headers: { ...answer.headers }, body: Buffer.from(answer.body) } }
    },
  } as never,
})

const clientOf = (endpoint: Endpoint, accessKeyId: string): ECS =>
  new ECS(clientOptions(endpoint, accessKeyId))

interface SdkRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

const toHttpRequest = ({ method, path, headers, body = '' }: SdkRequest): HttpRequest => ({
  method,
  url: path,
  headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  body: typeof body === 'string' ? Buffer.from(body) : body,
  sourceAddress: '127.0.0.1',
})

/**
 * A fresh control plane for every test of the file: `const berth = useBerth()`, then `berth.ecs.createCluster(…)`
 * inside of tests. Every call of its clients is recorded.
 */
export const useBerth = (settings: Partial<EcsSettings> = {}): Berth => {
  const recorder = new Recorder()
  let current: Berth | undefined
  let file: RunnerTestFile | undefined
  beforeEach(async ({ task }) => {
    file = task.file
    current = await Berth.start(settings)
    recorder.attach(current.ecs)
    recorder.attach(current.nobody)
  })
  afterEach(() => current?.stop())
  afterAll(() => {
    if (file && everyTestPassed(file)) recorder.save(file.filepath)
  })
  return new Proxy({} as Berth, {
    get: (_, member) => {
      if (!current) throw new Error('useBerth() works inside of tests only')
      const value: unknown = Reflect.get(current, member, current)
      return typeof value === 'function' ? value.bind(current) : value
    },
  })
}

/** Not when some were filtered out: their part of the coverage would seem lost. */
const everyTestPassed = (suite: RunnerTestSuite): boolean =>
  suite.tasks.every(task => (task.type === 'suite' ? everyTestPassed(task) : task.result?.state === 'pass'))

/** What a call was refused with: `await expect(refusal(call)).resolves.toEqual(['ClientException', '…'])`. */
export const refusal = async (call: Promise<unknown>): Promise<readonly [string, string]> => {
  try {
    await call
  } catch (error) {
    if (error instanceof Error) return [error.name, error.message]
    throw error
  }
  throw new Error('The call was not refused')
}
