/** Where planted bugs get in: each wraps a part of the product on its way into the simulated server. */
import type { AcsFrame } from '@berth/model'
import type { SessionRequest } from '../src/agents/admission.ts'
import type { Clock } from '../src/control-loop/clock.ts'
import type { Performer } from '../src/control-loop/effects.ts'
import type { Reconciler } from '../src/control-loop/plan.ts'
import type { Service } from '../src/services/service.ts'
import type { Journal } from '../src/store/journal.ts'
import type { JournaledStore } from '../src/store/journaled-store.ts'
import type { Random } from './random.ts'

/** What a wrapper may use of the server that it is part of. */
export interface Planted {
  readonly random: Random
  /** The server's store; there once it leads. */
  readonly store: () => JournaledStore
  readonly now: () => number
}

export interface Seams {
  readonly journal?: (journal: Journal, planted: Planted) => Journal
  /** The store as dispatch and handlers see it. */
  readonly storeOfCalls?: (store: JournaledStore, planted: Planted) => JournaledStore
  readonly storeOfLoop?: (store: JournaledStore, planted: Planted) => JournaledStore
  readonly storeOfGateway?: (store: JournaledStore, planted: Planted) => JournaledStore
  readonly service?: (service: Service, planted: Planted) => Service
  readonly reconcilers?: (reconcilers: readonly Reconciler[], planted: Planted) => readonly Reconciler[]
  readonly performers?: (
    performers: Readonly<Record<string, Performer>>,
    planted: Planted,
  ) => Readonly<Record<string, Performer>>
  /** The clock of the gateway, and of what counts hosts as lost. */
  readonly clockOfPresence?: (clock: Clock) => Clock
  readonly epoch?: (epoch: number) => number
  /** What an agent says of itself when it opens a session. */
  readonly session?: (request: SessionRequest) => SessionRequest
  /** What the server sends to an agent; undefined: it does not. */
  readonly outgoing?: (
    frame: AcsFrame,
    containerInstanceArn: string,
    planted: Planted,
  ) => AcsFrame | undefined
  /** What the server takes in from an agent; undefined: it does not. */
  readonly incoming?: (
    frame: AcsFrame,
    containerInstanceArn: string,
    planted: Planted,
  ) => AcsFrame | undefined
}

export interface PlantedBug {
  /** In kebab case, as `--bug` takes it. */
  readonly name: string
  /** What is wrong, in one sentence. */
  readonly says: string
  /** Made anew for each run: a bug may remember. */
  readonly seams: () => Seams
}
