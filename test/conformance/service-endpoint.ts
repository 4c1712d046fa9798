import { randomUUID } from 'node:crypto'
import { createEndpoint, type HttpRequest } from '@berth/aws-api'
import { createControlLoop } from '../../packages/control-plane/src/control-loop/loop.ts'
import { ManualClock } from '../../packages/control-plane/src/control-loop/manual-clock.ts'
import { toAwsService } from '../../packages/control-plane/src/dispatch.ts'
import { createMemoryJournal } from '../../packages/control-plane/src/journals/memory-journal.ts'
import type { Service } from '../../packages/control-plane/src/services/service.ts'
import { createStore, type JournaledStore } from '../../packages/control-plane/src/store/journaled-store.ts'

export const accountId = '111122223333'
export const region = 'us-east-1'
export const credentials = { accessKeyId: 'AKIAROOT', secretAccessKey: 'secret' }

interface SdkRequest {
  readonly method: string
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** Services in this process, to be called with the real SDK clients; signatures are checked. */
export class ServiceEndpoint {
  readonly clock = new ManualClock(1_800_000_000_000)
  readonly store: JournaledStore
  /** For clients of one's own: carries their requests here. */
  readonly requestHandler: { handle(request: SdkRequest): Promise<{ response: never }> }
  readonly #settle: () => void

  constructor(services: readonly Service[]) {
    const { clock } = this
    const onFault = (error: unknown): void => {
      throw error
    }
    this.store = createStore({
      tables: [...new Set(services.flatMap(service => service.tables))],
      histories: [],
      journal: createMemoryJournal(),
      freeze: true,
      clock,
      onFault,
    })
    let ids = 0
    const randomHex = (bytes: number): string => (++ids).toString(16).padStart(bytes * 2, '0')
    const { store } = this
    const reconcilers = services.flatMap(service => service.reconcilers)
    const loop = createControlLoop({ store, clock, reconcilers, randomHex, schedule: () => {}, onFault })
    this.#settle = () => {
      loop.start()
      loop.runUntilIdle()
      loop.stop()
    }
    const dispatch = { store, clock, randomHex, region, anyRegion: false, authorize: () => true }
    const endpoint = createEndpoint({
      services: services.map(service =>
        toAwsService(service, { ...dispatch, refusesMutations: () => false }),
      ),
      findSigningKey: accessKeyId => ({
        secretAccessKey: credentials.secretAccessKey,
        identity: {
          accountId,
          arn: `arn:aws:iam::${accountId}:${accessKeyId === 'AKIAROOT' ? 'root' : `user/${accessKeyId}`}`,
          userId: accessKeyId === 'AKIAROOT' ? accountId : 'AIDAEXAMPLE',
          accessKeyId,
          isRoot: accessKeyId === 'AKIAROOT',
        },
      }),
      now: Date.now,
      newRequestId: randomUUID,
      onFault,
    })
    this.requestHandler = {
      handle: async request => {
        const answer = await endpoint.handle(toHttpRequest(request))
        return {
          response: { ...answer, headers: { ...answer.headers }, body: Buffer.from(answer.body) } as never,
        }
      },
    }
  }

  clientOptions(accessKeyId: string = credentials.accessKeyId) {
    return {
      region,
      endpoint: 'http://localhost:4566',
      credentials: { ...credentials, accessKeyId },
      maxAttempts: 1,
      requestHandler: this.requestHandler as never,
    }
  }

  /** Lets the reconcilers do what there is to do. */
  settle(): void {
    this.#settle()
  }
}

const queryOf = ({ query = {} }: SdkRequest): string => {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value ?? ''].flat().map(text => `${encodeURIComponent(name)}=${encodeURIComponent(text)}`),
  )
  return pairs.length > 0 ? `?${pairs.join('&')}` : ''
}

const toHttpRequest = (request: SdkRequest): HttpRequest => ({
  method: request.method,
  url: request.path + queryOf(request),
  headers: Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
  ),
  body: Buffer.from((request.body ?? '') as string),
  sourceAddress: '127.0.0.1',
})
